// SPDX-License-Identifier: MIT
#include "kernels/adamw.h"
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

TEST_CASE("adamw: three steps at every size") {
  const Device device = GENERATE(from_range(devices()));
  const bool with_ema = GENERATE(false, true), with_copies = GENERATE(false, true);
  const bool clipped = GENERATE(false, true);
  const std::uint32_t first_step = GENERATE(0, 1000);
  if (with_copies && test::activation_types(device).size() == 1) return;
  constexpr double beta1 = 0.9, beta2 = 0.999;
  for (const std::size_t size : {1, 31, 32, 33, 100, 1000, 100003}) {
    const std::vector<float> w0 = test::random_values(size, -1, 1, 1),
                             ema0 = test::random_values(size, -1, 1, 2);
    const DeviceArray<float> weight(device, w0), first(device, std::vector<float>(size, 0)),
        second(device, std::vector<float>(size, 0)), ema(device, ema0),
        clip_factor(device, std::vector<float>{0.375f});
    const DeviceArray<kernels::bf16> weight_copy(device, size), ema_copy(device, size);
    std::vector<double> w = test::to_double(w0), m(size), s(size), average = test::to_double(ema0);
    for (std::uint32_t step = first_step; step < first_step + 3; ++step) {
      const StepScalars scalars{
          .learning_rate = 0.1f, .ema_decay = 0.75f, .epoch = 0, .step = step};
      StepState state(device);
      state.set(scalars);
      const std::vector<float> g = test::random_values(size, -1, 1, 10 + step);
      const DeviceArray<float> grad(device, g);
      for (std::size_t i = 0; i < size; ++i) {
        const double gradient = (clipped ? 0.375 : 1) * g[i], t = step + 1;
        m[i] = beta1 * m[i] + (1 - beta1) * gradient;
        s[i] = beta2 * s[i] + (1 - beta2) * gradient * gradient;
        const double mean = m[i] / (1 - std::pow(beta1, t)),
                     square = s[i] / (1 - std::pow(beta2, t));
        w[i] -= double(0.1f) * (double(1e-2f) * w[i] + mean / (std::sqrt(square) + double(1e-8f)));
        if (with_ema) average[i] = 0.75 * average[i] + 0.25 * w[i];
      }
      run(device, kernels::AdamW{{.weight = weight.data(),
                                  .grad = grad.data(),
                                  .ema = with_ema ? ema.data() : nullptr,
                                  .weight_copy = with_copies ? weight_copy.data() : nullptr,
                                  .ema_copy = with_copies && with_ema ? ema_copy.data() : nullptr,
                                  .size = size,
                                  .weight_decay = 1e-2f,
                                  .step = state.data(),
                                  .clip_factor = clipped ? clip_factor.data() : nullptr},
                                 first.data(),
                                 second.data(),
                                 beta1,
                                 beta2,
                                 1e-8f});
      CHECK(grad.host() == g);
    }
    // A few roundings; after 1000 steps without gradients a step is 30 times as long.
    const double scale = first_step == 0 ? 1 : 30;
    expect_close(first.host(), m, 2e-7, 4e-7, "first moment");
    expect_close(second.host(), s, 4e-7, 1e-9, "second moment");
    expect_close(weight.host(), w, 2e-7, 6e-7 * scale, "weight");
    expect_close(ema.host(), average, 2e-7, 6e-7 * scale, "ema");
    const auto widened = [](const DeviceArray<kernels::bf16>& copy) {
      const auto values = copy.host();
      return std::vector<float>(values.begin(), values.end());
    };
    if (with_copies) CHECK(widened(weight_copy) == test::rounded(DType::bf16, weight.host()));
    if (with_copies && with_ema) CHECK(widened(ema_copy) == test::rounded(DType::bf16, ema.host()));
  }
}

