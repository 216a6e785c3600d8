// SPDX-License-Identifier: MIT
#include "data/shuffle.h"

#include <algorithm>
#include <utility>

namespace data {

std::vector<std::int32_t> shuffled(const std::vector<std::int32_t>& samples, std::uint64_t seed,
                                   kernels::Purpose purpose, std::uint32_t major) {
  std::vector<std::pair<std::uint64_t, std::int32_t>> keyed;
  keyed.reserve(samples.size());
  for (const std::int32_t sample : samples) {
    const auto word = kernels::random_words(seed, purpose, major, std::uint64_t(sample));
    keyed.emplace_back(std::uint64_t{word[1]} << 32 | word[0], sample);
  }
  std::sort(keyed.begin(), keyed.end());
  std::vector<std::int32_t> order;
  order.reserve(samples.size());
  for (const auto& [key, sample] : keyed) order.push_back(sample);
  return order;
}

}  // namespace data
