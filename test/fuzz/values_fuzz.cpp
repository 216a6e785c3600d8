// SPDX-License-Identifier: MIT
// A text is a number as a whole, the one that the C library reads in it too, or no number.
#include "engine/system/values.h"

#include <cmath>
#include <cstdlib>

#include "test/fuzz/fuzz.h"

namespace {

void check_text(const std::string& text) {
  fuzz::check(text.find_first_not_of("0123456789.eE+-") == std::string::npos,
              "a number has nothing but its digits, point and exponent");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using experiments::parse;
  const std::string text = fuzz::text_of({data, size});
  fuzz::accepts("", [&] {
    const int value = parse<int>(text);
    check_text(text);
    fuzz::check(std::strtoll(text.c_str(), nullptr, 10) == value, "an int is what it says");
  });
  fuzz::accepts("", [&] {
    const auto value = parse<std::uint64_t>(text);
    check_text(text);
    fuzz::check(text.front() != '-' && std::strtoull(text.c_str(), nullptr, 10) == value,
                "an unsigned number is what it says");
  });
  fuzz::accepts("", [&] {
    const auto value = parse<double>(text, experiments::f32_share);
    check_text(text);
    fuzz::check(value >= 0 && value <= 1 && std::strtod(text.c_str(), nullptr) == value,
                "a share is what it says, in its range");
  });
  fuzz::accepts("", [&] {
    for (const double value : parse<std::vector<double>>(text, {}))
      fuzz::check(std::isfinite(value), "numbers are finite");
  });
  fuzz::accepts("", [&] { parse<std::vector<std::string>>(text, {}); });
  return 0;
}
