// SPDX-License-Identifier: MIT
#include "kernels/batch_norm.h"

#include <algorithm>
#include <cmath>

#include "engine/ops.h"
#include "test/support.h"

using engine::Tensor;
using test::Device;
using test::DeviceArray;
using Floats = std::vector<float>;
using Doubles = std::vector<double>;

namespace {

constexpr double eps = 1e-5f;

struct Input {
  int rows, channels;
  Floats x, residual, gamma, beta, dy;
  std::size_t size() const { return x.size(); }
};

// Deviations of about 1 around means of up to `mean`; a null residual is an empty vector.
Input make_input(int rows, int channels, bool has_residual, float mean = 1) {
  const std::size_t size = std::size_t(rows) * channels;
  Input in{.rows = rows,
           .channels = channels,
           .x = test::random_values(size, -2, 2, 1),
           .residual = test::random_values(has_residual ? size : 0, -1, 1, 2),
           .gamma = test::random_values(channels, 0.5f, 1.5f, 3),
           .beta = test::random_values(channels, -0.5f, 0.5f, 4),
           .dy = test::random_values(size, -1, 1, 5)};
  const Floats means = test::random_values(channels, -mean, mean, 6);
  for (std::size_t i = 0; i < size; ++i) in.x[i] += means[i % channels];
  return in;
}

// The formulas of the header, in double.
struct Statistics {
  Doubles mean, var;
};

Statistics statistics(const Input& in) {
  Statistics s{Doubles(in.channels), Doubles(in.channels)};
  for (std::size_t i = 0; i < in.size(); ++i) s.mean[i % in.channels] += double(in.x[i]) / in.rows;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const double deviation = in.x[i] - s.mean[i % in.channels];
    s.var[i % in.channels] += deviation * deviation / in.rows;
  }
  return s;
}

Doubles rstd(const Statistics& s) {
  Doubles r;
  for (const double var : s.var) r.push_back(1 / std::sqrt(var + eps));
  return r;
}

Doubles normalized(const Input& in, const Statistics& s, bool relu) {
  Doubles y(in.size());
  for (std::size_t i = 0; i < in.size(); ++i) {
    const std::size_t c = i % in.channels;
    y[i] = (in.x[i] - s.mean[c]) * in.gamma[c] / std::sqrt(s.var[c] + eps) + in.beta[c];
    if (!in.residual.empty()) y[i] += in.residual[i];
    if (relu) y[i] = std::max(y[i], 0.0);
  }
  return y;
}

struct Gradients {
  Doubles dx, dresidual, dgamma, dbeta;
};

// `passed[i]`: whether the ReLU let element i through; all of them without one.
Gradients gradients(const Input& in, const Statistics& s, const std::vector<bool>& passed) {
  Gradients d{Doubles(in.size()), Doubles(in.size()), Doubles(in.channels), Doubles(in.channels)};
  Doubles xhat(in.size());
  for (std::size_t i = 0; i < in.size(); ++i) {
    const std::size_t c = i % in.channels;
    xhat[i] = (in.x[i] - s.mean[c]) / std::sqrt(s.var[c] + eps);
    d.dresidual[i] = passed[i] ? in.dy[i] : 0;
    d.dgamma[c] += d.dresidual[i] * xhat[i];
    d.dbeta[c] += d.dresidual[i];
  }
  for (std::size_t i = 0; i < in.size(); ++i) {
    const std::size_t c = i % in.channels;
    d.dx[i] = in.gamma[c] / std::sqrt(s.var[c] + eps) *
              (d.dresidual[i] - d.dbeta[c] / in.rows - xhat[i] * d.dgamma[c] / in.rows);
  }
  return d;
}

std::vector<bool> passes(const Floats& y, bool relu) {
  std::vector<bool> passed(y.size());
  for (std::size_t i = 0; i < y.size(); ++i) passed[i] = !relu || y[i] > 0;
  return passed;
}

// `shift` elements before the data take it away from the start of a cache line.
Floats shifted(const Floats& values, int shift) {
  Floats all(shift);
  all.insert(all.end(), values.begin(), values.end());
  return all;
}

Floats unshifted(const DeviceArray<float>& array, int shift) {
  const Floats all = array.host();
  return {all.begin() + shift, all.end()};
}

struct Output {
  Floats y, mean, rstd, running_mean, running_var;
  bool operator==(const Output&) const = default;
};

