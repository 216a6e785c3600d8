// SPDX-License-Identifier: MIT
#include "engine/system/values.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

namespace experiments {

namespace {

template <class T>
[[noreturn]] void unfit(const std::string& got, const Range& range, const char* aside = "") {
  throw Unfit(fmt::format("is {}{}, should be {}", got, aside, expected<T>(range)));
}

std::string got_text(std::string_view text) { return text.empty() ? "empty" : shown(text); }
std::string got_text(const Json& value) {
  // Of a container not what is in it: it may be as long and as deep as it likes.
  if (value.is_array()) return value.empty() ? "an empty list" : "a list";
  if (value.is_object()) return "an object";
  return shown(to_text(value));
}

/// Why a number cannot be computed with as float32, or empty.
template <class T>
const char* lost_in_f32(T value, const Range& range) {
  if (!range.f32 || !std::isfinite(value)) return "";
  const float f = float(value);
  if (!std::isfinite(f)) return ", beyond float32";
  if (value != 0 && std::fabs(f) < std::numeric_limits<float>::min())
    return ", too near 0 for float32";
  return "";
}

template <class T>
void check(T value, const Range& range, const std::string& got) {
  double x = double(value);
  if constexpr (std::is_floating_point_v<T>) {
    const char* lost = lost_in_f32(value, range);
    if (!std::isfinite(value) || *lost != 0) unfit<T>(got, range, lost);
    if (range.f32) x = double(float(value));
  }
  const bool low = x < range.least || (range.above && x == range.least);
  const bool high = x > range.most || (range.below && x == range.most);
  if (!low && !high) return;
  const bool by_rounding = x == range.most && double(value) < range.most;
  unfit<T>(got, range, by_rounding ? " (as float32 its bound)" : "");
}

template <class T>
std::optional<T> number_in(std::string_view text) {
  T value{};
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return value;
}

template <class T>
std::vector<T> list_in(std::string_view text, const Range& range) {
  std::vector<T> items;
  std::size_t start = 0;
  while (true) {
    const std::size_t comma = text.find(',', start);
    const std::string_view item = text.substr(start, comma - start);
    try {
      items.push_back(parse<T>(item, range));
    } catch (const Unfit&) {
      throw Unfit(fmt::format("is {}, each item of which should be {}", got_text(text),
                              expected<T>(range)));
    }
    if (comma == text.npos) return items;
    start = comma + 1;
  }
}

template <class T>
std::vector<T> list_in(const Json& value, const Range& range) {
  if (!value.is_array()) throw Unfit(fmt::format("is {}, should be a list", got_text(value)));
  std::vector<T> items;
  for (const Json& item : value) {
    try {
      items.push_back(read<T>(item, range));
    } catch (const Unfit& e) {
      throw Unfit(fmt::format("has an item that {}", e.what()));
    }
  }
  return items;
}

template <class T>
struct ItemOf {
  using type = void;
};
template <class T>
struct ItemOf<std::vector<T>> {
  using type = T;
};

/// Few edits make one of the other: insertions, deletions, exchanges of a letter or of neighbours.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      d[i][j] =
          std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

template <class T>
std::string expected(const Range& range) {
  if constexpr (std::is_same_v<T, std::string>) {
    return "a name";
  } else if constexpr (std::is_integral_v<T>) {
    const auto bound = [](double given, T otherwise) {
      return std::isfinite(given) ? T(given) : otherwise;
    };
    return fmt::format("a whole number from {} to {}",
                       bound(range.least, std::numeric_limits<T>::min()),
                       bound(range.most, std::numeric_limits<T>::max()));
  } else {
    if (std::isfinite(range.least) && std::isfinite(range.most))
      return fmt::format("a number, in {}{}, {}{}", range.above ? '(' : '[', range.least,
                         range.most, range.below ? ')' : ']');
    if (!std::isfinite(range.least)) return "a number";
    return range.above ? fmt::format("a number, greater than {}", range.least)
                       : fmt::format("a number, {} or greater", range.least);
  }
}

template <class T>
void check(T value, const Range& range) {
  check(value, range, fmt::format("{}", value));
}

template <class T>
T parse(std::string_view text, const Range& range) {
  if constexpr (std::is_same_v<T, std::string>) {
    if (text.empty()) throw Unfit("is empty");
    return std::string(text);
  } else {
    const auto value = number_in<T>(text);
    if (!value) unfit<T>(got_text(text), range);
    check(*value, range, got_text(text));
    return *value;
  }
}

template <>
std::vector<int> parse(std::string_view text, const Range& range) {
  return list_in<int>(text, range);
}
template <>
std::vector<double> parse(std::string_view text, const Range& range) {
  return list_in<double>(text, range);
}
template <>
std::vector<std::string> parse(std::string_view text, const Range& range) {
  return list_in<std::string>(text, range);
}

template <class T>
T read(const Json& value, const Range& range) {
  using Item = typename ItemOf<T>::type;
  if constexpr (!std::is_void_v<Item>) {
    return list_in<Item>(value, range);
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (!value.is_string()) throw Unfit(fmt::format("is {}, should be text", got_text(value)));
    return value.get<std::string>();
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!value.is_boolean())
      throw Unfit(fmt::format("is {}, should be true or false", got_text(value)));
    return value.get<bool>();
  } else if constexpr (std::is_integral_v<T>) {
    if (!value.is_number_integer()) unfit<T>(got_text(value), range);
    const bool fits = value.is_number_unsigned() ? std::in_range<T>(value.get<std::uint64_t>())
                                                 : std::in_range<T>(value.get<std::int64_t>());
    if (!fits) unfit<T>(got_text(value), range);
    check(value.get<T>(), range, got_text(value));
    return value.get<T>();
  } else {
    if (!value.is_number()) unfit<T>(got_text(value), range);
    check(value.get<T>(), range, got_text(value));
    return value.get<T>();
  }
}

// The instances there are.
template std::string expected<int>(const Range&);
template std::string expected<double>(const Range&);
template void check(int, const Range&);
template void check(double, const Range&);
template int parse(std::string_view, const Range&);
template std::uint64_t parse(std::string_view, const Range&);
template double parse(std::string_view, const Range&);
template std::string parse(std::string_view, const Range&);
template bool read(const Json&, const Range&);
template int read(const Json&, const Range&);
template std::uint32_t read(const Json&, const Range&);
template std::uint64_t read(const Json&, const Range&);
template double read(const Json&, const Range&);
template std::string read(const Json&, const Range&);
template std::vector<int> read(const Json&, const Range&);
template std::vector<double> read(const Json&, const Range&);
template std::vector<std::string> read(const Json&, const Range&);

std::size_t index_of(std::string_view name, std::span<const std::string_view> names) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    throw Unfit(fmt::format("is {}, should be one of {}", got_text(name), fmt::join(names, ", ")));
  return std::size_t(found - names.begin());
}

