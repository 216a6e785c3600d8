// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <string_view>

namespace nn {

/// The kind of a file that is no weight file, by how it begins, with what to do about it: "it is a
/// Git LFS pointer: git lfs pull gets the file itself". Empty if that is not known.
std::string foreign_format(std::string_view beginning);

inline constexpr std::size_t foreign_format_bytes = 512;  // of the beginning suffice

}  // namespace nn
