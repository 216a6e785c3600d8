// SPDX-License-Identifier: MIT
#pragma once
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "experiments/runs/logs/csv_log.h"
#include "experiments/runs/run_directory.h"

/// The logs of a run, which grow as it trains.
namespace experiments {

/// One row of epochs.csv. NaN: there is no such value, as with nothing held out, or in the file.
struct EpochRecord {
  static constexpr double none = std::numeric_limits<double>::quiet_NaN();

  int epoch = 0;  // from 1
  double learning_rate = none;
  double train_loss = none, train_accuracy = none;  // over the epoch, on the views trained on
  double val_accuracy = none, val_nll = none;       // on the samples held out
  double seconds = none;                            // with validation
  double images_per_second = none;                  // without
};

std::string epoch_columns();  // "epoch, lr, ...", for people

/// The rows of a run's epochs.csv, in ascending order of epochs; none if there is no such file.
/// Columns are known by their names; a row without an epoch is left out.
std::vector<EpochRecord> read_epochs(const std::filesystem::path& run);

/// epochs.csv, and steps.csv with the loss of each step if that is asked for.
class RunLogs {
 public:
  /// Goes on with the files after so many epochs and steps; says where rows before that are lost.
  RunLogs(const RunDirectory&, std::uint32_t epochs, std::uint32_t steps, bool log_steps);

  /// `losses` are those of the epoch's steps, the last of which has the number `step`.
  void add(const EpochRecord&, std::uint32_t step, const std::vector<float>& losses);
  void flush();  // before a checkpoint that counts on the rows

 private:
  CsvLog epochs_;
  std::optional<CsvLog> steps_;
};

}  // namespace experiments
