// SPDX-License-Identifier: MIT
#pragma once
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <set>
#include <thread>

namespace data {

/// Memory that several threads share: what they hold of it together is never more than its limit.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::int64_t limit) : limit_(limit) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  /// A part of the budget, given back at the end.
  class Lease {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept { swap(other); }
    Lease& operator=(Lease&& other) noexcept;
    ~Lease();

    /// Makes it that large, unless there is no room for that now.
    bool resize(std::int64_t bytes);

   private:
    friend class MemoryBudget;
    void swap(Lease& other) noexcept;

    MemoryBudget* budget_ = nullptr;
    std::int64_t bytes_ = 0;
    std::thread::id owner_;
  };

  /// Waits until there is room, behind those that came before. A thread that waits must hold
  /// nothing of what others wait for, so one that has a lease already does not: with too little
  /// room left it gets Error, as does who asks for more than the limit.
  Lease take(std::int64_t bytes);

  std::int64_t limit() const { return limit_; }
  std::int64_t used() const;

 private:
  const std::int64_t limit_;
  std::mutex turn_;  // of the one that waits
  mutable std::mutex counting_;
  std::condition_variable freed_;
  std::int64_t used_ = 0;
  std::multiset<std::thread::id> owners_;
};

}  // namespace data