bool Entry::contains(const std::string& key) const {
  return json_->is_object() && json_->contains(key) && !json_->at(key).is_null();
}

Entry Entry::at(const std::string& key) const {
  const std::string path = path_.empty() ? key : path_ + "." + key;
  if (!json_->is_object() || !json_->contains(key)) throw kernels::Error(path + " is missing");
  return Entry(json_->at(key), path);
}

const Json& Entry::object() const {
  if (!json_->is_object())
    throw kernels::Error(fmt::format("{} is {}, should be an object", path_, got_text(*json_)));
  return *json_;
}

std::vector<Entry> Entry::items() const {
  if (!json_->is_array())
    throw kernels::Error(fmt::format("{} is {}, should be a list", path_, got_text(*json_)));
  std::vector<Entry> items;
  for (std::size_t i = 0; i < json_->size(); ++i)
    items.emplace_back((*json_)[i], fmt::format("{}[{}]", path_, i));
  return items;
}

std::string to_text(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string shown(std::string_view text, std::size_t most) {
  std::string line(text.substr(0, most));
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < ' ' || c == 127; }, '?');
  return text.size() > most ? line + "..." : line;
}

std::string nearest(std::string_view name, std::span<const std::string> names) {
  std::size_t least = name.size() < 4 ? 2 : 3;  // more edits than this make another word
  std::string best;
  for (const std::string& candidate : names) {
    const std::size_t d = distance(name.substr(0, 64), candidate);
    if (d >= least) continue;
    least = d;
    best = candidate;
  }
  return best;
}

std::string did_you_mean(std::string_view name, std::span<const std::string> names,
                         std::string_view prefix) {
  const std::string meant = nearest(name, names);
  return meant.empty() ? "" : fmt::format(" (did you mean {}{}?)", prefix, meant);
}

}  // namespace experiments
