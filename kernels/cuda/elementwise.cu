// SPDX-License-Identifier: MIT
#include "kernels/elementwise.h"

#include "kernels/cuda/access.cuh"
#include "kernels/cuda/block.cuh"
#include "kernels/cuda/launch.h"

namespace kernels {
namespace {

// Add, scale and fill: each thread has four neighbours, and takes them in one access if the arrays
// allow it (width 4), else it has one. Enough threads are in flight then that a loop would gain
// nothing.
//   launch  ceil(size / (256 width)) blocks of 256 threads
constexpr int threads = 256;

template <int width>
__device__ std::size_t first_element() {
  return (std::size_t{blockIdx.x} * threads + threadIdx.x) * width;
}

/// The elements from `first` on that are this thread's: calls `four` if it has all four, else `one`
/// for each. `four` is never called with width 1.
template <int width, class Four, class One>
__device__ __forceinline__ void visit_elements(std::size_t size, Four four, One one) {
  const std::size_t first = first_element<width>();
  if (width == 4 && first + 4 <= size) {
    four(first);
    return;
  }
  for (std::size_t i = first; i < first + width && i < size; ++i) one(i);
}

//   moves   12*size bytes
template <int width>
__global__ void add_elements(const float* a, const float* b, float* y, std::size_t size) {
  visit_elements<width>(
      size,
      [=](std::size_t i) {
        const float4 u = ld4(a + i), v = ld4(b + i);
        st4(y + i, make_float4(u.x + v.x, u.y + v.y, u.z + v.z, u.w + v.w));
      },
      [=](std::size_t i) { y[i] = a[i] + b[i]; });
}

//   moves   8*size + 4 bytes
template <int width>
__global__ void scale_elements(const float* x, const float* factor, float* y, std::size_t size) {
  const float f = *factor;
  visit_elements<width>(
      size,
      [=](std::size_t i) {
        const float4 v = ld4(x + i);
        st4(y + i, make_float4(f * v.x, f * v.y, f * v.z, f * v.w));
      },
      [=](std::size_t i) { y[i] = f * x[i]; });
}

// A thread per element.
//   moves   6*size bytes
template <class X, class Y>
__global__ void convert_elements(const X* x, Y* y, std::size_t size) {
  const std::size_t i = first_element<1>();
  if (i < size) y[i] = Y(float(x[i]));
}

//   moves   4*size bytes
template <int width>
__global__ void fill_elements(float* y, std::size_t size, float value) {
  visit_elements<width>(
      size, [=](std::size_t i) { st4(y + i, make_float4(value, value, value, value)); },
      [=](std::size_t i) { y[i] = value; });
}

Grid grid_of(std::size_t size, int width) {
  return {ceil_div(size, std::size_t(width) * threads), unsigned(threads)};
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
  const float *a = op.a.f32(), *b = op.b.f32();
  float* y = op.y.f32();
  if (aligned_for_4(a, b, y))
    launch(add_elements<4>, grid_of(op.size, 4), a, b, y, op.size);
  else
    launch(add_elements<1>, grid_of(op.size, 1), a, b, y, op.size);
}

void run(Cuda, const Scale& op) {
  const float* x = op.x.f32();
  float* y = op.y.f32();
  if (aligned_for_4(x, y))
    launch(scale_elements<4>, grid_of(op.size, 4), x, op.factor, y, op.size);
  else
    launch(scale_elements<1>, grid_of(op.size, 1), x, op.factor, y, op.size);
}

void run(Cuda, const Convert& op) {
  with_type(op.x.type, [&](auto x) {
    with_type(op.y.type, [&](auto y) {
      using X = decltype(x);
      using Y = decltype(y);
      launch(convert_elements<X, Y>, grid_of(op.size, 1), op.x.as<X>(), op.y.as<Y>(), op.size);
    });
  });
}

void run(Cuda, const Fill& op) {
  if (aligned_for_4(op.y))
    launch(fill_elements<4>, grid_of(op.size, 4), op.y, op.size, op.value);
  else
    launch(fill_elements<1>, grid_of(op.size, 1), op.y, op.size, op.value);
}

void run(Cuda, const Mean& op) { launch(mean_in_one_block, {1, mean_threads}, op); }

}  // namespace kernels