TEST_CASE("adamw: the first step is a learning rate long, whatever the betas") {
  const Device device = GENERATE(from_range(devices()));
  // beta2 in float would be 1.3e-5 off in 1 - beta2, and 1 - beta^t more the nearer it is to 1.
  for (const double beta : {0.0, 0.5, 0.999, 0.9999999}) {
    StepState step(device);
    step.set({.learning_rate = 0.5f, .ema_decay = 0, .epoch = 0, .step = 0});
    const Tensor weight = Tensor::zeros({3}, device), m = weight.clone(), s = weight.clone();
    const Tensor grad = Tensor::from(std::vector<float>{-3, 0, 1e-3f}, {3}, device);
    engine::adamw(weight, grad, m, s, {}, {.beta1 = beta, .beta2 = beta, .weight_decay = 0}, step);
    CAPTURE(beta);
    expect_close(weight.to_host(), {0.5, 0, -0.5}, 2e-5, 1e-12);
  }
}

TEST_CASE("adamw: weights without gradients only decay, and zeros stay") {
  const Device device = GENERATE(from_range(devices()));
  StepState step(device);
  const Tensor weight = Tensor::from(std::vector<float>{2, 0, -4}, {3}, device),
               grad = Tensor::zeros({3}, device), m = grad.clone(), s = grad.clone();
  for (std::uint32_t i = 0; i < 2; ++i) {
    step.set({.learning_rate = 0.5f, .ema_decay = 0, .epoch = 0, .step = i});
    engine::adamw(weight, grad, m, s, {}, {.weight_decay = 0.5f}, step);
  }
  CHECK(weight.to_host() == std::vector<float>{1.125f, 0, -2.25f});
}

TEST_CASE("adamw: repeats bit for bit with any number of threads") {
  const Device device = GENERATE(from_range(devices()));
  const int before = kernels::threads();
  StepState step(device);
  step.set({.learning_rate = 0.1f, .ema_decay = 0.99f, .epoch = 0, .step = 0});
  std::vector<std::vector<float>> results;
  for (const int count : {1, 1, 2, 2}) {
    kernels::set_threads(count);
    const std::vector<float> x = test::random_values(100003, 0, 1, 1);
    const Tensor weight = Tensor::from(x, {100003}, device), grad = weight.clone(),
                 m = weight.clone(), s = weight.clone(), ema = weight.clone();
    engine::adamw(weight, grad, m, s, ema, {}, step);
    results.push_back(weight.to_host());
    results.push_back(ema.to_host());
  }
  kernels::set_threads(before);
  for (std::size_t i = 2; i < results.size(); ++i) CHECK(results[i] == results[i % 2]);
}

TEST_CASE("adamw: what does not fit is refused") {
  const Device device = GENERATE(from_range(devices()));
  const StepState step(device);
  const Tensor w = Tensor::zeros({4}, device), short_one = Tensor::zeros({3}, device);
  const auto refused = [&](const engine::AdamWOptions& o, const std::string& with) {
    CHECK_THROWS_WITH(engine::adamw(w, w, w, w, {}, o, step), Contains("adamw: " + with));
  };
  CHECK_NOTHROW(engine::adamw(w, w.clone(), w.clone(), w.clone(), {}, {}, step));
  CHECK_THROWS_WITH(engine::adamw(w, w, short_one, w, {}, {}, step),
                    "adamw: first moment is [3], should be [4]");
  CHECK_THROWS_WITH(engine::adamw(w, w, w, short_one, {}, {}, step),
                    "adamw: second moment is [3], should be [4]");
  CHECK_THROWS_WITH(engine::adamw(w, short_one, w, w, {}, {}, step),
                    "adamw: grad is [3], should be [4]");
  refused({.beta1 = 1}, "beta 1");
  refused({.beta2 = -0.5}, "beta -0.5");
  refused({.epsilon = 0}, "epsilon 0");
  refused({.epsilon = std::numeric_limits<float>::quiet_NaN()}, "epsilon");
  refused({.weight_decay = -1}, "weight decay -1");
}
