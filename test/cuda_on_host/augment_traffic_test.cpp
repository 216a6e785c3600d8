// SPDX-License-Identifier: MIT
#include "kernels/augment.h"

#include "test/cuda_on_host/traffic.h"
#include "test/support.h"

using test::Device;
using test::DeviceArray;

TEST_CASE("traffic: augmentation reads bytes and writes floats once") {
  constexpr int size = 32, channels = 3, n = 5;
  constexpr std::size_t image = std::size_t(size) * size * channels;
  const DeviceArray<std::uint8_t> images(Device::cuda, std::vector<std::uint8_t>(n * image, 7));
  const DeviceArray<std::int32_t> labels(Device::cuda, {1, 2, 3, 4, 5}),
      index(Device::cuda, {3, 1, 0, 4, 2}), out_labels(Device::cuda, n);
  const DeviceArray<float> out(Device::cuda, n * image);
  test::expect_least_traffic(kernels::Augment{.images = images.data(),
                                              .labels = labels.data(),
                                              .index = index.data(),
                                              .out = out.data(),
                                              .out_labels = out_labels.data(),
                                              .n = n,
                                              .h = size,
                                              .w = size,
                                              .c = channels,
                                              .mean = {0.5f, 0.5f, 0.5f, 0},
                                              .std = {1, 1, 1, 1}},
                             {images.data(), out.data()},
                             {labels.data(), index.data(), out_labels.data()});
}
