// SPDX-License-Identifier: MIT
#include <numeric>

#include "kernels/cuda/batch_norm.cuh"

namespace kernels {
namespace {

/// A sum that keeps what rounding takes away (Kahan, 1965): as good as one in double, which most
/// GPUs have few units for.
struct CompensatedSum {
  float sum = 0, excess = 0;

  __device__ __forceinline__ void add(float x) {
    const float missing = x - excess, next = sum + missing;
    excess = (next - sum) - missing;
    sum = next;
  }
  __device__ __forceinline__ double value() const { return double(sum) - excess; }
};

/// Of a batch, and those that follow it.
struct Statistics {
  float *mean = nullptr, *rstd = nullptr, *running_mean = nullptr, *running_var = nullptr;
  float eps = 0, momentum = 0;
  bool used_later = false;  // mean and, in the place of rstd, variance alone

  Statistics() = default;
  explicit Statistics(const BatchNorm& op)
      : mean(op.mean),
        rstd(op.rstd),
        running_mean(op.running_mean),
        running_var(op.running_var),
        eps(op.eps),
        momentum(op.momentum),
        used_later(op.pass == BatchNormPass::sums) {}

  // From the sums of x - x0 and of its square over all rows of channel c.
  __device__ __forceinline__ void set(unsigned c, double x0, const double (&sums)[2],
                                      unsigned rows) const {
    const double deviation = sums[0] / rows;
    const double difference = sums[1] / rows - deviation * deviation;
    const double variance = difference < 0 ? 0 : difference;  // NaN stays NaN
    const double center = x0 + deviation;
    mean[c] = float(center);
    if (used_later) {
      rstd[c] = float(variance);
      return;
    }
    rstd[c] = float(1 / sqrt(variance + eps));
    move_running(*this, int(c), center, variance, rows);
  }
};

// Statistics of each channel, from sums of x - x0 and of its square, x0 the first row, which is at
// most sqrt(rows) standard deviations from the mean. A thread adds deviations from its own first
// row up, exact in float however large the mean is, and goes over to x0 in double.
//   shapes  x [rows, channels] with a pitch
//   moves   e*rows*channels bytes, (32 + e)*channels for each of at most 512 rows of tiles and 32
//           for each 16 of them, (24 + e)*channels
//   launch  at most max(512, tiles side by side) blocks of 256 threads, 4 KiB of shared memory for
//           each channel of a thread
template <class T, int width>
__global__ void batch_norm_statistics_column_tiles(ColumnTiles t, const T* x, std::size_t pitch,
                                                   Partials partials, Statistics statistics) {
  const Walk walk = Walk::of_thread<width>(t, blockIdx.x);
  double sums[2 * width] = {};
  if (walk.row < walk.end) {
    const Lanes<width> first = Lanes<width>::load(x + walk.row * pitch + walk.channel);
    CompensatedSum deviations[width], squares[width];
    Walk others = walk;
    others.row += walk.step;
    for_each_row<4>(
        others, [&](unsigned row) { return Pack<T, width>::load(x + row * pitch + walk.channel); },
        [&](unsigned, const Pack<T, width>& loaded) {
          const Lanes<width> at = loaded.lanes();
#pragma unroll
          for (int i = 0; i < width; ++i) {
            const float deviation = at.v[i] - first.v[i];
            deviations[i].add(deviation);
            squares[i].add(deviation * deviation);
          }
        });
    const Lanes<width> x0 = Lanes<width>::load(x + walk.channel);
    const double count = (walk.end - walk.row + walk.step - 1) / walk.step;
#pragma unroll
    for (int i = 0; i < width; ++i) {
      const double shift = double(first.v[i]) - x0.v[i], sum = deviations[i].value();
      sums[i] = sum + count * shift;
      sums[width + i] = squares[i].value() + shift * (2 * sum + count * shift);
    }
  }
  sum_over_blocks<width>(t, walk, partials, sums, [&](unsigned c, const double(&all)[2]) {
    statistics.set(c, float(x[c]), all, t.rows);
  });
}

template <class T>
struct Normalize {
  const T *x, *residual;
  const float *gamma, *beta, *mean;
  const float* rstd;  // null: it comes from
  const float* var;
  Statistics of_batch;  // if `var` is a batch's: where to leave rstd and the running statistics
  T* y;
  std::size_t x_pitch;
  float eps;
  bool relu;
};

__device__ __forceinline__ float relu(float x) { return 0.0f > x ? 0.0f : x; }  // NaN stays NaN

// y = act(normalized(x) + residual)
//   shapes  x, residual, y [rows, channels], x with a pitch
//   moves   2*e*rows*channels bytes, e*rows*channels more with a residual, and 16*channels; where
//           rstd and the running statistics are left, 20*channels more
//   launch  a block of 256 threads for eight rows of each thread
template <class T, int width, bool with_residual, bool with_relu>
__global__ void batch_norm_normalize_column_tiles(ColumnTiles t, Normalize<T> op) {
  const Walk walk = Walk::of_thread<width>(t, blockIdx.x);
  if (walk.row >= walk.end) return;
  const std::size_t pitch = t.channels;
  const Lanes<width> mean = Lanes<width>::load(op.mean + walk.channel),
                     beta = Lanes<width>::load(op.beta + walk.channel);
  Lanes<width> scale = Lanes<width>::load(op.gamma + walk.channel);
  const Lanes<width> spread = Lanes<width>::load((op.rstd ? op.rstd : op.var) + walk.channel);
#pragma unroll
  for (int i = 0; i < width; ++i) {
    const float rstd = op.rstd ? spread.v[i] : 1 / sqrtf(spread.v[i] + op.eps);
    scale.v[i] *= rstd;
    if (op.of_batch.rstd && walk.row == 0) {  // one thread of each channel's
      op.of_batch.rstd[walk.channel + i] = rstd;
      move_running(op.of_batch, int(walk.channel + i), mean.v[i], spread.v[i], t.rows);
    }
  }

  struct Inputs {
    Pack<T, width> x, residual;
  };
  for_each_row<4>(
      walk,
      [&](unsigned row) {
        const std::size_t at = row * pitch + walk.channel;
        Inputs in{Pack<T, width>::load(op.x + row * op.x_pitch + walk.channel), {}};
        if (with_residual) in.residual = Pack<T, width>::load(op.residual + at);
        return in;
      },
      [&](unsigned row, const Inputs& in) {
        const Lanes<width> x = in.x.lanes(), residual = in.residual.lanes();
        Lanes<width> y;
#pragma unroll
        for (int i = 0; i < width; ++i) {
          y.v[i] = normalized(x.v[i], mean.v[i], scale.v[i], beta.v[i]);
          if (with_residual) y.v[i] += residual.v[i];
          if (with_relu) y.v[i] = relu(y.v[i]);
        }
        y.store(op.y + row * pitch + walk.channel);
      });
}

template <class T>
void normalize(const Normalize<T>& op, int rows, int channels) {
  const int wide = Widths<T>::of(std::gcd(channels, int(op.x_pitch)), op.x, op.residual, op.gamma,
                                 op.beta, op.mean, op.rstd, op.var, op.y);
  const ColumnTiles t = column_tiles(rows, channels, wide, for_output);
  Widths<T>::with(wide, [&](auto width) {
    const auto kernel = op.residual ? op.relu
                                          ? batch_norm_normalize_column_tiles<T, width, true, true>
                                          : batch_norm_normalize_column_tiles<T, width, true, false>
                        : op.relu ? batch_norm_normalize_column_tiles<T, width, false, true>
                                    : batch_norm_normalize_column_tiles<T, width, false, false>;
    launch(kernel, {t.blocks(), tile_threads}, t, op);
  });
}

template <class T>
void find_statistics(const BatchNorm& op) {
  const T* x = op.x.rows_as<T>();
  const int pitch = op.x.pitch_of(op.channels);
  const int wide = Widths<T>::of(std::gcd(op.channels, pitch), x);
  const ColumnTiles t = column_tiles(op.rows, op.channels, wide, for_sums);
  const Partials partials(t);
  Widths<T>::with(wide, [&](auto width) {
    launch(batch_norm_statistics_column_tiles<T, width>, {t.blocks(), tile_threads}, t, x,
           std::size_t(pitch), partials, Statistics(op));
  });
}

template <class T>
void run(const BatchNorm& op) {
  if (op.pass != BatchNormPass::output) find_statistics<T>(op);
  if (op.pass == BatchNormPass::sums) return;
  normalize<T>({.x = op.x.rows_as<T>(),
                .residual = op.residual.as<T>(),
                .gamma = op.gamma,
                .beta = op.beta,
                .mean = op.mean,
                .rstd = op.var ? nullptr : op.rstd,
                .var = op.var,
                .of_batch = op.var ? Statistics(op) : Statistics(),
                .y = op.y.as<T>(),
                .x_pitch = std::size_t(op.x.pitch_of(op.channels)),
                .eps = op.eps,
                .relu = op.relu},
               op.rows, op.channels);
}

template <class T>
void run(const BatchNormInference& op) {
  normalize<T>({.x = op.x.rows_as<T>(),
                .residual = op.residual.as<T>(),
                .gamma = op.gamma,
                .beta = op.beta,
                .mean = op.running_mean,
                .rstd = nullptr,
                .var = op.running_var,
                .of_batch = {},
                .y = op.y.as<T>(),
                .x_pitch = std::size_t(op.x.pitch_of(op.channels)),
                .eps = op.eps,
                .relu = op.relu},
               op.rows, op.channels);
}

}  // namespace

void run(Cuda, const BatchNorm& op) {
  with_type(op.x.type, [&](auto element) { run<decltype(element)>(op); });
}

void run(Cuda, const BatchNormInference& op) {
  with_type(op.x.type, [&](auto element) { run<decltype(element)>(op); });
}

}  // namespace kernels
