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
/// channels leaves lanes idle, and the sums of neighbouring lines do not wait for each other. Rows
/// that do not lie side by side are taken one by one.
struct WideRows {
  int channels;
  int width;         // columns, a multiple of the line where rows lie side by side
  std::size_t size;  // elements in all
  std::size_t rows;  // whole wide rows
  int rest;          // columns of the last, incomplete one
  int parts;         // shares of the work, one per thread
  bool side_by_side;

  WideRows(int narrow_rows, int channel_count, int line, bool as_one)
      : channels(channel_count),
        width(as_one ? std::lcm(channel_count, line) : channels),
        side_by_side(as_one) {
    while (side_by_side && width < 4 * line) width *= 2;
    size = std::size_t(narrow_rows) * channels;
    rows = size / width;
    rest = int(size % width);
    parts = size < parallel_from ? 1 : threads();
  }
  std::size_t first_of(int part) const {
    const std::size_t row = rows * part / parts;
    return !side_by_side && part < parts ? row / 8 * 8 : row;  // where streaming may begin
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

/// [rows, channels], each row of which begins `pitch` elements after the one before it.
template <class T>
struct Rows {
  T* at;
  std::size_t pitch;

  T& operator()(int row, int column) const {
    return at[std::size_t(row) * pitch + std::size_t(column)];
  }
};

/// Calls tile(column, rows, lanes, at...) for every tile of a part: `rows` wide rows of one cache
/// line each, the first at column `column`, and where they begin in each of the arrays; at the
/// edges a single row, or fewer lanes. `rows` and `lanes` are compile-time constants. done(row,
/// rows) is called after each such group of whole rows. The inputs are fetched ahead in the order
/// in which they lie in memory, which the processor does not guess from the order in which tiles
/// use them.
template <int tile_rows, class Tile, class Done, class... T>
[[gnu::flatten]]  // a call costs more than a tile
void for_each_tile(const WideRows& wide, int part, Tile tile, Done done, Rows<T>... arrays) {
  constexpr std::integral_constant<int, tile_rows> many;
  constexpr std::integral_constant<int, std::min({line_of<T>...})> line;
  constexpr std::integral_constant<int, line / 2> half;
  constexpr std::integral_constant<int, line / 4> quarter;
  constexpr std::integral_constant<int, 4> four;
  constexpr std::integral_constant<int, 1> one;
  const std::size_t per_row = std::size_t(wide.width) / wide.channels;
  const auto fetch = [&]<class U>(Rows<U> first, Rows<U> at, int column) {
    if (!std::is_const_v<U>) return;
    for (int r = 0; r < tile_rows; ++r) {
      __builtin_prefetch(wide.side_by_side
                             ? first.at + 8192 / sizeof(U) + column * tile_rows + r * line
                             : &at(16 + r, 0));
    }
  };
  const auto group = [&](std::size_t row, auto rows, int columns) {
    const auto tiles = [&](Rows<T>... first) {
      const auto take = [&](int column, auto lanes, Rows<T>... at) {
        if (rows == tile_rows) (fetch(first, at, column), ...);
        tile(column, rows, lanes, at...);
      };
      int column = 0;
      const auto strips = [&](auto lanes) {
        for (; column + lanes <= columns; column += lanes)
          take(column, lanes, Rows<T>{first.at + column, first.pitch}...);
      };
      strips(line);
      if constexpr (rows == tile_rows) {
        strips(half);
        strips(quarter);
        strips(four);
      }
      strips(one);
    };
    tiles(Rows<T>{arrays.at + row * per_row * arrays.pitch, per_row * arrays.pitch}...);
    if (columns == wide.width) done(row, rows);
  };
  std::size_t row = wide.first_of(part);
  const std::size_t end = wide.first_of(part + 1);
  for (; row + tile_rows <= end; row += tile_rows) group(row, many, wide.width);
  for (; row < end; ++row) group(row, one, wide.width);
  if (part + 1 == wide.parts) group(end, one, wide.rest);
}

/// For those who have nothing to do after a group.
inline constexpr auto no_more = [](std::size_t, auto) {};

/// Writes a whole array: an element of column j becomes value(j)(elements of the inputs), a float.
/// `out` may be one of them.
template <class T, class Value, class... Inputs>
void write_elements(const WideRows& wide, Rows<T> out, Value value, Rows<Inputs>... inputs) {
  constexpr int tile_rows = 4;
  const auto pass = [&](auto past_cache) {
    for_each_part(wide, [&](int part) {
      // What goes past the cache is made in a piece of it that is written over and over.
      std::vector<T> room(past_cache ? std::size_t(tile_rows) * wide.width : 0);
      const auto tile = [&, room_at = room.data()](int column, auto rows, auto lanes, Rows<T> to,
                                                   Rows<Inputs>... from) {
        if constexpr (past_cache && rows == tile_rows)
          to = {room_at + column, std::size_t(wide.width)};
        const auto lane =
            [&](int i) {  // objects made in the loop would keep it from being vectorised
              const auto of_elements = value(column + i);
              for (int r = 0; r < rows; ++r) put(to(r, i), of_elements(from(r, i)...));
            };
#pragma omp simd
        for (int i = 0; i < lanes; ++i) lane(i);
      };
      const auto done = [&](std::size_t row, auto rows) {
        if constexpr (past_cache && rows == tile_rows)
          stream(out.at + row * wide.width, room.data(), sizeof(T) * room.size());
      };
      for_each_tile<tile_rows>(wide, part, tile, done, out, inputs...);
      if (past_cache) finish_streaming();
    });
  };
  if (out.pitch == std::size_t(wide.channels) && sizeof(T) * tile_rows * wide.width % 16 == 0 &&
      should_stream(out.at, wide.size * sizeof(T))) {
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
