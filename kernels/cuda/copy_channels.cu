// SPDX-License-Identifier: MIT
// A thread keeps to its channels and copies row after row. Reads and writes are both contiguous
// within a part of a row.
#include "kernels/copy_channels.h"

#include <numeric>

#include "kernels/cuda/column_tiles.cuh"

namespace kernels {
namespace {

//   shapes  x, y [rows, channels], each with a pitch of its own
//   moves   2*e*rows*channels bytes
//   launch  a block of 256 threads for four rows of each thread
template <class T, int width>
__global__ void copy_channels_column_tiles(ColumnTiles t, const T* x, T* y, std::size_t x_pitch,
                                           std::size_t y_pitch) {
  const Walk walk = Walk::of_thread<width>(t, blockIdx.x);
  for_each_row<4>(
      walk, [&](unsigned row) { return Pack<T, width>::load(x + row * x_pitch + walk.channel); },
      [&](unsigned row, const Pack<T, width>& values) {
        store_as(y + row * y_pitch + walk.channel, values);
      });
}

template <class T>
void run(const CopyChannels& op) {
  const T* x = op.x.rows_as<T>();
  T* y = op.y.rows_as<T>();
  const int x_pitch = op.x.pitch_of(op.channels), y_pitch = op.y.pitch_of(op.channels);
  const int wide = Widths<T>::of(std::gcd(op.channels, std::gcd(x_pitch, y_pitch)), x, y);
  const ColumnTiles t = column_tiles(op.rows, op.channels, wide, {.rows_per_thread = 4});
  Widths<T>::with(wide, [&](auto width) {
    launch(copy_channels_column_tiles<T, width>, {t.blocks(), tile_threads}, t, x, y,
           std::size_t(x_pitch), std::size_t(y_pitch));
  });
}

}  // namespace

void run(Cuda, const CopyChannels& op) {
  with_type(op.y.type, [&](auto element) { run<decltype(element)>(op); });
}

}  // namespace kernels
