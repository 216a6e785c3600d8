// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#ifdef __SSE__
#include <xmmintrin.h>
#endif

/// Non-temporal stores. An ordinary store to memory that is not cached first reads the line; for an
/// output too large to be still in the cache when the next op reads it, that read is wasted.
namespace kernels {

/// Whether `bytes` from `to` on are better written past the cache: half of the last-level cache of
/// a small server or more, from the start of a cache line.
inline bool should_stream(const void* to, std::size_t bytes) {
  constexpr std::size_t too_large_for_cache = std::size_t{16} << 20;
  return bytes >= too_large_for_cache && reinterpret_cast<std::uintptr_t>(to) % 64 == 0;
}

/// Copies past the cache; `to` and `bytes` are multiples of 16. The writer calls finish_streaming()
/// at its end, which lets other threads see it all.
inline void stream(void* to, const void* from, std::size_t bytes) {
#ifdef __SSE__
  float* const out = static_cast<float*>(to);
  const float* const in = static_cast<const float*>(from);
  for (std::size_t i = 0; i < bytes / 4; i += 4) _mm_stream_ps(out + i, _mm_loadu_ps(in + i));
#else
  std::memcpy(to, from, bytes);
#endif
}

inline void finish_streaming() {
#ifdef __SSE__
  _mm_sfence();
#endif
}

}  // namespace kernels
