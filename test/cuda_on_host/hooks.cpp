// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>

#include "test/cuda_on_host/checker.h"

// The functions that g++ -fsanitize=thread calls for each load and store. The names and signatures
// are those of ThreadSanitizer's library, which is not linked.
namespace {

using cuda_on_host::checker::Access;

}  // namespace

// The return address must be taken in the hook itself, hence no function in between.
#define CUDA_ON_HOST_HOOK(name, kind, bytes, natural)                                             \
  extern "C" void __tsan_##name(void* at) {                                                       \
    cuda_on_host::checker::access(Access::kind, at, bytes, natural, __builtin_return_address(0)); \
  }
CUDA_ON_HOST_HOOK(read1, load, 1, true)
CUDA_ON_HOST_HOOK(read2, load, 2, true)
CUDA_ON_HOST_HOOK(read4, load, 4, true)
CUDA_ON_HOST_HOOK(read8, load, 8, true)
CUDA_ON_HOST_HOOK(read16, load, 16, true)
CUDA_ON_HOST_HOOK(write1, store, 1, true)
CUDA_ON_HOST_HOOK(write2, store, 2, true)
CUDA_ON_HOST_HOOK(write4, store, 4, true)
CUDA_ON_HOST_HOOK(write8, store, 8, true)
CUDA_ON_HOST_HOOK(write16, store, 16, true)
// Copies of structs with members smaller than the copy; nvcc makes them of accesses that are
// aligned.
CUDA_ON_HOST_HOOK(unaligned_read2, load, 2, false)
CUDA_ON_HOST_HOOK(unaligned_read4, load, 4, false)
CUDA_ON_HOST_HOOK(unaligned_read8, load, 8, false)
CUDA_ON_HOST_HOOK(unaligned_read16, load, 16, false)
CUDA_ON_HOST_HOOK(unaligned_write2, store, 2, false)
CUDA_ON_HOST_HOOK(unaligned_write4, store, 4, false)
CUDA_ON_HOST_HOOK(unaligned_write8, store, 8, false)
CUDA_ON_HOST_HOOK(unaligned_write16, store, 16, false)
#undef CUDA_ON_HOST_HOOK

extern "C" void __tsan_read_range(void* at, std::size_t bytes) {
  cuda_on_host::checker::access(Access::load, at, bytes, false, __builtin_return_address(0));
}
extern "C" void __tsan_write_range(void* at, std::size_t bytes) {
  cuda_on_host::checker::access(Access::store, at, bytes, false, __builtin_return_address(0));
}
extern "C" void __tsan_init() {}
extern "C" void __tsan_func_entry(void*) {}
extern "C" void __tsan_func_exit() {}
extern "C" void __tsan_vptr_update(void** at, void* value) { *at = value; }
extern "C" void __tsan_vptr_read(void**) {}

// Atomic operations of the host's code in a .cu file, such as the counts of a std::shared_ptr, go
// through the sanitizer's library too.
#define CUDA_ON_HOST_ATOMICS(bits)                                                             \
  using Word##bits = std::uint##bits##_t;                                                      \
  extern "C" Word##bits __tsan_atomic##bits##_load(const volatile Word##bits* at, int) {       \
    return __atomic_load_n(at, __ATOMIC_SEQ_CST);                                              \
  }                                                                                            \
  extern "C" void __tsan_atomic##bits##_store(volatile Word##bits* at, Word##bits v, int) {    \
    __atomic_store_n(at, v, __ATOMIC_SEQ_CST);                                                 \
  }                                                                                            \
  extern "C" Word##bits __tsan_atomic##bits##_exchange(volatile Word##bits* at, Word##bits v,  \
                                                       int) {                                  \
    return __atomic_exchange_n(at, v, __ATOMIC_SEQ_CST);                                       \
  }                                                                                            \
  extern "C" Word##bits __tsan_atomic##bits##_fetch_add(volatile Word##bits* at, Word##bits v, \
                                                        int) {                                 \
    return __atomic_fetch_add(at, v, __ATOMIC_SEQ_CST);                                        \
  }                                                                                            \
  extern "C" Word##bits __tsan_atomic##bits##_fetch_sub(volatile Word##bits* at, Word##bits v, \
                                                        int) {                                 \
    return __atomic_fetch_sub(at, v, __ATOMIC_SEQ_CST);                                        \
  }                                                                                            \
  extern "C" int __tsan_atomic##bits##_compare_exchange_strong(                                \
      volatile Word##bits* at, Word##bits* expected, Word##bits v, int, int) {                 \
    return __atomic_compare_exchange_n(at, expected, v, false, __ATOMIC_SEQ_CST,               \
                                       __ATOMIC_SEQ_CST);                                      \
  }
CUDA_ON_HOST_ATOMICS(8)
CUDA_ON_HOST_ATOMICS(32)
CUDA_ON_HOST_ATOMICS(64)
#undef CUDA_ON_HOST_ATOMICS
