// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>

/// Looks at every load and store of kernels. They are compiled with -fsanitize=thread, which turns
/// each into a call of a function that the sanitizer's library would define, and we do (hooks.cpp).
/// In builds that are not checked, nothing here is called by kernels and the rest does nothing.
namespace cuda_on_host::checker {

enum class Access { load, store, atomic };

/// A thread of a kernel accesses memory; `code` is the place in its code. `natural`: the GPU does
/// it as one access, so the address must be a multiple of the size.
void access(Access, const void* address, std::size_t bytes, bool natural, const void* code);

/// The host, or a library, wrote to device memory.
void mark_written(const void* address, std::size_t bytes);

/// The device memory is new, or was freed: nothing is known of it.
void forget(const void* address, std::size_t bytes);

void end_block();

/// While one lives, accesses are not looked at: those of this runtime, on a thread of a kernel. It
/// calls inline functions of the standard library, which may be the copies that a .cu file brought
/// along.
class Pause {
 public:
  Pause();
  ~Pause();
  Pause(const Pause&) = delete;
  Pause& operator=(const Pause&) = delete;

 private:
  bool before_;
};

}  // namespace cuda_on_host::checker
