// SPDX-License-Identifier: MIT
// Every "a ± b" of a page of results is among the numbers of the experiments whose tables its
// section links (which redrawn_pages_test.sh makes again), and every count of verdicts is theirs.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <regex>
#include <set>

#include <fmt/format.h>

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

void add_rows(const fs::path& csv, std::vector<Number>& numbers) {
  const Table table(csv);
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

/// Of the experiments whose picture or tables a text links; of all, if it links none.
std::vector<Number> numbers_for(const std::string& text, const fs::path& directory) {
  std::vector<Number> numbers;
  const std::regex link(
      "\\(([a-z0-9_-]+?)(-summary|-results|-differences|-claims)?"
      "\\.(png|csv|json)\\)");
  std::set<std::string> names;
  for (std::sregex_iterator match(text.begin(), text.end(), link), end; match != end; ++match)
    names.insert((*match)[1]);
  const bool all = names.empty();
  const std::string results = "-results.csv";
  for (const auto& entry : fs::directory_iterator(directory))
    if (const std::string file = entry.path().filename(); all && file.ends_with(results))
      names.insert(file.substr(0, file.size() - results.size()));
  for (const std::string& name : names) {
    for (const char* ending : {"-summary.csv", "-differences.csv"})
      if (const fs::path csv = directory / (name + ending); fs::exists(csv)) add_rows(csv, numbers);
    if (const fs::path claims = directory / (name + "-claims.json"); fs::exists(claims))
      add_intervals(read_json(claims), numbers);
  }
  return numbers;
}

bool says(const std::string& text, double value) {
  const std::size_t dot = text.find('.');
  const int decimals = dot == text.npos ? 0 : int(text.size() - dot - 1);
  // A digit more or less where rounding meets a half.
  return std::abs(std::stod(text) - std::abs(value)) <= 0.5001 * std::pow(10, -decimals);
}

/// The page from one heading to the next.
std::vector<std::string> sections_of(const std::string& page) {
  std::vector<std::string> sections;
  for (std::size_t begin = 0; begin != page.npos;) {
    const std::size_t end = page.find("\n## ", begin + 1);
    sections.push_back(page.substr(begin, end - begin));
    begin = end;
  }
  return sections;
}

int check_section(const std::string& text, const fs::path& directory) {
  const std::vector<Number> numbers = numbers_for(text, directory);
  const std::regex pair("([-+]?)([0-9]+(?:\\.[0-9]+)?)\\s±\\s([0-9]+(?:\\.[0-9]+)?)");
  int found = 0;
  for (std::sregex_iterator match(text.begin(), text.end(), pair), end; match != end; ++match) {
    const std::string sign = (*match)[1], mean = (*match)[2], half = (*match)[3];
    INFO(directory.string() << text.substr(0, text.find('\n', 1)) << ": " << match->str());
    CHECK(std::ranges::any_of(numbers, [&](const Number& n) {
      // What stands without a sign may be told as "lower by".
      if ((sign == "-" && n.mean > 0) || (sign == "+" && n.mean < 0)) return false;
      return (says(mean, n.mean) && says(half, n.half_width)) ||
             (says(mean, 100 * n.mean) && says(half, 100 * n.half_width));
    }));
    ++found;
  }
  return found;
}

void check_page(const fs::path& page) {
  int found = 0;
  for (const std::string& section : sections_of(read_file(page)))
    found += check_section(section, page.parent_path());
  CHECK(found > 20);
}

/// "| [figure1](#...) | 12 | 2, 0, 0, 9 |": runs, and claims by verdict.
void check_counts(const fs::path& page) {
  const std::string text = read_file(page);
  const std::regex row("\\| \\[([a-z0-9_]+)\\]\\([^)]*\\) \\| ([0-9]+)[^|]*\\| ([^|]*) \\|");
  int found = 0;
  for (std::sregex_iterator match(text.begin(), text.end(), row), end; match != end; ++match) {
    fs::path name = page.parent_path() / (*match)[1].str();
    if (name.filename() == "appendix_a6") name += "_a7";  // what `./reproduce` has two names for
    CAPTURE(match->str());
    CHECK(std::to_string(Table(name.string() + "-results.csv").rows().size()) == (*match)[2].str());
    ++found;
    if (!fs::exists(name.string() + "-claims.json")) {
      CHECK((*match)[3] == "none");
      continue;
    }
    std::map<std::string, int> counts;
    const Json claims = read_json(name.string() + "-claims.json");
    for (const Json& claim : claims.at("claims")) ++counts[claim.at("verdict")];
    CHECK((*match)[3].str() == fmt::format("{}, {}, {}, {}", counts["held"], counts["not held"],
                                           counts["equivalent"], counts["undecided"]));
  }
  CHECK(found > 10);
}

}  // namespace

TEST_CASE("every number of the pages of results is in a table beside them") {
  const fs::path results = test::golden() / "../../docs/results";
  check_page(results / "README.md");
  check_page(results / "quick/README.md");
  check_page(results / "medium/README.md");
  check_counts(results / "quick/README.md");
}
