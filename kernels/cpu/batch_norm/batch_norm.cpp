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

template <class T>
Rows<const T> rows_of(ConstArray array, int channels) {
  return {array.rows_as<T>(), std::size_t(array.pitch_of(channels))};
}
template <class T>
Rows<T> rows_of(Array array, int channels) {
  return {array.rows_as<T>(), std::size_t(array.pitch_of(channels))};
}

/// Calls f with the array, or with nothing where there is none.
template <class T, class F>
void with_optional(Rows<const T> array, F f) {
  array.at != nullptr ? f(array) : f();
}

/// y = act(normalized(x) + residual)
template <class T, class Op>
void normalize(const Op& op, const WideRows& wide, const Columns& columns) {
  const auto x = rows_of<T>(op.x, op.channels), residual = rows_of<T>(op.residual, op.channels);
  const auto y = rows_of<T>(op.y, op.channels);
  const auto pass = [&](auto has_relu, auto... added) {
    const auto value = [&](int j) {
      return [mean = columns.mean[j], scale = columns.scale[j], beta = columns.beta[j], has_relu](
                 float x_here, auto... added_here) {
        const float v = (normalized(x_here, mean, scale, beta) + ... + float(added_here));
        return has_relu ? relu(v) : v;
      };
    };
    write_elements(wide, y, value, x, added...);
  };
  with_constants(
      [&](auto has_relu) {
        with_optional(residual, [&](auto... added) { pass(has_relu, added...); });
      },
      op.relu);
}

/// What follows from mean and variance of channel c: rstd and the running statistics.
void finish_statistics(const BatchNorm& op, int c, double mean, double variance) {
  op.rstd[c] = float(1 / std::sqrt(variance + op.eps));
  move_running(op, c, mean, variance, op.rows);
}

/// The statistics, and what follows from them; with `sums` mean and variance alone.
template <class T>
void find_statistics(const BatchNorm& op, const WideRows& wide, const Columns& columns) {
  const auto x = rows_of<T>(op.x, op.channels);

  // Sums of deviations from the first row, and of their squares, which are exact in double. The
  // first row is at most sqrt(rows) standard deviations from the mean, so nothing is lost to
  // cancellation.
  float* first_row = columns.mean;
  spread(wide, first_row, [&](int c) { return x.at[c]; });
  const ColumnSums sums(wide);
  for_each_part(wide, [&](int part) {
    double *sum = sums.columns(0, part), *squares = sums.columns(1, part);
    const auto tile = [&](int column, auto rows, auto lanes, Rows<const T> at) {
#pragma omp simd
      for (int i = 0; i < lanes; ++i) {
        const float first = first_row[column + i];
        double s = sum[column + i], q = squares[column + i];
        for (int r = 0; r < rows; ++r) {
          const double deviation = at(r, i) - first;
          s += deviation;
          q += deviation * deviation;
        }
        sum[column + i] = s;
        squares[column + i] = q;
      }
    };
    for_each_tile<8>(wide, part, tile, no_more, x);
  });

  const double rows = op.rows;
  for (int c = 0; c < op.channels; ++c) {
    const double deviation = sums.total(0, c) / rows, mean = first_row[c] + deviation;
    const double variance = std::max(sums.total(1, c) / rows - deviation * deviation, 0.0);
    op.mean[c] = float(mean);
    if (op.pass == BatchNormPass::sums) {
      op.rstd[c] = float(variance);
    } else {
      finish_statistics(op, c, mean, variance);
    }
  }
}

template <class T>
void forward(const BatchNorm& op) {
  const WideRows wide(op.rows, op.channels, line_of<T>, op.x.pitch == 0);
  const Columns columns(wide.width);
  if (op.pass != BatchNormPass::output) find_statistics<T>(op, wide, columns);
  if (op.pass == BatchNormPass::sums) return;
  for (int c = 0; op.var != nullptr && c < op.channels; ++c)
    finish_statistics(op, c, op.mean[c], op.var[c]);
  spread(wide, columns.mean, [&](int c) { return op.mean[c]; });
  spread(wide, columns.scale, [&](int c) { return op.gamma[c] * op.rstd[c]; });
  spread(wide, columns.beta, [&](int c) { return op.beta[c]; });
  normalize<T>(op, wide, columns);
}

template <class T>
void inference(const BatchNormInference& op) {
  const WideRows wide(op.rows, op.channels, line_of<T>, op.x.pitch == 0);
  const Columns columns(wide.width);
  spread(wide, columns.mean, [&](int c) { return op.running_mean[c]; });
  spread(wide, columns.scale, [&](int c) {
    return op.gamma[c] * float(1 / std::sqrt(double(op.running_var[c]) + op.eps));
  });
  spread(wide, columns.beta, [&](int c) { return op.beta[c]; });
  normalize<T>(op, wide, columns);
}

