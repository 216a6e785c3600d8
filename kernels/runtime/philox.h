// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>

#include "kernels/runtime/host_device.h"

/// Counter-based random numbers (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
/// 2011): every number is a function of (seed, purpose, two counters), never of thread count or
/// order. The same header serves host and device, so both draw the same bits.
namespace kernels {

/// What a random number is for. Streams of different purposes never overlap.
enum class Purpose : std::uint32_t {
  weights = 1,       // counters: parameter number, group of four elements
  augmentation = 2,  // epoch, sample
  beta_labels = 3,   // step, row
  order = 4,         // epoch, position
  split = 5,         // class, position
  test = 6,
  mixing = 7,  // epoch, sample
};

/// Four words. No array to point to, which would be gone with the value that a call returns.
class Philox4 {
 public:
  SOFTLABEL_HOST_DEVICE Philox4(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d)
      : words_{a, b, c, d} {}

  SOFTLABEL_HOST_DEVICE std::uint32_t operator[](int i) const { return words_[i]; }

 private:
  std::uint32_t words_[4];
};

/// Philox4x32-10: ten rounds over a 128-bit counter with a 64-bit key.
SOFTLABEL_HOST_DEVICE inline Philox4 philox4x32(Philox4 counter, std::uint32_t key0,
                                                std::uint32_t key1) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53u} * counter[0];
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57u} * counter[2];
    counter = {std::uint32_t(p1 >> 32) ^ counter[1] ^ key0, std::uint32_t(p1),
               std::uint32_t(p0 >> 32) ^ counter[3] ^ key1, std::uint32_t(p0)};
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return counter;
}

/// Four 32-bit words for one (seed, purpose, major, minor); see Purpose for the two counters.
SOFTLABEL_HOST_DEVICE inline Philox4 random_words(std::uint64_t seed, Purpose purpose,
                                                  std::uint32_t major, std::uint64_t minor) {
  const Philox4 counter{std::uint32_t(minor), std::uint32_t(minor >> 32), major,
                        static_cast<std::uint32_t>(purpose)};
  return philox4x32(counter, std::uint32_t(seed), std::uint32_t(seed >> 32));
}

/// A word as a number in (0, 1): never 0 or 1, so that logarithms and powers of it are finite.
SOFTLABEL_HOST_DEVICE inline double to_unit(std::uint32_t word) {
  return (double(word) + 0.5) * (1.0 / 4294967296.0);
}

/// A word as an integer in [0, range), by multiplication: bias below range / 2^32.
SOFTLABEL_HOST_DEVICE inline std::uint32_t to_range(std::uint32_t word, std::uint32_t range) {
  return std::uint32_t((std::uint64_t{word} * range) >> 32);
}

}  // namespace kernels
