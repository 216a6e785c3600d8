// SPDX-License-Identifier: MIT
// A thread keeps to its channels, so that it decides once which of the two arrays they belong to,
// and then copies row after row. Reads and writes are both contiguous within a part of a row.
#include "kernels/concat_channels.h"

#include "kernels/cuda/column_tiles.cuh"

namespace kernels {
namespace {

/// One of two arrays with the same rows, at one channel of both side by side.
template <class T>
struct Part {
  T* at;
  std::size_t pitch;

  __device__ __forceinline__ Part(T* a, T* b, unsigned channel, unsigned a_channels,
                                  unsigned b_channels)
      : at(channel < a_channels ? a : b), pitch(channel < a_channels ? a_channels : b_channels) {
    if (at) at += channel < a_channels ? channel : channel - a_channels;
  }
};

//   shapes  a [rows, a_channels], b [rows, b_channels], y [rows, a_channels + b_channels]
//   moves   8*rows*(a_channels + b_channels) bytes
//   launch  a block of 256 threads for four rows of each thread
template <int width>
__global__ void concat_channels_column_tiles(ColumnTiles t, const float* a, const float* b,
                                             float* y, unsigned a_channels) {
  const Walk walk = Walk::of_thread<width>(t, blockIdx.x);
  const Part<const float> from(a, b, walk.channel, a_channels, t.channels - a_channels);
  for_each_row<4>(
      walk, [&](unsigned row) { return Lanes<width>::load(from.at + row * from.pitch); },
      [&](unsigned row, const Lanes<width>& values) {
        values.store(y + row * std::size_t(t.channels) + walk.channel);
      });
}

//   shapes  dy [rows, a_channels + b_channels], da [rows, a_channels], db [rows, b_channels]
//   moves   8*rows*(channels of da and db, where they are wanted) bytes
//   launch  a block of 256 threads for four rows of each thread
template <int width>
__global__ void split_channels_column_tiles(ColumnTiles t, const float* dy, float* da, float* db,
                                            unsigned a_channels) {
  const Walk walk = Walk::of_thread<width>(t, blockIdx.x);
  const Part<float> to(da, db, walk.channel, a_channels, t.channels - a_channels);
  if (to.at == nullptr) return;
  for_each_row<4>(
      walk,
      [&](unsigned row) {
        return Lanes<width>::load(dy + row * std::size_t(t.channels) + walk.channel);
      },
      [&](unsigned row, const Lanes<width>& values) { values.store(to.at + row * to.pitch); });
}

/// 4 where also the second array's part of a row begins at a multiple of 16 bytes.
int width_of(int a_channels, int b_channels, const float* a, const float* b, const float* y) {
  return a_channels % 4 == 0 ? access_width(b_channels, a, b, y) : 1;
}

}  // namespace

void run(Cuda, const ConcatChannels& op) {
  const float *a = op.a.f32(), *b = op.b.f32();
  float* y = op.y.f32();
  const int width = width_of(op.a_channels, op.b_channels, a, b, y);
  const ColumnTiles t =
      column_tiles(op.rows, op.a_channels + op.b_channels, width, {.rows_per_thread = 4});
  launch(width == 4 ? concat_channels_column_tiles<4> : concat_channels_column_tiles<1>,
         {t.blocks(), tile_threads}, t, a, b, y, unsigned(op.a_channels));
}

void run(Cuda, const SplitChannels& op) {
  const float* dy = op.dy.f32();
  float *da = op.da.f32(), *db = op.db.f32();
  const int width = width_of(op.a_channels, op.b_channels, da, db, dy);
  const ColumnTiles t =
      column_tiles(op.rows, op.a_channels + op.b_channels, width, {.rows_per_thread = 4});
  launch(width == 4 ? split_channels_column_tiles<4> : split_channels_column_tiles<1>,
         {t.blocks(), tile_threads}, t, dy, da, db, unsigned(op.a_channels));
}

}  // namespace kernels
