// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/cuda/access.cuh"
#include "kernels/cuda/launch.h"

/// How kernels visit each element of arrays once, whatever their shape: each thread has `width`
/// neighbours, and takes them in one access. Enough threads are in flight then that a loop would
/// gain nothing.
namespace kernels {
namespace {

constexpr unsigned element_threads = 256;

/// `count` neighbours.
template <int count>
struct Elements {
  std::size_t first;
};

/// The part of a thread: use(elements) for all `width` at once, or at the end of the arrays for one
/// after the other.
template <int width, class Use>
__device__ __forceinline__ void visit_elements(std::size_t size, Use use) {
  const std::size_t first = (std::size_t{blockIdx.x} * element_threads + threadIdx.x) * width;
  if (width > 1 && first + width <= size) {
    use(Elements<width>{first});
    return;
  }
  for (std::size_t i = first; i < first + width && i < size; ++i) use(Elements<1>{i});
}

/// launches(width, grid) for `size` elements of arrays of the types T, with the width that the
/// arrays allow, a constant.
template <class... T, class Launches, class... Pointers>
void for_elements(std::size_t size, Launches launches, Pointers... arrays) {
  Widths<T...>::with(Widths<T...>::of(Widths<T...>::most, arrays...), [&](auto width) {
    launches(width, Grid(ceil_div(size, width * element_threads), element_threads));
  });
}

}  // namespace
}  // namespace kernels
