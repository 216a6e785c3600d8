// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>

#include "kernels/cpu/parallel.h"
#include "kernels/pool_windows.h"

namespace kernels {
namespace {

/// Calls row(image, i) for every row i < height of every image.
template <class Row>
void for_each_row(const PoolShape& s, int height, Row row) {
#pragma omp parallel for schedule(static) if (s.x_size() >= parallel_from)
  for (int k = 0; k < s.n * height; ++k) row(k / height, k % height);
}

/// Sets dx to 0, then calls add(to, at, place) for every pixel and every window that it lies in:
/// `to` is where the pixel's channels start in dx, `at` where those of the window's result do,
/// `place` is the pixel's place in the window.
template <class Add>
void for_each_window_of_pixel(const PoolShape& s, float* dx, Add add) {
  const PoolWindows windows(s);
  for_each_row(s, s.h, [&](int image, int i) {
    const Range rows = windows.rows.covering(i);
    for (int j = 0; j < s.w; ++j) {
      const Range columns = windows.columns.covering(j);
      float* to = dx + windows.x_at(image, i, j);
      std::fill_n(to, s.c, 0.0f);
      for (int oi = rows.begin; oi < rows.end; ++oi) {
        for (int oj = columns.begin; oj < columns.end; ++oj) {
          add(to, windows.y_at(image, oi, oj), windows.place(i, j, oi, oj));
        }
      }
    }
  });
}

}  // namespace

void run(Cpu, const AvgPool& op) {
  const PoolShape& s = op.shape;
  const PoolWindows windows(s);
  const float* x = op.x.f32();
  float* y = op.y.f32();
  const float share = 1 / float(s.window_h * s.window_w);
  // The rows of a window one after the other, so that x is read in the order of memory.
  for_each_row(s, s.out_h(), [&](int image, int i) {
    float* row = y + windows.y_at(image, i, 0);
    const int size = s.out_w() * s.c;
    std::fill_n(row, size, 0.0f);
    for (int r = 0; r < s.window_h; ++r) {
      for (int j = 0; j < s.out_w(); ++j) {
        const float* from = x + windows.x_at(image, i * s.stride + r, j * s.stride);
        float* to = row + std::size_t(j) * s.c;
        for (int t = 0; t < s.window_w; ++t, from += s.c) {
#pragma omp simd
          for (int c = 0; c < s.c; ++c) to[c] += from[c];
        }
      }
    }
#pragma omp simd
    for (int k = 0; k < size; ++k) row[k] *= share;
  });
}

void run(Cpu, const AvgPoolGrad& op) {
  const PoolShape& s = op.shape;
  const float* dy = op.dy.f32();
  const float share = 1 / float(s.window_h * s.window_w);
  for_each_window_of_pixel(s, op.dx.f32(), [=, channels = s.c](float* to, std::size_t at, int) {
    const float* from = dy + at;
#pragma omp simd
    for (int c = 0; c < channels; ++c) to[c] += share * from[c];
  });
}

void run(Cpu, const MaxPool& op) {
  const PoolShape& s = op.shape;
  const PoolWindows windows(s);
  const float* x = op.x.f32();
  float* y = op.y.f32();
  for_each_row(s, s.out_h(), [&](int image, int i) {
    const Range rows = windows.rows.covered(i);
    for (int j = 0; j < s.out_w(); ++j) {
      const Range columns = windows.columns.covered(j);
      const std::size_t at = windows.y_at(image, i, j);
      float* largest = y + at;
      std::uint8_t* chosen = op.chosen + at;
      for (int r = rows.begin; r < rows.end; ++r) {
        for (int t = columns.begin; t < columns.end; ++t) {
          const float* from = x + windows.x_at(image, r, t);
          const bool first = r == rows.begin && t == columns.begin;
          const auto place = std::uint8_t(windows.place(r, t, i, j));
#pragma omp simd
          for (int c = 0; c < s.c; ++c) {
            const bool larger =
                first || from[c] > largest[c] || (std::isnan(from[c]) && !std::isnan(largest[c]));
            largest[c] = larger ? from[c] : largest[c];
            chosen[c] = larger ? place : chosen[c];
          }
        }
      }
    }
  });
}

void run(Cpu, const MaxPoolGrad& op) {
  const float* dy = op.dy.f32();
  const auto add = [dy, chosen = op.chosen, channels = op.shape.c](float* to, std::size_t at,
                                                                   int place) {
#pragma omp simd
    for (int c = 0; c < channels; ++c) {
      const float g = dy[at + c];  // in any case: a conditional load is three times as slow
      to[c] += chosen[at + c] == place ? g : 0.0f;
    }
  };
  for_each_window_of_pixel(op.shape, op.dx.f32(), add);
}

}  // namespace kernels
