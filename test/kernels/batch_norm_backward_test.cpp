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

struct Gradients {
  Doubles dx, dresidual, dgamma, dbeta;
};

// `passed[i]`: whether the ReLU let element i through; all of them without one.
Gradients gradients(const Input& in, const Statistics& s, const std::vector<bool>& passed,
                    bool adds = false) {
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
    if (adds) d.dx[i] += in.addend[i];
  }
  return d;
}

std::vector<bool> passes(const Floats& y, bool relu) {
  std::vector<bool> passed(y.size());
  for (std::size_t i = 0; i < y.size(); ++i) passed[i] = !relu || y[i] > 0;
  return passed;
}

struct Backward {
  Floats y, dx, dresidual, dgamma, dbeta;
  bool operator==(const Backward&) const = default;
};

struct Options {
  bool relu = false, adds = false;
  const test::ShiftedArray Arrays::*dx = &Arrays::dx;  // where to write
  int shift = 0;
  bool one_pass = false;  // and the remainder
};

Backward backward(Device device, const Input& in, const Options& o) {
  const Arrays a(device, in, o.shift);
  run(device, a.forward(o.relu));
  kernels::BatchNormBackward op = a.backward(o.relu, o.adds);
  op.dx = (a.*o.dx).out();
  if (o.one_pass) {
    op.slope = a.slope.data();
    op.offset = a.offset.data();
  }
  run(device, op);
  if (o.one_pass) run(device, a.remainder(op.dx));
  CHECK((a.*o.dx).gaps_are_nan());
  return {a.y.host(), (a.*o.dx).host(), a.dresidual.host(), a.dgamma.host(), a.dbeta.host()};
}

void check_against_formula(const Input& in, const Options& o, const Backward& got) {
  const Statistics of_batch = statistics(in);
  const Doubles all_rstd = rstd(of_batch);
  const double largest_rstd = std::max(1.0, *std::max_element(all_rstd.begin(), all_rstd.end()));
  const Gradients want = gradients(in, of_batch, passes(got.y, o.relu), o.adds);

  // The sums are of numbers below 1 and 2; mean and rstd are rounded.
  const double sum = 1e-7 * in.rows;
  test::expect_close(got.dbeta, want.dbeta, 1e-6, sum, "dbeta");
  test::expect_close(got.dgamma, want.dgamma, 1e-6, sum * largest_rstd, "dgamma");
  // xhat, in which x - mean, a difference of numbers of about 3, is scaled by 1.5 rstd, is
  // multiplied by rstd again; of one row it is exactly 0.
  double tolerance = 2e-6 * largest_rstd * (in.rows > 1 ? largest_rstd : 1);
  if (o.one_pass) {  // dx is rounded before the remainder comes to it: at most 1.5 rstd dy + addend
    tolerance *= 2;
    tolerance += test::rounding(in.type) * (1.5 * largest_rstd + 1);
  }
  test::expect_close(got.dx, want.dx, 1e-6 + test::rounding(in.type), tolerance, "dx");
  if (!in.residual.empty()) CHECK((test::to_double(got.dresidual) == want.dresidual));
}

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

