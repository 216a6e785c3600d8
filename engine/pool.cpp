// SPDX-License-Identifier: MIT
#include "engine/pool.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "kernels/runtime/error.h"
#include "kernels/runtime/memory.h"

namespace engine {
namespace {

constexpr std::size_t smallest = 256;
constexpr int poison_byte = 0xFF;  // makes a NaN of every element

// Up to the next quarter of a power of two: at most 25 % is wasted, and few sizes exist.
std::size_t rounded(std::size_t bytes) {
  if (bytes <= smallest) return smallest;
  const std::size_t quarter = std::bit_floor(bytes - 1) / 4;
  return (bytes + quarter - 1) / quarter * quarter;
}

}  // namespace

Pool::~Pool() { trim(); }

void* Pool::allocate(std::size_t bytes) {
  const std::size_t size = rounded(bytes);
  std::unique_lock lock(mutex_);
  void* at = nullptr;
  if (auto& blocks = free_[size]; !blocks.empty()) {
    // The last one back is the first to go again, but for those that recorded work needs.
    const auto last = std::find_if(blocks.rbegin(), blocks.rend(), [&](void* block) {
      return std::none_of(claims_.begin(), claims_.end(), [block](const Claim* claim) {
        return claim->complete_ && claim->blocks_.contains(block);
      });
    });
    const auto chosen = last == blocks.rend() ? blocks.end() - 1 : last.base() - 1;
    at = *chosen;
    blocks.erase(chosen);
  } else {
    lock.unlock();  // where memory is short, this has the free blocks of other sizes given back
    at = kernels::raw_alloc(device_, size);
    lock.lock();
    stats_.reserved += size;
    ++stats_.system_calls;
  }
  for (Claim* claim : claims_) {
    if (!claim->complete_)
      claim->blocks_.emplace(at, false);
    else if (const auto found = claim->blocks_.find(at); found != claim->blocks_.end())
      claim->lent_ += !std::exchange(found->second, true);
  }
  ++stats_.requests;
  stats_.in_use += size;
  stats_.peak = std::max(stats_.peak, stats_.in_use);
#ifndef NDEBUG
  kernels::fill_bytes(device_, at, poison_byte, size);
#endif
  return at;
}

void Pool::release(void* at, std::size_t bytes) noexcept {
  const std::lock_guard lock(mutex_);
  const std::size_t size = rounded(bytes);
  free_[size].push_back(at);
  for (Claim* claim : claims_) {
    if (const auto found = claim->blocks_.find(at); found != claim->blocks_.end())
      claim->lent_ -= std::exchange(found->second, false);
  }
  stats_.in_use -= size;
}

void Pool::trim() noexcept {
  const std::lock_guard lock(mutex_);
  for (auto& [size, blocks] : free_) {
    for (void* at : blocks) kernels::raw_free(device_, at);
    stats_.reserved -= size * blocks.size();
    blocks.clear();
  }
}

void Pool::poison() const {
  const std::lock_guard lock(mutex_);
  for (const auto& [size, blocks] : free_)
    for (void* at : blocks) kernels::fill_bytes(device_, at, poison_byte, size);
}

Pool::Claim::Claim(Pool& pool) : pool_(pool) {
  const std::lock_guard lock(pool_.mutex_);
  pool_.claims_.push_back(this);
}

Pool::Claim::~Claim() {
  const std::lock_guard lock(pool_.mutex_);
  std::erase(pool_.claims_, this);
}

void Pool::Claim::complete() {
  const std::lock_guard lock(pool_.mutex_);
  complete_ = true;
}

bool Pool::Claim::lent() const {
  const std::lock_guard lock(pool_.mutex_);
  return lent_ > 0;
}

Pool::Stats Pool::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

Pool& pool(Device device) {
  // Never destroyed: tensors with static storage may outlive any order of destruction.
  struct Pools {
    Pool cpu{Device::cpu}, cuda{Device::cuda};
    Pools() {
      kernels::set_give_back([](Device where) noexcept { pool(where).trim(); });
    }
  };
  static auto* const pools = new Pools;
  return device == Device::cpu ? pools->cpu : pools->cuda;
}

}  // namespace engine
