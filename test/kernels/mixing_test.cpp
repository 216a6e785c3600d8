// SPDX-License-Identifier: MIT
#include "kernels/mixing.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <variant>

#include "engine/ops.h"
#include "test/support/support.h"

using Catch::Matchers::Contains;
using engine::StepState;
using engine::Tensor;
using test::Device;
using test::devices;
using test::expect_close;

namespace {

constexpr std::uint32_t epoch = 5;
constexpr int count = 40, height = 12, width = 10, channels = 3;

using Places = std::vector<std::int32_t>;
using View = std::variant<engine::Augment, engine::ResizedCrop>;

Places all_places() {
  Places places(count);
  std::iota(places.begin(), places.end(), 0);
  return places;
}

/// Random bytes on a device, and batches of them.
struct Images {
  Device device;
  std::vector<std::int32_t> label = test::random_labels(count, 10, 3);
  Tensor images, labels;

  explicit Images(Device where) : device(where) {
    std::vector<std::uint8_t> bytes(std::size_t(count) * height * width * channels);
    for (std::size_t i = 0; i < bytes.size(); ++i)
      bytes[i] = std::uint8_t(kernels::random_words(1, kernels::Purpose::test, 2, i)[0] & 0xff);
    images = Tensor::from(bytes, {count, height, width, channels}, device);
    labels = Tensor::from(label, {count}, device);
  }

  engine::Batch batch(const View& view, const Places& index, std::uint32_t in_epoch = epoch) const {
    StepState step(device);
    step.set({.learning_rate = 0, .ema_decay = 0, .epoch = in_epoch, .step = 99});
    const Tensor places = Tensor::from(index, {int(index.size())}, device);
    if (const auto* crop = std::get_if<engine::ResizedCrop>(&view))
      return engine::resized_crop(images, labels, places, *crop, step);
    return engine::augment(images, labels, places, std::get<engine::Augment>(view), step);
  }

  engine::Mixing mixing(double mixup, double cutmix, std::uint64_t seed = 11) const {
    return {mixup, cutmix, seed, Tensor::from(all_places(), {count}, device)};
  }
};

View view_of(bool crop, const engine::Mixing& mixing = {},
             engine::DType type = engine::DType::f32) {
  if (crop)
    return engine::ResizedCrop{.size = 9,
                               .centre = 10,
                               .random = true,
                               .flip = true,
                               .mean = {0.5f, 0.4f, 0.3f, 0},
                               .seed = 3,
                               .type = type,
                               .mixing = mixing};
  return engine::Augment{.pad = 2,
                         .flip = true,
                         .mean = {0.5f, 0.4f, 0.3f, 0},
                         .std = {0.2f, 0.3f, 0.4f, 1},
                         .seed = 3,
                         .type = type,
                         .mixing = mixing};
}

/// What a view is mixed with, as kernels/mixing.h says, written once more.
struct Expected {
  int partner;
  double share;  // of the sample itself
  bool cut;
  int top, left, bottom, right;
};

Expected expected(double mixup, double cutmix, int sample, int view_height, int view_width) {
  using kernels::Purpose;
  constexpr std::uint64_t seed = 11;
  const auto attempt = [sample](int t) {
    return kernels::random_words(seed, Purpose::mixing, epoch, sample + 4294967296u * t);
  };
  const auto v = attempt(0), place = attempt(1);
  Expected e{};
  e.partner = int(v[0] / 4294967296.0 * count);
  e.cut = mixup == 0 || (cutmix > 0 && v[1] >= 0x80000000u);
  const double a = e.cut ? cutmix : mixup;
  double x = 2, y = 0;
  for (int t = 0; x * x + y * y > 1; ++t) {
    x = 2 * (attempt(t)[2] + 0.5) / 4294967296.0 - 1;
    y = 2 * (attempt(t)[3] + 0.5) / 4294967296.0 - 1;
  }
  const double w = x * x + y * y, t = x * std::sqrt(2 * a * (std::pow(w, -1 / a) - 1) / w);
  e.share = 0.5 + t / (2 * std::sqrt(2 * a + t * t));
  if (!e.cut) return e;
  const double r = 0.5 * std::sqrt(1 - e.share);
  const int row = int(place[0] / 4294967296.0 * view_height),
            column = int(place[1] / 4294967296.0 * view_width);
  e.top = std::max(row - int(r * view_height), 0);
  e.left = std::max(column - int(r * view_width), 0);
  e.bottom = std::min(row + int(r * view_height), view_height);
  e.right = std::min(column + int(r * view_width), view_width);
  e.share = 1 - double(e.bottom - e.top) * (e.right - e.left) / (view_height * view_width);
  return e;
}

}  // namespace

