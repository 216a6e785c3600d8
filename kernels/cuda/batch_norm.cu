// SPDX-License-Identifier: MIT
// Each pass needs the sums of the one before, over all rows: three launches forward and three
// backward (two of them read the arrays, one adds up what blocks have found), one in evaluation.
// Every thread keeps to its channels, so parameters and sums stay in registers. Nothing depends on
// the order in which blocks run.
#include "kernels/batch_norm.h"

#include "kernels/cuda/column_tiles.cuh"
#include "kernels/cuda/workspace.h"

namespace kernels {
namespace {

// Blocks that leave sums behind: enough to fill a GPU, few enough to be added up in no time.
constexpr unsigned max_sum_blocks = 512;

/// Two sums for each channel from each row of tiles. Channels lie in the order in which threads
/// with `width` channels each write them side by side: 0, width, 2 width, ..., then 1, 1 + width,
/// ...
struct Partials {
  double* at;  // [row_blocks, 2, width, channels / width]
  unsigned row_blocks, channels, width;

  Partials(const ColumnTiles& t, int channels_of_thread)
      : at(static_cast<double*>(
            workspace(sizeof(double) * 2 * std::size_t(t.row_blocks) * t.channels))),
        row_blocks(t.row_blocks),
        channels(t.channels),
        width(unsigned(channels_of_thread)) {}

