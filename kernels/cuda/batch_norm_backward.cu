// SPDX-License-Identifier: MIT
#include <numeric>

#include "kernels/cuda/batch_norm.cuh"

namespace kernels {
namespace {

template <class T>
struct Backward {
  const T *x, *y, *dy, *addend;
  const float *gamma, *beta, *mean, *rstd;
  T *dx, *dresidual;
  float *dgamma, *dbeta, *slope, *offset;
  std::size_t x_pitch, dx_pitch;  // dx_pitch also of the addend
  bool relu;
};

__device__ __forceinline__ bool lets_through(float y) {
  return !(y <= 0.0f);
}  // NaN keeps its gradient

/// The parameters of the forward pass, as its expression wants them.
template <int width>
struct Parameters {
  Lanes<width> mean, scale, beta;

  template <class T>
  __device__ __forceinline__ Parameters(const Backward<T>& op, unsigned channel)
      : mean(Lanes<width>::load(op.mean + channel)),
        scale(Lanes<width>::load(op.gamma + channel)),
        beta(Lanes<width>::load(op.beta + channel)) {
    const Lanes<width> rstd = Lanes<width>::load(op.rstd + channel);
#pragma unroll
    for (int i = 0; i < width; ++i) scale.v[i] *= rstd.v[i];
  }
};

// dbeta and dgamma: sums of g and of g * (x - mean), g = dy where the ReLU let through; g is
// written if there was a residual, whose gradient it is. A thread adds up in float, threads in
// double.
//   shapes  x, y, dy, dresidual [rows, channels], x with a pitch
//   moves   2*e*rows*channels bytes; 3*e with dresidual, 4*e with ReLU and dresidual; 32*channels
//           for each of at most 512 rows of tiles and for each 16 of them, and 12*channels
//   launch  at most max(512, tiles side by side) blocks of 256 threads, 4 KiB of shared memory for
//           each channel of a thread
template <class T, int width>
__global__ void batch_norm_backward_sum_column_tiles(ColumnTiles t, Backward<T> op,
                                                     Partials partials) {
  const Walk walk = Walk::of_thread<width>(t, blockIdx.x);
  const std::size_t pitch = t.channels;
  double sums[2 * width] = {};
  if (walk.row < walk.end) {
    const Parameters<width> p(op, walk.channel);
    const bool reads_y = op.relu && op.dresidual;
    Lanes<width> sum_g{}, sum_gx{};
    struct Inputs {
      Pack<T, width> x, dy, y;
    };
    for_each_row<2>(
        walk,
        [&](unsigned row) {
          const std::size_t at = row * pitch + walk.channel;
          Inputs in{Pack<T, width>::load(op.x + row * op.x_pitch + walk.channel),
                    Pack<T, width>::load(op.dy + at),
                    {}};
          if (reads_y) in.y = Pack<T, width>::load(op.y + at);
          return in;
        },
        [&](unsigned row, const Inputs& in) {
          const Lanes<width> x = in.x.lanes(), y = in.y.lanes();
          Lanes<width> g = in.dy.lanes();
#pragma unroll
          for (int i = 0; i < width; ++i) {
            const float deviation = x.v[i] - p.mean.v[i];
            if (op.relu) {
              const float seen =
                  reads_y ? y.v[i] : normalized(x.v[i], p.mean.v[i], p.scale.v[i], p.beta.v[i]);
              if (!lets_through(seen)) g.v[i] = 0;
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
  sum_over_blocks<width>(t, walk, partials, sums, [&](unsigned c, const double(&all)[2]) {
    op.dbeta[c] = float(all[0]);
    op.dgamma[c] = float(all[1] * op.rstd[c]);
  });
}

// dx = scale * g + slope * (x - mean) + offset + addend, scale = gamma * rstd. g is read back where
// the first pass wrote it.
//   shapes  x, dy or dresidual, addend, dx [rows, channels]; x with a pitch, the addend and dx with
//           another; dx may be dy or the addend
//   moves   3*e*rows*channels, e*rows*channels more with an addend, and 24*channels bytes
//   launch  a block of 256 threads for eight rows of each thread
template <class T, int width, bool with_addend>
__global__ void batch_norm_backward_dx_column_tiles(ColumnTiles t, Backward<T> op) {
  const Walk walk = Walk::of_thread<width>(t, blockIdx.x);
  if (walk.row >= walk.end) return;
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
  const T* gradient = op.dresidual ? op.dresidual : op.dy;
  struct Inputs {
    Pack<T, width> x, g, addend;
  };
  // Of eight channels two rows at once: with four, registers are left for two blocks.
  for_each_row<width == 8 ? 2 : 4>(
      walk,
      [&](unsigned row) {
        Inputs in{Pack<T, width>::load(op.x + row * op.x_pitch + walk.channel),
                  Pack<T, width>::load(gradient + row * std::size_t{t.channels} + walk.channel),
                  {}};
        if (with_addend)
          in.addend = Pack<T, width>::load(op.addend + row * op.dx_pitch + walk.channel);
        return in;
      },
      [&](unsigned row, const Inputs& in) {
        const Lanes<width> x = in.x.lanes(), gs = in.g.lanes(), addend = in.addend.lanes();
        Lanes<width> dx;
#pragma unroll
        for (int i = 0; i < width; ++i) {
          float g = gs.v[i];
          if (masks && !lets_through(normalized(x.v[i], p.mean.v[i], p.scale.v[i], p.beta.v[i])))
            g = 0;
          dx.v[i] = fmaf(p.scale.v[i], g, fmaf(x.v[i] - p.mean.v[i], slope.v[i], offset.v[i]));
          if (with_addend) dx.v[i] += addend.v[i];
        }
        dx.store(op.dx + row * op.dx_pitch + walk.channel);
      });
}

// The sums as above, and in the same pass dx = scale * g + addend; what follows from the sums is
// added to slope and offset.
//   shapes  x, dy, addend, dx [rows, channels]; x with a pitch, the addend and dx with another; dx
//           may be dy or the addend
//   moves   3*e*rows*channels bytes, e*rows*channels more with an addend; 32*channels for each of
//           at most 512 rows of tiles and for each 16 of them, and 32*channels
//   launch  at most max(512, tiles side by side) blocks of 256 threads, 4 KiB of shared memory for
//           each channel of a thread
template <class T, int width, bool with_addend>
__global__ void batch_norm_backward_one_pass_column_tiles(ColumnTiles t, Backward<T> op,
                                                          Partials partials) {
  const Walk walk = Walk::of_thread<width>(t, blockIdx.x);
  double sums[2 * width] = {};
  if (walk.row < walk.end) {
    const Parameters<width> p(op, walk.channel);
    Lanes<width> sum_g{}, sum_gx{};
    struct Inputs {
      Pack<T, width> x, dy, addend;
    };
    for_each_row<2>(
        walk,
        [&](unsigned row) {
          Inputs in{Pack<T, width>::load(op.x + row * op.x_pitch + walk.channel),
                    Pack<T, width>::load(op.dy + row * std::size_t{t.channels} + walk.channel),
                    {}};
          if (with_addend)
            in.addend = Pack<T, width>::load(op.addend + row * op.dx_pitch + walk.channel);
          return in;
        },
        [&](unsigned row, const Inputs& in) {
          const Lanes<width> x = in.x.lanes(), dy = in.dy.lanes();
          Lanes<width> dx = in.addend.lanes();
#pragma unroll
          for (int i = 0; i < width; ++i) {
            const bool passes = !op.relu || lets_through(normalized(x.v[i], p.mean.v[i],
                                                                    p.scale.v[i], p.beta.v[i]));
            const float g = passes ? dy.v[i] : 0;
            sum_g.v[i] += g;
            sum_gx.v[i] = fmaf(g, x.v[i] - p.mean.v[i], sum_gx.v[i]);
            dx.v[i] = fmaf(p.scale.v[i], g, dx.v[i]);
          }
          dx.store(op.dx + row * op.dx_pitch + walk.channel);
        });
#pragma unroll
    for (int i = 0; i < width; ++i) {
      sums[i] = sum_g.v[i];
      sums[width + i] = sum_gx.v[i];
    }
  }
  sum_over_blocks<width>(t, walk, partials, sums, [&](unsigned c, const double(&all)[2]) {
    const float rstd = op.rstd[c];
    const double scale = double(op.gamma[c]) * rstd, dgamma = all[1] * rstd;
    op.dbeta[c] = float(all[0]);
    op.dgamma[c] = float(dgamma);
    op.slope[c] -= float(scale * rstd * dgamma / t.rows);
    op.offset[c] -= float(scale * all[0] / t.rows);
  });
}

template <class T>
struct Remainder {
  const T *x, *so_far;
  const float *mean, *slope, *offset;
  T* dx;
  std::size_t x_pitch, so_far_pitch, dx_pitch;
};

// dx = so_far + slope * (x - mean) + offset
//   shapes  x, so_far, dx [rows, channels], each with a pitch of its own
//   moves   3*e*rows*channels bytes, and 12*channels
//   launch  a block of 256 threads for eight rows of each thread
template <class T, int width>
__global__ void batch_norm_remainder_column_tiles(ColumnTiles t, Remainder<T> op) {
  const Walk walk = Walk::of_thread<width>(t, blockIdx.x);
  if (walk.row >= walk.end) return;
  const Lanes<width> mean = Lanes<width>::load(op.mean + walk.channel),
                     slope = Lanes<width>::load(op.slope + walk.channel),
                     offset = Lanes<width>::load(op.offset + walk.channel);
  struct Inputs {
    Pack<T, width> x, so_far;
  };
  for_each_row<4>(
      walk,
      [&](unsigned row) {
        return Inputs{Pack<T, width>::load(op.x + row * op.x_pitch + walk.channel),
                      Pack<T, width>::load(op.so_far + row * op.so_far_pitch + walk.channel)};
      },
      [&](unsigned row, const Inputs& in) {
        const Lanes<width> x = in.x.lanes(), so_far = in.so_far.lanes();
        Lanes<width> dx;
#pragma unroll
        for (int i = 0; i < width; ++i)
          dx.v[i] = so_far.v[i] + fmaf(x.v[i] - mean.v[i], slope.v[i], offset.v[i]);
        dx.store(op.dx + row * op.dx_pitch + walk.channel);
      });
}

template <class T>
void run(const BatchNormBackward& op) {
  const Backward<T> arrays{.x = op.x.rows_as<T>(),
                           .y = op.y.as<T>(),
                           .dy = op.dy.as<T>(),
                           .addend = op.addend.rows_as<T>(),
                           .gamma = op.gamma,
                           .beta = op.beta,
                           .mean = op.mean,
                           .rstd = op.rstd,
                           .dx = op.dx.rows_as<T>(),
                           .dresidual = op.dresidual.as<T>(),
                           .dgamma = op.dgamma,
                           .dbeta = op.dbeta,
                           .slope = op.slope,
                           .offset = op.offset,
                           .x_pitch = std::size_t(op.x.pitch_of(op.channels)),
                           .dx_pitch = std::size_t(op.dx.pitch_of(op.channels)),
                           .relu = op.relu};
  const int common = std::gcd(op.channels, std::gcd(int(arrays.x_pitch), int(arrays.dx_pitch)));
  const int wide =
      Widths<T>::of(common, arrays.x, arrays.y, arrays.dy, arrays.addend, op.gamma, op.beta,
                    op.mean, op.rstd, arrays.dx, arrays.dresidual, op.dgamma, op.dbeta);
  if (op.pass != BatchNormPass::output) {
    const ColumnTiles for_sum = column_tiles(op.rows, op.channels, wide, for_sums);
    const Partials partials(for_sum);
    if (op.slope != nullptr) {
      Widths<T>::with(wide, [&](auto width) {
        launch(arrays.addend ? batch_norm_backward_one_pass_column_tiles<T, width, true>
                             : batch_norm_backward_one_pass_column_tiles<T, width, false>,
               {for_sum.blocks(), tile_threads}, for_sum, arrays, partials);
      });
      return;
    }
    Widths<T>::with(wide, [&](auto width) {
      launch(batch_norm_backward_sum_column_tiles<T, width>, {for_sum.blocks(), tile_threads},
             for_sum, arrays, partials);
    });
  }
  if (op.pass == BatchNormPass::sums) return;
  const ColumnTiles for_dx = column_tiles(op.rows, op.channels, wide, for_output);
  Widths<T>::with(wide, [&](auto width) {
    launch(arrays.addend ? batch_norm_backward_dx_column_tiles<T, width, true>
                         : batch_norm_backward_dx_column_tiles<T, width, false>,
           {for_dx.blocks(), tile_threads}, for_dx, arrays);
  });
}

template <class T>
void run(const BatchNormRemainder& op) {
  const Remainder<T> arrays{.x = op.x.rows_as<T>(),
                            .so_far = op.so_far.rows_as<T>(),
                            .mean = op.mean,
                            .slope = op.slope,
                            .offset = op.offset,
                            .dx = op.dx.rows_as<T>(),
                            .x_pitch = std::size_t(op.x.pitch_of(op.channels)),
                            .so_far_pitch = std::size_t(op.so_far.pitch_of(op.channels)),
                            .dx_pitch = std::size_t(op.dx.pitch_of(op.channels))};
  const int common = std::gcd(std::gcd(op.channels, int(arrays.x_pitch)),
                              std::gcd(int(arrays.so_far_pitch), int(arrays.dx_pitch)));
  const int wide =
      Widths<T>::of(common, arrays.x, arrays.so_far, op.mean, op.slope, op.offset, arrays.dx);
  const ColumnTiles t = column_tiles(op.rows, op.channels, wide, for_output);
  Widths<T>::with(wide, [&](auto width) {
    launch(batch_norm_remainder_column_tiles<T, width>, {t.blocks(), tile_threads}, t, arrays);
  });
}

}  // namespace

void run(Cuda, const BatchNormBackward& op) {
  with_type(op.x.type, [&](auto element) { run<decltype(element)>(op); });
}

void run(Cuda, const BatchNormRemainder& op) {
  with_type(op.x.type, [&](auto element) { run<decltype(element)>(op); });
}

}  // namespace kernels
