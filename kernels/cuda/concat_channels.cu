// SPDX-License-Identifier: MIT
// A thread keeps to its channels, so that it decides once which of the two arrays they belong to,
// and then copies row after row. Reads and writes are both contiguous within a part of a row.
#include "kernels/concat_channels.h"

#include <numeric>

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
//   moves   2*e*rows*(a_channels + b_channels) bytes
//   launch  a block of 256 threads for four rows of each thread
template <class T, int width>
__global__ void concat_channels_column_tiles(ColumnTiles t, const T* a, const T* b, T* y,
                                             unsigned a_channels) {
  const Walk walk = Walk::of_thread<width>(t, blockIdx.x);
  const Part<const T> from(a, b, walk.channel, a_channels, t.channels - a_channels);
  for_each_row<4>(
      walk, [&](unsigned row) { return Pack<T, width>::load(from.at + row * from.pitch); },
      [&](unsigned row, const Pack<T, width>& values) {
        store_as(y + row * std::size_t(t.channels) + walk.channel, values);
      });
}

//   shapes  dy [rows, a_channels + b_channels], da [rows, a_channels], db [rows, b_channels]
//   moves   2*e*rows*(channels of da and db, where they are wanted) bytes
//   launch  a block of 256 threads for four rows of each thread
template <class T, int width>
__global__ void split_channels_column_tiles(ColumnTiles t, const T* dy, T* da, T* db,
                                            unsigned a_channels) {
  const Walk walk = Walk::of_thread<width>(t, blockIdx.x);
  const Part<T> to(da, db, walk.channel, a_channels, t.channels - a_channels);
  if (to.at == nullptr) return;
  for_each_row<4>(
      walk,
      [&](unsigned row) {
        return Pack<T, width>::load(dy + row * std::size_t(t.channels) + walk.channel);
      },
      [&](unsigned row, const Pack<T, width>& values) {
        store_as(to.at + row * to.pitch, values);
      });
}

constexpr Cut four_rows{.rows_per_thread = 4};

/// Also the second array's part of a row begins where an access may.
template <class T>
int width_of(int a_channels, int b_channels, const T* a, const T* b, const T* y) {
  return Widths<T>::of(std::gcd(a_channels, b_channels), a, b, y);
}

template <class T>
void run(const ConcatChannels& op) {
  const T *a = op.a.as<T>(), *b = op.b.as<T>();
  T* y = op.y.as<T>();
  const int wide = width_of(op.a_channels, op.b_channels, a, b, y);
  const ColumnTiles t = column_tiles(op.rows, op.a_channels + op.b_channels, wide, four_rows);
  Widths<T>::with(wide, [&](auto width) {
    launch(concat_channels_column_tiles<T, width>, {t.blocks(), tile_threads}, t, a, b, y,
           unsigned(op.a_channels));
  });
}

template <class T>
void run(const SplitChannels& op) {
  const T* dy = op.dy.as<T>();
  T *da = op.da.as<T>(), *db = op.db.as<T>();
  const int wide = width_of<T>(op.a_channels, op.b_channels, da, db, dy);
  const ColumnTiles t = column_tiles(op.rows, op.a_channels + op.b_channels, wide, four_rows);
  Widths<T>::with(wide, [&](auto width) {
    launch(split_channels_column_tiles<T, width>, {t.blocks(), tile_threads}, t, dy, da, db,
           unsigned(op.a_channels));
  });
}

}  // namespace

void run(Cuda, const ConcatChannels& op) {
  with_type(op.y.type, [&](auto element) { run<decltype(element)>(op); });
}

void run(Cuda, const SplitChannels& op) {
  with_type(op.dy.type, [&](auto element) { run<decltype(element)>(op); });
}

}  // namespace kernels
