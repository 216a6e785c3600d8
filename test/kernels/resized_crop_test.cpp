// SPDX-License-Identifier: MIT
#include "kernels/resized_crop.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/ops.h"
#include "kernels/runtime/philox.h"
#include "kernels/runtime/run.h"
#include "test/support/support.h"

using Catch::Matchers::Contains;
using kernels::ResizedCrop;
using test::Device;
using test::DeviceArray;
using test::devices;
using test::DType;
using test::expect_close;

namespace {

constexpr std::uint32_t epoch = 5;
constexpr std::uint64_t seed = 0xfeedface12345678;

struct Box {
  int top, left, height, width;
};

/// torchvision's RandomResizedCrop.get_params, with our numbers in place of its generator's.
Box box_by_definition(const ResizedCrop& op, int sample) {
  if (!op.random) return {(op.h - op.centre) / 2, (op.w - op.centre) / 2, op.centre, op.centre};
  const double low = op.min_ratio, high = op.max_ratio;
  for (std::uint64_t attempt = 1; attempt <= 10; ++attempt) {
    const auto v = kernels::random_words(op.seed, kernels::Purpose::augmentation, epoch,
                                         std::uint64_t(sample) + (attempt << 32));
    const auto uniform = [&](int word, double from, double to) {
      return from + (to - from) * (v[word] + 0.5) / 4294967296.0;
    };
    const double area = double(op.h) * op.w * uniform(0, op.min_area, op.max_area);
    const double ratio = std::exp(uniform(1, std::log(low), std::log(high)));
    const int w = int(std::lround(std::sqrt(area * ratio)));
    const int h = int(std::lround(std::sqrt(area / ratio)));
    if (w > 0 && w <= op.w && h > 0 && h <= op.h) {
      return {int((std::uint64_t{v[2]} * std::uint64_t(op.h - h + 1)) >> 32),
              int((std::uint64_t{v[3]} * std::uint64_t(op.w - w + 1)) >> 32), h, w};
    }
  }
  int h = op.h, w = op.w;
  if (double(w) / h < low) {
    h = int(std::lround(w / low));
  } else if (double(w) / h > high) {
    w = int(std::lround(h * high));
  }
  return {(op.h - h) / 2, (op.w - w) / 2, h, w};
}

std::vector<double> view_by_definition(const ResizedCrop& op,
                                       const std::vector<std::uint8_t>& images, int sample) {
  const Box box = box_by_definition(op, sample);
  const auto v =
      kernels::random_words(op.seed, kernels::Purpose::augmentation, epoch, std::uint64_t(sample));
  const bool flipped = op.flip && v[2] >= 0x80000000u;
  const auto weight = [&](int j, int at, int length) {
    const double s = double(length) / op.size;
    return std::max(0.0, 1 - std::abs(j + 0.5 - (at + 0.5) * s) / std::max(1.0, s));
  };
  std::vector<double> view;
  for (int y = 0; y < op.size; ++y) {
    for (int x = 0; x < op.size; ++x) {
      for (int c = 0; c < op.c; ++c) {
        double sum = 0, weights = 0;
        for (int j = 0; j < box.height; ++j) {
          for (int k = 0; k < box.width; ++k) {
            const double a =
                weight(j, y, box.height) * weight(k, flipped ? op.size - 1 - x : x, box.width);
            const std::size_t at =
                ((std::size_t(sample) * op.h + box.top + j) * op.w + box.left + k) * op.c + c;
            sum += a * images[at];
            weights += a;
          }
        }
        view.push_back((sum / weights / 255 - op.mean[c]) / op.std[c]);
      }
    }
  }
  return view;
}

std::vector<std::uint8_t> random_bytes(std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = std::uint8_t(kernels::random_words(1, kernels::Purpose::test, 2, i)[0]);
  return bytes;
}

ResizedCrop options(int h, int w, int c, int size) {
  return {{.images = nullptr,
           .labels = nullptr,
           .index = nullptr,
           .out = {},
           .out_labels = nullptr,
           .n = 0,
           .h = h,
           .w = w,
           .c = c,
           .mean = {.5f, .4f, .3f, .2f},
           .std = {.2f, .3f, .4f, .5f},
           .seed = seed},
          size,
          std::min(h, w)};
}

/// The views of `index` in `bytes`; fills in what options() leave out.
std::vector<float> run_on(Device device, ResizedCrop op, const std::vector<std::uint8_t>& bytes,
                          const std::vector<std::int32_t>& index, std::uint32_t at_epoch = epoch,
                          DType type = DType::f32) {
  const std::size_t count = bytes.size() / (std::size_t(op.h) * op.w * op.c);
  const std::vector<std::int32_t> label = test::random_labels(count, 10, 3);
  const DeviceArray<std::uint8_t> images(device, bytes);
  const DeviceArray<std::int32_t> labels(device, label), places(device, index),
      out_labels(device, index.size());
  const test::ShiftedArray out(device, index.size() * op.size * op.size * op.c, 0, type);
  engine::StepState step(device);
  step.set({.learning_rate = 0, .ema_decay = 0, .epoch = at_epoch, .step = 99});
  op.images = images.data();
  op.labels = labels.data();
  op.index = places.data();
  op.out = out.out();
  op.out_labels = out_labels.data();
  op.n = int(index.size());
  op.step = step.data();
  kernels::run(device, op);
  std::vector<std::int32_t> want;
  for (const int j : index) want.push_back(label[std::size_t(j)]);
  CHECK(out_labels.host() == want);
  return out.host();
}

std::vector<double> by_definition(const ResizedCrop& op, const std::vector<std::uint8_t>& bytes,
                                  const std::vector<std::int32_t>& index) {
  std::vector<double> want;
  for (const int j : index) {
    const std::vector<double> view = view_by_definition(op, bytes, j);
    want.insert(want.end(), view.begin(), view.end());
  }
  return want;
}

// Weights are rounded at their difference from 1, products at some 20 taps, and the deviation of
// 0.2 multiplies the error of a value in [0, 1] by 5.
constexpr double tolerance = 2e-5;

}  // namespace

