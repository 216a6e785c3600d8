// SPDX-License-Identifier: MIT
#include "kernels/concat_channels.h"

#include <cstring>

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/stream.h"

namespace kernels {
namespace {

void copy_channels(float* to, const float* from, int channels, bool streams) {
  if (streams) {
    stream(to, from, channels);
  } else {
    std::memcpy(to, from, sizeof(float) * channels);
  }
}

/// Whether each row's part of `to` starts at a multiple of 16 bytes and is worth streaming.
bool rows_stream(const float* to, int rows, int channels, int part_channels) {
  return channels % 4 == 0 && part_channels % 4 == 0 &&
         should_stream(to, sizeof(float) * rows * channels);
}

}  // namespace

void run(Cpu, const ConcatChannels& op) {
  const float *a = op.a.f32(), *b = op.b.f32();
  float* y = op.y.f32();
  const int channels = op.a_channels + op.b_channels;
  const bool streams = rows_stream(y, op.rows, channels, op.a_channels);
#pragma omp parallel if (std::size_t(op.rows) * channels >= parallel_from)
  {
#pragma omp for schedule(static)
    for (int i = 0; i < op.rows; ++i) {
      float* to = y + std::size_t(i) * channels;
      copy_channels(to, a + std::size_t(i) * op.a_channels, op.a_channels, streams);
      copy_channels(to + op.a_channels, b + std::size_t(i) * op.b_channels, op.b_channels, streams);
    }
    if (streams) finish_streaming();
  }
}

void run(Cpu, const SplitChannels& op) {
  const float* dy = op.dy.f32();
  float *da = op.da.f32(), *db = op.db.f32();
  const int channels = op.a_channels + op.b_channels;
  const bool a_streams = rows_stream(da, op.rows, op.a_channels, op.a_channels);
  const bool b_streams = rows_stream(db, op.rows, op.b_channels, op.b_channels);
#pragma omp parallel if (std::size_t(op.rows) * channels >= parallel_from)
  {
#pragma omp for schedule(static)
    for (int i = 0; i < op.rows; ++i) {
      const float* from = dy + std::size_t(i) * channels;
      const std::size_t to_a = std::size_t(i) * op.a_channels,
                        to_b = std::size_t(i) * op.b_channels;
      if (da) copy_channels(da + to_a, from, op.a_channels, a_streams);
      if (db) copy_channels(db + to_b, from + op.a_channels, op.b_channels, b_streams);
    }
    finish_streaming();
  }
}

}  // namespace kernels
