// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/batch_norm.h"
#include "kernels/cuda/column_tiles.cuh"
#include "kernels/cuda/workspace.h"

/// What the forward and the backward pass of batch norm have in common. Each needs sums over all
/// rows before it can use them: two launches, both of which read the arrays, and the last blocks of
/// the first add up what all have found. Every thread keeps to its channels, so parameters and sums
/// stay in registers. No number depends on the order in which blocks run.
namespace kernels {
namespace {

// Of the passes that leave sums behind: blocks enough to fill a GPU, few enough to be added up in
// no time.
constexpr Cut for_sums{.rows_per_thread = 8, .max_blocks = 512};
constexpr Cut for_output{.rows_per_thread = 8};

// The last of so many blocks adds up what they have left, and the last one to do that what such
// groups have: a thread has few loads to wait for then, where 512 rows of sums would be many.
constexpr unsigned group_size = 16;

/// Two sums for each channel from each row of tiles, and behind them from each group of those.
/// Channels lie in the order in which threads with `width` channels each write them side by side:
/// 0, width, 2 width, ..., then 1, 1 + width, ...
struct Partials {
  double* at;         // [row_blocks + groups, 2, width, channels / width]
  unsigned* tickets;  // [tiles, 1 + groups]
  unsigned groups, channels;

  explicit Partials(const ColumnTiles& t)
      : groups(unsigned(ceil_div(t.row_blocks, group_size))), channels(t.channels) {
    at = static_cast<double*>(
        workspace(sizeof(double) * 2 * std::size_t(t.row_blocks + groups) * channels));
    tickets = kernels::tickets(std::size_t(t.tiles) * (1 + groups));
  }

  __device__ __forceinline__ double* row(unsigned number) const {
    return at + 2 * std::size_t(number) * channels;
  }
};

/// Whether this block is the last of `count` that share the ticket. What their threads wrote before
/// they called is what its threads read then. All threads call it; the ticket is 0 again behind it.
__device__ __forceinline__ bool last_to_come(unsigned* ticket, unsigned count) {
  __shared__ bool is_last;
  __threadfence();
  __syncthreads();
  if (threadIdx.x == 0) is_last = atomicInc(ticket, count - 1) == count - 1;
  __syncthreads();
  __threadfence();
  return is_last;
}

/// Calls use(place, sums) for each channel of the block's tile: its two sums over `rows` rows of
/// partials, in their order.
template <int width, class Use>
__device__ __forceinline__ void add_up(const ColumnTiles& t, const Partials& partials,
                                       unsigned first, unsigned rows, Use use) {
  const unsigned groups = t.channels / width, begin = blockIdx.x % t.tiles * t.lanes,
                 lanes = min(t.lanes, groups - begin);
  for (unsigned i = threadIdx.x; i < lanes * width; i += tile_threads) {
    const unsigned place = i / lanes * groups + begin + i % lanes;
    double sums[2] = {};
#pragma unroll 8
    for (unsigned row = first; row < first + rows; ++row) {
      const double* const at = partials.row(row) + place;
      sums[0] += at[0];
      sums[1] += at[t.channels];
    }
    use(place, sums);
  }
}

/// Adds each thread's two sums per channel up over all rows. finish(channel, sums) is called once
/// for each channel, by a thread of the last block that comes here of those above each other.
template <int width, class Finish>
__device__ __forceinline__ void sum_over_blocks(const ColumnTiles& t, const Walk& walk,
                                                const Partials& partials, double (&sums)[2 * width],
                                                Finish finish) {
  sum_row_lanes(t, walk, sums);
  const unsigned groups = t.channels / width, row_block = blockIdx.x / t.tiles;
  if (walk.row_lane == 0 && walk.channel < t.channels) {
    double* const row = partials.row(row_block) + walk.channel / width;
#pragma unroll
    for (unsigned i = 0; i < 2 * width; ++i) row[i * groups] = sums[i];
  }
  unsigned* const tickets = partials.tickets + blockIdx.x % t.tiles * (1 + partials.groups);
  unsigned group = row_block / group_size, first = group * group_size,
           rows = min(group_size, t.row_blocks - first);
  if (!last_to_come(tickets + 1 + group, rows)) return;
  if (partials.groups > 1) {
    add_up<width>(t, partials, first, rows, [&](unsigned place, const double(&of_group)[2]) {
      double* const row = partials.row(t.row_blocks + group) + place;
      row[0] = of_group[0];
      row[t.channels] = of_group[1];
    });
    if (!last_to_come(tickets, partials.groups)) return;
    first = t.row_blocks;
    rows = partials.groups;
  }
  add_up<width>(t, partials, first, rows, [&](unsigned place, const double(&all)[2]) {
    finish(place % groups * width + place / groups, all);
  });
}

/// What the ReLU sees, without the residual: the one expression of both passes, so that the mask
/// can be recomputed.
__device__ __forceinline__ float normalized(float x, float mean, float scale, float beta) {
  return fmaf(x - mean, scale, beta);
}

}  // namespace
}  // namespace kernels
