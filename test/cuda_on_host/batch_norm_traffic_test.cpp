// SPDX-License-Identifier: MIT
#include "kernels/batch_norm.h"

#include "test/cuda_on_host/traffic.h"
#include "test/support/support.h"

using test::Device;
using test::DeviceArray;

namespace {

/// All arrays of the three ops, of activations of type T. Values do not matter here.
template <class T>
struct Arrays {
  int rows, channels;
  bool has_residual;
  std::size_t size = std::size_t(rows) * channels;
  DeviceArray<T> x = some(), residual = some(), dy = some(), addend = some(), y = some(),
                 dx = some(), dresidual = some();
  DeviceArray<float> gamma = per_channel(), beta = per_channel(), mean = per_channel(),
                     rstd = per_channel(), running_mean = per_channel(),
                     running_var = per_channel(), dgamma = per_channel(), dbeta = per_channel(),
                     slope = per_channel(), offset = per_channel();

  DeviceArray<T> some() const { return {Device::cuda, std::vector<T>(size, T(1.0f))}; }
  DeviceArray<float> per_channel() const {
    return {Device::cuda, std::vector<float>(std::size_t(channels), 1)};
  }

  kernels::BatchNorm forward() const {
    return {.x = x.data(),
            .residual = has_residual ? residual.data() : nullptr,
            .gamma = gamma.data(),
            .beta = beta.data(),
            .y = y.data(),
            .mean = mean.data(),
            .rstd = rstd.data(),
            .running_mean = running_mean.data(),
            .running_var = running_var.data(),
            .rows = rows,
            .channels = channels,
            .relu = true};
  }
  kernels::BatchNormInference inference() const {
    return {.x = x.data(),
            .residual = has_residual ? residual.data() : nullptr,
            .gamma = gamma.data(),
            .beta = beta.data(),
            .running_mean = running_mean.data(),
            .running_var = running_var.data(),
            .y = y.data(),
            .rows = rows,
            .channels = channels,
            .relu = true};
  }
  kernels::BatchNormBackward backward(bool adds) const {
    return {.x = x.data(),
            .y = has_residual ? y.data() : nullptr,
            .dy = dy.data(),
            .addend = adds ? addend.data() : nullptr,
            .gamma = gamma.data(),
            .beta = beta.data(),
            .mean = mean.data(),
            .rstd = rstd.data(),
            .dx = dx.data(),
            .dresidual = has_residual ? dresidual.data() : nullptr,
            .dgamma = dgamma.data(),
            .dbeta = dbeta.data(),
            .rows = rows,
            .channels = channels,
            .relu = true};
  }
};

/// How often an array was read and written, counted in whole arrays.
struct Passes {
  double reads, writes;
};

// Bytes that go to the work space are in neither array; the sectors of all must be well used.
template <class Op, class T>
std::vector<Passes> passes(const Op& op, const std::vector<const DeviceArray<T>*>& arrays) {
  std::vector<Passes> all;
  if constexpr (cuda_on_host::checked) {
    const cuda_on_host::Recording recording;
    run(Device::cuda, op);
    kernels::synchronize(Device::cuda);
    for (const DeviceArray<T>* array : arrays) {
      const auto traffic = recording.of(array->data());
      const auto bytes = double(array->size() * sizeof(T));
      all.push_back({double(traffic.bytes_read) / bytes, double(traffic.bytes_written) / bytes});
    }
    const auto loads = recording.loads(), stores = recording.stores();
    // Eight parameters are two loads, one after the other, of the halves of the same sectors.
    const double spare = sizeof(T) < sizeof(float) ? 1.6 : 1.1;
    CHECK(double(loads.sectors) <= spare * double(loads.least_sectors));
    CHECK(double(stores.sectors) <= 1.1 * double(stores.least_sectors));
  }
  return all;
}

}  // namespace

TEMPLATE_TEST_CASE("traffic: batch_norm reads x twice, everything else once", "", float,
                   kernels::bf16) {
  if (!cuda_on_host::checked) return;
  const int channels = GENERATE(16, 36, 160, 520);
  const bool has_residual = GENERATE(false, true), adds = GENERATE(false, true);
  CAPTURE(channels, has_residual, adds);
  const Arrays<TestType> a{3000, channels, has_residual};
  const double of_residual = has_residual ? 1 : 0;

  const auto forward = passes<kernels::BatchNorm, TestType>(a.forward(), {&a.x, &a.residual, &a.y});
  CHECK(forward[0].reads >= 2);
  CHECK(forward[0].reads < 2.15);  // the first row, by each block of at least 8
  CHECK(forward[1].reads == of_residual);
  CHECK(forward[2].writes == 1);
  CHECK(forward[0].writes + forward[1].writes + forward[2].reads == 0);

  const auto evaluation =
      passes<kernels::BatchNormInference, TestType>(a.inference(), {&a.x, &a.residual, &a.y});
  CHECK(evaluation[0].reads == 1);
  CHECK(evaluation[1].reads == of_residual);
  CHECK(evaluation[2].writes == 1);

  const auto backward = passes<kernels::BatchNormBackward, TestType>(
      a.backward(adds), {&a.x, &a.y, &a.dy, &a.dresidual, &a.dx, &a.addend});
  CHECK(backward[0].reads == 2);
  CHECK(backward[1].reads == of_residual);
  CHECK(backward[2].reads == 2 - of_residual);
  CHECK(backward[3].reads == of_residual);
  CHECK(backward[3].writes == of_residual);
  CHECK(backward[4].writes == 1);
  CHECK(backward[5].reads == (adds ? 1 : 0));
}

TEMPLATE_TEST_CASE("traffic: batch_norm's gradient in one pass reads everything once", "", float,
                   kernels::bf16) {
  if (!cuda_on_host::checked) return;
  const int channels = GENERATE(16, 36, 160, 520);
  const bool adds = GENERATE(false, true);
  CAPTURE(channels, adds);
  const Arrays<TestType> a{3000, channels, false};
  kernels::BatchNormBackward op = a.backward(adds);
  op.slope = a.slope.data();
  op.offset = a.offset.data();
  const auto backward =
      passes<kernels::BatchNormBackward, TestType>(op, {&a.x, &a.dy, &a.dx, &a.addend});
  CHECK(backward[0].reads == 1);
  CHECK(backward[1].reads == 1);
  CHECK(backward[2].writes == 1);
  CHECK(backward[3].reads == (adds ? 1 : 0));

  const auto remainder = passes<kernels::BatchNormRemainder, TestType>({.x = a.x.data(),
                                                                        .so_far = a.addend.data(),
                                                                        .mean = a.mean.data(),
                                                                        .slope = a.slope.data(),
                                                                        .offset = a.offset.data(),
                                                                        .dx = a.dx.data(),
                                                                        .rows = a.rows,
                                                                        .channels = channels},
                                                                       {&a.x, &a.addend, &a.dx});
  CHECK(remainder[0].reads == 1);
  CHECK(remainder[1].reads == 1);
  CHECK(remainder[2].writes == 1);
}