TEST_CASE("resized_crop: views in bf16 are those in f32, rounded") {
  const Device device = GENERATE(from_range(devices()));
  if (test::activation_types(device).size() == 1) return;
  ResizedCrop op = options(9, 12, 3, 7);
  op.random = op.flip = true;
  const std::vector<std::uint8_t> bytes = random_bytes(std::size_t(6) * op.h * op.w * op.c);
  const std::vector<std::int32_t> index = {5, 0, 3};
  CHECK(run_on(device, op, bytes, index, epoch, DType::bf16) ==
        test::rounded(DType::bf16, run_on(device, op, bytes, index)));
}

TEST_CASE("resized_crop: every pixel of every random view, by the definition") {
  const Device device = GENERATE(from_range(devices()));
  for (const auto [h, w, c, size] : {std::array{24, 24, 3, 12}, std::array{9, 14, 1, 8},
                                     std::array{14, 9, 4, 20}, std::array{31, 33, 3, 7}}) {
    for (const bool flip : {false, true}) {
      ResizedCrop op = options(h, w, c, size);
      op.random = true;
      op.flip = flip;
      const auto bytes = random_bytes(std::size_t(13) * h * w * c);
      const std::vector<std::int32_t> index{0, 5, 12, 7, 7, 3, 1, 11};
      INFO(h << " x " << w << " x " << c << " to " << size << ", flip " << flip);
      expect_close(run_on(device, op, bytes, index), by_definition(op, bytes, index), tolerance,
                   tolerance);
    }
  }
}

TEST_CASE("resized_crop: where no random box fits, the largest centred one is taken") {
  const Device device = GENERATE(from_range(devices()));
  for (const auto [h, w] : {std::array{12, 12}, std::array{6, 25}, std::array{25, 6}}) {
    ResizedCrop op = options(h, w, 3, 6);
    op.random = true;
    op.min_area = op.max_area = 1;  // in no ratio but the image's own, which is not allowed
    if (h == w) op.min_ratio = op.max_ratio = 1.25f;
    const Box box = box_by_definition(op, 0);
    CHECK(box.height == (h == 25 ? 8 : h == 12 ? 10 : 6));
    CHECK(box.width == (w == 25 ? 8 : w));
    const auto bytes = random_bytes(std::size_t(3) * h * w * 3);
    INFO(h << " x " << w);
    expect_close(run_on(device, op, bytes, {2, 0}), by_definition(op, bytes, {2, 0}), tolerance,
                 tolerance);
  }
}

TEST_CASE("resized_crop: ten boxes are tried, no more") {
  const Device device = GENERATE(from_range(devices()));
  // One try in six succeeds: one sample in twenty would take an eleventh or a twelfth.
  ResizedCrop op = options(40, 40, 1, 4);
  op.random = true;
  op.min_area = .9f;
  const auto bytes = random_bytes(std::size_t(400) * 40 * 40);
  std::vector<std::int32_t> index(400);
  for (int i = 0; i < 400; ++i) index[std::size_t(i)] = i;
  expect_close(run_on(device, op, bytes, index), by_definition(op, bytes, index), tolerance,
               tolerance);
}

TEST_CASE("resized_crop: without randomness the view is the centre square, resized or copied") {
  const Device device = GENERATE(from_range(devices()));
  for (const int size : {5, 10, 11, 23}) {
    for (const int centre : {1, 5, 10, 11}) {
      const ResizedCrop op = options(11, 16, 3, size);
      ResizedCrop part = op;
      part.centre = centre;
      const auto bytes = random_bytes(std::size_t(4) * 11 * 16 * 3);
      INFO(centre << " to " << size);
      const auto want = by_definition(part, bytes, {3, 1});
      // A copy is rounded like augmentation without options: twice or three times.
      const double close = size == centre ? 3e-7 : tolerance;
      expect_close(run_on(device, part, bytes, {3, 1}), want, close, close);
    }
  }
}

