// SPDX-License-Identifier: MIT
#include "engine/step_state.h"
#include "kernels/augment.h"
#include "kernels/resized_crop.h"
#include "kernels/runtime/run.h"
#include "test/cuda_on_host/traffic.h"
#include "test/support/support.h"

using test::Device;
using test::DeviceArray;

namespace {

constexpr int size = 32, channels = 3, n = 5;

/// Images of stored x stored pixels on the device, and what makes batches of view x view.
template <class T>
struct Arrays {
  Arrays(int stored, int view)
      : images(Device::cuda, std::vector<std::uint8_t>(n * stored * stored * channels, 7)),
        labels(Device::cuda, {1, 2, 3, 4, 5}),
        index(Device::cuda, {3, 1, 0, 4, 2}),
        out_labels(Device::cuda, n),
        out(Device::cuda, std::size_t(n * view * view * channels)),
        batch{.images = images.data(),
              .labels = labels.data(),
              .index = index.data(),
              .out = out.data(),
              .out_labels = out_labels.data(),
              .n = n,
              .h = stored,
              .w = stored,
              .c = channels} {}

  template <class Op>
  void expect_least_traffic(const Op& op) const {
    test::expect_least_traffic(op, {images.data(), out.data()},
                               {labels.data(), index.data(), out_labels.data()});
  }

  DeviceArray<std::uint8_t> images;
  DeviceArray<std::int32_t> labels, index, out_labels;
  DeviceArray<T> out;
  kernels::ImageBatch batch;
};

}  // namespace

TEMPLATE_TEST_CASE("traffic: views of an image of their own size read bytes and write once", "",
                   float, kernels::bf16) {
  const Arrays<TestType> arrays(size, size);
  arrays.expect_least_traffic(kernels::Augment{arrays.batch});
  arrays.expect_least_traffic(kernels::ResizedCrop{arrays.batch, size, size});
}

TEMPLATE_TEST_CASE("traffic: a mixed view reads two images", "", float, kernels::bf16) {
  const bool cut = GENERATE(false, true);
  Arrays<TestType> arrays(size, size);
  const DeviceArray<std::int32_t> partners(Device::cuda, std::vector<std::int32_t>{1}),
      other_labels(Device::cuda, n);
  const DeviceArray<float> share(Device::cuda, n);
  engine::StepState step(Device::cuda);
  step.set({.learning_rate = 0, .ema_decay = 0, .epoch = 0, .step = 0});
  arrays.batch.n = 1;
  arrays.batch.step = step.data();
  arrays.batch.mixing = {.mixup = cut ? 0.0 : 1.0,
                         .cutmix = cut ? 1.0 : 0.0,
                         .partners = partners.data(),
                         .out_other_labels = other_labels.data(),
                         .out_share = share.data(),
                         .partner_count = 1};
  const auto expect = [&](const auto& op) {
    test::expect_least_traffic(op, {arrays.images.data(), arrays.out.data()},
                               {arrays.labels.data(), arrays.index.data(), arrays.out_labels.data(),
                                partners.data(), other_labels.data(), share.data()});
  };
  expect(kernels::Augment{arrays.batch});
  expect(kernels::ResizedCrop{arrays.batch, size, size});
}

TEMPLATE_TEST_CASE("traffic: a resized crop touches the bytes of its box alone, and writes once",
                   "", float, kernels::bf16) {
  const int view = GENERATE(16, 50);
  const Arrays<TestType> arrays(40, view);
  const cuda_on_host::Recording recording;
  run(Device::cuda, kernels::ResizedCrop{arrays.batch, view, size});
  kernels::synchronize(Device::cuda);
  if constexpr (cuda_on_host::checked) {
    const auto images = recording.of(arrays.images.data()), out = recording.of(arrays.out.data());
    CHECK(images.distinct_bytes_read == n * size * size * channels);
    CHECK(out.distinct_bytes_written == sizeof(TestType) * std::size_t(n * view * view * channels));
    CHECK(out.max_writes == 1);
    // Along each axis a byte is a tap of two pixels of a half, and of up to four of an enlargement.
    CHECK(images.max_reads <= (view == 16 ? 4 : 16));
  }
}