TEST_CASE("mixing: shares are from Beta(a, a)") {
  constexpr int draws = 100'000;
  const std::int32_t place = 0;
  // The distribution function, where it has a simple form.
  const auto cdf = [](double a, double x) {
    if (a == 0.5) return 2 / M_PI * std::asin(std::sqrt(x));
    if (a == 1) return x;
    return x * x * (3 - 2 * x);  // 2
  };
  for (const double a : {0.2, 0.5, 1.0, 2.0, 8.0}) {
    std::vector<double> x;
    const kernels::Mixing mixing{.mixup = a, .partners = &place, .partner_count = 1, .seed = 7};
    for (int i = 0; i < draws; ++i)
      x.push_back(double(kernels::mixture_of(mixing, 0, i, height, width).share));
    std::sort(x.begin(), x.end());
    CHECK(x.front() >= 0);
    CHECK(x.back() <= 1);
    const double mean = std::accumulate(x.begin(), x.end(), 0.0) / draws;
    double variance = 0, furthest = 0;
    for (std::size_t i = 0; i < draws; ++i) {
      variance += (x[i] - 0.5) * (x[i] - 0.5) / draws;
      if (a == 0.5 || a == 1 || a == 2)
        furthest = std::max(furthest, std::abs(cdf(a, x[i]) - (double(i) + 0.5) / draws));
    }
    CAPTURE(a);
    CHECK(mean == Approx(0.5).margin(4 * 0.5 / std::sqrt(draws)));
    CHECK(variance == Approx(0.25 / (2 * a + 1)).epsilon(0.02));
    CHECK(furthest < 1.63 / std::sqrt(draws));  // Kolmogorov and Smirnov at 1 %
  }
}

TEST_CASE("mixing: shares are finite whatever a and the point are") {
  for (const double a : {1e-300, 1e-10, 1.0, 1e10, 1e300}) {
    for (const double x : {-1.0, -0.5, -1e-10, 1e-10, 0.5, 1.0}) {
      for (const double y : {0.0, 1e-10, 0.5}) {
        if (x * x + y * y > 1) continue;
        const double share = kernels::symmetric_beta(a, x, y);
        CAPTURE(a, x, y, share);
        CHECK((share >= 0 && share <= 1));
      }
    }
  }
}

TEST_CASE("mixing: every pixel and label by the definition") {
  const Device device = GENERATE(from_range(devices()));
  const bool crop = GENERATE(false, true);
  const auto [mixup, cutmix] =
      GENERATE(table<double, double>({{0.4, 0.0}, {0.0, 1.0}, {1.0, 1.0}}));
  CAPTURE(crop, mixup, cutmix);
  const Images set(device);
  const Places index = {3, 14, 15, 9, 26, 5, 35, 8, 0, 39, 7, 1, 2, 30, 31, 32, 33, 20, 21};
  const engine::Batch got = set.batch(view_of(crop, set.mixing(mixup, cutmix)), index);
  const std::vector<float> views = set.batch(view_of(crop), all_places()).images.to_host();
  const int h = crop ? 9 : height, w = crop ? 9 : width;
  const auto view_size = std::size_t(h) * w * channels;
  const auto labels = got.labels.to_host<std::int32_t>(),
             other_labels = got.other_labels.to_host<std::int32_t>();
  const std::vector<float> share = got.share.to_host();
  std::vector<double> want, want_share;
  bool some_cut = false, some_blended = false;
  for (std::size_t i = 0; i < index.size(); ++i) {
    const Expected e = expected(mixup, cutmix, index[i], h, w);
    (e.cut ? some_cut : some_blended) = true;
    const float* own = views.data() + std::size_t(index[i]) * view_size;
    const float* other = views.data() + std::size_t(e.partner) * view_size;
    for (int y = 0; y < h; ++y) {
      for (int x = 0; x < w; ++x) {
        const bool inside = y >= e.top && y < e.bottom && x >= e.left && x < e.right;
        const double here = e.cut ? (inside ? 0 : 1) : e.share;
        for (int c = 0; c < channels; ++c) want.push_back(here * *own++ + (1 - here) * *other++);
      }
    }
    const std::int32_t of_own = set.label[std::size_t(index[i])],
                       of_other = set.label[std::size_t(e.partner)];
    CHECK(labels[i] == (e.share >= 0.5 ? of_own : of_other));
    CHECK(other_labels[i] == (e.share >= 0.5 ? of_other : of_own));
    want_share.push_back(std::max(e.share, 1 - e.share));
  }
  expect_close(got.images.to_host(), want, 1e-6, 1e-6);
  expect_close(share, want_share, 2e-7, 0);
  CHECK(some_cut == (cutmix > 0));
  CHECK(some_blended == (mixup > 0));
}

