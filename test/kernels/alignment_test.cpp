// SPDX-License-Identifier: MIT
#include <numeric>

#include "engine/step_state.h"
#include "kernels/adamw.h"
#include "kernels/clip_factor.h"
#include "kernels/copy_channels.h"
#include "kernels/elementwise.h"
#include "kernels/pool.h"
#include "kernels/random_fill.h"
#include "kernels/runtime/run.h"
#include "kernels/sgd.h"
#include "test/kernels/batch_norm_case.h"
#include "test/kernels/soft_target_loss_case.h"

using test::Device;
using test::DeviceArray;
using test::devices;
using test::DType;
using test::ShiftedArray;
using Floats = std::vector<float>;

// Arrays may begin at any element, such as a parameter in a flat buffer or a part of a batch: each
// of an op's arrays, the others being aligned, and all of them. Results are the same to the last
// bit, or the last but one where the order of a sum changes.
namespace {

Floats values(std::size_t size, std::uint64_t seed) {
  return test::random_values(size, -1, 1, seed);
}

Floats joined(const std::vector<Floats>& parts) {
  return std::accumulate(parts.begin(), parts.end(), Floats{}, [](Floats all, const Floats& part) {
    all.insert(all.end(), part.begin(), part.end());
    return all;
  });
}

/// How many elements after an aligned address each array of an op begins.
using Offsets = std::vector<int>;

/// `results` takes the offsets of `arrays` arrays.
template <class Results>
void expect_the_same_misaligned(std::size_t arrays, Results results, double rtol = 0,
                                double atol = 0) {
  const Offsets none(arrays);
  const Floats aligned = results(none);
  const auto check = [&](const Offsets& offsets) {
    const Floats got = results(offsets);
    if (rtol == 0) {
      CHECK(got == aligned);
    } else {
      test::expect_close(got, test::to_double(aligned), rtol, atol);
    }
  };
  for (std::size_t i = 0; i < arrays; ++i) {
    INFO("array " << i);
    Offsets offsets = none;
    offsets[i] = 1 + int(i) % 3;
    check(offsets);
  }
  check(Offsets(arrays, 1));
}

constexpr std::size_t size = 1029;
const Floats a = values(size, 1), b = values(size, 2);

}  // namespace

TEST_CASE("alignment: batch_norm") {
  const Device device = GENERATE(from_range(devices()));
  const DType type = GENERATE_COPY(from_range(test::activation_types(device)));
  const bool has_residual = GENERATE(false, true), relu = GENERATE(false, true);
  const test::batch_norm::Input in = test::batch_norm::make_input(300, 12, has_residual, 1, type);
  using test::batch_norm::Arrays;
  const auto results = [&](int shift, const ShiftedArray Arrays::*misaligned) {
    const Arrays t(device, in, shift, misaligned);
    run(device, t.forward(relu));
    const Floats y = t.y.host();
    run(device, t.backward(relu, true));
    const Floats gradients = joined({t.dx.host(), t.dresidual.host(), t.dgamma.host(),
                                     t.dbeta.host(), t.mean.host(), t.rstd.host()});
    run(device, t.inference(relu));
    const Floats evaluated = t.y.host();
    Floats in_one_pass;
    if (!has_residual) {
      kernels::BatchNormBackward op = t.backward(relu, true);
      op.slope = t.slope.data();
      op.offset = t.offset.data();
      run(device, op);
      run(device, t.remainder(t.dx.out()));
      in_one_pass = joined({t.dx.host(), t.slope.host(), t.offset.host()});
    }
    return joined(
        {y, gradients, evaluated, t.running_mean.host(), t.running_var.host(), in_one_pass});
  };
  const Floats aligned = results(0, nullptr);
  const auto check = [&](int shift, const ShiftedArray Arrays::*misaligned) {
    test::expect_close(results(shift, misaligned), test::to_double(aligned),
                       1e-6 + 2 * test::rounding(type), 3e-6);
  };
  for (const auto array :
       {&Arrays::x, &Arrays::residual, &Arrays::dy, &Arrays::addend, &Arrays::y, &Arrays::dx,
        &Arrays::dresidual, &Arrays::gamma, &Arrays::beta, &Arrays::running_mean,
        &Arrays::running_var, &Arrays::mean, &Arrays::rstd, &Arrays::dgamma, &Arrays::dbeta,
        &Arrays::slope, &Arrays::offset}) {
    check(0, array);
  }
  check(1, nullptr);
}

