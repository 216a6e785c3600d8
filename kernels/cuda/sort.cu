// SPDX-License-Identifier: MIT
// Thrust's radix sort. It takes nvcc many seconds to compile, so nothing else is in this file.
#include "kernels/cuda/sort.h"

#include <thrust/execution_policy.h>
#include <thrust/sort.h>
#include <thrust/system_error.h>

#include <string>

#include "kernels/cuda/context.h"
#include "kernels/cuda/launch.h"
#include "kernels/runtime/error_type.h"
#include "kernels/runtime/scratchpad.h"

namespace kernels {
namespace {

/// Gives Thrust the same memory at every call, which the order of the stream allows. It asks once
/// for each sort.
class TemporaryMemory {
 public:
  using value_type = char;

  char* allocate(std::ptrdiff_t bytes) {
    if (in_use_) throw Error("sort: Thrust asks for a second piece of memory");
    char* const memory = static_cast<char*>(memory_.at_least(std::size_t(bytes)));
    in_use_ = true;
    return memory;
  }
  void deallocate(char*, std::size_t) { in_use_ = false; }

 private:
  Scratchpad memory_{Device::cuda};
  bool in_use_ = false;
};

TemporaryMemory& temporary_memory() {
  static auto* const shared = new TemporaryMemory;  // stays, like the context
  return *shared;
}

template <class T>
void sort(T* first, std::size_t count) {
  try {
    thrust::sort(thrust::cuda::par_nosync(temporary_memory()).on(context().stream()), first,
                 first + count);
    finish_call_of("Thrust");
  } catch (const thrust::system_error& e) {
    throw Error(std::string("sort: ") + e.what());
  }
}

}  // namespace

void sort_ascending(std::uint64_t* keys, std::size_t count) { sort(keys, count); }
void sort_ascending(float* values, std::size_t count) { sort(values, count); }

}  // namespace kernels
