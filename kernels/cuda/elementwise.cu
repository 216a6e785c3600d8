// SPDX-License-Identifier: MIT
#include "kernels/elementwise.h"

#include "kernels/cuda/block.cuh"
#include "kernels/cuda/elements.cuh"

namespace kernels {
namespace {

// As elements.cuh says: a thread has `width` neighbours.
//   launch  ceil(size / (256 width)) blocks of 256 threads

//   moves   3*e*size bytes
template <class T, int width>
__global__ void add_elements(const T* a, const T* b, T* y, std::size_t size) {
  visit_elements<width>(size, [=]<int count>(Elements<count> at) {
    Lanes<count> sum = Lanes<count>::load(a + at.first);
    const auto other = Lanes<count>::load(b + at.first);
#pragma unroll
    for (int k = 0; k < count; ++k) sum.v[k] += other.v[k];
    sum.store(y + at.first);
  });
}

//   moves   8*size + 4 bytes
template <int width>
__global__ void scale_elements(const float* x, const float* factor, float* y, std::size_t size) {
  const float f = *factor;
  visit_elements<width>(size, [=]<int count>(Elements<count> at) {
    auto scaled = Lanes<count>::load(x + at.first);
#pragma unroll
    for (int k = 0; k < count; ++k) scaled.v[k] *= f;
    scaled.store(y + at.first);
  });
}

//   moves   (ex + ey)*size bytes
template <class X, class Y, int width>
__global__ void convert_elements(const X* x, Y* y, std::size_t size) {
  visit_elements<width>(size, [=]<int count>(Elements<count> at) {
    Lanes<count>::load(x + at.first).store(y + at.first);
  });
}

//   moves   4*size bytes
template <int width>
__global__ void fill_elements(float* y, std::size_t size, float value) {
  visit_elements<width>(size, [=]<int count>(Elements<count> at) {
    Lanes<count> values;
#pragma unroll
    for (int k = 0; k < count; ++k) values.v[k] = value;
    values.store(y + at.first);
  });
}

// One block, so that the order of the sum is fixed without a second launch: what is averaged is the
// losses of a batch.
//   moves   4*size + 4 bytes
//   launch  1 block of 1024 threads
constexpr int mean_threads = 1024;

__global__ void mean_in_one_block(Mean op) {
  double sum = 0;
  for (std::size_t i = threadIdx.x; i < op.size; i += mean_threads) sum += op.x[i];
  sum = block_sum(sum);
  if (threadIdx.x == 0) *op.y = float(sum / double(op.size));
}

}  // namespace

void run(Cuda, const Add& op) {
  with_type(op.y.type, [&](auto element) {
    using T = decltype(element);
    const T *a = op.a.as<T>(), *b = op.b.as<T>();
    T* y = op.y.as<T>();
    for_elements<T>(
        op.size,
        [&](auto width, const Grid& grid) {
          launch(add_elements<T, width>, grid, a, b, y, op.size);
        },
        a, b, y);
  });
}

void run(Cuda, const Scale& op) {
  const float* x = op.x.f32();
  float* y = op.y.f32();
  for_elements<float>(
      op.size,
      [&](auto width, const Grid& grid) {
        launch(scale_elements<width>, grid, x, op.factor, y, op.size);
      },
      x, y);
}

void run(Cuda, const Convert& op) {
  with_type(op.x.type, [&](auto of_x) {
    with_type(op.y.type, [&](auto of_y) {
      using X = decltype(of_x);
      using Y = decltype(of_y);
      const X* x = op.x.as<X>();
      Y* y = op.y.as<Y>();
      for_elements<X, Y>(
          op.size,
          [&](auto width, const Grid& grid) {
            launch(convert_elements<X, Y, width>, grid, x, y, op.size);
          },
          x, y);
    });
  });
}

void run(Cuda, const Fill& op) {
  for_elements<float>(
      op.size,
      [&](auto width, const Grid& grid) {
        launch(fill_elements<width>, grid, op.y, op.size, op.value);
      },
      op.y);
}

void run(Cuda, const Mean& op) { launch(mean_in_one_block, {1, mean_threads}, op); }

}  // namespace kernels
