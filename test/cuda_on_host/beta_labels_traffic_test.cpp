// SPDX-License-Identifier: MIT
#include "kernels/beta_labels.h"

#include "engine/step_state.h"
#include "kernels/runtime/run.h"
#include "test/cuda_on_host/traffic.h"
#include "test/support/support.h"

using test::Device;
using test::DeviceArray;

TEST_CASE("traffic: Beta labels read each logit once, however the work is split") {
  if (!cuda_on_host::checked) return;
  const auto [rows, classes] =
      GENERATE(std::pair{128, 104}, std::pair{128, 1000}, std::pair{1200, 16});
  CAPTURE(rows, classes);
  const std::size_t size = std::size_t(rows) * classes;
  const DeviceArray<float> logits(Device::cuda, test::random_values(size, -1, 1, 1)),
      b(Device::cuda, rows);
  engine::StepState step(Device::cuda);
  step.set({.learning_rate = 0, .ema_decay = 0, .epoch = 0, .step = 3});
  const cuda_on_host::Recording recording;
  const kernels::BetaLabels op{.logits = logits.data(),
                               .label = nullptr,
                               .b = b.data(),
                               .step = step.data(),
                               .rows = rows,
                               .classes = classes,
                               .a = 3,
                               .seed = 1};
  run(Device::cuda, op);
  kernels::synchronize(Device::cuda);
  const auto read = recording.of(logits.data()), written = recording.of(b.data());
  CHECK(read.bytes_read == 4 * size);
  CHECK(written.bytes_written == 4 * std::size_t(rows));
  CHECK(read.bytes_read + written.bytes_written == op.bytes());
  if (rows > 1024) return;  // the sort moves more, and not in order
  // Labels leave in the order of their rank, four bytes a row: only loads can be packed.
  const auto loads = recording.loads();
  CHECK(double(loads.sectors) <= 1.1 * double(loads.least_sectors));
}
