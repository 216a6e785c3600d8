// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <cstddef>
#include <numeric>
#include <type_traits>
#include <vector>

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/stream.h"
#include "kernels/memory.h"

/// How kernels/cpu walks over a [rows, channels] array that has parameters or sums per channel.
namespace kernels {

inline constexpr int line_floats = 16;  // a cache line

/// Rows side by side until they fill whole cache lines, four at least: 12 channels become 96
/// columns, column j belongs to channel j % channels. Loops are over columns, so that no number of
/// channels leaves lanes idle, and the sums of neighbouring lines do not wait for each other.
struct WideRows {
  int channels;
  int width;         // columns, a multiple of line_floats
  std::size_t size;  // elements in all
  std::size_t rows;  // whole wide rows
  int rest;          // columns of the last, incomplete one
  int parts;         // shares of the work, one per thread

  WideRows(int narrow_rows, int channel_count)
      : channels(channel_count), width(std::lcm(channel_count, line_floats)) {
    while (width < 4 * line_floats) width *= 2;
    size = std::size_t(narrow_rows) * channels;
    rows = size / width;
    rest = int(size % width);
    parts = size < parallel_from ? 1 : threads();
  }
};

template <class Part>
void for_each_part(const WideRows& wide, Part part) {
#pragma omp parallel for schedule(static) if (wide.parts > 1)
  for (int p = 0; p < wide.parts; ++p) part(p);
}

/// Calls tile(at, column, rows, lanes) for every tile of a part: `rows` wide rows of one cache line
/// each, the first at element `at`; at the edges a single row, or single elements. `rows` and
/// `lanes` are compile-time constants. The inputs are fetched ahead in the order in which they lie
/// in memory, which the processor does not guess from the order in which tiles use them.
template <int tile_rows, class Tile, class... Inputs>
[[gnu::flatten]] void for_each_tile(const WideRows& wide, int part, Tile tile,
                                    const Inputs*... inputs) {
  constexpr int ahead = 8192 / sizeof(float);
  constexpr std::integral_constant<int, tile_rows> many;
  constexpr std::integral_constant<int, line_floats> line;
  constexpr std::integral_constant<int, 1> one;
  const auto fetch = [](const float* at) {
    for (int r = 0; r < tile_rows; ++r) __builtin_prefetch(at + ahead + r * line_floats);
  };

  std::size_t row = wide.rows * part / wide.parts;
  const std::size_t end = wide.rows * (part + 1) / wide.parts;
  for (; row + tile_rows <= end; row += tile_rows) {
    const std::size_t at = row * wide.width;
    for (int column = 0; column < wide.width; column += line_floats) {
      (fetch(inputs + at + column * tile_rows), ...);
      tile(at + column, column, many, line);
    }
  }
  for (; row < end; ++row) {
    for (int column = 0; column < wide.width; column += line_floats) {
      tile(row * wide.width + column, column, one, line);
    }
  }
  if (part + 1 < wide.parts) return;
  for (int column = 0; column < wide.rest; ++column) {
    tile(end * wide.width + column, column, one, one);
  }
}

/// Writes a tile: row r of column i is value(i)(r), past the cache if `streams`.
template <class Rows, class Lanes, class Streams, class Value>
void fill_tile(float* out, int width, Rows rows, Lanes lanes, Streams streams, Value value) {
  constexpr bool past_cache = streams && lanes == line_floats;
  float lines[rows * lanes];
  float* to = past_cache ? lines : out;
  const int pitch = past_cache ? int(lanes) : width;
#pragma omp simd
  for (int i = 0; i < lanes; ++i) {
    const auto of_row = value(i);
    for (int r = 0; r < rows; ++r) to[std::size_t(r) * pitch + i] = of_row(r);
  }
  if constexpr (past_cache) {
    for (int r = 0; r < rows; ++r) stream(out + std::size_t(r) * width, lines + r * lanes, lanes);
  }
}

/// Memory that grows to what the largest layer needs and then stays.
template <class T>
T* scratch(std::size_t size) {
  static thread_local std::vector<T> memory;
  if (memory.size() < size) memory.resize(size);
  return memory.data();
}

/// One value per column from one per channel.
template <class Value>
void spread(const WideRows& wide, float* columns, Value value) {
  for (int c = 0; c < wide.channels; ++c) columns[c] = value(c);
  for (int j = wide.channels; j < wide.width; ++j) columns[j] = columns[j - wide.channels];
}

/// Two sums per column and part, in double. One at a time.
class ColumnSums {
 public:
  explicit ColumnSums(const WideRows& wide)
      : wide_(wide), at_(scratch<double>(std::size_t(2) * wide.width * wide.parts)) {
    std::fill_n(at_, std::size_t(2) * wide.width * wide.parts, 0.0);
  }
  double* columns(int which, int part) const {
    return at_ + std::size_t(2 * part + which) * wide_.width;
  }
  /// Of one channel, over its columns and all parts, always in the same order.
  double total(int which, int channel) const {
    double sum = 0;
    for (int part = 0; part < wide_.parts; ++part) {
      for (int j = channel; j < wide_.width; j += wide_.channels) sum += columns(which, part)[j];
    }
    return sum;
  }

 private:
  const WideRows& wide_;
  double* at_;
};

}  // namespace kernels
