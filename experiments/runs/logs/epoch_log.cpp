// SPDX-License-Identifier: MIT
#include "experiments/runs/logs/epoch_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

#include "engine/process/progress.h"
#include "engine/system/files.h"

namespace experiments {

namespace {

namespace fs = std::filesystem;

/// The columns behind the first, which is the epoch.
constexpr struct Column {
  const char *name, *format;
  double EpochRecord::*value;
} columns[] = {{"lr", "{:.6g}", &EpochRecord::learning_rate},
               {"train_loss", "{}", &EpochRecord::train_loss},
               {"train_accuracy", "{}", &EpochRecord::train_accuracy},
               {"val_accuracy", "{}", &EpochRecord::val_accuracy},
               {"val_nll", "{}", &EpochRecord::val_nll},
               {"seconds", "{:.3f}", &EpochRecord::seconds},
               {"images_per_s", "{:.1f}", &EpochRecord::images_per_second}};

std::string header(const char* separator) {
  std::string text = "epoch";
  for (const Column& column : columns) text += std::string(separator) + column.name;
  return text;
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in(line);
  for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
  return cells;
}

void say_missing(const fs::path& file, const CsvLog& log) {
  if (log.missing() == 0) return;
  note(
      fmt::format("{} lacks {} of the rows before the checkpoint; the training goes on, but its "
                  "curves have gaps: remove {} to train from the start",
                  file.string(), log.missing(), file.parent_path().string()));
}

}  // namespace

std::string epoch_columns() { return header(", "); }

std::vector<EpochRecord> read_epochs(const fs::path& run) {
  std::vector<EpochRecord> records;
  const fs::path file = run / run_files::epochs;
  if (!fs::exists(file)) return records;
  std::istringstream in(read_file(file));
  std::string line;
  std::getline(in, line);
  const std::vector<std::string> names = cells_of(line);
  while (std::getline(in, line)) {
    const std::vector<std::string> cells = cells_of(line);
    EpochRecord record;
    for (std::size_t i = 0; i < std::min(names.size(), cells.size()); ++i) {
      const auto before = names.begin() + std::ptrdiff_t(i);
      if (std::find(names.begin(), before, names[i]) != before)
        continue;  // twice: the first counts
      double x = 0;
      const char* end = cells[i].data() + cells[i].size();
      if (std::from_chars(cells[i].data(), end, x).ec != std::errc() || !std::isfinite(x)) continue;
      if (names[i] == "epoch" && x >= 1 && x <= 1e9) record.epoch = int(x);
      for (const Column& column : columns)
        if (names[i] == column.name) record.*column.value = x;
    }
    if (record.epoch > (records.empty() ? 0 : records.back().epoch)) records.push_back(record);
  }
  return records;
}

RunLogs::RunLogs(const RunDirectory& run, std::uint32_t epochs, std::uint32_t steps, bool log_steps)
    : epochs_(run.file(run_files::epochs), header(","), epochs) {
  if (log_steps) steps_.emplace(run.file(run_files::steps), "step,loss", steps);
  say_missing(run.file(run_files::epochs), epochs_);
  if (steps_) say_missing(run.file(run_files::steps), *steps_);
}

void RunLogs::add(const EpochRecord& r, std::uint32_t step, const std::vector<float>& losses) {
  std::string row = std::to_string(r.epoch);
  for (const auto& [name, format, value] : columns)
    row += "," + (std::isnan(r.*value) ? "" : fmt::format(fmt::runtime(format), r.*value));
  epochs_.add(row + '\n');
  if (!steps_) return;
  std::string rows;
  for (std::size_t i = 0; i < losses.size(); ++i)
    rows += fmt::format("{},{}\n", step - losses.size() + i + 1, losses[i]);
  steps_->add(rows);
}

void RunLogs::flush() {
  epochs_.flush();
  if (steps_) steps_->flush();
}

}  // namespace experiments
