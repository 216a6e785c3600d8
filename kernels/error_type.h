// SPDX-License-Identifier: MIT
#pragma once
#include <stdexcept>

namespace kernels {

/// Anything the user or the machine did that stops the work: one line that names the fact, and the
/// fix where there is one. Programs print it and exit with a non-zero status.
/// Apart from error.h because nvcc cannot compile the formatting library behind fail and require.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The memory of a device does not suffice; less of it may.
struct OutOfMemory : Error {
  using Error::Error;
};

}  // namespace kernels
