// SPDX-License-Identifier: MIT
// Results are gathered: a thread makes one element (or `width` neighbouring channels) of the output
// from the windows it belongs to, so nothing is added by two threads, and every output is written
// once. Overlapping windows read an input several times, from cache.
#include "kernels/cuda/column_tiles.cuh"
#include "kernels/pool_windows.h"

namespace kernels {
namespace {

// Elements from which a block shares a window. A thread of its own would leave most of the GPU
// idle: global pooling has few results of many elements.
constexpr int large_window = 32;

struct Pixel {
  int image, i, j;

  __device__ __forceinline__ Pixel(unsigned number, int h, int w)
      : image(int(number / w / h)), i(int(number / w % h)), j(int(number % w)) {}
};

/// Calls add(at, place) for every window that a pixel lies in: where its result's channels start,
/// and the pixel's place.
template <class Add>
__device__ __forceinline__ void for_each_window_of_pixel(const PoolWindows& s, const Pixel& in,
                                                         Add add) {
  const Range rows = s.rows.covering(in.i), columns = s.columns.covering(in.j);
  for (int i = rows.begin; i < rows.end; ++i) {
    for (int j = columns.begin; j < columns.end; ++j) {
      add(s.y_at(in.image, i, j), std::uint8_t(s.place(in.i, in.j, i, j)));
    }
  }
}

/// Places in windows, of neighbouring channels.
template <int width>
struct Places {
  std::uint8_t v[width];
};

//   shapes  x [n, h, w, c], y [n, out_h, out_w, c]
//   moves   ex*size of x + ey*size of y bytes
//   launch  a block of 256 threads for 256 threads' worth of y
template <class X, class Y, int width>
__global__ void avg_pool_thread_per_output(ColumnTiles t, const X* x, Y* y, PoolWindows s) {
  const Walk walk = Walk::of_thread<width>(t, blockIdx.x);
  if (walk.row >= walk.end) return;
  const Pixel out(walk.row, s.rows.count, s.columns.count);
  const float share = 1 / float(s.rows.length * s.columns.length);
  Lanes<width> sum{};
  for (int r = 0; r < s.rows.length; ++r) {
    for (int q = 0; q < s.columns.length; ++q) {
      const int i = out.i * s.rows.stride + r, j = out.j * s.columns.stride + q;
      const auto from = Lanes<width>::load(x + s.x_at(out.image, i, j) + walk.channel);
#pragma unroll
      for (int k = 0; k < width; ++k) sum.v[k] += from.v[k];
    }
  }
#pragma unroll
  for (int k = 0; k < width; ++k) sum.v[k] *= share;
  sum.store(y + walk.row * std::size_t(t.channels) + walk.channel);
}

// `t` divides the [window_h * window_w, c] elements of one window; a block takes a tile of
// channels.
//   shapes  x [n, h, w, c], y [n, out_h, out_w, c]
//   moves   ex*size of x + ey*size of y bytes
//   launch  a block of 256 threads for each window and 256 channels, or 64 if they are not aligned
template <class X, class Y, int width>
__global__ void avg_pool_block_per_window(ColumnTiles t, const X* x, Y* y, PoolWindows s) {
  const unsigned number = blockIdx.x / t.tiles;
  const Walk walk = Walk::of_thread<width>(t, blockIdx.x % t.tiles);
  const Pixel out(number, s.rows.count, s.columns.count);
  const float share = 1 / float(s.rows.length * s.columns.length);
  float sum[width] = {};
  for_each_row<2>(
      walk,
      [&](unsigned place) {
        const int r = out.i * s.rows.stride + int(place) / s.columns.length;
        const int q = out.j * s.columns.stride + int(place) % s.columns.length;
        return Pack<X, width>::load(x + s.x_at(out.image, r, q) + walk.channel);
      },
      [&](unsigned, const Pack<X, width>& loaded) {
        const Lanes<width> from = loaded.lanes();
#pragma unroll
        for (int i = 0; i < width; ++i) sum[i] += from.v[i];
      });
  sum_row_lanes(t, walk, sum);
  if (walk.row_lane > 0 || walk.end == 0) return;
  Lanes<width> mean;
#pragma unroll
  for (int i = 0; i < width; ++i) mean.v[i] = sum[i] * share;
  mean.store(y + number * std::size_t(t.channels) + walk.channel);
}

//   shapes  dy [n, out_h, out_w, c], dx [n, h, w, c]
//   moves   ex*size of dx + ey*size of dy bytes
//   launch  a block of 256 threads for 256 threads' worth of dx
template <class X, class Y, int width>
__global__ void avg_pool_grad_thread_per_input(ColumnTiles t, const Y* dy, X* dx, PoolWindows s) {
  const Walk walk = Walk::of_thread<width>(t, blockIdx.x);
  if (walk.row >= walk.end) return;
  const Pixel in(walk.row, s.rows.size, s.columns.size);
  const float share = 1 / float(s.rows.length * s.columns.length);
  Lanes<width> sum{};
  for_each_window_of_pixel(s, in, [&](std::size_t at, std::uint8_t) {
    const auto from = Lanes<width>::load(dy + at + walk.channel);
#pragma unroll
    for (int k = 0; k < width; ++k) sum.v[k] = fmaf(share, from.v[k], sum.v[k]);
  });
  sum.store(dx + walk.row * std::size_t(t.channels) + walk.channel);
}

//   shapes  x [n, h, w, c], y and chosen [n, out_h, out_w, c]
//   moves   e*size of x + (e + 1)*size of y bytes
//   launch  a block of 256 threads for 256 threads' worth of y
template <class T, int width>
__global__ void max_pool_thread_per_output(ColumnTiles t, const T* x, T* y, std::uint8_t* chosen,
                                           PoolWindows s) {
  const Walk walk = Walk::of_thread<width>(t, blockIdx.x);
  if (walk.row >= walk.end) return;
  const Pixel out(walk.row, s.rows.count, s.columns.count);
  const Range rows = s.rows.covered(out.i), columns = s.columns.covered(out.j);
  Lanes<width> largest{};
  Places<width> places{};
  bool first = true;
  for (int r = rows.begin; r < rows.end; ++r) {
    for (int q = columns.begin; q < columns.end; ++q) {
      const auto from = Lanes<width>::load(x + s.x_at(out.image, r, q) + walk.channel);
      const auto place = std::uint8_t(s.place(r, q, out.i, out.j));
#pragma unroll
      for (int k = 0; k < width; ++k) {
        // A NaN is larger than any number, and nothing is larger than a NaN.
        if (first || (!(from.v[k] <= largest.v[k]) && largest.v[k] == largest.v[k])) {
          largest.v[k] = from.v[k];
          places.v[k] = place;
        }
      }
      first = false;
    }
  }
  const std::size_t at = walk.row * std::size_t(t.channels) + walk.channel;
  largest.store(y + at);
  store_as(chosen + at, places);
}

//   shapes  dy and chosen [n, out_h, out_w, c], dx [n, h, w, c]
//   moves   e*size of dx + (e + 1)*size of dy bytes
//   launch  a block of 256 threads for 256 threads' worth of dx
template <class T, int width>
__global__ void max_pool_grad_thread_per_input(ColumnTiles t, const T* dy,
                                               const std::uint8_t* chosen, T* dx, PoolWindows s) {
  const Walk walk = Walk::of_thread<width>(t, blockIdx.x);
  if (walk.row >= walk.end) return;
  const Pixel in(walk.row, s.rows.size, s.columns.size);
  Lanes<width> sum{};
  for_each_window_of_pixel(s, in, [&](std::size_t at, std::uint8_t place) {
    const auto places = load_as<Places<width>>(chosen + at + walk.channel);
    const auto from = Lanes<width>::load(dy + at + walk.channel);
#pragma unroll
    for (int k = 0; k < width; ++k) sum.v[k] += places.v[k] == place ? from.v[k] : 0.0f;
  });
  sum.store(dx + walk.row * std::size_t(t.channels) + walk.channel);
}

ColumnTiles tiles_of_outputs(const PoolShape& s, int width) {
  return column_tiles(s.n * s.out_h() * s.out_w(), s.c, width, {});
}
ColumnTiles tiles_of_inputs(const PoolShape& s, int width) {
  return column_tiles(s.n * s.h * s.w, s.c, width, {});
}

template <class X, class Y>
void run(const AvgPool& op) {
  const PoolShape& s = op.shape;
  const X* x = op.x.as<X>();
  Y* y = op.y.as<Y>();
  const int wide = Widths<X, Y>::of(s.c, x, y);
  Widths<X, Y>::with(wide, [&](auto width) {
    if (s.window_h * s.window_w < large_window) {
      const ColumnTiles t = tiles_of_outputs(s, width);
      launch(avg_pool_thread_per_output<X, Y, width>, {t.blocks(), tile_threads}, t, x, y,
             PoolWindows(s));
    } else {
      const ColumnTiles t = column_tiles(s.window_h * s.window_w, s.c, width, {.max_blocks = 1});
      const std::size_t windows = std::size_t(s.n) * s.out_h() * s.out_w();
      launch(avg_pool_block_per_window<X, Y, width>, {windows * t.tiles, tile_threads}, t, x, y,
             PoolWindows(s));
    }
  });
}

template <class X, class Y>
void run(const AvgPoolGrad& op) {
  const Y* dy = op.dy.as<Y>();
  X* dx = op.dx.as<X>();
  Widths<X, Y>::with(Widths<X, Y>::of(op.shape.c, dy, dx), [&](auto width) {
    const ColumnTiles t = tiles_of_inputs(op.shape, width);
    launch(avg_pool_grad_thread_per_input<X, Y, width>, {t.blocks(), tile_threads}, t, dy, dx,
           PoolWindows(op.shape));
  });
}

/// The type of x, that of y: the same, or bf16 and float.
template <class Op>
void run_types(const Op& op, DType x, DType y) {
  with_type(x, [&](auto of_x) {
    using X = decltype(of_x);
    if (y == DType::f32)
      run<X, float>(op);
    else
      run<X, X>(op);
  });
}

template <class T>
void run(const MaxPool& op) {
  const T* x = op.x.as<T>();
  T* y = op.y.as<T>();
  Widths<T>::with(Widths<T>::of(op.shape.c, x, y, op.chosen), [&](auto width) {
    const ColumnTiles t = tiles_of_outputs(op.shape, width);
    launch(max_pool_thread_per_output<T, width>, {t.blocks(), tile_threads}, t, x, y, op.chosen,
           PoolWindows(op.shape));
  });
}

template <class T>
void run(const MaxPoolGrad& op) {
  const T* dy = op.dy.as<T>();
  T* dx = op.dx.as<T>();
  Widths<T>::with(Widths<T>::of(op.shape.c, dy, op.chosen, dx), [&](auto width) {
    const ColumnTiles t = tiles_of_inputs(op.shape, width);
    launch(max_pool_grad_thread_per_input<T, width>, {t.blocks(), tile_threads}, t, dy, op.chosen,
           dx, PoolWindows(op.shape));
  });
}

}  // namespace

void run(Cuda, const AvgPool& op) { run_types(op, op.x.type, op.y.type); }

void run(Cuda, const AvgPoolGrad& op) { run_types(op, op.dx.type, op.dy.type); }

void run(Cuda, const MaxPool& op) {
  with_type(op.x.type, [&](auto element) { run<decltype(element)>(op); });
}

void run(Cuda, const MaxPoolGrad& op) {
  with_type(op.dx.type, [&](auto element) { run<decltype(element)>(op); });
}

}  // namespace kernels
