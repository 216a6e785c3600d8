// SPDX-License-Identifier: MIT
#include "experiments/analysis/table.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "engine/system/files.h"
#include "kernels/runtime/error.h"

namespace experiments {

using kernels::fail;
using kernels::require;

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

Table::Table(const std::filesystem::path& csv, std::span<const std::string> needed) : path_(csv) {
  std::string text = read_file(csv);
  require(!text.starts_with("\xFF\xFE") && !text.starts_with("\xFE\xFF"),
          "{} is UTF-16: save it as UTF-8", csv.string());
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  require(!text.empty(), "{} is empty, should be a table", csv.string());
  std::vector<std::string> lines = split(text, '\n');
  require(lines.back().empty(), "{}: the last line has no end: the table may be cut off",
          csv.string());
  lines.pop_back();
  columns_ = split(lines.front(), ',');
  for (const std::string& column : needed)
    require(std::ranges::count(columns_, column) > 0, "{}: there is no column {}", csv.string(),
            column);
  for (const std::string& column : columns_)
    require(std::ranges::count(columns_, column) == 1, "{}: there are two columns {}", csv.string(),
            shown(column));
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto& cells = cells_.emplace_back(split(lines[i], ','));
    require(cells.size() == columns_.size(), "{}: line {} has {} cells, the first {}", csv.string(),
            i + 1, cells.size(), columns_.size());
  }
  require(!cells_.empty(), "{}: there are no rows", csv.string());
}

void Table::refuse_other_columns(std::span<const std::string> known) const {
  for (const std::string& column : columns_)
    if (std::ranges::find(known, column) == known.end())
      fail("{}: column {} is unknown{}", path_.string(), shown(column),
           did_you_mean(column, known));
}

std::vector<Table::Row> Table::rows() const {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < cells_.size(); ++i) rows.emplace_back(*this, i);
  return rows;
}

const std::string& Table::Row::cell(const std::string& column) const {
  static const std::string none;
  const auto found = std::ranges::find(table_->columns_, column);
  const auto place = std::size_t(found - table_->columns_.begin());
  return found == table_->columns_.end() ? none : table_->cells_[index_][place];
}

bool Table::Row::contains(const std::string& column) const { return !cell(column).empty(); }

void Table::Row::refuse(const std::string& why) const {
  fail("{}: line {}: {}", table_->path_.string(), index_ + 2, why);
}

}  // namespace experiments
