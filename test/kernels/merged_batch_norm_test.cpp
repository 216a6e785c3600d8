// SPDX-License-Identifier: MIT
// Batch norm whose two passes are apart, and what ranks add up in between.
#include "kernels/merged_batch_norm.h"

#include <memory>

#include "kernels/runtime/run.h"
#include "test/kernels/batch_norm_case.h"

using kernels::BatchNormPass;
using test::Device;
using test::DeviceArray;
using test::batch_norm::Arrays;
using test::batch_norm::Floats;
using test::batch_norm::Input;

namespace {

/// Rows [first, last) of a batch.
Input rows_of(const Input& all, int first, int last) {
  Input part = all;
  const auto cut = [&](Floats& v) {
    if (v.empty()) return;
    v = Floats(v.begin() + std::ptrdiff_t(first) * all.channels,
               v.begin() + std::ptrdiff_t(last) * all.channels);
  };
  for (Floats* v : {&part.x, &part.residual, &part.dy, &part.addend}) cut(*v);
  part.rows = last - first;
  return part;
}

template <class Op>
void run_pass(Device device, Op op, BatchNormPass pass) {
  op.pass = pass;
  kernels::run(device, op);
}

void append(Floats& to, const Floats& more) { to.insert(to.end(), more.begin(), more.end()); }

}  // namespace

TEST_CASE("passes apart, with nothing in between, do what both do together") {
  const Device device = GENERATE(from_range(test::devices()));
  const Input input = test::batch_norm::make_input(300, 20, true, 5);
  const Arrays together(device, input), apart(device, input);
  kernels::run(device, together.forward(true));
  kernels::run(device, together.backward(true));
  kernels::run(device, apart.forward(true));
  const Floats y = apart.y.host();
  run_pass(device, apart.forward(true), BatchNormPass::output);
  CHECK(apart.y.host() == y);
  run_pass(device, apart.backward(true), BatchNormPass::sums);
  run_pass(device, apart.backward(true), BatchNormPass::output);
  CHECK(apart.dx.host() == together.dx.host());
  CHECK(apart.dgamma.host() == together.dgamma.host());
}

TEST_CASE("statistics and gradients of parts are those of the whole") {
  const Device device = GENERATE(from_range(test::devices()));
  const int channels = GENERATE(1, 24, 300);
  const float mean = GENERATE(1.0f, 1000.0f);
  const bool relu = GENERATE(false, true);
  INFO(channels << " channels, means to " << mean);
  const Input whole = test::batch_norm::make_input(97, channels, relu, mean);
  const int cuts[] = {0, 40, 41, 97};  // of one row too

  const Arrays expected(device, whole);
  kernels::run(device, expected.forward(relu));
  kernels::run(device, expected.backward(relu));

  Floats parts;
  std::vector<std::unique_ptr<Arrays>> ranks;
  for (int r = 0; r < 3; ++r) {
    ranks.push_back(std::make_unique<Arrays>(device, rows_of(whole, cuts[r], cuts[r + 1])));
    run_pass(device, ranks.back()->forward(relu), BatchNormPass::sums);
    append(parts, ranks.back()->mean.host());
    append(parts, ranks.back()->rstd.host());
    parts.push_back(float(ranks.back()->rows));
  }
  const DeviceArray<float> gathered(device, parts);
  Floats y, sums(2 * std::size_t(channels) + 1), dx;
  for (const auto& rank : ranks) {
    const kernels::BatchNorm op = rank->forward(relu);
    kernels::run(device, kernels::MergedStatistics{.parts = gathered.data(),
                                                   .mean = op.mean,
                                                   .rstd = op.rstd,
                                                   .running_mean = op.running_mean,
                                                   .running_var = op.running_var,
                                                   .ranks = 3,
                                                   .channels = channels,
                                                   .eps = op.eps,
                                                   .momentum = op.momentum});
    run_pass(device, op, BatchNormPass::output);
    append(y, rank->y.host());
    test::expect_close(rank->mean.host(), test::to_double(expected.mean.host()), 1e-6, 1e-6);
    test::expect_close(rank->rstd.host(), test::to_double(expected.rstd.host()), 1e-4, 0);
    test::expect_close(rank->running_mean.host(), test::to_double(expected.running_mean.host()),
                       1e-6, 1e-6);
    test::expect_close(rank->running_var.host(), test::to_double(expected.running_var.host()), 1e-4,
                       0);

    run_pass(device, rank->backward(relu), BatchNormPass::sums);
    const Floats dgamma = rank->dgamma.host(), dbeta = rank->dbeta.host();
    for (std::size_t c = 0; c < std::size_t(channels); ++c) {
      sums[c] += dgamma[c];
      sums[std::size_t(channels) + c] += dbeta[c];
    }
    sums.back() += float(rank->rows);
  }
  test::expect_close(y, test::to_double(expected.y.host()), 2e-4, 2e-4);

  const DeviceArray<float> of_all(device, sums);
  for (const auto& rank : ranks) {
    const kernels::BatchNormBackward op = rank->backward(relu);
    kernels::run(device, kernels::MergedGradients{.sums = of_all.data(),
                                                  .dgamma = op.dgamma,
                                                  .dbeta = op.dbeta,
                                                  .rows = rank->rows,
                                                  .channels = channels});
    run_pass(device, op, BatchNormPass::output);
    append(dx, rank->dx.host());
  }
  test::expect_close(dx, test::to_double(expected.dx.host()), 1e-3, 1e-3);
}
