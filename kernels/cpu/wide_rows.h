// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <cstddef>
#include <numeric>
#include <type_traits>
#include <vector>

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/put.h"
#include "kernels/cpu/stream.h"
#include "kernels/runtime/memory.h"

/// How kernels/cpu walks over a [rows, channels] array that has parameters or sums per channel.
namespace kernels {

/// Elements of a cache line.
template <class T>
inline constexpr int line_of = 64 / sizeof(T);

/// Rows side by side until they fill whole cache lines, four at least: 12 channels become 96
/// columns, column j belongs to channel j % channels. Loops are over columns, so that no number of
/// channels leaves lanes idle, and the sums of neighbouring lines do not wait for each other.
struct WideRows {
  int channels;
  int width;         // columns, a multiple of the line
  std::size_t size;  // elements in all
  std::size_t rows;  // whole wide rows
  int rest;          // columns of the last, incomplete one
  int parts;         // shares of the work, one per thread

  WideRows(int narrow_rows, int channel_count, int line)
      : channels(channel_count), width(std::lcm(channel_count, line)) {
    while (width < 4 * line) width *= 2;
    size = std::size_t(narrow_rows) * channels;
    rows = size / width;
    rest = int(size % width);
    parts = size < parallel_from ? 1 : threads();
  }
};

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

template <class Part>
void for_each_part(const WideRows& wide, Part part) {
#pragma omp parallel for schedule(static) if (wide.parts > 1)
  for (int p = 0; p < wide.parts; ++p) part(p);
}

/// Calls tile(at, column, rows, lanes) for every tile of a part: `rows` wide rows of one cache line
/// each, the first at element `at`; at the edges a single row, or single elements. `rows` and
/// `lanes` are compile-time constants. The inputs are fetched ahead in the order in which they lie
/// in memory, which the processor does not guess from the order in which tiles use them.
template <int tile_rows, class Tile, class T, class... Others>
[[gnu::flatten]]  // a call costs more than a tile
void for_each_tile(const WideRows& wide, int part, Tile tile, const T* input,
                   const Others*... inputs) {
  constexpr int ahead = 8192 / sizeof(T);
  constexpr std::integral_constant<int, tile_rows> many;
  constexpr std::integral_constant<int, line_of<T>> line;
  constexpr std::integral_constant<int, 1> one;
  const auto fetch = [](const T* at) {
    for (int r = 0; r < tile_rows; ++r) __builtin_prefetch(at + ahead + r * line_of<T>);
  };

  std::size_t row = wide.rows * part / wide.parts;
  const std::size_t end = wide.rows * (part + 1) / wide.parts;
  for (; row + tile_rows <= end; row += tile_rows) {
    const std::size_t at = row * wide.width;
    for (int column = 0; column < wide.width; column += line) {
      fetch(input + at + column * tile_rows);
      (fetch(inputs + at + column * tile_rows), ...);
      tile(at + column, column, many, line);
    }
  }
  for (; row < end; ++row) {
    for (int column = 0; column < wide.width; column += line) {
      tile(row * wide.width + column, column, one, line);
    }
  }
  if (part + 1 < wide.parts) return;
  for (int column = 0; column < wide.rest; ++column) {
    tile(end * wide.width + column, column, one, one);
  }
}

/// Writes a whole array: element e of column j becomes value(j)(e), a float computed from the
/// inputs' e. `out` may be one of them.
template <class T, class Value, class... Inputs>
void write_elements(const WideRows& wide, T* out, Value value, const Inputs*... inputs) {
  const auto pass = [&](auto past_cache) {
    for_each_part(wide, [&](int part) {
      const auto tile = [&](std::size_t at, int column, auto rows, auto lanes) {
        constexpr bool streams = past_cache && lanes == line_of<T>;
        T lines[rows * lanes];
        T* to = streams ? lines : out + at;
        const std::size_t pitch = streams ? lanes : wide.width;
#pragma omp simd
        for (int i = 0; i < lanes; ++i) {
          const auto of_element = value(column + i);
          for (int r = 0; r < rows; ++r) {
            put(to[r * pitch + i], of_element(at + std::size_t(r) * wide.width + i));
          }
        }
        if constexpr (streams) {
          for (int r = 0; r < rows; ++r) {
            stream(out + at + std::size_t(r) * wide.width, lines + r * lanes, sizeof(T) * lanes);
          }
        }
      };
      for_each_tile<4>(wide, part, tile, inputs...);
      if (past_cache) finish_streaming();
    });
  };
  if (should_stream(out, wide.size * sizeof(T))) {
    pass(std::true_type{});
  } else {
    pass(std::false_type{});
  }
}

/// Two sums per column and part, in double. At most one object of a thread is in use at a time.
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
