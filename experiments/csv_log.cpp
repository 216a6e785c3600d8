// SPDX-License-Identifier: MIT
#include "experiments/csv_log.h"

#include <cerrno>
#include <cstring>

#include "experiments/files.h"
#include "kernels/error.h"

namespace experiments {

namespace {

/// The first `lines` whole lines of `text`.
std::string first_lines(const std::string& text, std::size_t lines) {
  std::size_t end = 0;
  for (; lines > 0; --lines) {
    const std::size_t found = text.find('\n', end);
    if (found == std::string::npos) break;
    end = found + 1;
  }
  return text.substr(0, end);
}

}  // namespace

CsvLog::CsvLog(std::filesystem::path path, const std::string& header, std::size_t keep)
    : path_(std::move(path)) {
  const bool goes_on = keep > 0 && std::filesystem::exists(path_);
  write_file(path_, goes_on ? first_lines(read_file(path_), keep + 1) : header + "\n");
  file_.open(path_, std::ios::app);
  add("");
}

void CsvLog::add(const std::string& rows) {
  file_ << rows << std::flush;
  kernels::require(file_.good(), "cannot write {}: {}", path_.string(), std::strerror(errno));
}

}  // namespace experiments
