// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "kernels/runtime/error_type.h"

/// How values that people give are read, on the command line and in files: the whole text, in the
/// range of what computes with them, or not at all.
namespace experiments {

using Json = nlohmann::ordered_json;

/// The numbers that an option or a key of a file takes.
struct Range {
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
  bool above = false, below = false;  // without `least`, without `most`
  bool f32 = false;  // it is computed with as float32: what counts is its value there
};
constexpr Range from(double least, double most) { return {.least = least, .most = most}; }
constexpr Range at_least(double least) { return {.least = least}; }
// Of numbers that are computed with as float32.
constexpr Range f32_any{.f32 = true}, f32_positive{.least = 0, .above = true, .f32 = true},
    f32_from_0{.least = 0, .f32 = true}, f32_share{.least = 0, .most = 1, .f32 = true},
    f32_below_1{.least = 0, .most = 1, .below = true, .f32 = true};

/// An unfit value; the text is put behind the name of the option: "is 2, should be a number in [0,
/// 1]".
struct Unfit : kernels::Error {
  using Error::Error;
};

/// A command line that makes no sense: the exit status of the program is 2.
struct UsageError : kernels::Error {
  using Error::Error;
};

/// The values that a T takes, for messages: "a whole number from 1 to 2147483647". T is int,
/// uint32_t, uint64_t, double, or std::string (any but the empty one).
template <class T>
std::string expected(const Range& = {});

/// Throws Unfit unless the whole text is a T in the range, in decimal. Lists have commas between
/// their items.
template <class T>
T parse(std::string_view text, const Range& = {});
template <>
std::vector<int> parse(std::string_view, const Range&);
template <>
std::vector<double> parse(std::string_view, const Range&);
template <>
std::vector<std::string> parse(std::string_view, const Range&);

/// The same for a value of a file: throws Unfit unless it is of the type that T is in JSON. T may
/// be bool too; strings may be empty.
template <class T>
T read(const Json&, const Range& = {});

/// Throws Unfit unless `value` is in the range.
template <class T>
void check(T value, const Range&);

/// The index of a name; throws Unfit, with all names, if it is none of them.
std::size_t index_of(std::string_view name, std::span<const std::string_view> names);

/// The names of an enumeration's values in options and files, by value: specialised for each
/// enumeration that has any.
template <class E>
inline constexpr auto names_of = nullptr;

template <class E>
std::string name_of(E value) {
  return std::string(names_of<E>.at(std::size_t(value)));
}
template <class E>
E value_named(std::string_view name) {  // throws Unfit, as index_of does
  return E(index_of(name, names_of<E>));
}

/// A value of a file with the way to it, for errors: "test.calibration.bins is true, should be a
/// whole number from 1 to 2147483647".
class Entry {
 public:
  explicit Entry(const Json& json, std::string path = {}) : json_(&json), path_(std::move(path)) {}

  const Json& json() const { return *json_; }
  const Json& object() const;                   // throws Error if it is none
  bool contains(const std::string& key) const;  // and is not null
  Entry at(const std::string& key) const;       // throws Error if there is none such
  std::vector<Entry> items() const;             // of an array; throws Error if it is none
  template <class T>
  T as(const Range& range = {}) const {  // throws Error
    try {
      return read<T>(*json_, range);
    } catch (const Unfit& e) {
      throw kernels::Error(path_ + " " + e.what());
    }
  }
  template <class T>
  T get(const std::string& key, const Range& range = {}) const {
    return at(key).as<T>(range);
  }

 private:
  const Json* json_;
  std::string path_;
};

/// As text. Paths need not be UTF-8, as JSON must: what is not is replaced.
std::string to_text(const Json&, int indent = -1);

/// For a message: without control characters, and not too long.
std::string shown(std::string_view text, std::size_t most = 100);

/// The one of `names` that is meant by a mistyped one; empty if none is near.
std::string nearest(std::string_view name, std::span<const std::string> names);
/// " (did you mean X?)" or nothing.
std::string did_you_mean(std::string_view name, std::span<const std::string> names,
                         std::string_view prefix = "");

}  // namespace experiments
