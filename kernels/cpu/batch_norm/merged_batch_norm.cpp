// SPDX-License-Identifier: MIT
#include "kernels/merged_batch_norm.h"

#include <cmath>

#include "kernels/batch_norm.h"

namespace kernels {

void run(Cpu, const MergedStatistics& op) {
  const std::size_t pitch = 2 * std::size_t(op.channels) + 1;
  const auto rows_of = [&](int rank) {
    return double(op.parts[(std::size_t(rank) + 1) * pitch - 1]);
  };
  double rows = 0;
  for (int r = 0; r < op.ranks; ++r) rows += rows_of(r);
  for (int c = 0; c < op.channels; ++c) {
    const auto mean_of = [&](int rank) {
      return double(op.parts[std::size_t(rank) * pitch + std::size_t(c)]);
    };
    double mean = 0, variance = 0;
    for (int r = 0; r < op.ranks; ++r) mean += mean_of(r) * (rows_of(r) / rows);
    for (int r = 0; r < op.ranks; ++r) {
      const double own = op.parts[std::size_t(r) * pitch + std::size_t(op.channels + c)];
      const double deviation = mean_of(r) - mean;
      variance += (own + deviation * deviation) * (rows_of(r) / rows);
    }
    op.mean[c] = float(mean);
    op.rstd[c] = float(1 / std::sqrt(variance + op.eps));
    move_running(op, c, mean, variance, rows);
  }
}

void run(Cpu, const MergedGradients& op) {
  const double share = op.rows / double(op.sums[2 * op.channels]);
  for (int c = 0; c < op.channels; ++c) {
    op.dgamma[c] = float(op.sums[c] * share);
    op.dbeta[c] = float(op.sums[op.channels + c] * share);
  }
}

}  // namespace kernels