  __device__ __forceinline__ double* row(unsigned row_block, unsigned which) const {
    return at + (2 * std::size_t(row_block) + which) * channels;
  }
  __device__ __forceinline__ unsigned channel_at(unsigned place) const {
    const unsigned groups = channels / width;
    return place % groups * width + place / groups;
  }
};

/// Adds each thread's two sums per channel up over the tile, and writes them.
template <int width>
__device__ __forceinline__ void leave_sums(const ColumnTiles& t, const Walk& walk,
                                           const Partials& partials, double (&sums)[2 * width]) {
  sum_row_lanes(t, walk, sums);
  if (walk.row_lane > 0 || walk.channel >= t.channels) return;
  const unsigned groups = t.channels / width, group = walk.channel / width;
#pragma unroll
  for (unsigned i = 0; i < 2 * width; ++i) {
    partials.row(blockIdx.x / t.tiles, i / width)[i % width * groups + group] = sums[i];
  }
}

/// The sums of one channel over all row blocks, in row lane 0 of `t`, whose columns are places.
__device__ __forceinline__ void add_up(const ColumnTiles& t, const Walk& walk,
                                       const Partials& partials, double (&sums)[2]) {
  sums[0] = sums[1] = 0;
#pragma unroll 4
  for (unsigned row = walk.row; row < walk.end; row += walk.step) {
    sums[0] += partials.row(row, 0)[walk.channel];
    sums[1] += partials.row(row, 1)[walk.channel];
  }
  sum_row_lanes(t, walk, sums);
}

ColumnTiles tiles_of_partials(const Partials& partials) {
  return column_tiles(int(partials.row_blocks), int(partials.channels), 1,
                      {.max_blocks = 1, .max_lanes = 8});
}

/// What the ReLU sees, without the residual: the one expression of both passes, so that the mask
/// can be recomputed.
__device__ __forceinline__ float normalized(float x, float mean, float scale, float beta) {
  return fmaf(x - mean, scale, beta);
}

__device__ __forceinline__ float relu(float x) { return 0.0f > x ? 0.0f : x; }  // NaN stays NaN,
__device__ __forceinline__ bool lets_through(float y) {
  return !(y <= 0.0f);
}  // keeps its gradient

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

// Sums of x - x0 and of its square, x0 the first row, which is at most sqrt(rows) standard
// deviations from the mean. A thread adds deviations from its own first row up, exact in float
// however large the mean is, and goes over to x0 in double.
//   shapes  x [rows, channels]
//   moves   4*rows*channels bytes, and 20*channels for each of at most 512 rows of tiles
//   launch  at most max(512, tiles side by side) blocks of 256 threads, 16 KiB of shared memory
template <int width>
__global__ void batch_norm_sum_column_tiles(ColumnTiles t, const float* x, Partials partials) {
  const Walk walk = Walk::of_thread<width>(t, blockIdx.x);
  const std::size_t pitch = t.channels;
  double sums[2 * width] = {};
  if (walk.row < walk.end) {
    const Lanes<width> first = Lanes<width>::load(x + walk.row * pitch + walk.channel);
    CompensatedSum deviations[width], squares[width];
    Walk others = walk;
    others.row += walk.step;
    for_each_row<4>(
        others, [&](unsigned row) { return Lanes<width>::load(x + row * pitch + walk.channel); },
        [&](unsigned, const Lanes<width>& at) {
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
  leave_sums<width>(t, walk, partials, sums);
}

// Statistics of each channel, from the sums of all blocks.
//   moves   16*channels for each row of tiles, 28*channels bytes
//   launch  ceil(channels / 8) blocks of 256 threads, 4 KiB of shared memory
__global__ void batch_norm_statistics_per_channel(ColumnTiles t, Partials partials, const float* x,
                                                  int rows, float eps, float momentum, float* mean,
                                                  float* rstd, float* running_mean,
                                                  float* running_var) {
  const Walk walk = Walk::of_thread<1>(t, blockIdx.x);
  double sums[2];
  add_up(t, walk, partials, sums);
  if (walk.row_lane > 0 || walk.end == 0) return;
  const unsigned c = partials.channel_at(walk.channel);
  const double deviation = sums[0] / rows;
  const double difference = sums[1] / rows - deviation * deviation;
  const double variance = difference < 0 ? 0 : difference;  // NaN stays NaN
  const double unbiased = rows > 1 ? variance * rows / (rows - 1) : variance;
  const double center = x[c] + deviation;
  mean[c] = float(center);
  rstd[c] = float(1 / sqrt(variance + eps));
  running_mean[c] += float(momentum * (center - running_mean[c]));
  running_var[c] += float(momentum * (unbiased - running_var[c]));
}

struct Normalize {
  const float *x, *residual, *gamma, *beta, *mean;
  const float* rstd;  // null: it comes from
  const float* var;
  float* y;
  float eps;
  bool relu;
};

// y = act(normalized(x) + residual)
//   shapes  x, residual, y [rows, channels]
//   moves   8*rows*channels bytes, 4*rows*channels more with a residual, and 16*channels
//   launch  a block of 256 threads for eight rows of each thread
template <int width>
__global__ void batch_norm_normalize_column_tiles(ColumnTiles t, Normalize op) {
  const Walk walk = Walk::of_thread<width>(t, blockIdx.x);
  if (walk.row >= walk.end) return;
  const std::size_t pitch = t.channels;
  const Lanes<width> mean = Lanes<width>::load(op.mean + walk.channel),
                     beta = Lanes<width>::load(op.beta + walk.channel);
  Lanes<width> scale = Lanes<width>::load(op.gamma + walk.channel);
  const Lanes<width> spread = Lanes<width>::load((op.rstd ? op.rstd : op.var) + walk.channel);
#pragma unroll
  for (int i = 0; i < width; ++i) {
    scale.v[i] *= op.rstd ? spread.v[i] : 1 / sqrtf(spread.v[i] + op.eps);
  }

  struct Inputs {
    Lanes<width> x, residual;
  };
  for_each_row<4>(
      walk,
      [&](unsigned row) {
        const std::size_t at = row * pitch + walk.channel;
        Inputs in{Lanes<width>::load(op.x + at), {}};
        if (op.residual) in.residual = Lanes<width>::load(op.residual + at);
        return in;
      },
      [&](unsigned row, const Inputs& in) {
        Lanes<width> y;
#pragma unroll
        for (int i = 0; i < width; ++i) {
          y.v[i] = normalized(in.x.v[i], mean.v[i], scale.v[i], beta.v[i]);
          if (op.residual) y.v[i] += in.residual.v[i];
          if (op.relu) y.v[i] = relu(y.v[i]);
        }
        y.store(op.y + row * pitch + walk.channel);
      });
}

struct Backward {
  const float *x, *y, *dy, *gamma, *beta, *mean, *rstd;
  float *dx, *dresidual, *dgamma, *dbeta;
  bool relu;
};

/// The parameters of the forward pass, as its expression wants them.
template <int width>
struct Parameters {
  Lanes<width> mean, scale, beta;

  __device__ __forceinline__ Parameters(const Backward& op, unsigned channel)
      : mean(Lanes<width>::load(op.mean + channel)),
        scale(Lanes<width>::load(op.gamma + channel)),
        beta(Lanes<width>::load(op.beta + channel)) {
    const Lanes<width> rstd = Lanes<width>::load(op.rstd + channel);
#pragma unroll
    for (int i = 0; i < width; ++i) scale.v[i] *= rstd.v[i];
  }
};

// Sums of g and of g * (x - mean), g = dy where the ReLU let through; g is written if there was a
// residual, whose gradient it is. A thread adds up in float, threads in double.
//   shapes  x, y, dy, dresidual [rows, channels]
//   moves   8*rows*channels bytes; 12 with dresidual, 16 with ReLU and dresidual; and 16*channels
//           for each of at most 512 rows of tiles
//   launch  at most max(512, tiles side by side) blocks of 256 threads, 16 KiB of shared memory
template <int width>
__global__ void batch_norm_backward_sum_column_tiles(ColumnTiles t, Backward op,
                                                     Partials partials) {
  const Walk walk = Walk::of_thread<width>(t, blockIdx.x);
  const std::size_t pitch = t.channels;
  double sums[2 * width] = {};
  if (walk.row < walk.end) {
    const Parameters<width> p(op, walk.channel);
    const bool reads_y = op.relu && op.dresidual;
    Lanes<width> sum_g{}, sum_gx{};
    struct Inputs {
      Lanes<width> x, dy, y;
    };
    for_each_row<2>(
        walk,
        [&](unsigned row) {
          const std::size_t at = row * pitch + walk.channel;
          Inputs in{Lanes<width>::load(op.x + at), Lanes<width>::load(op.dy + at), {}};
          if (reads_y) in.y = Lanes<width>::load(op.y + at);
          return in;
        },
        [&](unsigned row, const Inputs& in) {
          Lanes<width> g = in.dy;
#pragma unroll
          for (int i = 0; i < width; ++i) {
            const float deviation = in.x.v[i] - p.mean.v[i];
            if (op.relu) {
              const float y = reads_y
                                  ? in.y.v[i]
                                  : normalized(in.x.v[i], p.mean.v[i], p.scale.v[i], p.beta.v[i]);
              if (!lets_through(y)) g.v[i] = 0;
            }
            sum_g.v[i] += g.v[i];
            sum_gx.v[i] = fmaf(g.v[i], deviation, sum_gx.v[i]);
          }
          if (op.dresidual) g.store(op.dresidual + row * pitch + walk.channel);
        });
#pragma unroll
    for (int i = 0; i < width; ++i) {
      sums[i] = sum_g.v[i];
      sums[width + i] = sum_gx.v[i];
    }
  }
  leave_sums<width>(t, walk, partials, sums);
}

// dbeta and dgamma of each channel, from the sums of all blocks.
//   moves   16*channels for each row of tiles, 12*channels bytes
//   launch  ceil(channels / 8) blocks of 256 threads, 4 KiB of shared memory
__global__ void batch_norm_backward_finish_per_channel(ColumnTiles t, Partials partials,
                                                       const float* rstd, float* dgamma,
                                                       float* dbeta) {
  const Walk walk = Walk::of_thread<1>(t, blockIdx.x);
  double sums[2];
  add_up(t, walk, partials, sums);
  if (walk.row_lane > 0 || walk.end == 0) return;
  const unsigned c = partials.channel_at(walk.channel);
  dbeta[c] = float(sums[0]);
  dgamma[c] = float(sums[1] * rstd[c]);
}

// dx = scale * g + slope * (x - mean) + offset, scale = gamma * rstd. g is read back where the
// first pass wrote it.
//   shapes  x, dy or dresidual, dx [rows, channels]; dx may be dy
//   moves   12*rows*channels + 24*channels bytes
//   launch  a block of 256 threads for eight rows of each thread
template <int width>
__global__ void batch_norm_backward_dx_column_tiles(ColumnTiles t, Backward op) {
  const Walk walk = Walk::of_thread<width>(t, blockIdx.x);
  if (walk.row >= walk.end) return;
  const std::size_t pitch = t.channels;
  const Parameters<width> p(op, walk.channel);
  const Lanes<width> rstd = Lanes<width>::load(op.rstd + walk.channel),
                     dgamma = Lanes<width>::load(op.dgamma + walk.channel),
                     dbeta = Lanes<width>::load(op.dbeta + walk.channel);
  const float share = 1 / float(t.rows);
  Lanes<width> slope, offset;
#pragma unroll
  for (int i = 0; i < width; ++i) {
    slope.v[i] = -p.scale.v[i] * rstd.v[i] * (dgamma.v[i] * share);
    offset.v[i] = -p.scale.v[i] * (dbeta.v[i] * share);
  }

  const bool masks = op.relu && !op.dresidual;
  const float* gradient = op.dresidual ? op.dresidual : op.dy;
  struct Inputs {
    Lanes<width> x, g;
  };
  for_each_row<4>(
      walk,
      [&](unsigned row) {
        const std::size_t at = row * pitch + walk.channel;
        return Inputs{Lanes<width>::load(op.x + at), Lanes<width>::load(gradient + at)};
      },
      [&](unsigned row, const Inputs& in) {
        Lanes<width> dx;
#pragma unroll
        for (int i = 0; i < width; ++i) {
          float g = in.g.v[i];
          if (masks && !lets_through(normalized(in.x.v[i], p.mean.v[i], p.scale.v[i], p.beta.v[i])))
            g = 0;
          dx.v[i] = fmaf(p.scale.v[i], g, fmaf(in.x.v[i] - p.mean.v[i], slope.v[i], offset.v[i]));
        }
        dx.store(op.dx + row * pitch + walk.channel);
      });
}

constexpr Cut for_sums{.rows_per_thread = 8, .max_blocks = max_sum_blocks};
constexpr Cut for_output{.rows_per_thread = 8};

void normalize(const Normalize& op, int rows, int channels) {
  const int width =
      access_width(channels, op.x, op.residual, op.gamma, op.beta, op.mean, op.rstd, op.var, op.y);
  const ColumnTiles t = column_tiles(rows, channels, width, for_output);
  launch(width == 4 ? batch_norm_normalize_column_tiles<4> : batch_norm_normalize_column_tiles<1>,
         {t.blocks(), tile_threads}, t, op);
}

}  // namespace

void run(Cuda, const BatchNorm& op) {
  const float* x = op.x.f32();
  const int width = access_width(op.channels, x);
  const ColumnTiles t = column_tiles(op.rows, op.channels, width, for_sums);
  const Partials partials(t, width);
  launch(width == 4 ? batch_norm_sum_column_tiles<4> : batch_norm_sum_column_tiles<1>,
         {t.blocks(), tile_threads}, t, x, partials);
  const ColumnTiles of_partials = tiles_of_partials(partials);
  launch(batch_norm_statistics_per_channel, {of_partials.blocks(), tile_threads}, of_partials,
         partials, x, op.rows, op.eps, op.momentum, op.mean, op.rstd, op.running_mean,
         op.running_var);
  normalize({.x = x,
             .residual = op.residual.f32(),
             .gamma = op.gamma,
             .beta = op.beta,
             .mean = op.mean,
             .rstd = op.rstd,
             .var = nullptr,
             .y = op.y.f32(),
             .eps = op.eps,
             .relu = op.relu},
            op.rows, op.channels);
}

void run(Cuda, const BatchNormInference& op) {
  normalize({.x = op.x.f32(),
             .residual = op.residual.f32(),
             .gamma = op.gamma,
             .beta = op.beta,
             .mean = op.running_mean,
             .rstd = nullptr,
             .var = op.running_var,
             .y = op.y.f32(),
             .eps = op.eps,
             .relu = op.relu},
            op.rows, op.channels);
}

void run(Cuda, const BatchNormBackward& op) {
  const Backward arrays{.x = op.x.f32(),
                        .y = op.y.f32(),
                        .dy = op.dy.f32(),
                        .gamma = op.gamma,
                        .beta = op.beta,
                        .mean = op.mean,
                        .rstd = op.rstd,
                        .dx = op.dx.f32(),
                        .dresidual = op.dresidual.f32(),
                        .dgamma = op.dgamma,
                        .dbeta = op.dbeta,
                        .relu = op.relu};
  const int width =
      access_width(op.channels, arrays.x, arrays.y, arrays.dy, op.gamma, op.beta, op.mean, op.rstd,
                   arrays.dx, arrays.dresidual, op.dgamma, op.dbeta);
  const ColumnTiles for_sum = column_tiles(op.rows, op.channels, width, for_sums);
  const Partials partials(for_sum, width);
  launch(width == 4 ? batch_norm_backward_sum_column_tiles<4>
                    : batch_norm_backward_sum_column_tiles<1>,
         {for_sum.blocks(), tile_threads}, for_sum, arrays, partials);
  const ColumnTiles of_partials = tiles_of_partials(partials);
  launch(batch_norm_backward_finish_per_channel, {of_partials.blocks(), tile_threads}, of_partials,
         partials, op.rstd, op.dgamma, op.dbeta);
  const ColumnTiles for_dx = column_tiles(op.rows, op.channels, width, for_output);
  launch(
      width == 4 ? batch_norm_backward_dx_column_tiles<4> : batch_norm_backward_dx_column_tiles<1>,
      {for_dx.blocks(), tile_threads}, for_dx, arrays);
}

}  // namespace kernels
