// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/put.h"
#include "kernels/pool_windows.h"

namespace kernels {
namespace {

/// Calls row(image, i) for every row i < height of every image.
template <class Row>
void for_each_row(const PoolShape& s, int height, Row row) {
#pragma omp parallel for schedule(static) if (s.x_size() >= parallel_from)
  for (int k = 0; k < s.n * height; ++k) row(k / height, k % height);
}

/// Room for `size` sums that end as elements of type T at `to`: there itself, if they are floats.
float* sums_for(float* to, std::size_t) { return to; }
float* sums_for(bf16*, std::size_t size) {
  static thread_local std::vector<float> sums;
  if (sums.size() < size) sums.resize(size);
  return sums.data();
}

/// Brings them there.
void put_sums(float*, const float*, std::size_t) {}
void put_sums(bf16* to, const float* sums, std::size_t size) {
#pragma omp simd
  for (std::size_t i = 0; i < size; ++i) put(to[i], sums[i]);
}

/// Makes each pixel of dx a sum: from 0 on calls add(sums, at, place) for every window that it lies
/// in. `sums` has an element for each channel, `at` is where the channels of the window's result
/// start, `place` is the pixel's place in the window.
template <class T, class Add>
void for_each_window_of_pixel(const PoolShape& s, T* dx, Add add) {
  const PoolWindows windows(s);
  for_each_row(s, s.h, [&](int image, int i) {
    const Range rows = windows.rows.covering(i);
    for (int j = 0; j < s.w; ++j) {
      const Range columns = windows.columns.covering(j);
      T* const to = dx + windows.x_at(image, i, j);
      float* const sums = sums_for(to, std::size_t(s.c));
      std::fill_n(sums, s.c, 0.0f);
      for (int oi = rows.begin; oi < rows.end; ++oi) {
        for (int oj = columns.begin; oj < columns.end; ++oj) {
          add(sums, windows.y_at(image, oi, oj), windows.place(i, j, oi, oj));
        }
      }
      put_sums(to, sums, std::size_t(s.c));
    }
  });
}

template <class X, class Y>
void average(const AvgPool& op) {
  const PoolShape& s = op.shape;
  const PoolWindows windows(s);
  const X* x = op.x.as<X>();
  Y* y = op.y.as<Y>();
  const float share = 1 / float(s.window_h * s.window_w);
  // The rows of a window one after the other, so that x is read in the order of memory.
  for_each_row(s, s.out_h(), [&](int image, int i) {
    const int size = s.out_w() * s.c;
    Y* const to_row = y + windows.y_at(image, i, 0);
    float* const row = sums_for(to_row, std::size_t(size));
    std::fill_n(row, size, 0.0f);
    for (int r = 0; r < s.window_h; ++r) {
      for (int j = 0; j < s.out_w(); ++j) {
        const X* from = x + windows.x_at(image, i * s.stride + r, j * s.stride);
        float* to = row + std::size_t(j) * s.c;
        for (int t = 0; t < s.window_w; ++t, from += s.c) {
#pragma omp simd
          for (int c = 0; c < s.c; ++c) to[c] += from[c];
        }
      }
    }
#pragma omp simd
    for (int k = 0; k < size; ++k) row[k] *= share;
    put_sums(to_row, row, std::size_t(size));
  });
}

template <class X, class Y>
void average_grad(const AvgPoolGrad& op) {
  const PoolShape& s = op.shape;
  const Y* dy = op.dy.as<Y>();
  const float share = 1 / float(s.window_h * s.window_w);
  const auto add = [=, channels = s.c](float* sums, std::size_t at, int) {
    const Y* from = dy + at;
#pragma omp simd
    for (int c = 0; c < channels; ++c) sums[c] += share * from[c];
  };
  for_each_window_of_pixel(s, op.dx.as<X>(), add);
}

template <class T>
void largest_of_windows(const MaxPool& op) {
  const PoolShape& s = op.shape;
  const PoolWindows windows(s);
  const T* x = op.x.as<T>();
  T* y = op.y.as<T>();
  for_each_row(s, s.out_h(), [&](int image, int i) {
    const Range rows = windows.rows.covered(i);
    for (int j = 0; j < s.out_w(); ++j) {
      const Range columns = windows.columns.covered(j);
      const std::size_t at = windows.y_at(image, i, j);
      T* largest = y + at;
      std::uint8_t* chosen = op.chosen + at;
      for (int r = rows.begin; r < rows.end; ++r) {
        for (int t = columns.begin; t < columns.end; ++t) {
          const T* from = x + windows.x_at(image, r, t);
          const bool first = r == rows.begin && t == columns.begin;
          const auto place = std::uint8_t(windows.place(r, t, i, j));
#pragma omp simd
          for (int c = 0; c < s.c; ++c) {
            const float here = from[c], so_far = largest[c];
            const bool larger = first || here > so_far || (std::isnan(here) && !std::isnan(so_far));
            put(largest[c], larger ? here : so_far);
            chosen[c] = larger ? place : chosen[c];
          }
        }
      }
    }
  });
}

template <class T>
void gradient_to_largest(const MaxPoolGrad& op) {
  const T* dy = op.dy.as<T>();
  const auto add = [dy, chosen = op.chosen, channels = op.shape.c](float* sums, std::size_t at,
                                                                   int place) {
#pragma omp simd
    for (int c = 0; c < channels; ++c) {
      const float g = dy[at + c];  // in any case: a conditional load is three times as slow
      sums[c] += chosen[at + c] == place ? g : 0.0f;
    }
  };
  for_each_window_of_pixel(op.shape, op.dx.as<T>(), add);
}

/// Calls run(X(), Y()) for the types of the larger and the smaller array of an average pooling.
template <class Run>
void with_types(DType x, DType y, Run run) {
  with_type(x, [&](auto large) { with_type(y, [&](auto small) { run(large, small); }); });
}

}  // namespace

void run(Cpu, const AvgPool& op) {
  with_types(op.x.type, op.y.type, [&](auto x, auto y) { average<decltype(x), decltype(y)>(op); });
}

void run(Cpu, const AvgPoolGrad& op) {
  with_types(op.dx.type, op.dy.type,
             [&](auto x, auto y) { average_grad<decltype(x), decltype(y)>(op); });
}

void run(Cpu, const MaxPool& op) {
  with_type(op.x.type, [&](auto type) { largest_of_windows<decltype(type)>(op); });
}

void run(Cpu, const MaxPoolGrad& op) {
  with_type(op.dx.type, [&](auto type) { gradient_to_largest<decltype(type)>(op); });
}

}  // namespace kernels
