// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>

#include "kernels/runtime/device.h"

/// What stands between the two passes of a batch norm whose statistics are those of all ranks. Each
/// rank's part is a row of 2*channels + 1 numbers, the last of which is its rows, so that parts
/// may differ in size.
namespace kernels {

/// From means and variances, [ranks, mean_c..., var_c..., rows], to BatchNorm's output pass and the
/// running statistics. The whole's variance is the mean of the variances, and that of the squared
/// deviations of means, by rows (Chan et al., "Updating formulae and a pairwise algorithm for
/// computing sample variances", 1979), in double.
struct MergedStatistics {
  const float* parts;                 // [ranks, 2*channels + 1]
  float *mean, *rstd;                 // [channels]  out
  float *running_mean, *running_var;  // [channels]  in and out, as by BatchNorm
  int ranks, channels;
  float eps = 1e-5f, momentum = 0.1f;

  std::size_t bytes() const {
    return 4 * (std::size_t(ranks) * (2 * std::size_t(channels) + 1) + 6 * std::size_t(channels));
  }
};

/// From the sums over ranks of [dgamma_c..., dbeta_c..., rows] to what a rank's output pass of
/// BatchNormBackward takes: as it divides by its own rows, sums * own rows / all rows.
struct MergedGradients {
  const float* sums;      // [2*channels + 1]
  float *dgamma, *dbeta;  // [channels]  out
  int rows, channels;     // own

  std::size_t bytes() const { return 16 * std::size_t(channels) + 4; }
};

void run(Cpu, const MergedStatistics&);
void run(Cpu, const MergedGradients&);
void run(Cuda, const MergedStatistics&);
void run(Cuda, const MergedGradients&);

}  // namespace kernels
