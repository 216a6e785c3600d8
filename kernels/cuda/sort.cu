// SPDX-License-Identifier: MIT
// Thrust's radix sort. It takes nvcc many seconds to compile, so nothing else is in this file.
#include "kernels/cuda/sort.h"

#include "kernels/cuda/launch.h"

#if defined(CUDA_ON_HOST)
#include <algorithm>
#else
#include <thrust/execution_policy.h>
#include <thrust/sort.h>
#include <thrust/system_error.h>

#include <string>

#include "kernels/error_type.h"
#include "kernels/scratchpad.h"
#endif

namespace kernels {
namespace {

#if defined(CUDA_ON_HOST)

/// What Thrust would launch is code for a GPU; a sort in a single thread stands in.
template <class T>
__global__ void sort_in_one_thread(T* first, std::size_t count) {
  std::sort(first, first + count);
}

template <class T>
void sort(T* first, std::size_t count) {
  launch(sort_in_one_thread<T>, {1, 1}, first, count);
}

#else

/// Gives Thrust the same memory at every call, which the order of the stream allows. It asks once
/// for each sort.
class TemporaryMemory {
 public:
  using value_type = char;

  char* allocate(std::ptrdiff_t bytes) {
    if (in_use_) throw Error("sort: Thrust asks for a second piece of memory");
    in_use_ = true;
    return static_cast<char*>(memory_.at_least(std::size_t(bytes)));
  }
  void deallocate(char*, std::size_t) { in_use_ = false; }

 private:
  Scratchpad memory_{Device::cuda};
  bool in_use_ = false;
};

template <class T>
void sort(T* first, std::size_t count) {
  static auto* const memory = new TemporaryMemory;  // stays, like the context
  try {
    thrust::sort(thrust::cuda::par_nosync(*memory).on(context().stream()), first, first + count);
  } catch (const thrust::system_error& e) {
    throw Error(std::string("sort: ") + e.what());
  }
}

#endif

}  // namespace

void sort_ascending(std::uint64_t* keys, std::size_t count) { sort(keys, count); }
void sort_ascending(float* values, std::size_t count) { sort(values, count); }

}  // namespace kernels
