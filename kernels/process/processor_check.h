// SPDX-License-Identifier: MIT
#pragma once

namespace kernels {

/// Extensions of the instruction set, as "avx2", that this build may use as it was compiled for a
/// certain processor (SOFTLABEL_NATIVE); ends with a null pointer. Of those, the ones that
/// compilers put into code such as ours.
extern const char* const needed_extensions[];

/// The first of them that this processor does not have; null if it has all. Programs look before
/// they do anything else, and say it in a line instead of dying by an illegal instruction.
const char* missing_extension(const char* const* needed);

}  // namespace kernels
