// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "data/mapped_file.h"

namespace data {

/// Bytes that nobody changes, with whatever keeps them: a vector of ours or a mapped file. Copies
/// share them.
class Bytes {
 public:
  Bytes() = default;
  Bytes(std::vector<std::uint8_t> bytes) {  // NOLINT(google-explicit-constructor)
    const auto kept = std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
    view_ = *kept;
    owner_ = kept;
  }
  /// A part of a file.
  Bytes(const std::shared_ptr<const MappedFile>& file, std::span<const std::uint8_t> view)
      : owner_(file), file_(file.get()), view_(view) {}

  std::span<const std::uint8_t> span() const { return view_; }
  std::size_t size() const { return view_.size(); }
  const std::uint8_t* begin() const { return view_.data(); }
  const std::uint8_t* end() const { return view_.data() + view_.size(); }
  /// Copies those from `at` on. Of a file they are read, so that none stay in this process's memory
  /// and Error tells of a file that has become shorter, where touching them would end the process.
  void read(std::size_t at, std::span<std::uint8_t> to) const {
    if (file_ == nullptr) return void(std::copy_n(view_.data() + at, to.size(), to.data()));
    file_->read(place_in_file(at), to);
  }
  /// That they will be read soon.
  void will_read(std::size_t at, std::size_t size) const {
    if (file_ != nullptr) file_->will_read(place_in_file(at), size);
  }
  const MappedFile* file() const { return file_; }  // null for a vector

  std::uint8_t operator[](std::size_t at) const { return view_[at]; }

 private:
  std::size_t place_in_file(std::size_t at) const {
    return std::size_t(view_.data() - file_->bytes().data()) + at;
  }

  std::shared_ptr<const void> owner_;
  const MappedFile* file_ = nullptr;
  std::span<const std::uint8_t> view_;
};

}  // namespace data
