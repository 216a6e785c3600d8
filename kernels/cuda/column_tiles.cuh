// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <cstdint>

#include "kernels/cuda/access.cuh"
#include "kernels/cuda/launch.h"

/// How kernels walk over a [rows, channels] array if each thread keeps to its channels, so that
/// what belongs to a channel stays in registers.
namespace kernels {
namespace {

constexpr int tile_threads = 256;

/// The array in tiles, one per block of tile_threads. Threads stand side by side along the
/// channels, `width` channels each, and the same again for the next rows: whole rows of few
/// channels make one contiguous piece of memory, rows of many are cut into `tiles` pieces.
struct ColumnTiles {
  unsigned rows, channels;
  unsigned lanes;           // threads side by side
  unsigned row_lanes;       // rows that they take at once
  unsigned tiles;           // tiles side by side
  unsigned rows_per_block;  // of one tile
  unsigned row_blocks;      // tiles above each other

  std::size_t blocks() const { return std::size_t(tiles) * row_blocks; }
};

/// How far to cut: rows for one thread, unless that takes too many blocks; threads side by side.
struct Cut {
  unsigned rows_per_thread = 1;
  unsigned max_blocks = 0x7fffffff;
  unsigned max_lanes = 64;
};

/// Depends on the sizes alone, so that sums have the same order on every GPU.
inline ColumnTiles column_tiles(int rows, int channels, int width, const Cut& cut) {
  ColumnTiles t{};
  t.rows = unsigned(rows);
  t.channels = unsigned(channels);
  const auto groups = unsigned(ceil_div(t.channels, unsigned(width)));
  t.tiles = unsigned(ceil_div(groups, cut.max_lanes));
  t.lanes = unsigned(ceil_div(groups, t.tiles));
  if (t.tiles > 1) t.lanes = (t.lanes + 1) / 2 * 2;  // a pair of 16-byte accesses fills a sector
  t.row_lanes = tile_threads / t.lanes;
  const auto steps = ceil_div(t.rows, t.row_lanes);
  const auto max_row_blocks = std::max(cut.max_blocks / t.tiles, 1u);
  const auto steps_per_block =
      std::max<std::size_t>(cut.rows_per_thread, ceil_div(steps, max_row_blocks));
  t.rows_per_block = unsigned(steps_per_block * t.row_lanes);
  t.row_blocks = unsigned(ceil_div(t.rows, t.rows_per_block));
  return t;
}

/// The part of a thread: rows `row`, `row + step`, ... below `end`, at `channel`. A thread without
/// a part has no rows.
struct Walk {
  unsigned channel, row, step, end;
  unsigned row_lane;

  template <int width>
  static __device__ __forceinline__ Walk of_thread(const ColumnTiles& t, unsigned block) {
    Walk w;
    w.row_lane = threadIdx.x / t.lanes;
    const unsigned tile = block % t.tiles, first = block / t.tiles * t.rows_per_block;
    w.channel = (tile * t.lanes + threadIdx.x % t.lanes) * width;
    w.row = first + w.row_lane;
    w.step = t.row_lanes;
    const bool idle = w.row_lane >= t.row_lanes || w.channel >= t.channels;
    w.end = idle ? 0 : min(first + t.rows_per_block, t.rows);
    return w;
  }
};

/// Loads `unroll` rows before the first of them is used, so that several loads are under way at
/// once: use(row, load(row)) for each row of the walk.
template <int unroll, class Load, class Use>
__device__ __forceinline__ void for_each_row(const Walk& walk, Load load, Use use) {
  for (unsigned row = walk.row; row < walk.end; row += unroll * walk.step) {
    decltype(load(row)) loaded[unroll]{};
#pragma unroll
    for (int u = 0; u < unroll; ++u) {
      if (row + u * walk.step < walk.end) loaded[u] = load(row + u * walk.step);
    }
#pragma unroll
    for (int u = 0; u < unroll; ++u) {
      if (row + u * walk.step < walk.end) use(row + u * walk.step, loaded[u]);
    }
  }
}

/// Adds the values of the row lanes of a tile up, pairwise: row lane 0 gets the sums. All threads
/// of the block call it, once in a kernel.
template <int count, class T>
__device__ __forceinline__ void sum_row_lanes(const ColumnTiles& t, const Walk& walk,
                                              T (&value)[count]) {
  __shared__ T of_thread[count][tile_threads];
#pragma unroll
  for (int k = 0; k < count; ++k) of_thread[k][threadIdx.x] = value[k];
  for (unsigned rows = t.row_lanes; rows > 1;) {
    const unsigned half = (rows + 1) / 2;
    __syncthreads();
    if (walk.row_lane + half < rows) {
#pragma unroll
      for (int k = 0; k < count; ++k) {
        of_thread[k][threadIdx.x] += of_thread[k][threadIdx.x + half * t.lanes];
      }
    }
    rows = half;
  }
#pragma unroll
  for (int k = 0; k < count; ++k) value[k] = of_thread[k][threadIdx.x];
}

}  // namespace
}  // namespace kernels
