// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <chrono>
#include <limits>

#include "engine/tensor.h"
#include "kernels/elementwise.h"
#include "kernels/runtime/memory.h"
#include "kernels/runtime/run.h"

/// How work is timed, on either device: many runs in a row between two waits for the device, so
/// that neither the clock nor the wait counts, and the best of many such rows, so that what else
/// the machine does counts little. On a GPU the runs queue up, so a run that is shorter than its
/// launches takes on the host shows the time of those.
namespace bench {

using kernels::Device;

/// Seconds of one of `count` runs in a row.
template <class Work>
double seconds_per_run(Device device, const Work& work, int count) {
  kernels::synchronize(device);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < count; ++i) work();
  kernels::synchronize(device);
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  return time.count() / count;
}

/// How many runs take long enough for the clock, and for the wait for a GPU, to count little.
template <class Work>
int runs_in_a_row(Device device, const Work& work) {
  const double enough = device == Device::cpu ? 1e-4 : 1e-3;
  int count = 1;
  work();  // the first may have to prepare something
  while (count < 1 << 16 && count * seconds_per_run(device, work, count) < enough) count *= 2;
  return count;
}

/// Seconds that copying takes if `bytes` are read and written in all: what that part of the memory
/// can do in which the data of an op of as many bytes lie. On the CPU by an op, with the threads
/// that such an op has; on a GPU by the driver.
inline double copy_seconds(Device device, std::size_t bytes) {
  const engine::Shape half{std::max(1, int(bytes / 8))};
  const engine::Tensor from = engine::Tensor::zeros(half, device), to = from.clone();
  const float one = 1;
  const auto copy = [&] {
    if (device == Device::cpu)
      run(kernels::Cpu{}, kernels::Scale{from.in(), &one, to.out(), from.size()});
    else
      kernels::copy(to.raw(), device, from.raw(), device, from.bytes());
  };
  const int count = runs_in_a_row(device, copy);
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 50; ++i) best = std::min(best, seconds_per_run(device, copy, count));
  return best;
}

}  // namespace bench
