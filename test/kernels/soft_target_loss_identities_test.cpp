// SPDX-License-Identifier: MIT
#include <cmath>
#include <numeric>

#include "test/kernels/soft_target_loss_case.h"

using test::Device;
using test::devices;
using test::expect_close;
using namespace test::soft_target_loss;

TEST_CASE("soft_target_loss: identities of the paper") {
  const Device device = GENERATE(from_range(devices()));
  constexpr int rows = 31, classes = 10;
  const auto expect_same = [](const Result& a, const Result& b, double factor = 1) {
    std::vector<double> loss = test::to_double(b.loss), grad = test::to_double(b.grad);
    for (double& x : loss) x *= factor;
    for (double& x : grad) x *= factor;
    expect_close(a.loss, loss, 2e-6, 0);
    expect_close(a.grad, grad, 2e-6, 1e-8);
  };
  const Case hard = make_case(SoftTarget::one_hot, rows, classes);

  SECTION("alpha = 1 is cross entropy whatever s is") {
    for (const SoftTarget soft : all_kinds) {
      Case c = make_case(soft, rows, classes);
      c.options.alpha = 1;
      c.options.smoothing = 0.3f;
      expect_same(run_case(device, c), run_case(device, hard));
    }
  }
  SECTION("Beta with b = 1 - eps is label smoothing over K - 1") {
    Case smoothed = make_case(SoftTarget::smoothed, rows, classes);
    smoothed.options.smoothing = 0.25f;
    Case beta = make_case(SoftTarget::beta, rows, classes);
    beta.b.assign(rows, 0.75f);
    expect_same(run_case(device, beta), run_case(device, smoothed));
  }
  SECTION("a teacher with equal logits is smoothing over all classes with eps = 1") {
    Case uniform = make_case(SoftTarget::smoothed_over_all, rows, classes);
    uniform.options.smoothing = 1;
    Case teacher = make_case(SoftTarget::teacher, rows, classes);
    teacher.teacher.assign(teacher.teacher.size(), 7.5f);
    expect_same(run_case(device, teacher), run_case(device, uniform));
  }
  SECTION("a teacher is given probabilities") {
    Case teacher = make_case(SoftTarget::teacher, rows, classes);
    teacher.options.teacher_temperature = 3;
    Case given = make_case(SoftTarget::probabilities, rows, classes);
    for (int i = 0; i < rows; ++i) {
      const float* u = teacher.teacher.data() + i * classes;
      double sum = 0;
      for (int k = 0; k < classes; ++k) sum += std::exp(u[k] / 3.0);
      for (int k = 0; k < classes; ++k) {
        given.probabilities[i * classes + k] = float(std::exp(u[k] / 3.0) / sum);
      }
    }
    expect_same(run_case(device, teacher), run_case(device, given));
  }
  SECTION("smoothing over K - 1 by eps is smoothing over K by eps K / (K - 1)") {
    Case some = make_case(SoftTarget::smoothed, rows, classes);
    some.options.smoothing = 0.18f;
    Case all = make_case(SoftTarget::smoothed_over_all, rows, classes);
    all.options.smoothing = 0.2f;
    expect_same(run_case(device, some), run_case(device, all));
  }
  SECTION("A.1: label smoothing is MAP under the prior Dir(beta / K + 1)") {
    // The MAP loss is -log p_y - sum_c (alpha_x - 1) log p_c. A teacher with u = log(beta / K) and
    // the weight omega = sum_c exp(u_c) = beta make alpha_x = beta / K + 1; with alpha = 1/2 all is
    // halved. The total target weight is 1 + beta, so eps = beta / (1 + beta).
    const double beta = 0.25;
    Case map = make_case(SoftTarget::teacher, rows, classes);
    map.options.alpha = 0.5f;
    map.options.omega = true;
    map.teacher.assign(map.teacher.size(), float(std::log(beta / classes)));
    Case smoothed = make_case(SoftTarget::smoothed_over_all, rows, classes);
    smoothed.options.smoothing = float(beta / (1 + beta));
    expect_same(run_case(device, map), run_case(device, smoothed), (1 + beta) / 2);

    // The same prior by gamma alone: gamma = beta / K + 1 and no teacher.
    Case flat = hard;
    flat.options.gamma = float(beta / classes + 1);
    expect_same(run_case(device, flat), run_case(device, smoothed), 1 + beta);
  }
  SECTION("the entropy term is that of the model as its own teacher") {
    // H(p) = H(s, p) in value where s = p is held fixed.
    Case self = make_case(SoftTarget::teacher, rows, classes);
    self.teacher = self.logits;
    Case entropy = hard;
    entropy.options.entropy_weight = -1;
    const Result a = run_case(device, self), b = run_case(device, entropy),
                 c = run_case(device, hard);
    std::vector<double> want(rows);
    for (int i = 0; i < rows; ++i) want[i] = double(b.loss[i]) - c.loss[i];
    expect_close(a.loss, want, 1e-5, 1e-6);
    // A student that agrees with its teacher has nothing to learn from it.
    expect_close(a.grad, std::vector<double>(a.grad.size()), 0, 1e-8);
  }
  SECTION("each row's gradient sums to nothing") {
    for (const SoftTarget soft : all_kinds) {
      Case c = make_case(soft, rows, classes);
      c.options.gamma = 1.3f;
      c.options.entropy_weight = 0.2f;
      const Result got = run_case(device, c);
      for (int i = 0; i < rows; ++i) {
        const float* g = got.grad.data() + i * classes;
        CHECK(std::abs(std::accumulate(g, g + classes, 0.0)) < 1e-7);
      }
    }
  }
}
