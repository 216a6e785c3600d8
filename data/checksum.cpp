// SPDX-License-Identifier: MIT
#include "data/checksum.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include "data/parallel.h"

namespace data {
namespace {

constexpr std::size_t piece = std::size_t{1} << 20;

/// Multiplication and rotation of 64-bit words, in two lanes so that they do not wait for each
/// other. Every step is a bijection of its lane: no single changed word goes unseen.
std::uint64_t of_piece(const std::uint8_t* at, std::size_t size) {
  constexpr std::uint64_t factor = 0x9E3779B97F4A7C15, other_factor = 0xC2B2AE3D27D4EB4F;
  std::uint64_t a = size, b = ~std::uint64_t{size};
  const auto mix = [](std::uint64_t lane, std::uint64_t word, std::uint64_t by) {
    return std::rotl((lane ^ word) * by, 29);
  };
  const auto word_at = [at](std::size_t i, std::size_t bytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, at + i, bytes);
    return word;
  };
  std::size_t i = 0;
  for (; i + 16 <= size; i += 16) {
    a = mix(a, word_at(i, 8), factor);
    b = mix(b, word_at(i + 8, 8), other_factor);
  }
  for (; i < size; i += 8) a = mix(a, word_at(i, std::min<std::size_t>(8, size - i)), factor);
  a = mix(a, b, other_factor);
  return (a ^ a >> 32) * factor;
}

}  // namespace

std::uint64_t checksum(std::span<const std::uint8_t> bytes) {
  std::vector<std::uint64_t> sums((bytes.size() + piece - 1) / piece);
  const auto sum_up = [&](std::size_t i) {
    sums[i] = of_piece(bytes.data() + i * piece, std::min(piece, bytes.size() - i * piece));
  };
  in_parallel(sums.size(), sum_up);
  return of_piece(reinterpret_cast<const std::uint8_t*>(sums.data()), sums.size() * 8);
}

}  // namespace data
