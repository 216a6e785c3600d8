// SPDX-License-Identifier: MIT
#pragma once
#include <cuda_runtime.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "kernels/runtime/bf16.h"

#if !defined(CUDA_ON_HOST)
#include <cuda_bf16.h>
#endif

/// The few things that nvcc and the CUDA-on-host build must spell differently, and accesses made of
/// them. Everything else in a .cu file is the same text for both.
namespace kernels {
namespace {

/// What one access of so many bytes moves.
template <int bytes>
struct Access;

#if defined(CUDA_ON_HOST)

constexpr bool kernels_run_on_host = true;

// A struct of four words would be taken apart into four accesses; a vector type is one, as on a
// GPU, and that is what alignment checks and traffic counts of the host build rest on.
template <>
struct Access<16> {
  typedef std::uint32_t type __attribute__((vector_size(16), may_alias));
};
template <>
struct Access<8> {
  typedef std::uint32_t type __attribute__((vector_size(8), may_alias));
};
template <>
struct Access<4> {
  typedef std::uint32_t type __attribute__((may_alias));
};
template <>
struct Access<2> {
  typedef std::uint16_t type __attribute__((may_alias));
};

inline std::uint32_t bf16_pair(float low, float high) {
  return std::bit_cast<std::uint16_t>(bf16(low)) |
         std::uint32_t{std::bit_cast<std::uint16_t>(bf16(high))} << 16;
}

template <class T>
T* dynamic_shared() {
  return static_cast<T*>(cuda_on_host::dynamic_shared());
}

#else

/// Whether the GPU is this machine's processor, in a build for tests.
constexpr bool kernels_run_on_host = false;

template <>
struct Access<16> {
  using type = uint4;
};
template <>
struct Access<8> {
  using type = uint2;
};
template <>
struct Access<4> {
  using type = std::uint32_t;
};
template <>
struct Access<2> {
  using type = std::uint16_t;
};

/// Two neighbours as they lie in memory, rounded by one instruction.
__device__ __forceinline__ std::uint32_t bf16_pair(float low, float high) {
  const __nv_bfloat162 pair = __floats2bfloat162_rn(low, high);
  std::uint32_t word;
  memcpy(&word, &pair, sizeof word);
  return word;
}

/// The block's dynamic shared memory, of the size given to Grid; 16-byte aligned. Not initialised.
template <class T>
__device__ __forceinline__ T* dynamic_shared() {
  extern __shared__ __align__(16) unsigned char dynamic_shared_bytes[];
  return reinterpret_cast<T*>(dynamic_shared_bytes);
}

#endif

template <>
struct Access<1> {
  using type = std::uint8_t;
};

/// One access to global or shared memory; `at` must be aligned to the size of a Value.
template <class Value, class T>
__device__ __forceinline__ Value load_as(const T* at) {
  const auto all = *reinterpret_cast<const typename Access<sizeof(Value)>::type*>(at);
  Value value;
  memcpy(&value, &all, sizeof value);
  return value;
}

template <class Value, class T>
__device__ __forceinline__ void store_as(T* at, const Value& value) {
  typename Access<sizeof(Value)>::type all;
  memcpy(&all, &value, sizeof value);
  *reinterpret_cast<decltype(all)*>(at) = all;
}

__device__ __forceinline__ float4 ld4(const float* at) { return load_as<float4>(at); }
__device__ __forceinline__ void st4(float* at, float4 v) { store_as(at, v); }

template <class T, int width>
struct Pack;

/// `width` neighbours of an array as floats, to compute with.
template <int width>
struct Lanes {
  float v[width];

  /// In one access, or in two where one does not bring as many: parameters beside channels of bf16.
  template <class T>
  static __device__ __forceinline__ Lanes load(const T* at) {
    constexpr int step = width * sizeof(T) > 16 ? 16 / sizeof(T) : width;
    Lanes all;
#pragma unroll
    for (int i = 0; i < width; i += step) {
      const Lanes<step> some = Pack<T, step>::load(at + i).lanes();
#pragma unroll
      for (int k = 0; k < step; ++k) all.v[i + k] = some.v[k];
    }
    return all;
  }
  template <class T>
  __device__ __forceinline__ void store(T* at) const {
    constexpr int step = width * sizeof(T) > 16 ? 16 / sizeof(T) : width;
#pragma unroll
    for (int i = 0; i < width; i += step) store_as(at + i, Pack<T, step>(v + i));
  }
};

/// The same as they lie in memory, floats or bf16: what is loaded ahead takes no more registers
/// than bytes.
template <class T, int width>
struct Pack {
  static constexpr int bytes = width * int(sizeof(T));
  using Word = std::conditional_t<bytes == 2, std::uint16_t, std::uint32_t>;
  Word word[bytes / sizeof(Word)];

  Pack() = default;
  /// Rounds to nearest even.
  __device__ __forceinline__ explicit Pack(const float* v) {
#pragma unroll
    for (int i = 0; i < width; ++i) {
      if constexpr (std::is_same_v<T, float>)
        word[i] = __float_as_uint(v[i]);
      else if (i % 2 == 0)
        word[i / 2] = Word(bf16_pair(v[i], i + 1 < width ? v[i + 1] : 0));
    }
  }

  static __device__ __forceinline__ Pack load(const T* at) { return load_as<Pack>(at); }

  __device__ __forceinline__ Lanes<width> lanes() const {
    Lanes<width> all;
#pragma unroll
    for (int i = 0; i < width; ++i) {
      if constexpr (std::is_same_v<T, float>) {
        all.v[i] = __uint_as_float(word[i]);
      } else {
        const std::uint32_t pair = word[i / 2];
        all.v[i] = __uint_as_float(i % 2 == 0 ? pair << 16 : pair & 0xffff0000u);
      }
    }
    return all;
  }
};

/// Whether accesses to `width` neighbours, of at most 16 bytes, may begin at all of these
/// addresses. Null is no obstacle.
template <class... T>
bool aligned_for(int width, const T*... at) {
  return (
      ... &&
      (reinterpret_cast<std::uintptr_t>(at) % std::min<std::size_t>(width * sizeof(T), 16) == 0));
}

/// How many neighbours of arrays of these types come in one access: as many as are 16 bytes of the
/// widest type, or as the arrays allow. With bf16 that may be 8, 4, 2 or 1; with floats alone 4 or
/// 1, on which the order of their sums rests.
template <class... T>
struct Widths {
  static constexpr int most = 16 / int(std::max({sizeof(T)...}));
  static constexpr bool halves = std::min({sizeof(T)...}) < sizeof(float);

  /// The most that divide `count` and for which all arrays are aligned.
  template <class... Pointers>
  static int of(int count, Pointers... arrays) {
    for (int width = most; width > 1; width = halves ? width / 2 : 1)
      if (count % width == 0 && aligned_for(width, arrays...)) return width;
    return 1;
  }

  /// use(width), where `width` is a constant.
  template <class Use>
  static void with(int width, Use use) {
    if constexpr (most == 8) {
      if (width == 8) return use(std::integral_constant<int, 8>());
    }
    if (width == 4) return use(std::integral_constant<int, 4>());
    if constexpr (halves) {
      if (width == 2) return use(std::integral_constant<int, 2>());
    }
    use(std::integral_constant<int, 1>());
  }
};

}  // namespace
}  // namespace kernels
