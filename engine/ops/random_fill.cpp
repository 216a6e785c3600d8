// SPDX-License-Identifier: MIT
#include "kernels/random_fill.h"

#include <cmath>

#include "engine/ops.h"
#include "engine/ops/expect.h"
#include "kernels/runtime/run.h"

namespace engine {

void random_uniform(const Tensor& y, float low, float high, std::uint64_t seed,
                    std::uint32_t stream) {
  expect("random_uniform", "y", y, DType::f32);
  require(std::isfinite(low) && std::isfinite(high) && low <= high,
          "random_uniform: {} to {} is not a range", low, high);
  kernels::run(y.device(), kernels::RandomUniform{.y = y.data(),
                                                  .size = y.size(),
                                                  .low = low,
                                                  .high = high,
                                                  .seed = seed,
                                                  .stream = stream});
}

void random_normal(const Tensor& y, float mean, float std, std::uint64_t seed,
                   std::uint32_t stream) {
  expect("random_normal", "y", y, DType::f32);
  require(std::isfinite(mean) && std::isfinite(std) && std >= 0,
          "random_normal: a mean of {} and a standard deviation of {} make no distribution", mean,
          std);
  kernels::run(y.device(), kernels::RandomNormal{.y = y.data(),
                                                 .size = y.size(),
                                                 .mean = mean,
                                                 .std = std,
                                                 .seed = seed,
                                                 .stream = stream});
}

}  // namespace engine
