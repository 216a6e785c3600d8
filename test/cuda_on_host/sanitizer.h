// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

/// What AddressSanitizer must be told where this runtime switches stacks and hands out memory.
/// Without it they do nothing.
namespace cuda_on_host::sanitizer {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool address = true;

inline void poison(const void* at, std::size_t bytes) { __asan_poison_memory_region(at, bytes); }
inline void unpoison(const void* at, std::size_t bytes) {
  __asan_unpoison_memory_region(at, bytes);
}
inline void start_switch(void** state, const void* stack, std::size_t bytes) {
  __sanitizer_start_switch_fiber(state, stack, bytes);
}
inline void finish_switch(void* state, const void** old_stack, std::size_t* old_bytes) {
  __sanitizer_finish_switch_fiber(state, old_stack, old_bytes);
}
#else
inline constexpr bool address = false;

inline void poison(const void*, std::size_t) {}
inline void unpoison(const void*, std::size_t) {}
inline void start_switch(void**, const void*, std::size_t) {}
inline void finish_switch(void*, const void**, std::size_t*) {}
#endif

}  // namespace cuda_on_host::sanitizer
