// SPDX-License-Identifier: MIT
#pragma once
#include <cuda_runtime_api.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "test/cuda_on_host/cuda_on_host.h"

/// What the stand-ins for cuBLAS and cuDNN share. Both do exactly the calls that this project
/// makes, behind the libraries' own headers, slowly, and refuse what is not right.
namespace cuda_on_host {

/// Whether a kernel could work on the array; if not, says so in a report. A library finds out when
/// its kernel fails, long after the call.
bool usable(const char* what, const void* at, std::size_t bytes, std::size_t alignment);

/// Whether a library may do now what acts at once, as its handles and plans do that allocate and
/// load code; not while a stream is captured.
bool may_act(const char* what);

/// Queues the work of a library in a stream. False if the device has failed before.
bool enqueue_library_work(cudaStream_t, std::function<void()> work);

/// Device memory, within such work, to something that is known to be written; see poison() too.
void write(void* to, const void* from, std::size_t bytes);

inline constexpr int float_mantissa = 23, tf32_mantissa = 10;  // bits

/// To so many bits after the leading one, as tensor cores take their factors; halves go to the even
/// neighbour.
inline float round_to(int mantissa_bits, float x) {
  const int dropped = float_mantissa - mantissa_bits;
  if (dropped == 0) return x;
  auto bits = std::bit_cast<std::uint32_t>(x);
  bits += (std::uint32_t{1} << (dropped - 1)) - 1 + (bits >> dropped & 1);
  bits &= ~((std::uint32_t{1} << dropped) - 1);
  return std::bit_cast<float>(bits);
}

}  // namespace cuda_on_host
