// SPDX-License-Identifier: MIT
#pragma once
#include <fmt/format.h>

#include "kernels/runtime/error_type.h"

namespace kernels {

/// Throws Error with a message in fmt's syntax: fail("conv2d: input has {} channels", c).
template <class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) {
  throw Error(fmt::format(format, static_cast<Args&&>(args)...));
}

/// Throws unless `ok`. The message is formatted only when it is needed.
template <class... Args>
void require(bool ok, fmt::format_string<Args...> format, Args&&... args) {
  if (!ok) [[unlikely]]
    fail(format, static_cast<Args&&>(args)...);
}

}  // namespace kernels
