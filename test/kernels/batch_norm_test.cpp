// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>

#include "engine/ops.h"
#include "kernels/runtime/run.h"
#include "test/kernels/batch_norm_case.h"

using engine::Tensor;
using test::Device;
using test::DType;
using namespace test::batch_norm;

namespace {

/// The statistics of `first` channels and of the others by themselves, then all else by them.
Output forward_by_kept_statistics(Device device, const Input& in, bool relu, int first) {
  const Arrays a(device, in);
  const test::DeviceArray<float> var(device, in.gamma.size());
  kernels::BatchNorm op = a.forward(relu);
  op.pass = kernels::BatchNormPass::sums;
  const int pitch = op.x.pitch_of(in.channels);
  const auto* const x = static_cast<const char*>(op.x.data);
  for (const auto& [from, channels] :
       {std::pair(0, first), std::pair(first, in.channels - first)}) {
    if (channels == 0) continue;
    kernels::BatchNorm part = op;
    part.x = {x + from * size_of(in.type), in.type, pitch};
    part.mean = op.mean + from;
    part.rstd = var.data() + from;
    part.channels = channels;
    run(device, part);
  }
  op.pass = kernels::BatchNormPass::output;
  op.var = var.data();
  run(device, op);
  return {a.y.host(), a.mean.host(), a.rstd.host(), a.running_mean.host(), a.running_var.host()};
}

void check_against_formula(const Input& in, bool relu, const Output& out) {
  const int channels = in.channels, rows = in.rows;
  const Statistics want = statistics(in);

  const Doubles want_rstd = rstd(want);
  const double largest_rstd = std::max(1.0, *std::max_element(want_rstd.begin(), want_rstd.end()));
  Doubles running_mean(channels), running_var(channels);
  for (int c = 0; c < channels; ++c) {
    running_mean[c] = 2 + 0.25 * (want.mean[c] - 2);
    running_var[c] = 4 + 0.25 * (want.var[c] * (rows > 1 ? rows / (rows - 1.0) : 1) - 4);
  }
  // The mean and x - mean, numbers of about 3, are rounded to 6e-8 of that, then scaled by 1.5
  // rstd.
  const double tolerance = 1e-6 * largest_rstd;
  test::expect_close(out.mean, want.mean, 1e-6, 1e-7, "mean");
  test::expect_close(out.rstd, want_rstd, 1e-6, 0, "rstd");
  test::expect_close(out.running_mean, running_mean, 1e-6, 0, "running_mean");
  test::expect_close(out.running_var, running_var, 1e-6, 0, "running_var");
  test::expect_close(out.y, normalized(in, want, relu), 1e-6 + test::rounding(in.type), tolerance,
                     "y");
}

void check_inference(Device device, Input in, bool relu) {
  in.running_mean = test::random_values(in.channels, -1, 1, 7);
  in.running_var = test::random_values(in.channels, 0, 2, 8);
  const Arrays a(device, in);
  run(device, a.inference(relu));
  const Statistics running{test::to_double(in.running_mean), test::to_double(in.running_var)};
  test::expect_close(a.y.host(), normalized(in, running, relu), 1e-6 + test::rounding(in.type),
                     1e-5, "y");
  CHECK(a.running_mean.host() == in.running_mean);
  CHECK(a.running_var.host() == in.running_var);
}

}  // namespace

