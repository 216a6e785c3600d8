// SPDX-License-Identifier: MIT
// Every "a ± b" of the pages of results and of README.md is among the numbers in the tables beside
// them (which redrawn_pages_test.sh makes again).
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <regex>

#include "engine/system/files.h"
#include "experiments/analysis/table.h"
#include "test/support/catch.h"
#include "test/support/support.h"

using namespace experiments;
namespace fs = std::filesystem;

namespace {

struct Number {
  double mean, half_width;
};

/// All objects with a mean and an interval, however deep.
void add_intervals(const Json& json, std::vector<Number>& numbers) {
  if (json.is_object() && json.contains("mean") && json.contains("low"))
    numbers.push_back({json["mean"], (json["high"].get<double>() - json["low"].get<double>()) / 2});
  if (json.is_structured())
    for (const Json& item : json) add_intervals(item, numbers);
}

std::vector<Number> numbers_in(const fs::path& directory) {
  std::vector<Number> numbers;
  for (const auto& entry : fs::directory_iterator(directory)) {
    const std::string name = entry.path().filename();
    if (name.ends_with("-claims.json")) add_intervals(read_json(entry.path()), numbers);
    if (!name.ends_with("-summary.csv") && !name.ends_with("-differences.csv")) continue;
    const Table table(entry.path());
    for (const Table::Row& row : table.rows()) {
      const auto number = [&row](const std::string& key) { return row.get<double>(key); };
      if (row.contains("mean") && row.contains("low"))
        numbers.push_back({number("mean"), (number("high") - number("low")) / 2});
      for (const std::string& key : table.columns()) {
        if (!key.ends_with("_mean")) continue;
        const std::string half = key.substr(0, key.size() - 5) + "_half_width";
        if (row.contains(half)) numbers.push_back({number(key), number(half)});
      }
    }
  }
  return numbers;
}

bool says(const std::string& text, double value) {
  const std::size_t dot = text.find('.');
  const int decimals = dot == text.npos ? 0 : int(text.size() - dot - 1);
  // A digit more or less where rounding meets a half.
  return std::abs(std::stod(text) - std::abs(value)) <= 0.5001 * std::pow(10, -decimals);
}

void check_page(const fs::path& page) {
  std::vector<Number> numbers = numbers_in(page.parent_path());
  const std::string text = read_file(page);
  const std::regex pair("([-+−]?)([0-9]+(?:\\.[0-9]+)?)\\s±\\s([0-9]+(?:\\.[0-9]+)?)");
  int found = 0;
  for (std::sregex_iterator match(text.begin(), text.end(), pair), end; match != end; ++match) {
    const std::string mean = (*match)[2], half = (*match)[3];
    INFO(page.string() << ": " << match->str());
    CHECK(std::ranges::any_of(numbers, [&](const Number& n) {
      return (says(mean, n.mean) && says(half, n.half_width)) ||
             (says(mean, 100 * n.mean) && says(half, 100 * n.half_width));
    }));
    ++found;
  }
  CHECK(found > 20);
}

}  // namespace

TEST_CASE("every number of the pages of results is in a table beside them") {
  const fs::path results = test::golden() / "../../docs/results";
  check_page(results / "README.md");
  check_page(results / "quick/README.md");
  check_page(results / "medium/README.md");
}
