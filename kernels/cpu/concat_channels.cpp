// SPDX-License-Identifier: MIT
#include "kernels/concat_channels.h"

#include <cstring>

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/stream.h"

namespace kernels {
namespace {

template <class T>
void copy_channels(T* to, const T* from, int channels, bool streams) {
  if (streams) {
    stream(to, from, sizeof(T) * channels);
  } else {
    std::memcpy(to, from, sizeof(T) * channels);
  }
}

/// Whether each row's part of `to` starts at a multiple of 16 bytes and is worth streaming.
template <class T>
bool rows_stream(const T* to, int rows, int channels, int part_channels) {
  constexpr int unit = 16 / sizeof(T);
  return channels % unit == 0 && part_channels % unit == 0 &&
         should_stream(to, sizeof(T) * rows * channels);
}

template <class T>
void concat(const ConcatChannels& op) {
  const T *a = op.a.as<T>(), *b = op.b.as<T>();
  T* y = op.y.as<T>();
  const int channels = op.a_channels + op.b_channels;
  const bool streams = rows_stream(y, op.rows, channels, op.a_channels);
#pragma omp parallel if (std::size_t(op.rows) * channels >= parallel_from)
  {
#pragma omp for schedule(static)
    for (int i = 0; i < op.rows; ++i) {
      T* to = y + std::size_t(i) * channels;
      copy_channels(to, a + std::size_t(i) * op.a_channels, op.a_channels, streams);
      copy_channels(to + op.a_channels, b + std::size_t(i) * op.b_channels, op.b_channels, streams);
    }
    if (streams) finish_streaming();
  }
}

template <class T>
void split(const SplitChannels& op) {
  const T* dy = op.dy.as<T>();
  T *da = op.da.as<T>(), *db = op.db.as<T>();
  const int channels = op.a_channels + op.b_channels;
  const bool a_streams = rows_stream(da, op.rows, op.a_channels, op.a_channels);
  const bool b_streams = rows_stream(db, op.rows, op.b_channels, op.b_channels);
#pragma omp parallel if (std::size_t(op.rows) * channels >= parallel_from)
  {
#pragma omp for schedule(static)
    for (int i = 0; i < op.rows; ++i) {
      const T* from = dy + std::size_t(i) * channels;
      const std::size_t to_a = std::size_t(i) * op.a_channels,
                        to_b = std::size_t(i) * op.b_channels;
      if (da) copy_channels(da + to_a, from, op.a_channels, a_streams);
      if (db) copy_channels(db + to_b, from + op.a_channels, op.b_channels, b_streams);
    }
    finish_streaming();
  }
}

}  // namespace

void run(Cpu, const ConcatChannels& op) {
  with_type(op.y.type, [&](auto type) { concat<decltype(type)>(op); });
}

void run(Cpu, const SplitChannels& op) {
  with_type(op.dy.type, [&](auto type) { split<decltype(type)>(op); });
}

}  // namespace kernels
