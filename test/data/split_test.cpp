// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "data/checksum.h"
#include "data/dataset.h"
#include "kernels/runtime/error.h"
#include "test/support/catch.h"
#include "test/support/support.h"

namespace {

using Catch::Matchers::Contains;
using data::SplitKind;
using Places = std::vector<std::int32_t>;

constexpr int classes = 7;

Places places(int count) {
  Places all(static_cast<std::size_t>(count));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

std::map<int, int> histogram(const Places& labels, const Places& of) {
  std::map<int, int> counts;
  for (const int place : of) ++counts[labels[std::size_t(place)]];
  return counts;
}

bool includes(const Places& all, const Places& some) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

TEST_CASE("A split is disjoint, complete, ordered and of the right size in each class") {
  const int count = GENERATE(40, 1000, 1003);
  const double fraction = GENERATE(0.0, 0.1, 0.25, 0.5, 0.9);
  const SplitKind kind = GENERATE(SplitKind::stratified, SplitKind::random);
  const Places labels = test::random_labels(std::size_t(count), classes, 1);
  const data::Split split = data::split_train(labels, classes, fraction, 5, kind);

  CHECK(std::is_sorted(split.train.begin(), split.train.end()));
  CHECK(std::is_sorted(split.validation.begin(), split.validation.end()));
  Places both = split.train;
  both.insert(both.end(), split.validation.begin(), split.validation.end());
  std::sort(both.begin(), both.end());
  CHECK(both == places(count));

  CHECK(int(split.validation.size()) <= std::lround(fraction * count));
  if (count > 40) CHECK(int(split.validation.size()) == std::lround(fraction * count));
  auto validation = histogram(labels, split.validation);
  for (const auto& [label, size] : histogram(labels, both)) {
    CHECK(validation[label] < size);
    if (kind == SplitKind::stratified) CHECK(std::abs(validation[label] - fraction * size) < 1);
  }
}

TEST_CASE("A tenth of 15 a class is a tenth of all, from classes at random") {
  Places labels(200 * 15);
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = std::int32_t(i % 200);
  const auto ones_and_twos = [&](std::uint64_t seed) {
    const Places held_out =
        data::split_train(labels, 200, 0.1, seed, SplitKind::stratified).validation;
    CHECK(held_out.size() == 300);
    return histogram(labels, held_out);
  };
  const auto counts = ones_and_twos(1);
  CHECK(counts.size() == 200);
  for (const auto& [label, count] : counts) CHECK((count == 1 || count == 2));
  CHECK(counts != ones_and_twos(2));
}

TEST_CASE("A split depends on the seed and on nothing else") {
  const Places labels = test::random_labels(1000, classes, 2);
  const SplitKind kind = GENERATE(SplitKind::stratified, SplitKind::random);
  const auto validation = [&](std::uint64_t seed) {
    return data::split_train(labels, classes, 0.1, seed, kind).validation;
  };
  CHECK(validation(3) == validation(3));
  CHECK(validation(3) != validation(4));
  CHECK(validation(3) != validation(3 + (std::uint64_t{1} << 32)));  // all 64 bits of it count
}

TEST_CASE("A split favours no place") {
  // Each of 50 places is held out with probability 0.2: over 2000 seeds 400 times, give or take 18.
  const Places labels = test::random_labels(50, 2, 3);
  const SplitKind kind = GENERATE(SplitKind::stratified, SplitKind::random);
  std::vector<int> times(50);
  int total = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed)
    for (const int place : data::split_train(labels, 2, 0.2, seed, kind).validation)
      ++times[std::size_t(place)], ++total;
  CHECK(std::abs(total - 20'000) <= 2000);  // rounding in each class
  for (const int count : times) CHECK(std::abs(count - 400) < 110);
}

TEST_CASE("No class leaves training, however small") {
  Places labels(30, 0);
  labels.insert(labels.end(), {1, 2, 3, 3, 3, 3, 3, 3, 3, 3});
  const SplitKind kind = GENERATE(SplitKind::stratified, SplitKind::random);
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    const data::Split split = data::split_train(labels, 4, 0.1, seed, kind);
    CHECK(split.validation.size() == 4);
    if (kind == SplitKind::stratified)
      CHECK(histogram(labels, split.train) == std::map<int, int>{{0, 27}, {1, 1}, {2, 1}, {3, 7}});
    for (const double fraction : {0.1, 0.5, 0.9, 0.999}) {
      const data::Split other = data::split_train(labels, 4, fraction, seed, kind);
      CHECK(histogram(labels, other.train).size() == 4);
      CHECK(other.train.size() + other.validation.size() == 40);
    }
  }
  // A class's only image is not held out even if that leaves the total short.
  const Places single{0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8};
  CHECK(data::split_train(single, 9, 0.5, 1, kind).validation.size() <= 3);
  CHECK(histogram(single, data::split_train(single, 9, 0.5, 1, kind).train).size() == 9);
}

std::uint64_t hash(const Places& of) {
  return data::checksum({reinterpret_cast<const std::uint8_t*>(of.data()), 4 * of.size()});
}

TEST_CASE("Splits and subsets of large data sets are what they were in every version") {
  const auto check = [](int of_classes, std::uint64_t seed, SplitKind kind,
                        std::array<std::uint64_t, 3> want) {
    Places labels(50'000);
    for (std::size_t i = 0; i < labels.size(); ++i)
      labels[i] = std::int32_t(i * i * 31 % 1009 % std::size_t(of_classes));
    const data::Split split = data::split_train(labels, of_classes, 0.1, seed, kind);
    CHECK(hash(split.train) == want[0]);
    CHECK(hash(split.validation) == want[1]);
    CHECK(hash(data::subset(labels, of_classes, split.train, 2000, seed)) == want[2]);
  };
  check(10, 0, SplitKind::stratified, {0x9523e9213904e801, 0xc21eae46cb9ae828, 0x43498d605f31d302});
  check(10, 0, SplitKind::random, {0xb86abadacd94d18e, 0x86471de8af1bd7ee, 0x4acbd50586d7952d});
  check(100, 7, SplitKind::stratified,
        {0x5a66d54b192dd949, 0x2e8b8529d3994f23, 0xa54c6cbea1060625});
  check(100, 7, SplitKind::random, {0xe98e5aafaf6218eb, 0x4aaab8f918926a66, 0x55a37a76473effde});
}

TEST_CASE("A test set has something of each class that has two, and leaves something of each") {
  Places labels(30, 0);
  labels.insert(labels.end(), {1, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3});
  const data::Split split = data::split_test(labels, 4, 0.2);
  CHECK(histogram(labels, split.validation) == std::map<int, int>{{0, 6}, {2, 1}, {3, 2}});
  CHECK(histogram(labels, split.train) == std::map<int, int>{{0, 24}, {1, 1}, {2, 1}, {3, 6}});
  CHECK(histogram(labels, data::split_test(labels, 4, 0.999).train) ==
        std::map<int, int>{{0, 1}, {1, 1}, {2, 1}, {3, 1}});
  CHECK(data::split_test(labels, 4, 0.2).validation == split.validation);
  for (const double fraction : {0.0, 1.0, -1.0, std::numeric_limits<double>::quiet_NaN()})
    CHECK_THROWS_WITH(data::split_test(labels, 4, fraction), Contains("must be in (0, 1)"));
}

TEST_CASE("A split that makes no sense is refused") {
  const Places labels{0, 1, 0, 1, 1, 0}, one{2, 2, 2, 2};
  const auto split = [](const Places& of, int k, double fraction) {
    return data::split_train(of, k, fraction, 0);
  };
  for (const double fraction : {-0.1, 1.0, 1.5, std::numeric_limits<double>::quiet_NaN()})
    CHECK_THROWS_WITH(split(labels, 2, fraction), Contains("must be in [0, 1)"));
  CHECK_THROWS_WITH(split(labels, 2, 0.01), Contains("6 images into 6 for training and 0") &&
                                                Contains("`val_fraction` 0 holds none"));
  CHECK_THROWS_WITH(split({}, 2, 0.1), Contains("at least 2 classes; there are 0 images of 0"));
  CHECK_THROWS_WITH(split(one, 3, 0.5), Contains("at least 2 classes; there are 4 images of 1"));
  CHECK_THROWS_WITH(split(one, 2, 0.5), Contains("label 2 of sample 0 is not in [0, 2)"));
  CHECK_THROWS_WITH(split({0, -1}, 2, 0.5), Contains("label -1 of sample 1"));
}

TEST_CASE("A subset is balanced, ordered and part of where it comes from") {
  const Places labels = test::random_labels(1000, classes, 4);
  const Places from = data::split_train(labels, classes, 0.1, 9).train;
  const int limit = GENERATE(2, 6, 7, 20, 210, 500);
  const Places chosen = data::subset(labels, classes, from, limit, 9);
  CHECK(int(chosen.size()) == limit);
  CHECK(std::is_sorted(chosen.begin(), chosen.end()));
  CHECK(std::adjacent_find(chosen.begin(), chosen.end()) == chosen.end());
  CHECK(includes(from, chosen));
  auto counts = histogram(labels, chosen);
  for (int c = 0; c < classes; ++c)
    CHECK(counts[c] == limit / classes + (c < limit % classes ? 1 : 0));
}

TEST_CASE("A subset depends on the seed, grows with the limit, and may be everything") {
  const Places labels = test::random_labels(1000, classes, 5), all = places(1000);
  const auto subset = [&](int limit, std::uint64_t seed) {
    return data::subset(labels, classes, all, limit, seed);
  };
  CHECK(subset(100, 1) == subset(100, 1));
  CHECK(subset(100, 1) != subset(100, 2));
  CHECK(includes(subset(300, 1), subset(100, 1)));
  CHECK(subset(0, 1) == all);
  CHECK(subset(1000, 1) == all);
}

TEST_CASE("A class with too few images gives all it has to a subset") {
  Places labels(100, 0);
  for (int i = 0; i < 40; ++i) labels[std::size_t(i)] = 1;
  labels[50] = labels[60] = 2;
  auto counts = histogram(labels, data::subset(labels, 3, places(100), 31, 0));
  CHECK(counts[2] == 2);
  CHECK(counts[0] == 15);
  CHECK(counts[1] == 14);
}

TEST_CASE("A subset that cannot be had is refused") {
  const Places labels = test::random_labels(20, 2, 6), from = places(10);
  const auto subset = [&](const Places& of, int limit) {
    return data::subset(labels, 2, of, limit, 0);
  };
  CHECK_THROWS_WITH(subset(from, 11), Contains("limit of 11 images is more than the 10 there are"));
  CHECK_THROWS_WITH(subset(from, -1), Contains("limit of -1 images is too small"));
  CHECK_THROWS_WITH(subset(from, 1), Contains("limit of 1 images is too small"));
  CHECK_THROWS_WITH(subset({3, 20}, 2), Contains("no sample 20 in a data set of 20"));
  CHECK_THROWS_WITH(subset({3, -1}, 2), Contains("no sample -1"));
}

}  // namespace