TEST_CASE("alignment: pooling") {
  const Device device = GENERATE(from_range(devices()));
  const DType type = GENERATE_COPY(from_range(test::activation_types(device)));
  const double last_place = 2 * test::rounding(type);
  const int window = GENERATE(2, 3, 8);  // 8: a block shares a window
  const kernels::PoolShape s{
      .n = 2, .h = 9, .w = 8, .c = 12, .window_h = window, .window_w = window, .stride = 2};
  const auto average = [&](const Offsets& at) {
    const ShiftedArray x(device, values(s.x_size(), 1), at[0], type),
        y(device, s.y_size(), at[1], type);
    run(device, kernels::AvgPool{x.in(), y.out(), s});
    return y.host();
  };
  expect_the_same_misaligned(2, average, 1e-6 + last_place, 1e-7);
  expect_the_same_misaligned(2, [&](const Offsets& at) {
    const ShiftedArray dy(device, values(s.y_size(), 1), at[0], type),
        dx(device, s.x_size(), at[1], type);
    run(device, kernels::AvgPoolGrad{dy.in(), dx.out(), s});
    return dx.host();
  });
  expect_the_same_misaligned(4, [&](const Offsets& at) {
    const ShiftedArray x(device, values(s.x_size(), 1), at[0], type),
        y(device, s.y_size(), at[1], type), dx(device, s.x_size(), at[2], type);
    const DeviceArray<std::uint8_t> places(device, s.y_size() + 4);
    std::uint8_t* const chosen = places.data() + at[3];
    run(device, kernels::MaxPool{x.in(), y.out(), chosen, s});
    run(device, kernels::MaxPoolGrad{y.in(), chosen, dx.out(), s});
    return joined({y.host(), dx.host()});
  });
}

TEST_CASE("alignment: channels of wider rows") {
  const Device device = GENERATE(from_range(devices()));
  const DType type = GENERATE_COPY(from_range(test::activation_types(device)));
  constexpr int rows = 33, channels = 12;
  const auto [x_pitch, y_pitch] = GENERATE(std::pair(12, 20), std::pair(24, 12));
  const Floats from = values(rows * channels, 1);
  expect_the_same_misaligned(2, [&, x_columns = x_pitch, y_columns = y_pitch](const Offsets& at) {
    const ShiftedArray x(device, from, at[0], type, {channels, x_columns}),
        y(device, from.size(), at[1], type, {channels, y_columns});
    run(device, kernels::CopyChannels{x.in(), y.out(), rows, channels});
    return y.host();
  });
}

TEST_CASE("alignment: random fills") {
  const Device device = GENERATE(from_range(devices()));
  expect_the_same_misaligned(2, [&](const Offsets& at) {
    const ShiftedArray normal(device, size, at[0]), uniform(device, size, at[1]);
    run(device, kernels::RandomNormal{normal.data(), size, 0, 1, 1, 0});
    run(device, kernels::RandomUniform{uniform.data(), size, 0, 1, 1, 0});
    return joined({normal.host(), uniform.host()});
  });
}

TEST_CASE("alignment: elementwise ops") {
  const Device device = GENERATE(from_range(devices()));
  expect_the_same_misaligned(6, [&](const Offsets& at) {
    const ShiftedArray x(device, a, at[0]), y(device, b, at[1]), sum(device, size, at[2]),
        factor(device, Floats{3}, at[3]), product(device, size, at[4]), sevens(device, size, at[5]);
    run(device, kernels::Add{x.data(), y.data(), sum.data(), size});
    run(device, kernels::Scale{sum.data(), factor.data(), product.data(), size});
    run(device, kernels::Fill{sevens.data(), size, 7});
    return joined({sum.host(), product.host(), sevens.host()});
  });
}

