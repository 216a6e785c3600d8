// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <functional>

namespace data {

/// Calls work(i) for i in [0, count), each once, on as many threads as kernels use, in about that
/// order. The first exception ends it: nothing new is begun, and it is thrown on.
void in_parallel(std::size_t count, const std::function<void(std::size_t)>& work);

}  // namespace data
