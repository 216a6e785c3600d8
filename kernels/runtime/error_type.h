// SPDX-License-Identifier: MIT
#pragma once
#include <stdexcept>
#include <string>

namespace kernels {

/// Anything the user or the machine did that stops the work: one line that names the fact, and the
/// fix where there is one. Programs print it and exit with a non-zero status. Control characters,
/// which names and lines out of a damaged or hostile file may hold, are written as `\n`, `\x1b`:
/// what a file says cannot command the terminal, nor end the line. Apart from error.h because nvcc
/// cannot compile the formatting library behind fail and require.
struct Error : std::runtime_error {
  explicit Error(const std::string& message);
};

/// The memory of a device does not suffice; less of it may.
struct OutOfMemory : Error {
  using Error::Error;
};

}  // namespace kernels
