// SPDX-License-Identifier: MIT
#pragma once
#include <functional>
#include <string>

#include "kernels/runtime/error_type.h"

namespace test {

/// The message of the Error that `work` throws; empty if it throws none.
inline std::string error_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const kernels::Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace test
