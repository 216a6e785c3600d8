// SPDX-License-Identifier: MIT
#include "kernels/augment.h"

#include <cmath>
#include <set>

#include "engine/ops.h"
#include "kernels/runtime/philox.h"
#include "test/support/support.h"

using Catch::Matchers::Contains;
using engine::StepState;
using engine::Tensor;
using test::Device;
using test::devices;
using test::expect_close;

namespace {

constexpr std::uint32_t epoch = 5;

/// A small data set of random bytes, on the host and as tensors.
struct Images {
  int count, h, w, c;
  std::vector<std::uint8_t> bytes;
  std::vector<std::int32_t> label;
  Tensor images, labels;

  Images(Device device, int count_, int h_, int w_, int c_)
      : count(count_), h(h_), w(w_), c(c_), bytes(std::size_t(count) * h * w * c) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      bytes[i] = std::uint8_t(kernels::random_words(1, kernels::Purpose::test, 2, i)[0] & 0xff);
    }
    label = test::random_labels(count, 10, 3);
    images = Tensor::from(bytes, {count, h, w, c}, device);
    labels = Tensor::from(label, {count}, device);
  }

  double pixel(int image, int y, int x, int channel) const {
    if (y < 0 || y >= h || x < 0 || x >= w) return 0;
    return bytes[((std::size_t(image) * h + y) * w + x) * c + channel];
  }
};

engine::Batch make(const Images& set, const std::vector<std::int32_t>& index,
                   const engine::Augment& options, std::uint32_t at_epoch = epoch) {
  const Device device = set.images.device();
  StepState step(device);
  step.set({.learning_rate = 0, .ema_decay = 0, .epoch = at_epoch, .step = 99});
  return engine::augment(set.images, set.labels, Tensor::from(index, {int(index.size())}, device),
                         options, step);
}

engine::Augment options(int pad, bool flip) {
  return {.pad = pad,
          .flip = flip,
          .mean = {0.5f, 0.4f, 0.3f, 0.2f},
          .std = {0.2f, 0.3f, 0.4f, 0.5f},
          .seed = 0xfeedface12345678};
}

}  // namespace

TEST_CASE("augment: every pixel of every view, by the definition") {
  const Device device = GENERATE(from_range(devices()));
  for (const int c : {1, 3, 4}) {
    for (const int pad : {0, 1, 4, 9}) {
      for (const bool flip : {false, true}) {
        const Images set(device, 50, 8, 7, c);
        std::vector<std::int32_t> index;
        for (int i = 0; i < 33; ++i) index.push_back(i * 31 % 50);
        const engine::Augment o = options(pad, flip);
        std::vector<double> want;
        std::vector<std::int32_t> want_label;
        for (const int j : index) {
          const auto v = kernels::random_words(o.seed, kernels::Purpose::augmentation, epoch, j);
          const int dy = int((std::uint64_t{v[0]} * (2 * pad + 1)) >> 32) - pad;
          const int dx = int((std::uint64_t{v[1]} * (2 * pad + 1)) >> 32) - pad;
          const bool flipped = flip && v[2] >= 0x80000000u;
          for (int y = 0; y < set.h; ++y) {
            for (int x = 0; x < set.w; ++x) {
              const int from_x = (flipped ? set.w - 1 - x : x) + dx;
              for (int k = 0; k < c; ++k) {
                want.push_back((set.pixel(j, y + dy, from_x, k) / 255 - o.mean[k]) / o.std[k]);
              }
            }
          }
          want_label.push_back(set.label[j]);
        }
        const engine::Batch got = make(set, index, o);
        INFO(c << " channels, pad " << pad << ", flip " << flip);
        expect_close(got.images.to_host(), want, 3e-7, 3e-7);
        CHECK(got.images.shape() == engine::Shape{33, 8, 7, c});
        CHECK(got.labels.to_host<std::int32_t>() == want_label);
      }
    }
  }
}

TEST_CASE("augment: views in bf16 are those in f32, rounded") {
  const Device device = GENERATE(from_range(devices()));
  if (test::activation_types(device).size() == 1) return;
  for (const int c : {1, 3, 4}) {
    const Images set(device, 50, 8, 7, c);
    engine::Augment o = options(4, true);
    const std::vector<std::int32_t> index = {3, 14, 15, 9, 26};
    const std::vector<float> want = make(set, index, o).images.to_host();
    o.type = engine::DType::bf16;
    const Tensor got = make(set, index, o).images;
    CHECK(got.dtype() == engine::DType::bf16);
    const auto values = got.to_host<kernels::bf16>();
    CHECK(std::vector<float>(values.begin(), values.end()) ==
          test::rounded(engine::DType::bf16, want));
  }
}

