// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "experiments/command_line.h"
#include "experiments/results.h"

namespace experiments {

/// One run of an experiment. The name is its folder, and stays the same for ever.
struct Run {
  std::string name;  // "seed0-generation2"
  Json factors;      // {"seed": 0, "generation": 2}: what distinguishes it, for tables
  RunConfig config;
  std::string teacher = {};  // the name of an earlier run whose best checkpoint teaches; or none
};

/// A named set of settings: fields of RunConfig, and the experiment's own numbers ("seeds", ...).
struct Preset {
  std::string name, help;
  Json settings;
};

/// A program that makes one figure: its command line, its runs as a queue, its files.
class Experiment {
 public:
  /// `stem` names files and the default directory runs/STEM-PRESET. The first preset is the
  /// default; "paper" is the one that others are called reduced against.
  Experiment(std::string stem, std::string program, std::string title, std::vector<Preset> presets);

  /// Adds an option --NAME for a whole number, of at least `least`, that every preset sets.
  void add_number(const std::string& name, const std::string& help, int least = 1);

  /// Parses the command line and runs `body`, which builds runs, trains and draws. Returns the exit
  /// status.
  int main(int argc, char** argv, const std::function<void()>& body);

  // For the body.

  int number(const std::string& name) const;  // "seeds", and those added
  RunConfig config() const;                   // of the preset and the options
  /// Trains the runs in order; skips finished ones, goes on with interrupted ones. With --list only
  /// prints their states; the result is then empty, and the body should return.
  std::vector<Measured> run(const std::vector<Run>&);
  /// Writes results.* and the figure, whose caption it completes with what ran, and says where it
  /// is.
  void publish(Figure, const std::vector<Measured>&) const;

 private:
  Json settings() const;
  const Preset& preset(const std::string& name) const;
  std::filesystem::path directory() const;
  bool reduced() const;
  void list(const std::vector<Run>&) const;

  std::string stem_, title_;
  std::vector<Preset> presets_;
  std::vector<std::pair<std::string, int>> numbers_;  // with the least value
  CLI::App app_;
  Machine machine_;
  Json given_ = Json::object();  // on the command line
  std::string preset_, out_;
  bool list_ = false;
};

/// A config for one repeat: every seed of the split, and so of everything paired across methods, is
/// `repeat`; each stage (a generation, say) has its own initial weights and order.
RunConfig seeded(RunConfig, int repeat, int stage = 0);

}  // namespace experiments
