// SPDX-License-Identifier: MIT
#include "kernels/clip_factor.h"

#include <cmath>
#include <limits>

#include "engine/ops.h"
#include "test/support/support.h"

using engine::Tensor;
using test::Device;
using test::devices;

namespace {

float factor_of(Device device, const std::vector<float>& grad, float max_norm) {
  return engine::clip_factor(Tensor::from(grad, {int(grad.size())}, device), max_norm).to_host()[0];
}

}  // namespace

TEST_CASE("clip_factor: that of clip_grad_norm_, at every size") {
  const Device device = GENERATE(from_range(devices()));
  for (const std::size_t size : {1, 3, 31, 255, 257, 4099, 100003, 300000}) {
    const std::vector<float> grad = test::random_values(size, -1, 1, 5);
    double squares = 0;
    for (const float g : grad) squares += double(g) * g;
    const double norm = std::sqrt(squares);
    CAPTURE(size);
    CHECK(factor_of(device, grad, 0.01f) == Approx(0.01f / (norm + 1e-6)).epsilon(1e-7));
    CHECK(factor_of(device, grad, float(2 * norm)) == 1);
  }
}

TEST_CASE("clip_factor: small, large and unbounded gradients") {
  const Device device = GENERATE(from_range(devices()));
  constexpr float inf = std::numeric_limits<float>::infinity(),
                  nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(factor_of(device, {0, 0}, 1e-5f) == 1);
  CHECK(factor_of(device, {1e-30f, 1e-30f}, 1) == 1);
  CHECK(factor_of(device, {3e30f, 4e30f}, 5) == Approx(1e-30));  // whose squares no float holds
  CHECK(factor_of(device, {1, inf}, 1) == 0);
  CHECK(std::isnan(factor_of(device, {1, nan}, 1)));
}

TEST_CASE("clip_factor: the same bits with any number of threads") {
  const Device device = GENERATE(from_range(devices()));
  const int before = kernels::threads();
  const std::vector<float> grad = test::random_values(100003, -1, 1, 5);
  std::vector<float> factors;
  for (const int count : {1, 2, 3}) {
    kernels::set_threads(count);
    factors.push_back(factor_of(device, grad, 0.1f));
  }
  kernels::set_threads(before);
  CHECK(factors == std::vector<float>(3, factors[0]));
}

TEST_CASE("clip_factor: what does not fit is refused") {
  const Tensor grad = Tensor::zeros({2}, Device::cpu);
  for (const float norm : {0.0f, -1.0f, std::nanf(""), std::numeric_limits<float>::infinity()})
    CHECK_THROWS_WITH(engine::clip_factor(grad, norm),
                      Catch::Matchers::StartsWith("clip_factor: a norm of "));
  CHECK_THROWS_WITH(engine::clip_factor({}, 1), "clip_factor: grad is missing");
}