/// Adds a tile's g and g * (x - mean) to the sums of its columns; with `masks` g is 0 where the
/// ReLU let nothing through.
template <class T>
void add_tile(const ColumnSums& sums, int part, const Columns& columns, auto masks, int column,
              auto rows, auto lanes, Rows<const T> x_at, auto g_at) {
  double *sum_g = sums.columns(0, part), *sum_gx = sums.columns(1, part);
#pragma omp simd
  for (int i = 0; i < lanes; ++i) {
    const int j = column + i;
    const float mean = columns.mean[j], scale = columns.scale[j], beta = columns.beta[j];
    float few_g = 0, few_gx = 0;  // of so few rows that float will do
    for (int r = 0; r < rows; ++r) {
      float g = g_at(r, i);
      if constexpr (masks) g = lets_through(normalized(x_at(r, i), mean, scale, beta)) ? g : 0;
      few_g += g;
      few_gx = multiply_add(g, x_at(r, i) - mean, few_gx);
    }
    sum_g[j] += few_g;
    sum_gx[j] += few_gx;
  }
}

void take_sums(const BatchNormBackward& op, const ColumnSums& sums) {
  for (int c = 0; c < op.channels; ++c) {
    op.dbeta[c] = float(sums.total(0, c));
    op.dgamma[c] = float(sums.total(1, c) * op.rstd[c]);
  }
}

/// What dx takes of x - mean, and what it takes besides, of channel c.
struct Remainder {
  double slope, offset;

  Remainder(const BatchNormBackward& op, int c) {
    const double scale = double(op.gamma[c]) * op.rstd[c];
    slope = -(scale * op.rstd[c] * op.dgamma[c] / op.rows);
    offset = -(scale * op.dbeta[c] / op.rows);
  }
};

/// The sums, and dx without what follows from them.
template <class T>
void backward_in_one_pass(const BatchNormBackward& op, const WideRows& wide,
                          const Columns& columns) {
  const auto x = rows_of<T>(op.x, op.channels), dy = rows_of<T>(op.dy, op.channels),
             addend = rows_of<T>(op.addend, op.channels);
  const auto dx = rows_of<T>(op.dx, op.channels);
  const ColumnSums sums(wide);
  const auto pass = [&](auto masks, auto... added) {
    for_each_part(wide, [&](int part) {
      const auto tile = [&](int column, auto rows, auto lanes, Rows<T> to, Rows<const T> x_at,
                            Rows<const T> dy_at, auto... added_at) {
        add_tile<T>(sums, part, columns, masks, column, rows, lanes, x_at, dy_at);
        for (int r = 0; r < rows; ++r) {
#pragma omp simd
          for (int i = 0; i < lanes; ++i) {
            const int j = column + i;
            const float mean = columns.mean[j], scale = columns.scale[j], beta = columns.beta[j];
            float g = dy_at(r, i);
            if constexpr (masks)
              g = lets_through(normalized(x_at(r, i), mean, scale, beta)) ? g : 0;
            put(to(r, i), ((scale * g) + ... + float(added_at(r, i))));
          }
        }
      };
      for_each_tile<8>(wide, part, tile, no_more, dx, x, dy, added...);
    });
  };
  with_constants(
      [&](auto masks) { with_optional(addend, [&](auto... added) { pass(masks, added...); }); },
      op.relu);
  take_sums(op, sums);
  for (int c = 0; c < op.channels; ++c) {
    const Remainder remainder(op, c);
    op.slope[c] += float(remainder.slope);
    op.offset[c] += float(remainder.offset);
  }
}

