// SPDX-License-Identifier: MIT
#pragma once
#include "nn/files/safetensors.h"

namespace nn {

/// Whether a file begins as NumPy's arrays do. Throws Error if it cannot be read.
bool is_npy(const std::filesystem::path&);

/// An array that numpy.save wrote: numbers of any width, in either order of bytes, rows or (with
/// two axes) columns one after the other; it comes with little-endian rows. Throws Error naming the
/// file for anything else: objects, records, texts, complex numbers, a file that is truncated, or
/// longer than its header says.
FileTensor read_npy(const std::filesystem::path&);

/// The same without the values, which stay in the file.
FileTensor read_npy_header(const std::filesystem::path&);

}  // namespace nn
