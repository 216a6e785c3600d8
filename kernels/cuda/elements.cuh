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

/// How many elements, and who asks, which a Grid wants to know.
struct ElementCount {
  std::size_t count;
  std::source_location at;

  ElementCount(std::size_t elements,  // NOLINT(google-explicit-constructor)
               const std::source_location& caller = std::source_location::current())
      : count(elements), at(caller) {}
};

/// launches(width, grid) for `size` elements of arrays of the types T, with the width that the
/// arrays allow, a constant.
template <class... T, class Launches, class... Pointers>
void for_elements(ElementCount size, Launches launches, Pointers... arrays) {
  Widths<T...>::with(Widths<T...>::of(Widths<T...>::most, arrays...), [&](auto width) {
    const std::size_t blocks = ceil_div(size.count, width * element_threads);
    launches(width, Grid(blocks, element_threads, 0, size.at));
  });
}

}  // namespace
}  // namespace kernels
