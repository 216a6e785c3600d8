// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>

#include "experiments/runs/logs/epoch_log.h"

namespace experiments {

/// A file that TensorBoard follows, events.out.tfevents.* in a run's directory: the columns of
/// epochs.csv by epoch. Each process that trains the run adds one, the first with the epochs from
/// before.
class TensorBoardLog {
 public:
  /// Throws Error if the file cannot be made.
  explicit TensorBoardLog(const std::filesystem::path& run);

  /// Appends an epoch. Throws Error if it cannot be written.
  void add(const EpochRecord&);

 private:
  void append(const std::string& event) const;

  std::filesystem::path path_;
};

/// A record of TensorFlow's TFRecord files: length and data, each followed by its masked CRC-32C.
std::string tf_record(const std::string& data);

}  // namespace experiments
