// SPDX-License-Identifier: MIT
#include "engine/step_state.h"
#include "kernels/concat_channels.h"
#include "kernels/elementwise.h"
#include "kernels/pool.h"
#include "kernels/random_fill.h"
#include "kernels/sgd.h"
#include "test/batch_norm_case.h"
#include "test/soft_target_loss_case.h"

using test::Device;
using test::devices;
using test::ShiftedArray;
using Floats = std::vector<float>;

// Arrays may begin at any element, such as a parameter in a flat buffer or a part of a batch;
// results are the same to the last bit, or the last but one where the order of a sum changes.
namespace {

Floats values(std::size_t size, std::uint64_t seed) {
  return test::random_values(size, -1, 1, seed);
}

constexpr std::size_t size = 1029;
const Floats a = values(size, 1), b = values(size, 2);

}  // namespace

TEST_CASE("alignment: batch_norm") {
  const Device device = GENERATE(from_range(devices()));
  const test::batch_norm::Input in = test::batch_norm::make_input(300, 12, false);
  const auto results = [&](int of_arrays, int of_parameters) {
    const test::batch_norm::Arrays t(device, in, of_arrays, of_parameters);
    run(device, t.forward(false));
    run(device, t.backward(false));
    Floats all;
    for (const ShiftedArray* array :
         {&t.y, &t.dx, &t.mean, &t.rstd, &t.running_mean, &t.running_var, &t.dgamma, &t.dbeta}) {
      const Floats one = array->host();
      all.insert(all.end(), one.begin(), one.end());
    }
    return all;
  };
  const Floats aligned = results(0, 0);
  for (const auto& [of_arrays, of_parameters] : {std::pair{0, 1}, {1, 0}, {1, 2}}) {
    test::expect_close(results(of_arrays, of_parameters), test::to_double(aligned), 1e-6, 3e-6);
  }
}

TEST_CASE("alignment: pooling and concatenation") {
  const Device device = GENERATE(from_range(devices()));
  const kernels::PoolShape s{
      .n = 2, .h = 4, .w = 4, .c = 12, .window_h = 2, .window_w = 2, .stride = 2};
  const auto results = [&](int offset) {
    const ShiftedArray x(device, values(s.x_size(), 1), offset),
        y(device, values(s.y_size(), 2), offset), dx(device, values(s.x_size(), 3), offset),
        both(device, values(2 * s.x_size(), 4), offset);
    kernels::run(device, kernels::AvgPool{x.data(), y.data(), s});
    kernels::run(device, kernels::AvgPoolGrad{y.data(), dx.data(), s});
    const int pixels = s.n * s.h * s.w;
    kernels::run(device,
                 kernels::ConcatChannels{x.data(), dx.data(), both.data(), pixels, s.c, s.c});
    return both.host();
  };
  CHECK(results(1) == results(0));
}

TEST_CASE("alignment: random fills") {
  const Device device = GENERATE(from_range(devices()));
  const auto results = [&](int offset) {
    const ShiftedArray y(device, Floats(10), offset);
    kernels::run(device, kernels::RandomNormal{y.data(), 10, 0, 1, 1, 0});
    return y.host();
  };
  CHECK(results(1) == results(0));
}

TEST_CASE("alignment: elementwise ops") {
  const Device device = GENERATE(from_range(devices()));
  const auto sums = [&](int of_a, int of_y) {
    const ShiftedArray x(device, a, of_a), y(device, b, of_y), factor(device, Floats{3}, 1);
    std::vector<Floats> results;
    run(device, kernels::Add{x.data(), y.data(), y.data(), size});
    results.push_back(y.host());
    run(device, kernels::Scale{x.data(), factor.data(), y.data(), size});
    results.push_back(y.host());
    run(device, kernels::Fill{y.data(), size, 7});
    results.push_back(y.host());
    return results;
  };
  const auto aligned = sums(0, 0);
  CHECK(sums(1, 0) == aligned);
  CHECK(sums(0, 2) == aligned);
  CHECK(sums(3, 3) == aligned);
}

TEST_CASE("alignment: sgd") {
  const Device device = GENERATE(from_range(devices()));
  const bool with_ema = GENERATE(false, true);
  engine::StepState step(device);
  step.set({.learning_rate = 0.1f, .ema_decay = 0.9f, .epoch = 0, .step = 0});
  const auto after_step = [&](int offset) {
    const ShiftedArray weight(device, a, offset), grad(device, b, 0), velocity(device, a, 0),
        ema(device, b, 0);
    run(device, kernels::Sgd{.weight = weight.data(),
                             .grad = grad.data(),
                             .velocity = velocity.data(),
                             .ema = with_ema ? ema.data() : nullptr,
                             .size = size,
                             .momentum = 0.9f,
                             .weight_decay = 0.01f,
                             .step = step.data()});
    return std::vector{weight.host(), velocity.host(), ema.host()};
  };
  CHECK(after_step(1) == after_step(0));
}

TEST_CASE("alignment: the soft-target loss") {
  const Device device = GENERATE(from_range(devices()));
  const int classes = GENERATE(100, 260, 1028);
  const Floats z = test::random_values(std::size_t(classes), -4, 4, 3);
  const test::DeviceArray<std::int32_t> label(device, std::vector<std::int32_t>{17});
  const auto loss_and_grad = [&](int offset) {
    const ShiftedArray logits(device, z, offset), grad(device, z, 0), loss(device, Floats{0}, 0);
    run(device, kernels::SoftTargetLoss{.logits = logits.data(),
                                        .label = label.data(),
                                        .loss = loss.data(),
                                        .grad = grad.data(),
                                        .rows = 1,
                                        .classes = classes,
                                        .soft = kernels::SoftTarget::smoothed,
                                        .smoothing = 0.1f});
    Floats all = grad.host();
    all.push_back(loss.host()[0]);
    return all;
  };
  // The order of the sums differs.
  test::expect_close(loss_and_grad(1), test::to_double(loss_and_grad(0)), 1e-5, 1e-8);
}