TEST_CASE("mixing: bf16 is f32, rounded") {
  const Device device = GENERATE(from_range(devices()));
  const bool crop = GENERATE(false, true);
  if (test::activation_types(device).size() == 1) return;
  const Images set(device);
  const engine::Mixing mixing = set.mixing(1, 1);
  const std::vector<float> want = set.batch(view_of(crop, mixing), all_places()).images.to_host();
  const auto got = set.batch(view_of(crop, mixing, engine::DType::bf16), all_places())
                       .images.to_host<kernels::bf16>();
  CHECK(std::vector<float>(got.begin(), got.end()) == test::rounded(engine::DType::bf16, want));
}

TEST_CASE("mixing: a mixture depends on seed, epoch and sample, not on its batch or the threads") {
  const Device device = GENERATE(from_range(devices()));
  const bool crop = GENERATE(false, true);
  const int before = kernels::threads();
  const Images set(device);
  const View view = view_of(crop, set.mixing(1, 1));
  kernels::set_threads(1);
  const std::vector<float> all = set.batch(view, all_places()).images.to_host();
  kernels::set_threads(2);
  CHECK(set.batch(view, all_places()).images.to_host() == all);
  kernels::set_threads(before);
  const std::vector<float> alone = set.batch(view, {7}).images.to_host();
  CHECK(std::equal(alone.begin(), alone.end(), all.begin() + std::ptrdiff_t(7 * alone.size())));
  CHECK(set.batch(view, all_places(), epoch + 1).images.to_host() != all);
  CHECK(set.batch(view_of(crop, set.mixing(1, 1, 12)), all_places()).images.to_host() != all);
}

TEST_CASE("mixing: batches mix with the samples of their order, and no others") {
  const Device device = GENERATE(from_range(devices()));
  const Images set(device);
  engine::Mixing mixing = set.mixing(0, 1);
  const Places some = {4, 5};
  mixing.partners = Tensor::from(some, {2}, device);
  const engine::Batch batch = set.batch(view_of(false, mixing), {4, 5, 4, 5});
  for (const std::int32_t label : batch.other_labels.to_host<std::int32_t>())
    CHECK((label == set.label[4] || label == set.label[5]));
}

TEST_CASE("mixing: what does not fit is refused") {
  const Device device = GENERATE(from_range(devices()));
  const bool crop = GENERATE(false, true);
  const Images set(device);
  const auto refused = [&](const engine::Mixing& mixing, const std::string& with) {
    CHECK_THROWS_WITH(set.batch(view_of(crop, mixing), {0}), Contains(with));
  };
  refused({.mixup = 1}, "partners is missing");
  refused({.mixup = -1}, "mixing by Beta(-1, -1) is impossible");
  refused({.cutmix = std::nan("")}, "mixing by Beta(nan, nan) is impossible");
  refused({.mixup = 1, .partners = Tensor::zeros({2}, device)}, "partners [2] is of f32");
  if (device == Device::cpu)
    refused({.mixup = 1, .partners = Tensor::from(Places{count}, {1}, device)},
            "partners 40 is not one of 40 images");
  const engine::Batch plain = set.batch(view_of(crop), {0});
  CHECK_FALSE(plain.other_labels);
  CHECK_FALSE(plain.share);
}

TEST_CASE("mixing: images that were gathered beforehand make the same batches") {
  const auto device = GENERATE(from_range(devices()));
  const Images data(device);
  const std::vector<std::uint8_t> bytes = data.images.to_host<std::uint8_t>();
  constexpr std::size_t image = std::size_t(height) * width * channels;
  const Places index{7, 0, 39, 7, 12};
  for (const bool crop : {false, true}) {
    for (const bool mixes : {false, true}) {
      CAPTURE(crop, mixes);
      const View view = view_of(crop, mixes ? data.mixing(1, 1) : engine::Mixing{});
      Places shown = index;
      for (const std::int32_t sample : index)
        if (mixes) shown.push_back(expected(1, 1, sample, height, width).partner);
      std::vector<std::uint8_t> gathered;
      for (const std::int32_t place : shown)
        gathered.insert(gathered.end(), bytes.begin() + std::ptrdiff_t(place * image),
                        bytes.begin() + std::ptrdiff_t((place + 1) * image));
      Images part = data;
      part.images = Tensor::from(gathered, {int(shown.size()), height, width, channels}, device);
      View of_part = view;
      std::visit([](auto& options) { options.gathered = true; }, of_part);
      const engine::Batch want = data.batch(view, index), got = part.batch(of_part, index);
      CHECK(got.images.to_host() == want.images.to_host());
      CHECK(got.labels.to_host<std::int32_t>() == want.labels.to_host<std::int32_t>());
      if (mixes) CHECK(got.share.to_host() == want.share.to_host());
      part.images = data.images;
      CHECK_THROWS_WITH(part.batch(of_part, index), Contains("40 images were gathered; should be"));
    }
  }
}
