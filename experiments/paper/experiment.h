// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/analysis/claims.h"
#include "experiments/analysis/results.h"
#include "experiments/command_line/machine.h"
#include "experiments/command_line/settings.h"
#include "experiments/paper/presets.h"
#include "experiments/paper/run_queue.h"
#include "experiments/report/plot.h"

namespace experiments {

/// A program that makes one figure: its command line, its runs as a queue, its files.
class Experiment {
 public:
  /// `stem` names files and the default directory runs/STEM-PRESET. The first preset is the
  /// default; "paper" is the one that others are called reduced against.
  Experiment(std::string stem, std::string program, std::string title, std::vector<Preset> presets);

  // Options of the experiment's own, which every preset sets (with '_' for '-' in the name).
  void add_number(const std::string& name, const std::string& help);  // from 1 to 1000
  void add_numbers(const std::string& name, const std::string& help, const Range&);  // a list
  void add_sizes(const std::string& name, const std::string& help);  // a list of whole numbers
  /// A list of words. The preset's key is the alias, if there is one.
  void add_names(const std::string& name, const std::string& help, const std::string& alias = "");
  /// A directory, of another experiment say; no preset sets it, and runs do not depend on it.
  void add_directory(const std::string& name, const std::string& help);

  /// Names options that there shall not be, as the experiment itself gives its runs their values.
  void decides(const std::vector<std::string_view>& options);

  /// Parses the command line and runs `body`, which builds runs, trains and draws. Returns the exit
  /// status.
  int main(int argc, char** argv, const std::function<void()>& body);

  // For the body.

  int number(const std::string& name) const;  // "seeds", and those added
  std::vector<double> numbers(const std::string& name) const;
  std::vector<std::string> names(const std::string& name) const;
  std::filesystem::path directory(const std::string& name) const;  // empty if not given

  /// Of the preset and the options, with `changes` over them: {{"loss", "sd"}, {"alpha", 0}}.
  /// `stage` gives the run initial weights and an order of its own (a generation, say); what else
  /// depends on seeds is shared by all runs of a repeat: the split and the subset. --alpha is for
  /// runs with soft labels of their own, not for cross entropy and label smoothing.
  RunConfig config(int repeat, int stage = 0, Json changes = Json::object()) const;

  /// Trains what --only and --shard select of the runs. The result is empty if the body should
  /// return: with --list, which only prints states, or if runs are left for other processes.
  std::vector<Measured> run(const std::vector<Run>&);
  /// Writes results.*, claims.json, the figure, whose caption it completes with what ran, and
  /// report.html; says where they are. Claims may compare with runs of `others` too.
  void publish(Figure, const std::vector<Measured>&, const std::vector<Claim>& = {},
               const std::vector<Measured>& others = {}) const;

 private:
  struct Own {
    std::string key, option;
  };
  template <class T>
  void add_own(const std::string& name, const std::string& help, const Range&,
               const std::string& alias = "");
  std::string option_of(const std::string& key) const;
  std::string footer() const;
  void refuse_unused(const std::vector<Run>&) const;
  Json settings(const std::string& preset, const Json& changes) const;
  RunConfig config_of(Json settings) const;  // without the experiment's own
  Json determining(Json settings) const;
  std::string description(const Json& settings) const;
  std::string difference(const Json& here, const Json& paper) const;
  std::filesystem::path out() const;

  std::string stem_, title_;
  std::vector<Preset> presets_;
  std::vector<Own> own_;  // settings that are not RunConfig's
  std::vector<std::string_view> without_{"split-seed", "seed",         "order",
                                         "max-steps",  "loss",         "effective-label",
                                         "omega",      "teacher-model"};
  CLI::App app_;
  Machine machine_;
  Settings settings_;
  Json given_ = Json::object();  // on the command line and by --config
  std::map<std::string, std::string> directories_;
  std::string preset_, out_;
  Selection selection_;
  int jobs_ = 1;
  bool list_ = false;
};

/// For each seed a teacher trained by cross entropy (factor "method": "ce"), and for each value of
/// `factor` a student of it ("sd"), named "seed0-" + symbol + value, with `changes(value)`.
std::vector<Run> students_by(const Experiment&, const std::string& factor,
                             const std::string& symbol, const std::vector<double>& values,
                             const std::function<Json(double)>& changes);

}  // namespace experiments
