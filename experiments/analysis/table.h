// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "engine/system/values.h"

/// Tables as CSV: the first line names the columns; no cell holds a comma or a line end.
namespace experiments {

/// A table with a column for each key that any row has a value for; null and what a row lacks are
/// empty cells.
std::string csv(const std::vector<Json>& rows);

/// Such a table in a file. Cells are text, until one says what they should be; what is unfit is an
/// Error that names file, line and column: "results.csv: line 3: seed is x, should be a whole
/// number from 0 to 2147483647".
class Table {
 public:
  class Row;

  /// Throws Error naming the file unless it has the columns `needed`, none twice, and a row, all
  /// rows have as many cells as there are columns, and the last line has an end, without which the
  /// table may be cut off. A byte-order mark is passed over.
  explicit Table(const std::filesystem::path& csv, std::span<const std::string> needed = {});

  const std::vector<std::string>& columns() const { return columns_; }
  void refuse_other_columns(std::span<const std::string> known) const;  // throws Error
  std::vector<Row> rows() const;

 private:
  std::filesystem::path path_;
  std::vector<std::string> columns_;
  std::vector<std::vector<std::string>> cells_;  // by row
};

/// For as long as its table lives.
class Table::Row {
 public:
  Row(const Table& table, std::size_t index) : table_(&table), index_(index) {}

  bool contains(const std::string& column) const;  // and the cell is not empty
  template <class T>
  T get(const std::string& column, const Range& range = {}) const {  // as parse(); throws Error
    try {
      return parse<T>(cell(column), range);
    } catch (const Unfit& e) {
      refuse(column + " " + e.what());
    }
  }
  [[noreturn]] void refuse(const std::string& why) const;  // throws Error

 private:
  const std::string& cell(const std::string& column) const;  // empty where there is no such column

  const Table* table_;
  std::size_t index_;
};

/// A value as text: a string without its quotes, anything else as in JSON.
std::string plain_text(const Json&);

}  // namespace experiments
