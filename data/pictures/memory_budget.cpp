// SPDX-License-Identifier: MIT
#include "data/pictures/memory_budget.h"

#include <utility>

#include "kernels/runtime/error.h"

namespace data {

using kernels::require;

namespace {

double megabytes(std::int64_t bytes) { return double(bytes) / 1e6; }

}  // namespace

MemoryBudget::Lease MemoryBudget::take(std::int64_t bytes) {
  require(bytes <= limit_, "needs {:.0f} MB of memory; pictures have {:.0f} MB, for all threads",
          megabytes(bytes), megabytes(limit_));
  Lease lease;
  lease.owner_ = std::this_thread::get_id();
  const auto fits = [&] { return used_ + bytes <= limit_; };

  std::unique_lock turn(turn_, std::defer_lock);
  std::unique_lock counting(counting_);
  if (owners_.contains(lease.owner_)) {
    require(
        fits(),
        "needs {:.0f} MB of memory; of {:.0f} MB for pictures {:.0f} are in use, some of them by "
        "pictures that the same thread keeps",
        megabytes(bytes), megabytes(limit_), megabytes(used_));
  } else {
    counting.unlock();
    turn.lock();
    counting.lock();
    freed_.wait(counting, fits);
  }
  owners_.insert(lease.owner_);
  used_ += bytes;
  lease.budget_ = this;
  lease.bytes_ = bytes;
  return lease;
}

std::int64_t MemoryBudget::used() const {
  const std::lock_guard counting(counting_);
  return used_;
}

bool MemoryBudget::Lease::resize(std::int64_t bytes) {
  {
    const std::lock_guard counting(budget_->counting_);
    if (budget_->used_ - bytes_ + bytes > budget_->limit_) return false;
    budget_->used_ += bytes - bytes_;
    bytes_ = bytes;
  }
  budget_->freed_.notify_one();
  return true;
}

MemoryBudget::Lease::~Lease() {
  if (budget_ == nullptr) return;
  {
    const std::lock_guard counting(budget_->counting_);
    budget_->used_ -= bytes_;
    budget_->owners_.erase(budget_->owners_.find(owner_));
  }
  budget_->freed_.notify_one();
}

MemoryBudget::Lease& MemoryBudget::Lease::operator=(Lease&& other) noexcept {
  Lease mine(std::move(other));
  swap(mine);
  return *this;
}

void MemoryBudget::Lease::swap(Lease& other) noexcept {
  std::swap(budget_, other.budget_);
  std::swap(bytes_, other.bytes_);
  std::swap(owner_, other.owner_);
}

}  // namespace data
