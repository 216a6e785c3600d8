// SPDX-License-Identifier: MIT
#include <type_traits>

#include "kernels/cuda/batch_norm.cuh"

namespace kernels {
namespace {

struct Backward {
  const float *x, *y, *dy, *addend, *gamma, *beta, *mean, *rstd;
  float *dx, *dresidual, *dgamma, *dbeta;
  bool relu;
};

__device__ __forceinline__ bool lets_through(float y) {
  return !(y <= 0.0f);
}  // NaN keeps its gradient

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

// dx = scale * g + slope * (x - mean) + offset + addend, scale = gamma * rstd. g is read back where
// the first pass wrote it.
//   shapes  x, dy or dresidual, addend, dx [rows, channels]; dx may be dy or the addend
//   moves   12*rows*channels, 4*rows*channels more with an addend, and 24*channels bytes
//   launch  a block of 256 threads for eight rows of each thread
template <int width, bool with_addend>
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
    Lanes<width> x, g, addend;
  };
  for_each_row<4>(
      walk,
      [&](unsigned row) {
        const std::size_t at = row * pitch + walk.channel;
        Inputs in{Lanes<width>::load(op.x + at), Lanes<width>::load(gradient + at), {}};
        if (with_addend) in.addend = Lanes<width>::load(op.addend + at);
        return in;
      },
      [&](unsigned row, const Inputs& in) {
        Lanes<width> dx;
#pragma unroll
        for (int i = 0; i < width; ++i) {
          float g = in.g.v[i];
          if (masks && !lets_through(normalized(in.x.v[i], p.mean.v[i], p.scale.v[i], p.beta.v[i])))
            g = 0;
          dx.v[i] = fmaf(p.scale.v[i], g, fmaf(in.x.v[i] - p.mean.v[i], slope.v[i], offset.v[i]));
          if (with_addend) dx.v[i] += in.addend.v[i];
        }
        dx.store(op.dx + row * pitch + walk.channel);
      });
}

}  // namespace

void run(Cuda, const BatchNormBackward& op) {
  const Backward arrays{.x = op.x.f32(),
                        .y = op.y.f32(),
                        .dy = op.dy.f32(),
                        .addend = op.addend.f32(),
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
      access_width(op.channels, arrays.x, arrays.y, arrays.dy, arrays.addend, op.gamma, op.beta,
                   op.mean, op.rstd, arrays.dx, arrays.dresidual, op.dgamma, op.dbeta);
  const ColumnTiles for_sum = column_tiles(op.rows, op.channels, width, for_sums);
  const Partials partials(for_sum, width);
  launch(width == 4 ? batch_norm_backward_sum_column_tiles<4>
                    : batch_norm_backward_sum_column_tiles<1>,
         {for_sum.blocks(), tile_threads}, for_sum, arrays, partials);
  const ColumnTiles of_partials = tiles_of_partials(partials);
  launch(batch_norm_backward_finish_per_channel, {of_partials.blocks(), tile_threads}, of_partials,
         partials, op.rstd, op.dgamma, op.dbeta);
  const ColumnTiles for_dx = column_tiles(op.rows, op.channels, width, for_output);
  const auto dx = [&](auto with_addend) {
    launch(width == 4 ? batch_norm_backward_dx_column_tiles<4, with_addend>
                      : batch_norm_backward_dx_column_tiles<1, with_addend>,
           {for_dx.blocks(), tile_threads}, for_dx, arrays);
  };
  if (arrays.addend)
    dx(std::true_type{});
  else
    dx(std::false_type{});
}

}  // namespace kernels
