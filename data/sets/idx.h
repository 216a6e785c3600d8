// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>

#include "data/dataset.h"

namespace data {

/// Reads grey images and their labels from two files in the IDX format of MNIST (LeCun et al.,
/// 1998), gzipped or not. An IDX file of bytes is 00 00 08 and the number of dimensions, their
/// extents as big-endian 32-bit integers, then the values in row-major order. Images must be `side`
/// x `side`, labels in [0, classes). Throws Error with the file and the fact: unreadable, another
/// format or other dimensions, truncated, too long, damaged (gzip checksum), counts that differ,
/// label out of range.
Images read_idx(const std::filesystem::path& images, const std::filesystem::path& labels, int side,
                int classes);

}  // namespace data
