// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <numeric>

#include "data/dataset.h"
#include "data/shuffle.h"
#include "kernels/error.h"

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

}  // namespace

Split split_train(const std::vector<std::int32_t>& labels, int classes, double fraction,
                  std::uint64_t seed, SplitKind kind) {
  require(fraction >= 0 && fraction < 1, "the validation fraction is {}, it must be in [0, 1)",
          fraction);
  std::vector<std::int32_t> all(labels.size());
  std::iota(all.begin(), all.end(), 0);
  auto groups = shuffled_classes(labels, classes, all, seed);
  if (kind == SplitKind::random) groups = {shuffled(all, seed, Purpose::split, 0)};

  // Where a class has no whole number of samples to hold out, some classes at random give one more.
  std::vector<std::ptrdiff_t> held_out;
  for (const auto& group : groups)
    held_out.push_back(std::ptrdiff_t(fraction * double(group.size())));
  auto more = std::lround(fraction * double(labels.size())) -
              std::accumulate(held_out.begin(), held_out.end(), std::ptrdiff_t(0));
  std::vector<std::int32_t> dealt(groups.size());
  std::iota(dealt.begin(), dealt.end(), 0);
  for (const std::int32_t g : shuffled(dealt, seed, Purpose::split, std::uint32_t(groups.size()))) {
    const double share = fraction * double(groups[std::size_t(g)].size());
    if (more <= 0 || share == std::floor(share)) continue;
    ++held_out[std::size_t(g)];
    --more;
  }

  Split split;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto& group = groups[g];
    const auto cut = group.begin() + held_out[g];
    split.validation.insert(split.validation.end(), group.begin(), cut);
    split.train.insert(split.train.end(), cut, group.end());
  }
  require(!split.train.empty() && (fraction == 0 || !split.validation.empty()),
          "a validation fraction of {} splits {} images into {} for training and {} for validation",
          fraction, labels.size(), split.train.size(), split.validation.size());
  std::sort(split.train.begin(), split.train.end());
  std::sort(split.validation.begin(), split.validation.end());
  return split;
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
