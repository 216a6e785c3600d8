// SPDX-License-Identifier: MIT
#include "kernels/merged_batch_norm.h"

#include "kernels/batch_norm.h"
#include "kernels/cuda/launch.h"

namespace kernels {
namespace {

constexpr unsigned threads = 256;
unsigned blocks_for(int channels) { return (unsigned(channels) + threads - 1) / threads; }

// A thread per channel; there are few.
//   shapes  parts [ranks, 2*channels + 1]; all others [channels]
//   moves   4*ranks*(3*channels + 1) + 24*channels bytes
//   launch  ceil(channels / 256) blocks of 256 threads
__global__ void merged_statistics_thread_per_channel(MergedStatistics op) {
  const unsigned c = blockIdx.x * threads + threadIdx.x;
  const unsigned channels = unsigned(op.channels);
  if (c >= channels) return;
  const std::size_t pitch = 2 * std::size_t{channels} + 1;
  double rows = 0, mean = 0, variance = 0;
  for (int r = 0; r < op.ranks; ++r) rows += op.parts[(r + 1) * pitch - 1];
  for (int r = 0; r < op.ranks; ++r)
    mean += double(op.parts[r * pitch + c]) * (op.parts[(r + 1) * pitch - 1] / rows);
  for (int r = 0; r < op.ranks; ++r) {
    const double deviation = op.parts[r * pitch + c] - mean;
    variance += (op.parts[r * pitch + channels + c] + deviation * deviation) *
                (op.parts[(r + 1) * pitch - 1] / rows);
  }
  op.mean[c] = float(mean);
  op.rstd[c] = float(1 / sqrt(variance + op.eps));
  move_running(op, int(c), mean, variance, rows);
}

//   shapes  sums [2*channels + 1]; dgamma, dbeta [channels]
//   moves   20*channels bytes
//   launch  ceil(channels / 256) blocks of 256 threads
__global__ void merged_gradients_thread_per_channel(MergedGradients op) {
  const unsigned c = blockIdx.x * threads + threadIdx.x;
  const unsigned channels = unsigned(op.channels);
  if (c >= channels) return;
  const double share = op.rows / double(op.sums[2 * channels]);
  op.dgamma[c] = float(op.sums[c] * share);
  op.dbeta[c] = float(op.sums[channels + c] * share);
}

}  // namespace

void run(Cuda, const MergedStatistics& op) {
  launch(merged_statistics_thread_per_channel, {blocks_for(op.channels), threads}, op);
}

void run(Cuda, const MergedGradients& op) {
  launch(merged_gradients_thread_per_channel, {blocks_for(op.channels), threads}, op);
}

}  // namespace kernels