Output forward(Device device, const Input& in, bool relu, int shift = 0) {
  const DeviceArray<float> x(device, shifted(in.x, shift)), residual(device, in.residual),
      gamma(device, in.gamma), beta(device, in.beta), y(device, in.size() + shift),
      mean(device, in.channels), rstd(device, in.channels),
      running_mean(device, Floats(in.channels, 2.0f)),
      running_var(device, Floats(in.channels, 4.0f));
  kernels::run(device,
               kernels::BatchNorm{.x = x.data() + shift,
                                  .residual = in.residual.empty() ? nullptr : residual.data(),
                                  .gamma = gamma.data(),
                                  .beta = beta.data(),
                                  .y = y.data() + shift,
                                  .mean = mean.data(),
                                  .rstd = rstd.data(),
                                  .running_mean = running_mean.data(),
                                  .running_var = running_var.data(),
                                  .rows = in.rows,
                                  .channels = in.channels,
                                  .momentum = 0.25f,
                                  .relu = relu});
  return {unshifted(y, shift), mean.host(), rstd.host(), running_mean.host(), running_var.host()};
}

struct BackwardOutput {
  Floats dx, dresidual, dgamma, dbeta;
  bool operator==(const BackwardOutput&) const = default;
};

BackwardOutput backward(Device device, const Input& in, const Output& out, bool relu,
                        bool in_place = false, int shift = 0) {
  const bool has_residual = !in.residual.empty();
  const DeviceArray<float> x(device, shifted(in.x, shift)), y(device, out.y),
      gamma(device, in.gamma), beta(device, in.beta), mean(device, out.mean),
      rstd(device, out.rstd), dy(device, shifted(in.dy, shift)), dx(device, in.size() + shift),
      dresidual(device, in.residual.size()), dgamma(device, in.channels),
      dbeta(device, in.channels);
  // y is given only where it may be read.
  kernels::run(device,
               kernels::BatchNormBackward{.x = x.data() + shift,
                                          .y = relu && has_residual ? y.data() : nullptr,
                                          .dy = dy.data() + shift,
                                          .gamma = gamma.data(),
                                          .beta = beta.data(),
                                          .mean = mean.data(),
                                          .rstd = rstd.data(),
                                          .dx = (in_place ? dy : dx).data() + shift,
                                          .dresidual = has_residual ? dresidual.data() : nullptr,
                                          .dgamma = dgamma.data(),
                                          .dbeta = dbeta.data(),
                                          .rows = in.rows,
                                          .channels = in.channels,
                                          .relu = relu});
  return {unshifted(in_place ? dy : dx, shift), dresidual.host(), dgamma.host(), dbeta.host()};
}

}  // namespace

