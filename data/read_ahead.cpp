// SPDX-License-Identifier: MIT
#include "data/read_ahead.h"

#include <algorithm>
#include <utility>

#include "kernels/runtime/error.h"

namespace data {

namespace {
// Two are being read or wait to be sent; two are on their way, so that a GPU has work while the
// host queues more.
constexpr std::size_t buffers = 4, on_their_way = 2;
}  // namespace

ReadAhead::ReadAhead(kernels::Device device, std::size_t most, std::size_t pieces, Read read)
    : pieces_(pieces), read_(std::move(read)) {
  for (std::size_t i = 0; i < std::min(buffers, pieces); ++i)
    ring_.push_back(kernels::make_host_buffer(device, most));
  sizes_.resize(ring_.size());
  thread_ = std::thread([this] { read_all(); });
}

ReadAhead::~ReadAhead() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ReadAhead::read_all() try {
  for (std::size_t piece = 0; piece < pieces_; ++piece) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stop_ || piece < free_ + ring_.size(); });
      if (stop_) return;
    }
    sizes_[piece % ring_.size()] = read_(piece, buffer(piece).data());
    {
      const std::lock_guard lock(mutex_);
      ++done_;
    }
    changed_.notify_all();
  }
} catch (...) {
  {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
  }
  changed_.notify_all();
}

void ReadAhead::next(void* to) {
  kernels::require(given_ < pieces_, "all {} pieces that were to be read have been given", pieces_);
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return failure_ || done_ > given_; });
    if (done_ == given_) std::rethrow_exception(failure_);
  }
  buffer(given_).send(to, sizes_[given_ % ring_.size()]);
  ++given_;
  if (given_ <= on_their_way) return;
  buffer(free_).wait();
  {
    const std::lock_guard lock(mutex_);
    ++free_;
  }
  changed_.notify_all();
}

}  // namespace data
