// SPDX-License-Identifier: MIT
// Batch norm moves much and computes little: every input is read once for the sums and once for the
// result, by the same thread, in whole cache lines.
#include "kernels/batch_norm.h"

#include <algorithm>
#include <cmath>

#include "kernels/cpu/wide_rows.h"

namespace kernels {
namespace {

/// Calls f with the flags as types.
template <class F>
void with_constants(F f) {
  f();
}
template <class F, class... Flags>
void with_constants(F f, bool flag, Flags... flags) {
  const auto with = [&](auto constant) {
    with_constants([&](auto... constants) { f(constant, constants...); }, flags...);
  };
  flag ? with(std::true_type{}) : with(std::false_type{});
}

/// a * b + c, rounded once where the processor can do that, so that both passes agree in the last
/// bit whatever the compiler contracts.
inline float multiply_add(float a, float b, float c) {
#ifdef FP_FAST_FMAF
  return std::fma(a, b, c);
#else
  return a * b + c;
#endif
}

/// What the ReLU sees, without the residual: the one expression of both passes.
inline float normalized(float x, float mean, float scale, float beta) {
  return multiply_add(x - mean, scale, beta);
}

inline float relu(float x) { return 0.0f > x ? 0.0f : x; }  // NaN stays NaN,
inline bool lets_through(float y) { return !(y <= 0.0f); }  // and keeps its gradient

/// Parameters as the loops want them, one per column.
struct Columns {
  float *mean, *scale, *beta, *slope, *offset;

