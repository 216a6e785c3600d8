// SPDX-License-Identifier: MIT
#pragma once
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "kernels/runtime/large_data.h"

namespace data {

/// Pieces of bytes that a device is given one after the other, such as the images of batches. A
/// thread reads them ahead, so that nobody waits for a disk that keeps up; on a GPU the copies are
/// in the order of its other work, and the host does not wait for them.
class ReadAhead {
 public:
  /// read(i, to) writes piece i in [0, pieces) and returns its size, at most `most` bytes. It is
  /// called in their order, in another thread.
  using Read = std::function<std::size_t(std::size_t piece, std::uint8_t* to)>;
  ReadAhead(kernels::Device, std::size_t most, std::size_t pieces, Read);
  ~ReadAhead();  // ends the thread after the piece that it is at
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// Copies the next piece to the device. Throws what `read` threw.
  void next(void* to);

 private:
  void read_all();
  kernels::HostBuffer& buffer(std::size_t piece) { return *ring_[piece % ring_.size()]; }

  const std::size_t pieces_;
  const Read read_;
  std::vector<std::unique_ptr<kernels::HostBuffer>> ring_;
  std::vector<std::size_t> sizes_;  // by buffer
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t done_ = 0;   // pieces that are read
  std::size_t given_ = 0;  // to the device
  std::size_t free_ = 0;   // whose buffers may be written again
  bool stop_ = false;
  std::exception_ptr failure_;
  std::thread thread_;
};

}  // namespace data
