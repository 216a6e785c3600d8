// SPDX-License-Identifier: MIT
#pragma once
#include <cerrno>
#include <cstring>

#include "kernels/runtime/error.h"

namespace kernels {

/// Throws Error with a message and the system's reason behind it, unless `ok`:
///   require_system(rename(from, to) == 0, "cannot rename {}", from);
/// In one call of require() the reason would be looked up before the call that it is of.
template <class... Args>
void require_system(bool ok, fmt::format_string<Args...> format, Args&&... args) {
  if (ok) [[likely]]
    return;
  const int reason = errno;
  fail("{}: {}", fmt::format(format, static_cast<Args&&>(args)...), std::strerror(reason));
}

}  // namespace kernels
