// SPDX-License-Identifier: MIT
#include "kernels/runtime/run.h"
#include "test/cuda_on_host/traffic.h"
#include "test/kernels/batch_norm_case.h"

using test::Device;

namespace {

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
  const bool has_residual = GENERATE(false, true), adds = GENERATE(false, true);
  CAPTURE(channels, has_residual, adds);
  const test::batch_norm::Input in = test::batch_norm::make_input(3000, channels, has_residual);
  const test::batch_norm::Arrays a(Device::cuda, in);
  const double of_residual = has_residual ? 1 : 0;

  const auto forward =
      passes(a.forward(true), in.size(), {a.x.data(), a.residual.data(), a.y.data()});
  CHECK(forward[0].reads >= 2);
  CHECK(forward[0].reads < 2.15);  // the first row, by each block of at least 8
  CHECK(forward[1].reads == of_residual);
  CHECK(forward[2].writes == 1);
  CHECK(forward[0].writes + forward[1].writes + forward[2].reads == 0);

  const auto evaluation =
      passes(a.inference(true), in.size(), {a.x.data(), a.residual.data(), a.y.data()});
  CHECK(evaluation[0].reads == 1);
  CHECK(evaluation[1].reads == of_residual);
  CHECK(evaluation[2].writes == 1);

  const auto backward = passes(
      a.backward(true, adds), in.size(),
      {a.x.data(), a.y.data(), a.dy.data(), a.dresidual.data(), a.dx.data(), a.addend.data()});
  CHECK(backward[0].reads == 2);
  CHECK(backward[1].reads == of_residual);
  CHECK(backward[2].reads == 2 - of_residual);
  CHECK(backward[3].reads == of_residual);
  CHECK(backward[3].writes == of_residual);
  CHECK(backward[4].writes == 1);
  CHECK(backward[5].reads == (adds ? 1 : 0));
}