  explicit Columns(int width) : mean(scratch<float>(std::size_t(5) * width)) {
    scale = mean + width;
    beta = scale + width;
    slope = beta + width;
    offset = slope + width;
  }
};

/// y = act(normalized(x) + residual)
template <class Op>
void normalize(const Op& op, const WideRows& wide, const Columns& columns) {
  const float *x = op.x.f32(), *residual = op.residual.f32();
  float* y = op.y.f32();
  const auto pass = [&](auto has_residual, auto has_relu, auto streams) {
    for_each_part(wide, [&](int part) {
      const auto tile = [&](std::size_t at, int column, auto rows, auto lanes) {
        fill_tile(y + at, wide.width, rows, lanes, streams, [&](int i) {
          return [&, i, m = columns.mean[column + i], s = columns.scale[column + i],
                  b = columns.beta[column + i]](int r) {
            const std::size_t from = at + std::size_t(r) * wide.width + i;
            float v = normalized(x[from], m, s, b);
            if constexpr (has_residual) v += residual[from];
            return has_relu ? relu(v) : v;
          };
        });
      };
      if constexpr (has_residual) {
        for_each_tile<4>(wide, part, tile, x, residual);
      } else {
        for_each_tile<4>(wide, part, tile, x);
      }
      if (streams) finish_streaming();
    });
  };
  with_constants(pass, bool(op.residual), op.relu, should_stream(y, wide.size * sizeof(float)));
}

}  // namespace

void run(Cpu, const BatchNorm& op) {
  const WideRows wide(op.rows, op.channels);
  const Columns columns(wide.width);
  const float* x = op.x.f32();

  // Sums of deviations from the first row, and of their squares, which are exact in double. The
  // first row is at most sqrt(rows) standard deviations from the mean, so nothing is lost to
  // cancellation.
  float* first = columns.mean;
  spread(wide, first, [&](int c) { return x[c]; });
  const ColumnSums sums(wide);
  for_each_part(wide, [&](int part) {
    double *sum = sums.columns(0, part), *squares = sums.columns(1, part);
    const auto tile = [&](std::size_t at, int column, auto rows, auto lanes) {
#pragma omp simd
      for (int i = 0; i < lanes; ++i) {
        const float f = first[column + i];
        double s = sum[column + i], q = squares[column + i];
        for (int r = 0; r < rows; ++r) {
          const double deviation = x[at + std::size_t(r) * wide.width + i] - f;
          s += deviation;
          q += deviation * deviation;
        }
        sum[column + i] = s;
        squares[column + i] = q;
      }
    };
    for_each_tile<8>(wide, part, tile, x);
  });

  const double rows = op.rows;
  for (int c = 0; c < op.channels; ++c) {
    const double deviation = sums.total(0, c) / rows;
    const double variance = std::max(sums.total(1, c) / rows - deviation * deviation, 0.0);
    const double unbiased = op.rows > 1 ? variance * rows / (rows - 1) : variance;
    const double mean = first[c] + deviation;
    op.mean[c] = float(mean);
    op.rstd[c] = float(1 / std::sqrt(variance + op.eps));
    op.running_mean[c] += float(op.momentum * (mean - op.running_mean[c]));
    op.running_var[c] += float(op.momentum * (unbiased - op.running_var[c]));
  }
  spread(wide, columns.mean, [&](int c) { return op.mean[c]; });
  spread(wide, columns.scale, [&](int c) { return op.gamma[c] * op.rstd[c]; });
  spread(wide, columns.beta, [&](int c) { return op.beta[c]; });
  normalize(op, wide, columns);
}

void run(Cpu, const BatchNormInference& op) {
  const WideRows wide(op.rows, op.channels);
  const Columns columns(wide.width);
  spread(wide, columns.mean, [&](int c) { return op.running_mean[c]; });
  spread(wide, columns.scale, [&](int c) {
    return op.gamma[c] * float(1 / std::sqrt(double(op.running_var[c]) + op.eps));
  });
  spread(wide, columns.beta, [&](int c) { return op.beta[c]; });
  normalize(op, wide, columns);
}

void run(Cpu, const BatchNormBackward& op) {
  const WideRows wide(op.rows, op.channels);
  const Columns columns(wide.width);
  const float *x = op.x.f32(), *y = op.y.f32(), *dy = op.dy.f32();
  float *dx = op.dx.f32(), *dresidual = op.dresidual.f32();
  spread(wide, columns.mean, [&](int c) { return op.mean[c]; });
  spread(wide, columns.scale, [&](int c) { return op.gamma[c] * op.rstd[c]; });
  spread(wide, columns.beta, [&](int c) { return op.beta[c]; });

  const ColumnSums sums(wide);
  const auto sum_up = [&](auto has_residual, auto has_relu) {
    for_each_part(wide, [&](int part) {
      double *sum_g = sums.columns(0, part), *sum_gx = sums.columns(1, part);
      const auto tile = [&](std::size_t at, int column, auto rows, auto lanes) {
#pragma omp simd
        for (int i = 0; i < lanes; ++i) {
          const float m = columns.mean[column + i], s = columns.scale[column + i],
                      b = columns.beta[column + i];
          float total_g = 0, total_gx = 0;
          for (int r = 0; r < rows; ++r) {
            const std::size_t from = at + std::size_t(r) * wide.width + i;
            float g = dy[from];
            if constexpr (has_relu) {
              g = lets_through(has_residual ? y[from] : normalized(x[from], m, s, b)) ? g : 0;
            }
            if constexpr (has_residual) dresidual[from] = g;
            total_g += g;
            total_gx = multiply_add(g, x[from] - m, total_gx);
          }
          sum_g[column + i] += total_g;
          sum_gx[column + i] += total_gx;
        }
      };
      if constexpr (has_residual && has_relu) {
        for_each_tile<8>(wide, part, tile, x, dy, y);
      } else {
        for_each_tile<8>(wide, part, tile, x, dy);
      }
    });
  };
  with_constants(sum_up, bool(op.dresidual), op.relu);

  for (int c = 0; c < op.channels; ++c) {
    op.dbeta[c] = float(sums.total(0, c));
    op.dgamma[c] = float(sums.total(1, c) * op.rstd[c]);
  }

  // dx = scale * g + slope * (x - mean) + offset
  spread(wide, columns.slope, [&](int c) {
    return -float(double(op.gamma[c]) * op.rstd[c] * op.rstd[c] * op.dgamma[c] / op.rows);
  });
  spread(wide, columns.offset,
         [&](int c) { return -float(double(op.gamma[c]) * op.rstd[c] * op.dbeta[c] / op.rows); });
  // The first pass has masked the gradient already if it wrote dresidual.
  const float* gradient = dresidual ? dresidual : dy;
  const auto pass = [&](auto masks, auto streams) {
    for_each_part(wide, [&](int part) {
      const auto tile = [&](std::size_t at, int column, auto rows, auto lanes) {
        fill_tile(dx + at, wide.width, rows, lanes, streams, [&](int i) {
          return [&, i, m = columns.mean[column + i], s = columns.scale[column + i],
                  b = columns.beta[column + i], k = columns.slope[column + i],
                  o = columns.offset[column + i]](int r) {
            const std::size_t from = at + std::size_t(r) * wide.width + i;
            float g = gradient[from];
            if constexpr (masks) g = lets_through(normalized(x[from], m, s, b)) ? g : 0;
            return multiply_add(s, g, multiply_add(x[from] - m, k, o));
          };
        });
      };
      for_each_tile<4>(wide, part, tile, x, gradient);
      if (streams) finish_streaming();
    });
  };
  with_constants(pass, op.relu && !op.dresidual, should_stream(dx, wide.size * sizeof(float)));
}

}  // namespace kernels
