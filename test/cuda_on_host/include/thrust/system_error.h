// SPDX-License-Identifier: MIT
#pragma once
#include <stdexcept>

namespace thrust {

struct system_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace thrust
