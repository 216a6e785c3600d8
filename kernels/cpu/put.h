// SPDX-License-Identifier: MIT
#pragma once

namespace kernels {

/// to = value, rounded where T is bf16. A function of its own, as g++ 12 does not vectorise a loop
/// in which a bf16 is made and then copied.
template <class T>
inline void put(T& to, float value) {
  to = T(value);
}

}  // namespace kernels
