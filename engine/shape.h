// SPDX-License-Identifier: MIT
#pragma once
#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <initializer_list>
#include <string>

namespace engine {

/// Up to four extents, outermost first; images are [n, h, w, c]. Rank 0 holds one element.
class Shape {
 public:
  static constexpr int max_rank = 4;

  Shape() = default;
  Shape(std::initializer_list<int> dims);  // throws Error on a negative extent or a fifth one

  int rank() const { return rank_; }
  int operator[](int i) const { return dims_[i < 0 ? i + rank_ : i]; }  // -1: the innermost
  std::size_t size() const;
  Shape with_last(int extent) const;  // in the place of the innermost one
  std::string to_string() const;      // "[128, 32, 32, 3]"
  bool operator==(const Shape&) const = default;

 private:
  void check() const;

  std::array<int, max_rank> dims_{};
  int rank_ = 0;
};

}  // namespace engine

// Doxygen 1.9 has no place for it.
/// \cond
template <>
struct fmt::formatter<engine::Shape> : fmt::formatter<std::string> {
  auto format(const engine::Shape& shape, format_context& context) const {
    return fmt::formatter<std::string>::format(shape.to_string(), context);
  }
};
/// \endcond