TEST_CASE("augment: no shift, no flip and no statistics give the image itself") {
  const Device device = GENERATE(from_range(devices()));
  const Images set(device, 3, 4, 4, 3);
  std::vector<double> want;
  for (const int j : {2, 0}) {
    for (int i = 0; i < 48; ++i) want.push_back(set.bytes[j * 48 + i] / 255.0);
  }
  expect_close(make(set, {2, 0}, {}).images.to_host(), want, 6e-8, 1e-9);
}

TEST_CASE("augment: a view depends on seed, epoch and sample, not on its place or the threads") {
  const Device device = GENERATE(from_range(devices()));
  const int before = kernels::threads();
  const Images set(device, 200, 8, 8, 3);
  const engine::Augment o = options(4, true);
  std::vector<std::int32_t> index(200);
  for (int i = 0; i < 200; ++i) index[i] = i;
  kernels::set_threads(1);
  const std::vector<float> all = make(set, index, o).images.to_host();
  kernels::set_threads(2);
  CHECK(all == make(set, index, o).images.to_host());
  kernels::set_threads(before);

  const std::size_t size = 8 * 8 * 3;
  const std::vector<float> alone = make(set, {150}, o).images.to_host();
  CHECK(alone == std::vector<float>(all.begin() + 150 * size, all.begin() + 151 * size));
  CHECK(all != make(set, index, o, epoch + 1).images.to_host());
  engine::Augment other_seed = o;
  other_seed.seed += std::uint64_t{1} << 32;
  CHECK(all != make(set, index, other_seed).images.to_host());
}

TEST_CASE("augment: over many epochs an image takes every place, and flips half the time") {
  const Device device = GENERATE(from_range(devices()));
  // One white pixel in the middle of black tells where it went; a second marks the flip.
  constexpr int size = 16;
  Images set(device, 1, size, size, 1);
  std::vector<std::uint8_t> bytes(size * size);
  bytes[8 * size + 7] = 255;
  bytes[8 * size + 8] = 51;
  set.images = Tensor::from(bytes, {1, size, size, 1}, device);
  std::set<std::pair<int, int>> places;
  int flips = 0;
  constexpr int epochs = 1000;
  for (int e = 0; e < epochs; ++e) {
    const std::vector<float> x =
        make(set, {0}, {.pad = 2, .flip = true, .seed = 7}, std::uint32_t(e)).images.to_host();
    int white = -1, grey = -1;
    for (int i = 0; i < size * size; ++i) {
      if (x[i] == 1) white = i;
      if (x[i] > 0 && x[i] < 1) grey = i;
    }
    REQUIRE(std::abs(white - grey) == 1);
    flips += grey < white;
    places.insert({white / size, white % size + (grey < white ? -1 : 0)});
  }
  CHECK(places.size() == 25);
  CHECK(std::abs(flips - epochs / 2) < 4 * 16);  // four standard deviations
}

TEST_CASE("augment: what does not fit is refused") {
  const Device device = GENERATE(from_range(devices()));
  const Images set(device, 3, 4, 4, 3);
  const StepState step(device);
  const Tensor index = Tensor::from(std::vector<std::int32_t>{0, 2}, {2}, device);
  const auto refused = [&](const Tensor& images, const Tensor& labels, const Tensor& places,
                           const engine::Augment& o, const std::string& with) {
    CHECK_THROWS_WITH(engine::augment(images, labels, places, o, step),
                      Contains("augment: ") && Contains(with));
  };
  refused({}, set.labels, index, {}, "images is missing");
  refused(Tensor::zeros({3, 4, 4, 3}, device), set.labels, index, {}, "f32");
  refused(set.images.view({3, 48}), set.labels, index, {}, "[3, 48]");
  refused(set.images.view({3, 4, 1, 12}), set.labels, index, {}, "[3, 4, 1, 12]");
  refused(set.images, index, index, {}, "labels is [2], should be [3]");
  refused(set.images, set.labels, {}, {}, "index is missing");
  refused(set.images, set.labels, index.view({1, 2}), {}, "index [1, 2]");
  refused(set.images, set.labels, index, {.pad = -1}, "padding of -1");
  refused(set.images, set.labels, index, {.std = {1, 0, 1, 1}}, "channel 1");
  if (device == Device::cpu) {
    for (const std::int32_t bad : {-1, 3}) {
      const Tensor outside = Tensor::from(std::vector<std::int32_t>{bad}, {1}, device);
      refused(set.images, set.labels, outside, {}, "index " + std::to_string(bad));
    }
  }
}
