// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/batch_norm.h"
#include "kernels/cuda/column_tiles.cuh"
#include "kernels/cuda/workspace.h"

/// What the forward and the backward pass of batch norm have in common. Each needs sums over all
/// rows before it can use them: three launches, of which two read the arrays and one adds up what
/// blocks have found. Every thread keeps to its channels, so parameters and sums stay in registers.
/// Nothing depends on the order in which blocks run.
namespace kernels {
namespace {

// Of the passes that leave sums behind: blocks enough to fill a GPU, few enough to be added up in
// no time.
constexpr Cut for_sums{.rows_per_thread = 8, .max_blocks = 512};
constexpr Cut for_output{.rows_per_thread = 8};

/// Two sums for each channel from each row of tiles. Channels lie in the order in which threads
/// with `width` channels each write them side by side: 0, width, 2 width, ..., then 1, 1 + width,
/// ...
struct Partials {
  double* at;  // [row_blocks, 2, width, channels / width]
  unsigned row_blocks, channels, width;

  Partials(const ColumnTiles& t, int channels_of_thread)
      : at(static_cast<double*>(
            workspace(sizeof(double) * 2 * std::size_t(t.row_blocks) * t.channels))),
        row_blocks(t.row_blocks),
        channels(t.channels),
        width(unsigned(channels_of_thread)) {}

  __device__ __forceinline__ double* row(unsigned row_block, unsigned which) const {
    return at + (2 * std::size_t(row_block) + which) * channels;
  }
  __device__ __forceinline__ unsigned channel_at(unsigned place) const {
    const unsigned groups = channels / width;
    return place % groups * width + place / groups;
  }
};

/// Adds each thread's two sums per channel up over the tile, and writes them.
template <int width>
__device__ __forceinline__ void leave_sums(const ColumnTiles& t, const Walk& walk,
                                           const Partials& partials, double (&sums)[2 * width]) {
  sum_row_lanes(t, walk, sums);
  if (walk.row_lane > 0 || walk.channel >= t.channels) return;
  const unsigned groups = t.channels / width, group = walk.channel / width;
#pragma unroll
  for (unsigned i = 0; i < 2 * width; ++i) {
    partials.row(blockIdx.x / t.tiles, i / width)[i % width * groups + group] = sums[i];
  }
}

/// The sums of one channel over all row blocks, in row lane 0 of `t`, whose columns are places.
__device__ __forceinline__ void add_up(const ColumnTiles& t, const Walk& walk,
                                       const Partials& partials, double (&sums)[2]) {
  sums[0] = sums[1] = 0;
#pragma unroll 4
  for (unsigned row = walk.row; row < walk.end; row += walk.step) {
    sums[0] += partials.row(row, 0)[walk.channel];
    sums[1] += partials.row(row, 1)[walk.channel];
  }
  sum_row_lanes(t, walk, sums);
}

inline ColumnTiles tiles_of_partials(const Partials& partials) {
  return column_tiles(int(partials.row_blocks), int(partials.channels), 1,
                      {.max_blocks = 1, .max_lanes = 8});
}

/// What the ReLU sees, without the residual: the one expression of both passes, so that the mask
/// can be recomputed.
__device__ __forceinline__ float normalized(float x, float mean, float scale, float beta) {
  return fmaf(x - mean, scale, beta);
}

}  // namespace
}  // namespace kernels