TEST_CASE("batch_norm's gradients match the formula") {
  const Device device = GENERATE(from_range(test::devices()));
  const DType type = GENERATE_COPY(from_range(test::activation_types(device)));
  const int channels = GENERATE(1, 12, 16, 31, 33, 100, 1000);
  const int rows = GENERATE(1, 2, 31, 33, 1000);
  const bool has_residual = GENERATE(false, true), relu = GENERATE(false, true);
  const bool adds = GENERATE(false, true);
  // Large arrays with one choice of options: nothing of these depends on the size.
  if (rows * channels > 40'000 && !(has_residual && relu && adds)) return;
  for (const bool one_pass : {false, true}) {
    if (one_pass && has_residual) return;
    CAPTURE(name_of(type), rows, channels, has_residual, relu, adds, one_pass);
    const Input in = make_input(rows, channels, has_residual, 1, type);
    const Options options{.relu = relu, .adds = adds, .one_pass = one_pass};
    const Backward got = backward(device, in, options);
    check_against_formula(in, options, got);
    CHECK(backward(device, in, {relu, adds, &Arrays::dy, 0, one_pass}) == got);
    CHECK(backward(device, in, {relu, adds, &Arrays::addend, 0, one_pass}) == got);
  }
}

TEST_CASE("batch_norm's gradients where x and dx are parts of wider rows match the formula") {
  const Device device = GENERATE(from_range(test::devices()));
  const DType type = GENERATE_COPY(from_range(test::activation_types(device)));
  const int channels = GENERATE(12, 24, 31), rows = GENERATE(1, 33, 500);
  const auto [x_behind, dx_behind] = GENERATE(std::pair(0, 4), std::pair(12, 0), std::pair(24, 5));
  const bool adds = GENERATE(false, true), has_residual = !adds;
  CAPTURE(name_of(type), rows, channels, x_behind, dx_behind, has_residual, adds);
  Input in = make_input(rows, channels, has_residual, 1, type);
  in.x_behind = x_behind;
  in.dx_behind = dx_behind;
  for (const bool one_pass : {false, true}) {
    if (one_pass && has_residual) return;
    const Options options{.relu = true, .adds = adds, .one_pass = one_pass};
    const Backward got = backward(device, in, options);
    check_against_formula(in, options, got);
    CHECK(backward(device, in, {true, adds, &Arrays::addend, 0, one_pass}) == got);
  }
}

TEST_CASE("what several batch norms of one x leave of its gradient is added up") {
  const Device device = GENERATE(from_range(test::devices()));
  const Input first = make_input(500, 24, false);
  Input second = first;
  second.gamma = test::random_values(24, 0.5f, 1.5f, 13);
  second.dy = test::random_values(second.size(), -1, 1, 15);
  const Arrays a(device, first), b(device, second);
  for (const Arrays* arrays : {&a, &b}) {
    run(device, arrays->forward(true));
    kernels::BatchNormBackward op = arrays->backward(true, arrays == &b);
    op.slope = a.slope.data();
    op.offset = a.offset.data();
    if (arrays == &b) op.addend = a.dx.in();
    op.dx = a.dx.out();
    run(device, op);
  }
  run(device, a.remainder(a.dx.out()));
  Doubles want(first.size());
  for (const auto& [in, y] : {std::pair(first, a.y.host()), std::pair(second, b.y.host())}) {
    const Doubles dx = gradients(in, statistics(in), passes(y, true)).dx;
    for (std::size_t i = 0; i < want.size(); ++i) want[i] += dx[i];
  }
  test::expect_close(a.dx.host(), want, 1e-6, 1e-5);
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
  const Backward d = backward(device, in, {.relu = relu});
  const double along = test::dot(d.dx, vx) + test::dot(d.dresidual, vr) + test::dot(d.dgamma, vg) +
                       test::dot(d.dbeta, vb);
  CHECK(std::abs(along - slope) < 1e-5 * (1 + std::abs(slope)));
}

TEST_CASE("batch_norm's gradients hand a NaN on, within its channel") {
  const Device device = GENERATE(from_range(test::devices()));
  const DType type = GENERATE_COPY(from_range(test::activation_types(device)));
  Input in = make_input(40, 5, false, 1, type);
  in.x[7 * 5 + 3] = NAN;
  for (const bool one_pass : {false, true}) {
    const Backward d = backward(device, in, {.relu = true, .one_pass = one_pass});
    for (std::size_t i = 0; i < in.size(); ++i) REQUIRE(std::isnan(d.dx[i]) == (i % 5 == 3));
  }
}

TEST_CASE("batch_norm's gradients of large and of misaligned arrays are the same") {
  const Device device = GENERATE(from_range(test::devices()));
  const DType type = GENERATE_COPY(from_range(test::activation_types(device)));
  const int wanted = GENERATE(100, 132000), rows = device == Device::cpu ? wanted : wanted / 50;
  const Input in = make_input(rows, 67, false, 1, type);
  for (const bool one_pass : {false, true})
    CHECK(backward(device, in, {.relu = true, .adds = true, .shift = 1, .one_pass = one_pass}) ==
          backward(device, in, {.relu = true, .adds = true, .one_pass = one_pass}));
}

TEST_CASE("batch_norm's gradients repeat bit for bit with the same number of threads") {
  const DType type = GENERATE(from_range(test::activation_types(Device::cpu)));
  const Input in = make_input(3001, 31, true, 1, type);
  const int before = kernels::threads();
  for (const int threads : {1, 2, 3}) {
    kernels::set_threads(threads);
    const Backward d = backward(Device::cpu, in, {.relu = true});
    for (int repeat = 0; repeat < 3; ++repeat)
      CHECK(backward(Device::cpu, in, {.relu = true}) == d);
  }
  kernels::set_threads(before);
}

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