TEST_CASE("alignment: activations") {
  const Device device = GENERATE(from_range(devices()));
  const DType type = GENERATE_COPY(from_range(test::activation_types(device)));
  expect_the_same_misaligned(5, [&](const Offsets& at) {
    const ShiftedArray x(device, a, at[0], type), y(device, b, at[1], type),
        sum(device, size, at[2], type), wide(device, size, at[3]),
        narrow(device, size, at[4], type);
    run(device, kernels::Add{x.in(), y.in(), sum.out(), size});
    run(device, kernels::Convert{sum.in(), wide.out(), size});
    run(device, kernels::Convert{wide.in(), narrow.out(), size});
    return joined({sum.host(), wide.host(), narrow.host()});
  });
}

TEST_CASE("alignment: sgd and adamw") {
  const Device device = GENERATE(from_range(devices()));
  const DType copies = GENERATE_COPY(from_range(test::activation_types(device)));
  const bool with_ema = GENERATE(false, true), with_copies = copies == DType::bf16;
  const bool adamw = GENERATE(false, true);
  engine::StepState step(device);
  step.set({.learning_rate = 0.1f, .ema_decay = 0.9f, .epoch = 0, .step = 0});
  const Floats squares(size, 0.25f);
  expect_the_same_misaligned(7, [&](const Offsets& at) {
    const ShiftedArray weight(device, a, at[0]), grad(device, b, at[1]), first(device, a, at[2]),
        ema(device, b, at[3]), weight_copy(device, a, at[4], copies),
        ema_copy(device, b, at[5], copies), second(device, squares, at[6]);
    const kernels::WeightUpdate update{
        .weight = weight.data(),
        .grad = grad.data(),
        .ema = with_ema ? ema.data() : nullptr,
        .weight_copy = with_copies ? weight_copy.out().as<kernels::bf16>() : nullptr,
        .ema_copy = with_copies && with_ema ? ema_copy.out().as<kernels::bf16>() : nullptr,
        .size = size,
        .weight_decay = 0.01f,
        .step = step.data()};
    if (adamw)
      run(device, kernels::AdamW{update, first.data(), second.data(), 0.9, 0.999, 1e-8f});
    else
      run(device, kernels::Sgd{update, first.data(), 0.9f});
    return joined({weight.host(), first.host(), second.host(), ema.host(), weight_copy.host(),
                   ema_copy.host()});
  });
}

TEST_CASE("alignment: the norm of gradients") {
  const Device device = GENERATE(from_range(devices()));
  expect_the_same_misaligned(2, [&](const Offsets& at) {
    const ShiftedArray grad(device, a, at[0]), factor(device, 1, at[1]);
    const DeviceArray<double> sums(device, std::size_t(kernels::ClipFactor::parts(size)));
    run(device, kernels::ClipFactor{grad.data(), sums.data(), factor.data(), size, 0.5f});
    return factor.host();
  });
}

TEST_CASE("alignment: the soft-target loss") {
  const Device device = GENERATE(from_range(devices()));
  const int classes = GENERATE(100, 260, 1028);
  const auto soft = GENERATE(kernels::SoftTarget::smoothed, kernels::SoftTarget::teacher,
                             kernels::SoftTarget::probabilities, kernels::SoftTarget::beta);
  constexpr int rows = 3;
  const auto c = test::soft_target_loss::make_case(soft, rows, classes);
  const DeviceArray<std::int32_t> label(device, c.label);
  const auto loss_and_grad = [&](const Offsets& at) {
    const ShiftedArray logits(device, c.logits, at[0]), grad(device, c.logits.size(), at[1]),
        teacher(device, c.teacher, at[2]), probabilities(device, c.probabilities, at[3]),
        loss(device, rows, at[4]), true_class(device, c.b, at[5]);
    kernels::SoftTargetLoss op = c.options;
    op.logits = logits.data();
    op.label = label.data();
    op.loss = loss.data();
    op.grad = grad.data();
    op.smoothing = 0.1f;
    if (soft == kernels::SoftTarget::teacher) op.teacher_logits = teacher.data();
    if (soft == kernels::SoftTarget::probabilities) op.probabilities = probabilities.data();
    if (soft == kernels::SoftTarget::beta) op.true_class_probability = true_class.data();
    run(device, op);
    return joined({loss.host(), grad.host()});
  };
  // The order of the sums differs.
  expect_the_same_misaligned(6, loss_and_grad, 1e-5, 1e-7);
}
