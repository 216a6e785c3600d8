// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <numeric>

#include "data/dataset.h"
#include "data/shuffle.h"
#include "kernels/runtime/error.h"

namespace data {
namespace {

using kernels::Purpose;
using kernels::require;

/// `samples` by class, each class in random order.
std::vector<std::vector<std::int32_t>> shuffled_classes(const std::vector<std::int32_t>& labels,
                                                        int classes,
                                                        const std::vector<std::int32_t>& samples,
                                                        std::uint64_t seed) {
  std::vector<std::vector<std::int32_t>> by_class(std::size_t(std::max(classes, 0)));
  for (const std::int32_t sample : samples) {
    require(sample >= 0 && std::size_t(sample) < labels.size(),
            "there is no sample {} in a data set of {}", sample, labels.size());
    const std::int32_t label = labels[std::size_t(sample)];
    require(label >= 0 && label < classes, "label {} of sample {} is not in [0, {})", label, sample,
            classes);
    by_class[std::size_t(label)].push_back(sample);
  }
  const auto present = std::count_if(by_class.begin(), by_class.end(),
                                     [](const auto& of_class) { return !of_class.empty(); });
  require(present >= 2,
          "a classifier needs images of at least 2 classes; there are {} images of {}",
          samples.size(), present);
  for (std::size_t c = 0; c < by_class.size(); ++c)
    by_class[c] = shuffled(by_class[c], seed, Purpose::split, std::uint32_t(c));
  return by_class;
}

std::vector<std::int32_t> all_samples(const std::vector<std::int32_t>& labels) {
  std::vector<std::int32_t> all(labels.size());
  std::iota(all.begin(), all.end(), 0);
  return all;
}

void sort(Split& split) {
  std::sort(split.train.begin(), split.train.end());
  std::sort(split.validation.begin(), split.validation.end());
}

/// The first `held_out[c]` of each class for validation, the others for training.
Split cut(const std::vector<std::vector<std::int32_t>>& by_class,
          const std::vector<std::ptrdiff_t>& held_out) {
  Split split;
  for (std::size_t c = 0; c < by_class.size(); ++c) {
    const auto& of_class = by_class[c];
    const auto at = of_class.begin() + held_out[c];
    split.validation.insert(split.validation.end(), of_class.begin(), at);
    split.train.insert(split.train.end(), at, of_class.end());
  }
  sort(split);
  return split;
}

}  // namespace

Split split_train(const std::vector<std::int32_t>& labels, int classes, double fraction,
                  std::uint64_t seed, SplitKind kind) {
  require(fraction >= 0 && fraction < 1, "the validation fraction is {}, it must be in [0, 1)",
          fraction);
  const std::vector<std::int32_t> all = all_samples(labels);
  const auto by_class = shuffled_classes(labels, classes, all, seed);
  const auto wanted = std::lround(fraction * double(labels.size()));

  Split split;
  if (kind == SplitKind::random) {
    std::vector<std::size_t> left;  // in training, of each class
    for (const auto& of_class : by_class) left.push_back(of_class.size());
    for (const std::int32_t sample : shuffled(all, seed, Purpose::split, 0)) {
      std::size_t& of_class = left[std::size_t(labels[std::size_t(sample)])];
      const bool out = std::ssize(split.validation) < wanted && of_class > 1;
      if (out) --of_class;
      (out ? split.validation : split.train).push_back(sample);
    }
    sort(split);
  } else {
    // Where a class has no whole number of samples to hold out, some at random give one more, but
    // none its last.
    std::vector<std::ptrdiff_t> held_out;
    for (const auto& of_class : by_class)
      held_out.push_back(std::ptrdiff_t(fraction * double(of_class.size())));
    auto more = wanted - std::accumulate(held_out.begin(), held_out.end(), std::ptrdiff_t(0));
    std::vector<std::int32_t> dealt(by_class.size());
    std::iota(dealt.begin(), dealt.end(), 0);
    const auto major = std::uint32_t(by_class.size());
    for (const std::int32_t c : shuffled(dealt, seed, Purpose::split, major)) {
      const std::ptrdiff_t size = std::ssize(by_class[std::size_t(c)]);
      std::ptrdiff_t& out = held_out[std::size_t(c)];
      const double share = fraction * double(size);
      if (more <= 0 || share == std::floor(share) || out + 1 >= size) continue;
      ++out;
      --more;
    }
    split = cut(by_class, held_out);
  }
  require(
      !split.train.empty() && (fraction == 0 || !split.validation.empty()),
      "a validation fraction of {} splits {} images into {} for training and {} for validation, as "
      "no class may lose its last one: `val_fraction` 0 holds none out",
      fraction, labels.size(), split.train.size(), split.validation.size());
  return split;
}

Split split_test(const std::vector<std::int32_t>& labels, int classes, double fraction) {
  require(fraction > 0 && fraction < 1, "the test fraction is {}, it must be in (0, 1)", fraction);
  constexpr std::uint64_t seed = 0x74657374;  // whatever a run's is
  const auto by_class = shuffled_classes(labels, classes, all_samples(labels), seed);
  std::vector<std::ptrdiff_t> held_out;
  for (const auto& of_class : by_class) {
    const std::ptrdiff_t most = std::max(std::ssize(of_class) - 1, std::ptrdiff_t(0));
    const auto share = std::ptrdiff_t(std::lround(fraction * double(of_class.size())));
    held_out.push_back(std::clamp(share, std::min(most, std::ptrdiff_t(1)), most));
  }
  return cut(by_class, held_out);
}

std::vector<std::int32_t> subset(const std::vector<std::int32_t>& labels, int classes,
                                 const std::vector<std::int32_t>& from, int limit,
                                 std::uint64_t seed) {
  require(limit == 0 || limit >= 2, "a limit of {} images is too small: at least 2, or 0 for all",
          limit);
  require(std::size_t(limit) <= from.size(), "a limit of {} images is more than the {} there are",
          limit, from.size());
  if (limit == 0) return from;

  const auto by_class = shuffled_classes(labels, classes, from, seed);
  std::vector<std::int32_t> chosen;
  // Round after round one of each class, so that a class with too few is made up for by the others.
  for (std::size_t round = 0; int(chosen.size()) < limit; ++round)
    for (const auto& of_class : by_class)
      if (round < of_class.size() && int(chosen.size()) < limit) chosen.push_back(of_class[round]);
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace data
