// SPDX-License-Identifier: MIT
#include "kernels/resized_crop.h"

#include "test/cuda_on_host/traffic.h"
#include "test/support.h"

using test::Device;
using test::DeviceArray;

namespace {

constexpr int centre = 32, channels = 3, n = 5;

/// Images of stored x stored pixels on the device, and views of their centres.
struct Views {
  Views(int stored, int size)
      : images(Device::cuda, std::vector<std::uint8_t>(n * stored * stored * channels, 7)),
        labels(Device::cuda, {1, 2, 3, 4, 5}),
        index(Device::cuda, {3, 1, 0, 4, 2}),
        out_labels(Device::cuda, n),
        out(Device::cuda, std::size_t(n * size * size * channels)),
        op{.images = images.data(),
           .labels = labels.data(),
           .index = index.data(),
           .out = out.data(),
           .out_labels = out_labels.data(),
           .n = n,
           .h = stored,
           .w = stored,
           .c = channels,
           .size = size,
           .centre = centre,
           .mean = {.5f, .5f, .5f, 0},
           .std = {1, 1, 1, 1}} {}

  DeviceArray<std::uint8_t> images;
  DeviceArray<std::int32_t> labels, index, out_labels;
  DeviceArray<float> out;
  kernels::ResizedCrop op;
};

}  // namespace

TEST_CASE("traffic: a view of an image of its own size reads bytes and writes floats once") {
  const Views views(centre, centre);
  test::expect_least_traffic(views.op, {views.images.data(), views.out.data()},
                             {views.labels.data(), views.index.data(), views.out_labels.data()});
}

TEST_CASE("traffic: a resized crop touches the bytes of its box alone, and writes floats once") {
  const int size = GENERATE(16, 50);
  const Views views(40, size);
  const cuda_on_host::Recording recording;
  run(Device::cuda, views.op);
  kernels::synchronize(Device::cuda);
  if constexpr (cuda_on_host::checked) {
    const auto images = recording.of(views.images.data()), out = recording.of(views.out.data());
    CHECK(images.distinct_bytes_read == n * centre * centre * channels);
    CHECK(out.distinct_bytes_written == 4 * std::size_t(n * size * size * channels));
    CHECK(out.max_writes == 1);
    // Along each axis a byte is a tap of two pixels of a half, and of up to four of an enlargement.
    CHECK(images.max_reads <= (size == 16 ? 4 : 16));
  }
}
