// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/runtime/array.h"
#include "kernels/runtime/device.h"

/// What ranks (kernels/ranks/ranks.h) compute together. All of them run the same ops in the same
/// order, on arrays of the same size; alone, a rank has the result already.
namespace kernels {

/// The sum over ranks, in place, with the same bits on each of them and in each repetition. A rank
/// that gives zeros elsewhere puts its part into the whole by it: x + 0 is x.
struct AllReduce {
  void* data;  // in and out
  DType type;  // f32 or i32
  std::size_t size;
};

/// The same while a GPU does other work, on data that stay allocated: it begins once what was
/// queued before is done, and is done for what is queued behind FinishSums. Elsewhere it is
/// AllReduce.
struct BeginSum : AllReduce {};
struct FinishSums {};

/// all[r] = mine of rank r.
struct AllGather {
  const void* mine;  // [size]
  void* all;         // [ranks, size]  out
  std::size_t size;  // in bytes
};

/// What rank 0 has.
struct Broadcast {
  void* data;        // in on rank 0, out on others
  std::size_t size;  // in bytes
};

void run(Cpu, const AllReduce&);
void run(Cpu, const BeginSum&);
void run(Cpu, const FinishSums&);
void run(Cpu, const AllGather&);
void run(Cpu, const Broadcast&);
void run(Cuda, const AllReduce&);
void run(Cuda, const BeginSum&);
void run(Cuda, const FinishSums&);
void run(Cuda, const AllGather&);
void run(Cuda, const Broadcast&);

}  // namespace kernels
