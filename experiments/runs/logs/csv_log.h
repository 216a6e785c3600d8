// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

namespace experiments {

/// A table that grows by rows, for a run that may be interrupted and go on. The first column counts
/// the rows: 1, 2, 3, ...
class CsvLog {
 public:
  /// Starts a file with `header`, or goes on with the one there is after its row `keep`; rows
  /// behind that belong to an epoch that was never finished, and rows that are cut short or not in
  /// order are no rows. Throws Error if it cannot be written.
  CsvLog(std::filesystem::path, const std::string& header, std::uint32_t keep);
  ~CsvLog();
  CsvLog(const CsvLog&) = delete;
  CsvLog& operator=(const CsvLog&) = delete;

  /// How many of the first `keep` rows are not there, after a power loss say.
  std::uint32_t missing() const { return missing_; }

  /// The number of the last whole row in the text of such a file; 0 if there is none.
  static std::uint32_t last_row(const std::string& text);

  void add(const std::string& rows);  // each ends in '\n'; in the file when this returns
  void flush();                       // on the disk when this returns

 private:
  std::filesystem::path path_;
  std::uint32_t missing_;
  int file_ = -1;
};

}  // namespace experiments
