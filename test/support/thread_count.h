// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/runtime/memory.h"

namespace test {

/// Sets the number of threads of the CPU kernels for a scope.
class ThreadCount {
 public:
  explicit ThreadCount(int count) : before_(kernels::threads()) { kernels::set_threads(count); }
  ~ThreadCount() { kernels::set_threads(before_); }
  ThreadCount(const ThreadCount&) = delete;
  ThreadCount& operator=(const ThreadCount&) = delete;

 private:
  int before_;
};

}  // namespace test
