// SPDX-License-Identifier: MIT
#include "experiments/analysis/table.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "kernels/runtime/error.h"

namespace experiments {
namespace {

/// The parts of a text between separators.
std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text)
    if (c == separator)
      parts.emplace_back();
    else if (c != '\r')
      parts.back() += c;
  return parts;
}

Json value_of(const std::string& cell) {
  const Json number = Json::parse(cell, nullptr, /*allow_exceptions=*/false);
  return number.is_number() || number.is_boolean() ? number : Json(cell);
}

}  // namespace

std::string plain_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : to_text(value);
}

std::string csv(const std::vector<Json>& rows) {
  std::vector<std::string> columns;
  for (const Json& row : rows) {
    auto at = columns.begin();  // a new column stands behind the one before it in its row
    for (const auto& [key, value] : row.items()) {
      const auto found = std::find(columns.begin(), columns.end(), key);
      at = 1 + (found == columns.end() ? columns.insert(at, key) : found);
    }
  }
  std::erase_if(columns, [&](const std::string& column) {
    return std::ranges::all_of(
        rows, [&](const Json& row) { return row.value(column, Json()).is_null(); });
  });
  std::string text = fmt::format("{}\n", fmt::join(columns, ","));
  for (const Json& row : rows) {
    std::vector<std::string> cells;
    for (const std::string& column : columns) {
      const Json value = row.value(column, Json());
      cells.push_back(value.is_null() ? "" : plain_text(value));
    }
    text += fmt::format("{}\n", fmt::join(cells, ","));
  }
  return text;
}

std::vector<Json> rows_of_csv(const std::string& text) {
  std::vector<std::string> lines = split(text, '\n');
  kernels::require(lines.back().empty(), "the last line has no end: the table may be cut off");
  lines.pop_back();
  std::vector<Json> rows;
  if (lines.empty()) return rows;
  const std::vector<std::string> columns = split(lines.front(), ',');
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::vector<std::string> cells = split(lines[i], ',');
    kernels::require(cells.size() == columns.size(), "line {} has {} cells, the first {}", i + 1,
                     cells.size(), columns.size());
    Json& row = rows.emplace_back(Json::object());
    for (std::size_t c = 0; c < cells.size(); ++c)
      if (!cells[c].empty()) row[columns[c]] = value_of(cells[c]);
  }
  return rows;
}

}  // namespace experiments
