// SPDX-License-Identifier: MIT
#include <algorithm>
#include <numeric>

#include "data/batches.h"
#include "kernels/runtime/philox.h"
#include "test/support/catch.h"
#include "test/support/support.h"

namespace {

using Catch::Matchers::Contains;
using data::Order;
using engine::Shape;
using Places = std::vector<std::int32_t>;

constexpr int height = 5, width = 4, channels = 3, count = 37;

Places places(int size) {
  Places all(static_cast<std::size_t>(size));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

data::Dataset small_set() {
  data::Dataset set;
  set.name = "small";
  set.train = {count, height, width, channels, {}, test::random_labels(count, 10, 1)};
  std::vector<std::uint8_t> pixels;
  for (const float value : test::random_values(count * height * width * channels, 0, 256, 2))
    pixels.push_back(std::uint8_t(std::min(value, 255.f)));
  set.train.pixels = std::move(pixels);
  set.classes = 10;
  set.mean = {.5f, .4f, .3f};
  set.std = {.2f, .25f, .3f};
  set.crop_padding = 2;
  set.flip = true;
  return set;
}

double pixel(const data::Dataset& set, int image, int y, int x, int c) {
  if (y < 0 || y >= height || x < 0 || x >= width) return 0;
  return set.train.pixels[std::size_t(((image * height + y) * width + x) * channels + c)];
}

TEST_CASE("An epoch's order is a permutation by seed and epoch alone") {
  Places samples = places(1000);
  samples.erase(samples.begin() + 100, samples.begin() + 200);
  const auto order = [&](std::uint64_t seed, int epoch) {
    return data::epoch_order(samples, Order::shuffled, seed, epoch);
  };
  const Places first = order(1, 0);
  CHECK(std::is_permutation(first.begin(), first.end(), samples.begin(), samples.end()));
  CHECK(first != samples);
  CHECK(order(1, 0) == first);
  CHECK(order(1, 1) != first);
  CHECK(order(2, 0) != first);
  CHECK(data::epoch_order(samples, Order::sequential, 1, 0) == samples);
}

TEST_CASE("An epoch's order is by the key of each sample") {
  // What another program, or another version of this one, has to do for the same order.
  Places want = places(100);
  const auto key = [](std::int32_t sample) {
    const auto word = kernels::random_words(7, kernels::Purpose::order, 3, std::uint64_t(sample));
    return std::pair(word[1], word[0]);
  };
  std::sort(want.begin(), want.end(), [&](int a, int b) { return key(a) < key(b); });
  CHECK(data::epoch_order(places(100), Order::shuffled, 7, 3) == want);
}

TEST_CASE("An epoch's order puts each sample everywhere alike") {
  // Place of sample 0 among 10 over 5000 epochs: 500 times each, give or take 21.
  std::vector<int> times(10);
  for (int epoch = 0; epoch < 5000; ++epoch) {
    const Places order = data::epoch_order(places(10), Order::shuffled, 3, epoch);
    ++times[std::size_t(std::find(order.begin(), order.end(), 0) - order.begin())];
  }
  for (const int at : times) CHECK(std::abs(at - 500) < 110);
}

TEST_CASE("Batches walk over the samples once, and hold their images and labels") {
  const auto device = GENERATE(from_range(test::devices()));
  const int batch_size = GENERATE(1, 5, 36, 37);
  const data::Dataset set = small_set();
  const data::DeviceImages images(set.train, set, device);
  const engine::StepState step(device);
  const Places order = data::epoch_order(places(count), Order::shuffled, 1, 0);
  const data::Batches batches(images, order, batch_size, images.normalise_only(), step);

  CHECK(batches.samples() == count);
  CHECK(batches.count() == (count + batch_size - 1) / batch_size);
  Places walked;
  for (int b = 0; b < batches.count(); ++b) {
    const Places index = batches.index(b).to_host<std::int32_t>();
    const int n = b + 1 < batches.count() ? batch_size : count - b * batch_size;
    const engine::Batch batch = batches.at(b);
    REQUIRE(int(index.size()) == n);
    REQUIRE(batch.images.shape() == Shape{n, height, width, channels});
    REQUIRE(batch.labels.shape() == Shape{n});
    walked.insert(walked.end(), index.begin(), index.end());

    std::vector<std::int32_t> labels;
    std::vector<double> pixels;
    for (const int place : index) {
      labels.push_back(set.train.labels[std::size_t(place)]);
      for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
          for (std::size_t c = 0; c < channels; ++c)
            pixels.push_back((pixel(set, place, y, x, int(c)) / 255 - double(set.mean[c])) /
                             double(set.std[c]));
    }
    CHECK(batch.labels.to_host<std::int32_t>() == labels);
    test::expect_close(batch.images.to_host(), pixels, 1e-5, 1e-6, "batch");
  }
  CHECK(walked == order);
  CHECK_THROWS_WITH(batches.at(-1), Contains("there is no batch -1"));
  CHECK_THROWS_WITH(batches.at(batches.count()), Contains("there is no batch"));
}

TEST_CASE("Standard augmentation is the data set's, with views by seed, epoch and sample") {
  const auto device = GENERATE(from_range(test::devices()));
  const data::Dataset set = small_set();
  const data::DeviceImages images(set.train, set, device);
  engine::StepState step(device);
  const int epoch = 4;
  const std::uint64_t seed = 11;
  step.set({.learning_rate = 0, .ema_decay = 0, .epoch = epoch, .step = 0});
  const Places order = data::epoch_order(places(count), Order::shuffled, 1, epoch);
  const data::Batches batches(images, order, count, images.standard(seed), step);

  std::vector<double> want;
  for (const int place : order) {
    const auto word =
        kernels::random_words(seed, kernels::Purpose::augmentation, epoch, std::uint64_t(place));
    const int dy = int(kernels::to_range(word[0], 5)) - 2;
    const int dx = int(kernels::to_range(word[1], 5)) - 2;
    const bool flip = word[2] >> 31;
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        for (std::size_t c = 0; c < channels; ++c)
          want.push_back((pixel(set, place, y + dy, (flip ? width - 1 - x : x) + dx, int(c)) / 255 -
                          double(set.mean[c])) /
                         double(set.std[c]));
  }
  test::expect_close(batches.at(0).images.to_host(), want, 1e-5, 1e-6, "augmented batch");
}

TEST_CASE("Views of another size than the images are resized crops, random ones to train on") {
  const auto device = GENERATE(from_range(test::devices()));
  data::Dataset set = small_set();
  set.view_size = 3;
  set.centre = 4;
  CHECK(set.view_height() == 3);
  const data::DeviceImages images(set.train, set, device);
  engine::StepState step(device);
  step.set({.learning_rate = 0, .ema_decay = 0, .epoch = 4, .step = 0});
  const Places order = places(count);
  for (const bool random : {false, true}) {
    const data::Batches batches(images, order, count,
                                random ? images.standard(11) : images.normalise_only(), step);
    const engine::Batch want =
        engine::resized_crop(images.pixels(), images.labels(), batches.index(0),
                             {.size = 3,
                              .centre = 4,
                              .random = random,
                              .flip = random,
                              .mean = {.5f, .4f, .3f},
                              .std = {.2f, .25f, .3f, 1},
                              .seed = 11},
                             step);
    const engine::Batch got = batches.at(0);
    CHECK(got.images.shape() == Shape{count, 3, 3, channels});
    CHECK(got.images.to_host() == want.images.to_host());
    CHECK(got.labels.to_host<std::int32_t>() == set.train.labels);
  }
}

TEST_CASE("Batches copy nothing from the host but the order") {
  const data::Dataset set = small_set();
  const data::DeviceImages images(set.train, set, data::Device::cpu);
  const engine::StepState step(data::Device::cpu);
  const data::Batches batches(images, places(count), 10, images.normalise_only(), step);
  const auto* first = batches.index(0).data<std::int32_t>();
  for (int b = 0; b < batches.count(); ++b)
    CHECK(batches.index(b).data<std::int32_t>() == first + 10 * b);
}

TEST_CASE("Batches of images that are not on the device are the same, whole and in parts") {
  const auto device = GENERATE(from_range(test::devices()));
  const bool crop = GENERATE(false, true), mixes = GENERATE(false, true);
  data::Dataset set = small_set();
  if (crop) set.view_size = 3, set.centre = 4;
  using data::DeviceImages;
  const DeviceImages images(set.train, set, device);
  const DeviceImages outside(set.train, set, device, data::DType::f32,
                             DeviceImages::Keep::where_they_are);
  CHECK_FALSE(outside.on_device());
  for (const std::int32_t place : {0, 5, count - 1})
    CHECK(outside.image(place) == images.image(place));
  engine::StepState step(device);
  const int epoch = 3;
  step.set({.learning_rate = 0, .ema_decay = 0, .epoch = epoch, .step = 0});
  const Places order = data::epoch_order(places(count), Order::shuffled, 1, epoch);
  const data::View view = data::mixed(
      images.standard(11), {.mixup = mixes ? 1. : 0, .cutmix = mixes ? 1. : 0, .seed = 2});
  const data::Batches want(images, order, 10, view, step), got(outside, order, 10, view, step);
  CHECK(want.fetched() == nullptr);
  const auto same = [&](const data::Batch& a, const data::Batch& b) {
    return a.images.to_host() == b.images.to_host() &&
           a.labels.to_host<std::int32_t>() == b.labels.to_host<std::int32_t>() &&
           bool(a.share) == bool(b.share) && (!a.share || a.share.to_host() == b.share.to_host());
  };
  const std::vector<data::BatchRows> parts{{0, 3, 4}, {1, 3, 4}, {2, 0, 10}, {3, 4, 3}};
  got.read_ahead(parts, epoch);
  const void* address = got.fetched();
  for (const auto& [b, first, rows] : parts) {
    const auto index = want.index(b).slice(std::size_t(first), {rows});
    got.fetch({b, first, rows});
    CHECK(same(want.of(index), got.of(index)));
    CHECK(got.fetched() == address);
  }
  for (const int b : {3, 0, 2}) CHECK(same(want.at(b), got.at(b)));  // in no order
}

TEST_CASE("Batches that cannot be made are refused") {
  const data::Dataset set = small_set();
  const data::DeviceImages images(set.train, set, data::Device::cpu);
  const engine::StepState step(data::Device::cpu);
  const auto make = [&](const Places& order, int batch_size) {
    return data::Batches(images, order, batch_size, images.normalise_only(), step).count();
  };
  CHECK_THROWS_WITH(make(places(count), 0), Contains("batch size of 0"));
  CHECK_THROWS_WITH(make(places(count), -5), Contains("batch size of -5"));
  CHECK_THROWS_WITH(make(places(count), 38), Contains("batch size of 38") && Contains(", 37"));
  CHECK_THROWS_WITH(make({}, 1), Contains("number of images, 0"));
  CHECK_THROWS_WITH(make({0, 37}, 1), Contains("there is no sample 37 in a data set of 37"));
  CHECK_THROWS_WITH(make({0, -1}, 1), Contains("there is no sample -1"));
}

TEST_CASE("Images that cannot be normalised are refused") {
  data::Dataset set = small_set();
  set.std[1] = 0;
  CHECK_THROWS_WITH(data::DeviceImages(set.train, set, data::Device::cpu),
                    Contains("small: a standard deviation of 0"));
}

}  // namespace
