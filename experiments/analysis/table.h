// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <vector>

#include "engine/system/values.h"

/// Tables as CSV: the first line names the columns; no cell holds a comma or a line end.
namespace experiments {

/// A table with a column for each key that any row has a value for; null and what a row lacks are
/// empty cells.
std::string csv(const std::vector<Json>& rows);

/// The rows of such a table, without empty cells: numbers where a cell is one, text elsewhere.
/// Throws Error, with the line, if a row has another number of cells than the first line, and if
/// the last line has no end.
std::vector<Json> rows_of_csv(const std::string& text);

/// A value as text: a string without its quotes, anything else as in JSON.
std::string plain_text(const Json&);

}  // namespace experiments