TEST_CASE("batch_norm matches the formula") {
  const Device device = GENERATE(from_range(test::devices()));
  const DType type = GENERATE_COPY(from_range(test::activation_types(device)));
  const int channels = GENERATE(1, 12, 16, 31, 33, 100, 1000);
  const int rows = GENERATE(1, 2, 31, 33, 1000);
  const bool has_residual = GENERATE(false, true), relu = GENERATE(false, true);
  // Large arrays with one choice of options: nothing of these depends on the size.
  if (rows * channels > 40'000 && !(has_residual && relu)) return;
  CAPTURE(name_of(type), rows, channels, has_residual, relu);
  const Input in = make_input(rows, channels, has_residual, 1, type);
  check_against_formula(in, relu, forward(device, in, relu));
  check_against_formula(in, relu, forward_by_kept_statistics(device, in, relu, channels / 3));
}

TEST_CASE("batch_norm of the first channels of wider rows matches the formula") {
  const Device device = GENERATE(from_range(test::devices()));
  const DType type = GENERATE_COPY(from_range(test::activation_types(device)));
  const int channels = GENERATE(12, 24, 31), behind = GENERATE(1, 4, 24);
  const int rows = GENERATE(1, 33, 500);
  const bool has_residual = GENERATE(false, true);
  CAPTURE(name_of(type), rows, channels, behind, has_residual);
  Input in = make_input(rows, channels, has_residual, 1, type);
  in.x_behind = behind;
  check_against_formula(in, !has_residual, forward(device, in, !has_residual));
  check_against_formula(in, !has_residual,
                        forward_by_kept_statistics(device, in, !has_residual, 12));
  check_inference(device, in, has_residual);
}

TEST_CASE("batch_norm is stable where the mean is a thousand times the deviation and more") {
  const Device device = GENERATE(from_range(test::devices()));
  const float mean = GENERATE(1e3f, 1e5f);
  const Input in = make_input(1000, 33, false, mean);
  const Statistics want = statistics(in);
  const Output out = forward(device, in, false);
  test::expect_close(out.rstd, rstd(want), 1e-6, 0, "rstd");
  // What remains is the rounding of the mean itself.
  test::expect_close(out.y, normalized(in, want, false), 1e-6, 1e-7 * mean, "y");
}

TEST_CASE("batch_norm is stable where the first row is unlike all the others") {
  const Device device = GENERATE(from_range(test::devices()));
  Input in = make_input(5000, 12, false);
  for (int c = 0; c < in.channels; ++c) in.x[c] = 1e4f;
  test::expect_close(forward(device, in, false).rstd, rstd(statistics(in)), 1e-6, 0, "rstd");
}

TEST_CASE("batch_norm's statistics keep their digits over millions of rows") {
  // 256 pictures of 224 x 224 with stripes: a thread of a GPU adds the same square up some fifty
  // times, and each time a plain float sum would be rounded in the same direction.
  const Device device = GENERATE(from_range(test::devices()));
  constexpr int rows = 256 * 224 * 224;
  constexpr float bright = 1.1f;
  Floats pixels(rows);
  for (int i = 0; i < rows; ++i) pixels[i] = i % 224 / 32 % 2 == 1 ? bright : 0;
  const test::DeviceArray<float> x(device, pixels), y(device, pixels.size()),
      one(device, Floats{1}), mean(device, 1), rstd(device, 1), running_mean(device, Floats{0}),
      running_var(device, Floats{0});
  run(device, kernels::BatchNorm{.x = x.data(),
                                 .residual = {},
                                 .gamma = one.data(),
                                 .beta = one.data(),
                                 .y = y.data(),
                                 .mean = mean.data(),
                                 .rstd = rstd.data(),
                                 .running_mean = running_mean.data(),
                                 .running_var = running_var.data(),
                                 .rows = rows,
                                 .channels = 1,
                                 .momentum = 1});
  const double share = 3.0 / 7, variance = share * (1 - share) * bright * bright;
  test::expect_close(running_mean.host(), {share * bright}, 1.2e-7, 0, "mean");
  test::expect_close(running_var.host(), {variance * rows / (rows - 1.0)}, 1.2e-7, 0, "variance");
}

TEST_CASE("batch_norm of a constant channel is beta") {
  const Device device = GENERATE(from_range(test::devices()));
  Input in = make_input(333, 5, false);
  for (float& x : in.x) x = 0.1f;
  const Output out = forward(device, in, false);
  for (int c = 0; c < in.channels; ++c) CHECK(out.rstd[c] == float(1 / std::sqrt(eps)));
  for (std::size_t i = 0; i < in.size(); ++i) REQUIRE(out.y[i] == in.beta[i % in.channels]);
}

TEST_CASE("batch_norm in evaluation uses the running statistics") {
  const Device device = GENERATE(from_range(test::devices()));
  const DType type = GENERATE_COPY(from_range(test::activation_types(device)));
  const int channels = GENERATE(1, 12, 33, 1000);
  const bool has_residual = GENERATE(false, true), relu = GENERATE(false, true);
  CAPTURE(name_of(type), channels, has_residual, relu);
  check_inference(device, make_input(33, channels, has_residual, 1, type), relu);
}

TEST_CASE("batch_norm hands a NaN on, within its channel") {
  const Device device = GENERATE(from_range(test::devices()));
  const DType type = GENERATE_COPY(from_range(test::activation_types(device)));
  Input in = make_input(40, 5, false, 1, type);
  in.x[7 * 5 + 3] = NAN;
  const Output out = forward(device, in, true);
  for (std::size_t i = 0; i < in.size(); ++i) REQUIRE(std::isnan(out.y[i]) == (i % 5 == 3));
}

TEST_CASE("batch_norm of large and of misaligned arrays is the same") {
  // Large outputs at the start of a cache line are written in another way than all others.
  const Device device = GENERATE(from_range(test::devices()));
  const DType type = GENERATE_COPY(from_range(test::activation_types(device)));
  const int wanted = GENERATE(100, 132000), rows = device == Device::cpu ? wanted : wanted / 50;
  Input in = make_input(rows, 67, false, 1, type);
  const Output out = forward(device, in, true);
  CHECK(forward(device, in, true, 1) == out);
  in.x_behind = 1;
  CHECK(forward(device, in, true) == out);
}

TEST_CASE("batch_norm repeats bit for bit with the same number of threads") {
  const DType type = GENERATE(from_range(test::activation_types(Device::cpu)));
  const Input in = make_input(3001, 31, true, 1, type);
  const int before = kernels::threads();
  for (const int threads : {1, 2, 3}) {
    kernels::set_threads(threads);
    const Output out = forward(Device::cpu, in, true);
    for (int repeat = 0; repeat < 3; ++repeat) CHECK(forward(Device::cpu, in, true) == out);
    test::expect_close(out.y, normalized(in, statistics(in), true), 1e-6 + test::rounding(type),
                       1e-6, "y");
  }
  kernels::set_threads(before);
}

TEST_CASE("batch_norm names the shapes that do not fit") {
  const auto empty = [](engine::Shape shape) { return Tensor::empty(shape, Device::cpu); };
  const Tensor x = empty({2, 4, 4, 12}), c12 = empty({12}), c16 = empty({16});
  const auto call = [&](const Tensor& input, const Tensor& gamma, engine::BatchNorm options = {},
                        const Tensor& residual = {}) {
    return engine::batch_norm(input, gamma, c12, c12, c12, options, residual);
  };
  CHECK_THROWS_WITH(call(x, c16), "batch_norm: gamma is [16], should be [12]");
  CHECK_THROWS_WITH(call(x, {}), "batch_norm: gamma is missing");
  CHECK_THROWS_WITH(
      call(empty({0, 4, 4, 12}), c12),
      "batch_norm: input [0, 4, 4, 12] is not [..., channels] with one element or more");
  CHECK_THROWS_WITH(call(c12, c12),
                    "batch_norm: input [12] is not [..., channels] with one element or more");
  CHECK_THROWS_WITH(call(x, c12, {}, empty({2, 2, 2, 12})),
                    "batch_norm: residual is [2, 2, 2, 12], should be [2, 4, 4, 12]");
  CHECK_THROWS_WITH(call(x, c12, {.eps = 0}), "batch_norm: eps 0 should be above 0");
  CHECK_THROWS_WITH(call(x, c12, {.momentum = 2}), "batch_norm: momentum 2 should be from 0 to 1");
  CHECK_THROWS_WITH(call(Tensor::empty({2, 12}, Device::cpu, kernels::DType::i32), c12),
                    "batch_norm: input [2, 12] is of i32, should be of f32 or bf16");
}