template <class T>
void backward(const BatchNormBackward& op) {
  const WideRows wide(op.rows, op.channels, line_of<T>, op.x.pitch == 0 && op.dx.pitch == 0);
  const Columns columns(wide.width);
  const auto x = rows_of<T>(op.x, op.channels), y = rows_of<T>(op.y, op.channels),
             dy = rows_of<T>(op.dy, op.channels), addend = rows_of<T>(op.addend, op.channels);
  const auto dx = rows_of<T>(op.dx, op.channels), dresidual = rows_of<T>(op.dresidual, op.channels);
  spread(wide, columns.mean, [&](int c) { return op.mean[c]; });
  spread(wide, columns.scale, [&](int c) { return op.gamma[c] * op.rstd[c]; });
  spread(wide, columns.beta, [&](int c) { return op.beta[c]; });
  if (op.slope != nullptr) return backward_in_one_pass<T>(op, wide, columns);

  // First pass: the sums of g and of g * (x - mean), and dresidual = g.
  const auto sum_pass = [&](const ColumnSums& sums, auto masks, auto... residuals) {
    for_each_part(wide, [&](int part) {
      const auto add = [&](int column, auto rows, auto lanes, Rows<const T> x_at, auto g_at) {
        add_tile<T>(sums, part, columns, masks, column, rows, lanes, x_at, g_at);
      };
      const auto write_and_add = [&](int column, auto rows, auto lanes, Rows<const T> x_at,
                                     Rows<const T> dy_at, Rows<T> g_at, auto... y_at) {
        for (int r = 0; r < rows; ++r) {
#pragma omp simd
          for (int i = 0; i < lanes; ++i) {
            const float g = dy_at(r, i);
            put(g_at(r, i), (lets_through(y_at(r, i)) && ...) ? g : 0);
          }
        }
        add(column, rows, lanes, x_at, g_at);
      };
      if constexpr (sizeof...(residuals) > 0) {
        for_each_tile<8>(wide, part, write_and_add, no_more, x, dy, residuals...);
      } else {
        for_each_tile<8>(wide, part, add, no_more, x, dy);
      }
    });
  };
  if (op.pass != BatchNormPass::output) {
    const ColumnSums sums(wide);
    with_constants(
        [&](auto has_residual, auto has_relu) {
          if constexpr (!has_residual) {
            sum_pass(sums, has_relu);
          } else if constexpr (has_relu) {
            sum_pass(sums, std::false_type{}, dresidual, y);
          } else {
            sum_pass(sums, std::false_type{}, dresidual);
          }
        },
        bool(op.dresidual), op.relu);
    take_sums(op, sums);
  }
  if (op.pass == BatchNormPass::sums) return;

  // Second pass: dx = scale * g + slope * (x - mean) + offset + addend, where g is dresidual if
  // there is one.
  spread(wide, columns.slope, [&](int c) { return float(Remainder(op, c).slope); });
  spread(wide, columns.offset, [&](int c) { return float(Remainder(op, c).offset); });
  const auto gradient = op.dresidual ? Rows<const T>{dresidual.at, dresidual.pitch} : dy;
  const auto output_pass = [&](auto masks, auto... added) {
    const auto value = [&](int j) {
      return [masks, mean = columns.mean[j], scale = columns.scale[j], beta = columns.beta[j],
              slope = columns.slope[j],
              offset = columns.offset[j]](float x_here, float g, auto... added_here) {
        if (masks) g = lets_through(normalized(x_here, mean, scale, beta)) ? g : 0;
        const float d = multiply_add(scale, g, multiply_add(x_here - mean, slope, offset));
        return (d + ... + float(added_here));
      };
    };
    write_elements(wide, dx, value, x, gradient, added...);
  };
  with_constants(
      [&](auto masks) {
        with_optional(addend, [&](auto... added) { output_pass(masks, added...); });
      },
      op.relu && !op.dresidual);
}

template <class T>
void remainder(const BatchNormRemainder& op) {
  const WideRows wide(op.rows, op.channels, line_of<T>,
                      op.x.pitch == 0 && op.so_far.pitch == 0 && op.dx.pitch == 0);
  const Columns columns(wide.width);
  spread(wide, columns.mean, [&](int c) { return op.mean[c]; });
  spread(wide, columns.slope, [&](int c) { return op.slope[c]; });
  spread(wide, columns.offset, [&](int c) { return op.offset[c]; });
  const auto value = [&](int j) {
    return [mean = columns.mean[j], slope = columns.slope[j], offset = columns.offset[j]](
               float x, float so_far) { return so_far + multiply_add(x - mean, slope, offset); };
  };
  write_elements(wide, rows_of<T>(op.dx, op.channels), value, rows_of<T>(op.x, op.channels),
                 rows_of<T>(op.so_far, op.channels));
}

}  // namespace

void run(Cpu, const BatchNorm& op) {
  with_type(op.x.type, [&](auto type) { forward<decltype(type)>(op); });
}

void run(Cpu, const BatchNormInference& op) {
  with_type(op.x.type, [&](auto type) { inference<decltype(type)>(op); });
}

void run(Cpu, const BatchNormBackward& op) {
  with_type(op.x.type, [&](auto type) { backward<decltype(type)>(op); });
}

void run(Cpu, const BatchNormRemainder& op) {
  with_type(op.x.type, [&](auto type) { remainder<decltype(type)>(op); });
}

}  // namespace kernels
