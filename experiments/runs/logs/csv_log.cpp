// SPDX-License-Identifier: MIT
#include "experiments/runs/logs/csv_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "engine/system/atomic_file.h"
#include "engine/system/files.h"
#include "kernels/runtime/system_error.h"

namespace experiments {

using kernels::require_system;

namespace {

/// The number in a row's first cell; 0 if the row does not begin with one, or has not the cells of
/// `header`.
std::uint32_t number_of(std::string_view row, std::string_view header) {
  std::uint32_t number = 0;
  const char* const end = row.data() + row.size();
  const auto [rest, error] = std::from_chars(row.data(), end, number);
  const bool sound = error == std::errc() && (rest == end || *rest == ',') &&
                     std::ranges::count(row, ',') == std::ranges::count(header, ',');
  return sound ? number : 0;
}

/// The sound part of a table: the rows in order, up to number `most`.
struct Rows {
  std::string text;
  std::uint32_t count = 0, last = 0;
};

Rows rows_of(std::string_view text, const std::string& header, std::uint32_t most) {
  Rows rows{.text = header + '\n'};
  if (!text.starts_with(rows.text)) return rows;
  text.remove_prefix(rows.text.size());
  for (std::size_t end; (end = text.find('\n')) != text.npos; text.remove_prefix(end + 1)) {
    const std::uint32_t number = number_of(text.substr(0, end), header);
    if (number <= rows.last || number > most) continue;
    rows.text += text.substr(0, end + 1);
    rows.last = number;
    ++rows.count;
  }
  return rows;
}

}  // namespace

CsvLog::CsvLog(std::filesystem::path path, const std::string& header, std::uint32_t keep)
    : path_(std::move(path)) {
  const bool goes_on = keep > 0 && std::filesystem::exists(path_);
  const Rows rows = rows_of(goes_on ? read_file(path_) : "", header, keep);
  missing_ = keep - rows.count;
  write_file(path_, rows.text);
  file_ = open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  require_system(file_ >= 0, "cannot write {}", path_.c_str());
}

CsvLog::~CsvLog() { close(file_); }

std::uint32_t CsvLog::last_row(const std::string& text) {
  return rows_of(text, text.substr(0, text.find('\n')), UINT32_MAX).last;
}

void CsvLog::add(const std::string& rows) { nn::write_all(file_, rows, path_); }

void CsvLog::flush() { require_system(fsync(file_) == 0, "cannot write {}", path_.c_str()); }

}  // namespace experiments
