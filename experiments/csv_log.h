// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <fstream>
#include <string>

namespace experiments {

/// A table that grows by rows, for a run that may be interrupted and go on.
class CsvLog {
 public:
  /// Starts a file with `header`, or goes on with the one there is after its first `keep` rows;
  /// rows behind them belong to an epoch that was never finished. Throws Error if it cannot be
  /// written.
  CsvLog(std::filesystem::path, const std::string& header, std::size_t keep);

  void add(const std::string& rows);  // each ends in '\n'; in the file when this returns

 private:
  std::filesystem::path path_;
  std::ofstream file_;
};

}  // namespace experiments