TEST_CASE("batch_norm and its gradients match the formula") {
  const Device device = GENERATE(from_range(test::devices()));
  const int channels = GENERATE(1, 12, 16, 31, 33, 100, 1000);
  const int rows = GENERATE(1, 2, 31, 33, 1000);
  const bool has_residual = GENERATE(false, true), relu = GENERATE(false, true);
  CAPTURE(rows, channels, has_residual, relu);
  const Input in = make_input(rows, channels, has_residual);
  const Statistics want = statistics(in);
  const Output out = forward(device, in, relu);

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
  test::expect_close(out.y, normalized(in, want, relu), 1e-6, tolerance, "y");

  const Gradients d = gradients(in, want, passes(out.y, relu));
  const BackwardOutput got = backward(device, in, out, relu);
  const double sum =
      1e-7 * rows;  // the sums are of numbers below 1 and 2, mean and rstd are rounded
  test::expect_close(got.dbeta, d.dbeta, 1e-6, sum, "dbeta");
  test::expect_close(got.dgamma, d.dgamma, 1e-6, sum * largest_rstd, "dgamma");
  // xhat, in which x - mean is scaled by rstd, is multiplied by rstd again; of one row it is
  // exactly 0.
  test::expect_close(got.dx, d.dx, 1e-6, 2 * tolerance * (rows > 1 ? largest_rstd : 1), "dx");
  if (has_residual) CHECK((test::to_double(got.dresidual) == d.dresidual));
  CHECK(backward(device, in, out, relu, true) == got);  // dx over dy
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

TEST_CASE("batch_norm of a constant channel is beta") {
  const Device device = GENERATE(from_range(test::devices()));
  Input in = make_input(333, 5, false);
  for (float& x : in.x) x = 0.1f;
  const Output out = forward(device, in, false);
  for (int c = 0; c < in.channels; ++c) CHECK(out.rstd[c] == float(1 / std::sqrt(eps)));
  for (std::size_t i = 0; i < in.size(); ++i) REQUIRE(out.y[i] == in.beta[i % in.channels]);
}

TEST_CASE("batch_norm's gradients are derivatives") {
  // L = sum_i dy_i y_i along a direction through x, gamma, beta and residual, in double throughout.
  const Device device = GENERATE(from_range(test::devices()));
  const bool has_residual = GENERATE(false, true), relu = GENERATE(false, true);
  CAPTURE(has_residual, relu);
  const Input in = make_input(50, 7, has_residual);
  const Floats vx = test::random_values(in.size(), -1, 1, 7),
               vr = test::random_values(in.residual.size(), -1, 1, 8),
               vg = test::random_values(in.channels, -1, 1, 9),
               vb = test::random_values(in.channels, -1, 1, 10);
  const auto loss = [&](double h) {
    Doubles mean(in.channels), var(in.channels);
    const auto x = [&](std::size_t i) { return in.x[i] + h * vx[i]; };
    for (std::size_t i = 0; i < in.size(); ++i) mean[i % in.channels] += x(i) / in.rows;
    for (std::size_t i = 0; i < in.size(); ++i) {
      const std::size_t c = i % in.channels;
      var[c] += (x(i) - mean[c]) * (x(i) - mean[c]) / in.rows;
    }
    double sum = 0;
    for (std::size_t i = 0; i < in.size(); ++i) {
      const std::size_t c = i % in.channels;
      double y = (x(i) - mean[c]) * (in.gamma[c] + h * vg[c]) / std::sqrt(var[c] + eps) +
                 in.beta[c] + h * vb[c];
      if (has_residual) y += in.residual[i] + h * vr[i];
      sum += in.dy[i] * (relu ? std::max(y, 0.0) : y);
    }
    return sum;
  };
  const double h = 1e-6, slope = (loss(h) - loss(-h)) / (2 * h);
  const BackwardOutput d = backward(device, in, forward(device, in, relu), relu);
  const double along = test::dot(d.dx, vx) + test::dot(d.dresidual, vr) + test::dot(d.dgamma, vg) +
                       test::dot(d.dbeta, vb);
  CHECK(std::abs(along - slope) < 1e-5 * (1 + std::abs(slope)));
}

TEST_CASE("batch_norm in evaluation uses the running statistics") {
  const Device device = GENERATE(from_range(test::devices()));
  const int channels = GENERATE(1, 12, 33, 1000);
  const bool has_residual = GENERATE(false, true), relu = GENERATE(false, true);
  CAPTURE(channels, has_residual, relu);
  const Input in = make_input(33, channels, has_residual);
  const Floats mean = test::random_values(channels, -1, 1, 7),
               var = test::random_values(channels, 0, 2, 8);
  const DeviceArray<float> x(device, in.x), residual(device, in.residual), gamma(device, in.gamma),
      beta(device, in.beta), running_mean(device, mean), running_var(device, var),
      y(device, in.size());
  kernels::run(device,
               kernels::BatchNormInference{.x = x.data(),
                                           .residual = has_residual ? residual.data() : nullptr,
                                           .gamma = gamma.data(),
                                           .beta = beta.data(),
                                           .running_mean = running_mean.data(),
                                           .running_var = running_var.data(),
                                           .y = y.data(),
                                           .rows = in.rows,
                                           .channels = channels,
                                           .relu = relu});
  const Statistics running{test::to_double(mean), test::to_double(var)};
  test::expect_close(y.host(), normalized(in, running, relu), 1e-6, 1e-5, "y");
  CHECK(running_mean.host() == mean);
  CHECK(running_var.host() == var);
}

TEST_CASE("batch_norm hands a NaN on, within its channel") {
  const Device device = GENERATE(from_range(test::devices()));
  Input in = make_input(40, 5, false);
  in.x[7 * 5 + 3] = NAN;
  const Output out = forward(device, in, true);
  const BackwardOutput d = backward(device, in, out, true);
  for (std::size_t i = 0; i < in.size(); ++i) {
    REQUIRE(std::isnan(out.y[i]) == (i % 5 == 3));
    REQUIRE(std::isnan(d.dx[i]) == (i % 5 == 3));
  }
}

TEST_CASE("batch_norm of large and of misaligned arrays is the same") {
  // Large outputs at the start of a cache line are written in another way than all others.
  const Device device = GENERATE(from_range(test::devices()));
  const Input in = make_input(GENERATE(100, 66000), 67, false);
  const Output out = forward(device, in, true);
  CHECK(forward(device, in, true, 1) == out);
  CHECK(backward(device, in, out, true, false, 1) == backward(device, in, out, true));
}

TEST_CASE("batch_norm repeats bit for bit with the same number of threads") {
  const Input in = make_input(3001, 31, true);
  const int before = kernels::threads();
  for (const int threads : {1, 2, 3}) {
    kernels::set_threads(threads);
    const Output out = forward(Device::cpu, in, true);
    const BackwardOutput d = backward(Device::cpu, in, out, true);
    for (int repeat = 0; repeat < 3; ++repeat) {
      CHECK(forward(Device::cpu, in, true) == out);
      CHECK(backward(Device::cpu, in, out, true) == d);
    }
    test::expect_close(out.y, normalized(in, statistics(in), true), 1e-6, 1e-6, "y");
  }
  kernels::set_threads(before);
}

namespace {

// d(mean loss)/dlogits of the cross entropy, in double.
Floats cross_entropy_grad(const Floats& logits, const std::vector<std::int32_t>& label,
                          int classes) {
  Floats grad(logits.size());
  for (std::size_t i = 0; i < label.size(); ++i) {
    double sum = 0;
    for (int c = 0; c < classes; ++c) sum += std::exp(double(logits[i * classes + c]));
    for (int c = 0; c < classes; ++c) {
      const double p = std::exp(double(logits[i * classes + c])) / sum;
      grad[i * classes + c] = float((p - (label[i] == c)) / double(label.size()));
    }
  }
  return grad;
}

}  // namespace

TEST_CASE("batch_norm through autograd") {
  const Device device = GENERATE(from_range(test::devices()));
  const bool has_residual = GENERATE(false, true), relu = GENERATE(false, true);
  CAPTURE(has_residual, relu);
  Input in = make_input(24, 10, has_residual);
  Tensor x = Tensor::from(in.x, {24, 10}, device), gamma = Tensor::from(in.gamma, {10}, device),
         beta = Tensor::from(in.beta, {10}, device), residual;
  const Tensor running_mean = Tensor::zeros({10}, device),
               running_var = Tensor::zeros({10}, device), gamma_grad = Tensor::empty({10}, device);
  x.require_grad();
  gamma.require_grad(gamma_grad);
  beta.require_grad();
  if (has_residual) {
    residual = Tensor::from(in.residual, {24, 10}, device);
    residual.require_grad();
  }
  const Tensor y =
      engine::batch_norm(x, gamma, beta, running_mean, running_var, {.relu = relu}, residual);
  const auto labels = test::random_labels(24, 10, 9);
  engine::soft_target_loss(y, Tensor::from(labels, {24}, device)).backward();

  in.dy = cross_entropy_grad(y.to_host(), labels, 10);
  const Statistics want = statistics(in);
  const Gradients d = gradients(in, want, passes(y.to_host(), relu));
  test::expect_close(y.to_host(), normalized(in, want, relu), 1e-6, 1e-6, "y");
  test::expect_close(x.grad().to_host(), d.dx, 1e-5, 1e-7, "dx");
  test::expect_close(gamma_grad.to_host(), d.dgamma, 1e-5, 1e-7, "dgamma");
  test::expect_close(beta.grad().to_host(), d.dbeta, 1e-5, 1e-7, "dbeta");
  if (has_residual)
    test::expect_close(residual.grad().to_host(), d.dresidual, 1e-5, 1e-8, "dresidual");
  Doubles running(10);
  for (int c = 0; c < 10; ++c) running[c] = 0.1 * want.mean[c];
  test::expect_close(running_mean.to_host(), running, 1e-5, 1e-7, "running mean");
}

TEST_CASE("batch_norm gives only the gradients that are wanted") {
  const Device device = GENERATE(from_range(test::devices()));
  Input in = make_input(24, 10, true);
  const Tensor x = Tensor::from(in.x, {24, 10}, device),
               gamma = Tensor::from(in.gamma, {10}, device);
  const Tensor residual = Tensor::from(in.residual, {24, 10}, device);
  Tensor beta = Tensor::from(in.beta, {10}, device);
  beta.require_grad();
  const Tensor statistic = Tensor::zeros({10}, device);
  const Tensor y =
      engine::batch_norm(x, gamma, beta, statistic, statistic.clone(), {.relu = true}, residual);
  const auto labels = test::random_labels(24, 10, 9);
  engine::soft_target_loss(y, Tensor::from(labels, {24}, device)).backward();
  in.dy = cross_entropy_grad(y.to_host(), labels, 10);
  const Gradients d = gradients(in, statistics(in), passes(y.to_host(), true));
  test::expect_close(beta.grad().to_host(), d.dbeta, 1e-5, 1e-7, "dbeta");
  CHECK(!x.grad());
  CHECK(!engine::batch_norm(x, gamma, beta, statistic, statistic, {.training = false})
             .requires_grad());
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
                    "batch_norm: input [2, 12] is of i32, should be of f32");
}
