// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace data {

/// Bytes that nobody changes, with whatever keeps them in memory: a vector of ours or a mapped
/// file. Copies share them.
class Bytes {
 public:
  Bytes() = default;
  Bytes(std::vector<std::uint8_t> bytes) {  // NOLINT(google-explicit-constructor)
    const auto kept = std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
    view_ = *kept;
    owner_ = kept;
  }
  Bytes(std::shared_ptr<const void> owner, std::span<const std::uint8_t> view)
      : owner_(std::move(owner)), view_(view) {}

  std::span<const std::uint8_t> span() const { return view_; }
  std::size_t size() const { return view_.size(); }
  const std::uint8_t* begin() const { return view_.data(); }
  const std::uint8_t* end() const { return view_.data() + view_.size(); }
  std::uint8_t operator[](std::size_t at) const { return view_[at]; }

 private:
  std::shared_ptr<const void> owner_;
  std::span<const std::uint8_t> view_;
};

}  // namespace data
