// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <type_traits>

/// Threads never pre-empt each other, so a read and a write are an atomic operation. The checker
/// must hear of it as one.
namespace cuda_on_host {

void note_atomic(const void* at, std::size_t bytes, const void* code);

// Its own read and write are not to be reported as plain accesses. Not inlined, so that its return
// address is in the kernel.
template <class T, class Next>
__attribute__((no_sanitize("thread"), noinline)) T atomic(T* at, Next next) {
  note_atomic(at, sizeof(T), __builtin_return_address(0));
  const T old = *at;
  *at = next(old);
  return old;
}

}  // namespace cuda_on_host

template <class T>
T atomicAdd(T* at, std::type_identity_t<T> value) {
  return cuda_on_host::atomic(at, [=](T old) { return T(old + value); });
}
template <class T>
T atomicSub(T* at, std::type_identity_t<T> value) {
  return cuda_on_host::atomic(at, [=](T old) { return T(old - value); });
}
inline unsigned atomicInc(unsigned* at, unsigned last) {
  return cuda_on_host::atomic(at, [=](unsigned old) { return old >= last ? 0 : old + 1; });
}
template <class T>
T atomicMin(T* at, std::type_identity_t<T> value) {
  return cuda_on_host::atomic(at, [=](T old) { return value < old ? value : old; });
}
template <class T>
T atomicMax(T* at, std::type_identity_t<T> value) {
  return cuda_on_host::atomic(at, [=](T old) { return old < value ? value : old; });
}
template <class T>
T atomicExch(T* at, std::type_identity_t<T> value) {
  return cuda_on_host::atomic(at, [=](T) { return value; });
}
template <class T>
T atomicCAS(T* at, std::type_identity_t<T> expected, std::type_identity_t<T> value) {
  return cuda_on_host::atomic(at, [=](T old) { return old == expected ? value : old; });
}
template <class T>
T atomicOr(T* at, std::type_identity_t<T> value) {
  return cuda_on_host::atomic(at, [=](T old) { return T(old | value); });
}
template <class T>
T atomicAnd(T* at, std::type_identity_t<T> value) {
  return cuda_on_host::atomic(at, [=](T old) { return T(old & value); });
}