TEST_CASE("resized_crop: a reduced image keeps its mean, and a plain one its colour") {
  const Device device = GENERATE(from_range(devices()));
  ResizedCrop op = options(32, 32, 1, 16);
  op.mean[0] = 0;
  op.std[0] = 1;
  const auto bytes = random_bytes(32 * 32);
  double want = 0, got = 0;
  for (const int byte : bytes) want += byte / 255.0 / (32 * 32);
  for (const float value : run_on(device, op, bytes, {0})) got += double(value) / (16 * 16);
  CHECK(std::abs(got - want) < 0.01);

  op.random = op.flip = true;
  const std::vector<std::uint8_t> plain(32 * 32, 77);
  expect_close(run_on(device, op, plain, {0}), std::vector<double>(16 * 16, 77 / 255.0), 1e-6, 0);
}

TEST_CASE(
    "resized_crop: a view depends on seed, epoch and sample, not on its place or the threads") {
  const Device device = GENERATE(from_range(devices()));
  const int before = kernels::threads();
  ResizedCrop op = options(16, 16, 3, 8);
  op.random = op.flip = true;
  const auto bytes = random_bytes(std::size_t(200) * 16 * 16 * 3);
  std::vector<std::int32_t> index(200);
  for (int i = 0; i < 200; ++i) index[std::size_t(i)] = i;
  kernels::set_threads(1);
  const std::vector<float> all = run_on(device, op, bytes, index);
  kernels::set_threads(2);
  CHECK(all == run_on(device, op, bytes, index));
  kernels::set_threads(before);

  const std::size_t size = 8 * 8 * 3;
  CHECK(run_on(device, op, bytes, {150}) ==
        std::vector<float>(all.begin() + 150 * size, all.begin() + 151 * size));
  CHECK(all != run_on(device, op, bytes, index, epoch + 1));
  op.seed += std::uint64_t{1} << 32;
  CHECK(all != run_on(device, op, bytes, index));
}

TEST_CASE("resized_crop: over many samples boxes have the areas, ratios and places they should") {
  const Device device = GENERATE(from_range(devices()));
  // Columns and rows that grow in value tell where a view begins and ends: channel 0 is x, 1 is y.
  constexpr int side = 64, size = 2, samples = 2000;
  std::vector<std::uint8_t> bytes;
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x)
      bytes.insert(bytes.end(), {std::uint8_t(x * 4), std::uint8_t(y * 4)});
  ResizedCrop op = options(side, side, 2, size);
  op.random = true;
  std::fill_n(op.mean, 4, 0.f);
  std::fill_n(op.std, 4, 1.f);

  double area_sum = 0, ratio_sum = 0, left_sum = 0;
  std::set<std::pair<int, int>> sizes;
  for (int sample = 0; sample < samples; ++sample) {
    op.seed = std::uint64_t(sample);
    const Box box = box_by_definition(op, 0);
    area_sum += box.height * box.width / double(side * side);
    ratio_sum += std::log(double(box.width) / box.height);
    left_sum += (box.left + box.width / 2.0) / side;
    sizes.insert({box.height, box.width});
    if (sample % 100 == 0) {
      expect_close(run_on(device, op, bytes, {0}), by_definition(op, bytes, {0}), 1e-5, 1e-5);
    }
  }
  // Large areas are refused now and then, for a side that does not fit.
  CHECK(std::abs(area_sum / samples - 0.5) < 0.06);
  CHECK(std::abs(ratio_sum / samples) < 0.02);
  CHECK(std::abs(left_sum / samples - 0.5) < 0.02);
  CHECK(sizes.size() > 500);
}

TEST_CASE("resized_crop: the engine refuses what it cannot do") {
  using engine::Tensor;
  const std::vector<std::uint8_t> bytes(2 * 6 * 5 * 3);
  const std::vector<std::int32_t> two{0, 1}, wrong{2};
  const Tensor images = Tensor::from(bytes, {2, 6, 5, 3}, Device::cpu),
               labels = Tensor::from(two, {2}, Device::cpu),
               index = Tensor::from(two, {2}, Device::cpu),
               outside = Tensor::from(wrong, {1}, Device::cpu);
  const engine::StepState step(Device::cpu);
  const auto make = [&](const Tensor& at, const engine::ResizedCrop& o) {
    return engine::resized_crop(images, labels, at, o, step);
  };
  CHECK(make(index, {.size = 7, .centre = 5}).images.shape() == engine::Shape{2, 7, 7, 3});
  CHECK_THROWS_WITH(make(index, {.size = 0, .centre = 5}), Contains("views of 0 pixels"));
  CHECK_THROWS_WITH(make(index, {.size = 4, .centre = 6}), Contains("no centre square of 6"));
  CHECK_THROWS_WITH(make(index, {.size = 4, .centre = 0}), Contains("no centre square of 0"));
  CHECK_THROWS_WITH(make(outside, {.size = 4, .centre = 5}),
                    Contains("resized_crop: index 2 is not one of 2 images"));
}
