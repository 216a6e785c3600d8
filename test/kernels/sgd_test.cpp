// SPDX-License-Identifier: MIT
#include "kernels/sgd.h"
#include "kernels/runtime/run.h"

#include <cmath>
#include <limits>

#include "engine/ops.h"
#include "test/support/support.h"

using Catch::Matchers::Contains;
using engine::StepState;
using engine::Tensor;
using kernels::StepScalars;
using test::Device;
using test::DeviceArray;
using test::devices;
using test::DType;
using test::expect_close;

TEST_CASE("sgd: three steps at every size") {
  const Device device = GENERATE(from_range(devices()));
  const bool with_ema = GENERATE(false, true), with_copies = GENERATE(false, true);
  const bool nesterov = GENERATE(false, true), clipped = GENERATE(false, true);
  if (with_copies && test::activation_types(device).size() == 1) return;
  for (const std::size_t size : {1, 31, 32, 33, 100, 1000, 100003}) {
    const std::vector<float> w0 = test::random_values(size, -1, 1, 1),
                             ema0 = test::random_values(size, -1, 1, 2);
    const DeviceArray<float> weight(device, w0), velocity(device, std::vector<float>(size, 0)),
        ema(device, ema0);
    const DeviceArray<kernels::bf16> weight_copy(device, size), ema_copy(device, size);
    const DeviceArray<float> clip_factor(device, std::vector<float>{0.375f});
    std::vector<double> w = test::to_double(w0), v(size), average = test::to_double(ema0);
    for (int step = 0; step < 3; ++step) {
      const StepScalars scalars{.learning_rate = 0.1f / float(step + 1),
                                .ema_decay = float(step) / 3,
                                .epoch = 0,
                                .step = std::uint32_t(step)};
      StepState state(device);
      state.set(scalars);
      const std::vector<float> g = test::random_values(size, -1, 1, 10 + step);
      const DeviceArray<float> grad(device, g);
      for (std::size_t i = 0; i < size; ++i) {
        const double d = (clipped ? 0.375 : 1) * g[i] + double(1e-2f) * w[i];
        v[i] = double(0.9f) * v[i] + d;
        w[i] -= scalars.learning_rate * (nesterov ? d + double(0.9f) * v[i] : v[i]);
        const double decay = scalars.ema_decay;
        if (with_ema) average[i] = decay * average[i] + (1 - decay) * w[i];
      }
      run(device, kernels::Sgd{{.weight = weight.data(),
                                .grad = grad.data(),
                                .ema = with_ema ? ema.data() : nullptr,
                                .weight_copy = with_copies ? weight_copy.data() : nullptr,
                                .ema_copy = with_copies && with_ema ? ema_copy.data() : nullptr,
                                .size = size,
                                .weight_decay = 1e-2f,
                                .step = state.data(),
                                .clip_factor = clipped ? clip_factor.data() : nullptr},
                               velocity.data(),
                               0.9f,
                               nesterov});
      CHECK(grad.host() == g);
    }
    // A few roundings of numbers up to 3.
    expect_close(weight.host(), w, 2e-7, 4e-7, "weight");
    expect_close(velocity.host(), v, 2e-7, 6e-7, "velocity");
    expect_close(ema.host(), average, 2e-7, 4e-7, "ema");
    const auto widened = [](const DeviceArray<kernels::bf16>& copy) {
      const auto values = copy.host();
      return std::vector<float>(values.begin(), values.end());
    };
    if (with_copies) CHECK(widened(weight_copy) == test::rounded(DType::bf16, weight.host()));
    if (with_copies && with_ema) CHECK(widened(ema_copy) == test::rounded(DType::bf16, ema.host()));
  }
}

TEST_CASE("sgd: repeats bit for bit with any number of threads") {
  const Device device = GENERATE(from_range(devices()));
  const int before = kernels::threads();
  StepState step(device);
  step.set({.learning_rate = 0.1f, .ema_decay = 0.99f, .epoch = 0, .step = 0});
  std::vector<std::vector<float>> results;
  for (const int count : {1, 1, 2, 2}) {
    kernels::set_threads(count);
    const std::vector<float> x = test::random_values(100003, -1, 1, 1);
    const Tensor weight = Tensor::from(x, {100003}, device), grad = weight.clone(),
                 velocity = weight.clone(), ema = weight.clone();
    engine::sgd(weight, grad, velocity, ema, {}, step);
    results.push_back(weight.to_host());
    results.push_back(ema.to_host());
  }
  kernels::set_threads(before);
  for (std::size_t i = 2; i < results.size(); ++i) CHECK(results[i] == results[i % 2]);
}

TEST_CASE("sgd: what does not fit is refused") {
  const Device device = GENERATE(from_range(devices()));
  const StepState step(device);
  const Tensor w = Tensor::zeros({4}, device), short_one = Tensor::zeros({3}, device);
  CHECK_NOTHROW(engine::sgd(w, w.clone(), w.clone(), {}, {}, step));
  CHECK_THROWS_WITH(engine::sgd(w, short_one, w, {}, {}, step), "sgd: grad is [3], should be [4]");
  CHECK_THROWS_WITH(engine::sgd(w, w, short_one, {}, {}, step), Contains("velocity is [3]"));
  CHECK_THROWS_WITH(engine::sgd(w, w, w, short_one, {}, step), Contains("ema is [3]"));
  const Tensor copy = Tensor::zeros({4}, device, DType::bf16);
  CHECK_THROWS_WITH(engine::sgd(w, w, w, {}, {}, step, {w}),
                    "sgd: weight copy [4] is of f32, should be of bf16");
  CHECK_THROWS_WITH(engine::sgd(w, w, w, w, {}, step, {copy}), "sgd: ema copy is missing");
  CHECK_THROWS_WITH(engine::sgd(w, w, w, w, {}, step, {{}, copy}), "sgd: weight copy is missing");
  CHECK_THROWS_WITH(engine::sgd(w, w, w, {}, {}, step, {copy, copy}),
                    "sgd: there is no ema to copy");
  CHECK_THROWS_WITH(engine::sgd(w, {}, w, {}, {}, step), "sgd: grad is missing");
  CHECK_THROWS_WITH(engine::sgd(w, w, w, {}, {.momentum = 1}, step), Contains("momentum 1"));
  CHECK_THROWS_WITH(engine::sgd(w, w, w, {}, {.momentum = -0.1f}, step), Contains("momentum"));
  CHECK_THROWS_WITH(engine::sgd(w, w, w, {}, {.momentum = 0, .nesterov = true}, step),
                    "sgd: nesterov needs a momentum");
  CHECK_THROWS_WITH(engine::sgd(w, w, w, {}, {}, step, {}, short_one),
                    "sgd: clip factor is [3], should be [1]");
  CHECK_THROWS_WITH(engine::sgd(w, w, w, {}, {.weight_decay = -1}, step),
                    Contains("weight decay -1"));
  CHECK_THROWS_WITH(
      engine::sgd(w, w, w, {}, {.weight_decay = std::numeric_limits<float>::quiet_NaN()}, step),
      Contains("weight decay"));
}
