// SPDX-License-Identifier: MIT
#include "kernels/batch_norm.h"

#include "test/cuda_on_host/traffic.h"
#include "test/support.h"

using test::Device;
using test::DeviceArray;

namespace {

constexpr int rows = 3000;

DeviceArray<float> floats(std::size_t size) {
  return {Device::cuda, test::random_values(size, -1, 1, 1)};
}

/// How often `array` was read and written, counted in whole arrays.
struct Passes {
  double reads, writes;
};

// Bytes that go to the work space are in neither array; the sectors of all must be well used.
template <class Op>
std::vector<Passes> passes(const Op& op, std::size_t size,
                           const std::vector<const float*>& arrays) {
  std::vector<Passes> all;
  if constexpr (cuda_on_host::checked) {
    const cuda_on_host::Recording recording;
    run(Device::cuda, op);
    kernels::synchronize(Device::cuda);
    for (const float* array : arrays) {
      const auto traffic = recording.of(array);
      all.push_back({double(traffic.bytes_read) / double(4 * size),
                     double(traffic.bytes_written) / double(4 * size)});
    }
    const auto loads = recording.loads(), stores = recording.stores();
    CHECK(double(loads.sectors) <= 1.1 * double(loads.least_sectors));
    CHECK(double(stores.sectors) <= 1.1 * double(stores.least_sectors));
  }
  return all;
}

}  // namespace

TEST_CASE("traffic: batch_norm reads x twice, everything else once") {
  if (!cuda_on_host::checked) return;
  const int channels = GENERATE(16, 36, 160, 520);
  const bool has_residual = GENERATE(false, true);
  CAPTURE(channels, has_residual);
  const std::size_t size = std::size_t(rows) * channels;
  const DeviceArray<float> x = floats(size), residual = floats(size), gamma = floats(channels),
                           beta = floats(channels), y(Device::cuda, size),
                           mean(Device::cuda, channels), rstd(Device::cuda, channels),
                           running_mean = floats(channels), running_var = floats(channels);
  const auto forward =
      passes(kernels::BatchNorm{.x = x.data(),
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
                                .relu = true},
             size, {x.data(), residual.data(), y.data()});
  CHECK(forward[0].reads >= 2);
  CHECK(forward[0].reads < 2.15);  // the first row, by each block of at least 8
  CHECK(forward[1].reads == (has_residual ? 1 : 0));
  CHECK(forward[2].writes == 1);
  CHECK(forward[0].writes + forward[1].writes + forward[2].reads == 0);

  const auto evaluation =
      passes(kernels::BatchNormInference{.x = x.data(),
                                         .residual = has_residual ? residual.data() : nullptr,
                                         .gamma = gamma.data(),
                                         .beta = beta.data(),
                                         .running_mean = running_mean.data(),
                                         .running_var = running_var.data(),
                                         .y = y.data(),
                                         .rows = rows,
                                         .channels = channels,
                                         .relu = true},
             size, {x.data(), residual.data(), y.data()});
  CHECK(evaluation[0].reads == 1);
  CHECK(evaluation[1].reads == (has_residual ? 1 : 0));
  CHECK(evaluation[2].writes == 1);

  const DeviceArray<float> dy = floats(size), dx(Device::cuda, size), dresidual(Device::cuda, size),
                           dgamma(Device::cuda, channels), dbeta(Device::cuda, channels);
  const auto backward =
      passes(kernels::BatchNormBackward{.x = x.data(),
                                        .y = y.data(),
                                        .dy = dy.data(),
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
                                        .relu = true},
             size, {x.data(), y.data(), dy.data(), dresidual.data(), dx.data()});
  CHECK(backward[0].reads == 2);
  CHECK(backward[1].reads == (has_residual ? 1 : 0));
  CHECK(backward[2].reads == (has_residual ? 1 : 2));
  CHECK(backward[3].reads == (has_residual ? 1 : 0));
  CHECK(backward[3].writes == (has_residual ? 1 : 0));
  CHECK(backward[4].writes == 1);
}
