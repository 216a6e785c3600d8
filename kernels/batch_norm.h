// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>

#include "kernels/runtime/array.h"
#include "kernels/runtime/device.h"
#include "kernels/runtime/host_device.h"

/// Batch normalisation over the last (channel) axis of [rows, channels], rows = n*h*w, fused with
/// the residual addition and the ReLU that follow it in a network (Ioffe & Szegedy, 2015).
namespace kernels {

/// Both passes of an op, or one. Ranks that share their statistics add them up in between
/// (kernels/merged_batch_norm.h).
enum class BatchNormPass : std::uint8_t { both, sums, output };

/// Training: statistics of this batch.
///   mean_c = average_i x[i,c],   rstd_c = 1 / sqrt(var_c + eps),   var_c the biased variance
///   y[i,c] = act((x[i,c] - mean_c) * (gamma_c * rstd_c) + beta_c + residual[i,c])
///   running_mean += momentum * (mean - running_mean);  running_var likewise, with the unbiased
///   variance var * rows / (rows - 1); for a single row the biased variance, 0, stands in
/// act is ReLU if asked, else the identity. A null residual adds nothing. y may alias neither
/// input. x may have a pitch. Stable for |mean| >> std: the variance is summed from deviations, not
/// from squares. `sums` alone gives the mean and, in the place of rstd, var; `output` alone takes
/// mean and rstd, or with `var` mean and var, and does what `sums` has left.
struct BatchNorm {
  ConstArray x, residual;
  const float *gamma, *beta;
  Array y;                            // out
  float *mean, *rstd;                 // [channels]  out, for the backward pass
  const float* var = nullptr;         // [channels]  from a `sums` pass over the same x, or null
  float *running_mean, *running_var;  // [channels]  in and out
  int rows, channels;
  float eps = 1e-5f, momentum = 0.1f;
  bool relu = false;
  BatchNormPass pass = BatchNormPass::both;

  std::size_t bytes() const {
    return size_of(x.type) * rows * channels * (residual ? 3 : 2) + std::size_t(32) * channels;
  }
};

/// Evaluation: the same formula with the running statistics, which stay as they are.
struct BatchNormInference {
  ConstArray x, residual;
  const float *gamma, *beta, *running_mean, *running_var;
  Array y;  // out
  int rows, channels;
  float eps = 1e-5f;
  bool relu = false;

  std::size_t bytes() const {
    return size_of(x.type) * rows * channels * (residual ? 3 : 2) + std::size_t(16) * channels;
  }
};

/// The gradients of BatchNorm. With g = dy where the ReLU let through, 0 elsewhere:
///   dresidual = g,   dbeta_c = sum_i g,   dgamma_c = sum_i g * xhat,   xhat = (x - mean) * rstd
///   dx = gamma * rstd * (g - dbeta/rows - xhat * dgamma/rows) + addend
/// The ReLU's mask comes from y where there was a residual; without one it is recomputed from x
/// by the forward pass's own expression, and y is not read. dx may alias dy or the addend. x may
/// have a pitch, and the addend and dx another, which is one for both.
/// `sums` alone gives dresidual, dbeta and dgamma; `output` alone takes these.
///
/// dx needs the sums, so x and dy are read twice. With slope and offset, without a residual, they
/// are read once: what follows from the sums is left to BatchNormRemainder,
///   dx = gamma * rstd * g + addend
///   slope_c -= gamma * rstd^2 * dgamma/rows,   offset_c -= gamma * rstd * dbeta/rows
/// As it depends on x alone, it may be that of several batch norms of the same x, added up.
struct BatchNormBackward {
  ConstArray x;
  ConstArray y;  // read only if relu and dresidual
  ConstArray dy;
  ConstArray addend;  // a gradient of x from elsewhere; null: 0
  const float *gamma, *beta, *mean, *rstd;
  Array dx;                                   // out
  Array dresidual;                            // out; null: there was no residual
  float *dgamma, *dbeta;                      // [channels]  out
  float *slope = nullptr, *offset = nullptr;  // [channels]  in and out; or null both
  int rows, channels;
  bool relu = false;
  BatchNormPass pass = BatchNormPass::both;

  std::size_t bytes() const {
    const std::size_t streams = (!dresidual ? 3 : relu ? 5 : 4) + (addend ? 1 : 0);
    return size_of(x.type) * rows * channels * streams + std::size_t(24) * channels;
  }
};

/// What BatchNormBackward has left of the gradient of x:
///   dx = so_far + slope_c * (x - mean_c) + offset_c
/// All three arrays may have a pitch of their own.
struct BatchNormRemainder {
  ConstArray x, so_far;
  const float *mean, *slope, *offset;  // [channels]
  Array dx;                            // out
  int rows, channels;

  std::size_t bytes() const {
    return 3 * size_of(x.type) * rows * channels + std::size_t(12) * channels;
  }
};

/// Moves channel c's running statistics, as all implementations do: the variance is the unbiased
/// one.
template <class Op>
SOFTLABEL_HOST_DEVICE inline void move_running(const Op& op, int c, double mean, double variance,
                                               double rows) {
  const double unbiased = rows > 1 ? variance * rows / (rows - 1) : variance;
  op.running_mean[c] += float(op.momentum * (mean - op.running_mean[c]));
  op.running_var[c] += float(op.momentum * (unbiased - op.running_var[c]));
}

void run(Cpu, const BatchNorm&);
void run(Cpu, const BatchNormInference&);
void run(Cpu, const BatchNormBackward&);
void run(Cpu, const BatchNormRemainder&);
void run(Cuda, const BatchNorm&);
void run(Cuda, const BatchNormInference&);
void run(Cuda, const BatchNormBackward&);
void run(Cuda, const BatchNormRemainder&);

}  // namespace kernels
