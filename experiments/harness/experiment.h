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
#include "experiments/harness/presets.h"
#include "experiments/harness/run_queue.h"
#include "experiments/plot/plot.h"

/// An experiment is data: its runs, its figure and the claims of the paper about it. A file
/// NAME.cpp of experiments/paper defines one, as a function NAME(); experiment_program.h makes a
/// program of it, and a test walks over all of them.
namespace experiments {

/// An option of an experiment's own. Every preset has a value for it, under its key.
struct Option {
  enum class Kind : std::uint8_t { number, numbers, sizes, names, directory };
  Kind kind;
  std::string name, help;  // "weight-decays"
  Range range = {};
  std::string alias = {};  // another name for the command line, after which the key is called

  std::string key() const;  // the name, or the alias, with '_' for '-'
};

Option number_option(std::string name, std::string help);  // a whole number from 1 to 1000
Option numbers_option(std::string name, std::string help, const Range&);  // a list
Option sizes_option(std::string name, std::string help);  // a list of whole numbers from 1
Option names_option(std::string name, std::string help, std::string alias = "");  // of words
/// A directory, of another experiment say. No preset sets it, and runs do not depend on it.
Option directory_option(std::string name, std::string help);

struct Experiment;

/// The parameters of an experiment: a preset's values, and over them the options that are given.
class Parameters {
 public:
  Parameters(const Experiment&, Json values, std::map<std::string, std::string> directories = {});

  // Of options, by their keys. Every experiment has the number "seeds".
  int number(const std::string& key) const { return values_.at(key); }
  std::vector<double> numbers(const std::string& key) const { return values_.at(key); }
  std::vector<std::string> names(const std::string& key) const { return values_.at(key); }
  std::filesystem::path directory(const std::string& name) const;  // empty if not given

  /// The config of a run, with `changes` over the values: {{"loss", "sd"}, {"alpha", 0}}.
  /// `init_group` gives the run initial weights and an order of its own (a generation, say); what
  /// else depends on seeds is shared by all runs of a repeat: the split and the subset. A value of
  /// alpha is for runs with soft labels of their own, not for cross entropy and label smoothing.
  RunConfig config(int repeat, int init_group = 0, const Json& changes = Json::object()) const;

  RunConfig base_config() const { return make_config(run_values_); }  // without a repeat
  /// The mean soft label of the true class that methods are compared at: 1 - smoothing.
  /// Throws Error if that is 1.
  double effective_label() const;
  const Json& values() const { return values_; }
  const std::vector<std::string>& own_keys() const { return own_keys_; }

 private:
  Json values_, run_values_;  // all; a RunConfig's
  std::map<std::string, std::string> directories_;
  std::vector<std::string> own_keys_;  // of the other values
};

struct Results {
  std::vector<FinishedRun> runs;
  std::vector<FinishedRun> others;  // of another experiment, to compare with
};

struct Experiment {
  std::string stem;             // names files and the default directory runs/STEM-PRESET
  std::string title;            // "Figure 1: what it is. Then what it does."
  std::vector<Preset> presets;  // the first is the default; "paper" is what others reduce
  std::vector<Option> options = {};
  std::vector<std::string_view> hide_options = {};  // that are the experiment's own to decide

  std::function<std::vector<Run>(const Parameters&)> runs = {};
  /// Looked up before anything is trained.
  std::function<std::vector<FinishedRun>(const Parameters&)> others = {};
  std::function<Figure(const Parameters&, const Results&)> figure = {};
  std::function<std::vector<Claim>(const Parameters&, const Results&)> claims = {};
};

/// A preset's values with `changes` over them. Throws Error if there is no such preset.
Json preset_values(const Experiment&, const std::string& preset,
                   const Json& changes = Json::object());

/// The experiment's claims, judged on its results.
std::vector<JudgedClaim> judged_claims(const Experiment&, const Parameters&, const Results&,
                                       const ImageSampling* images = nullptr);

/// The paper's central claim, that a student's accuracy is correlated with the diversity of its
/// teacher's predictions, and the same of their uncertainty: by the ranks over the runs of a seed
/// that have a teacher and whose factors contain `students`.
void add_correlation_claims(std::vector<Claim>&, const Json& students, const std::string& source);

/// The runs of an experiment while they are made: not more of them than one can wait for. Throws
/// Interrupted if a stop was asked for.
class RunList {
 public:
  static constexpr std::size_t most = 100'000;

  void push_back(Run);  // throws Error if there are that many
  std::vector<Run> take() { return std::move(runs_); }

 private:
  std::vector<Run> runs_;
};

/// For each seed a teacher trained by cross entropy (factor "method": "ce"), and for each value of
/// `factor` a student of it ("sd"), named "seed0-" + symbol + value, with `changes(value)`.
std::vector<Run> students_by(const Parameters&, const std::string& factor,
                             const std::string& symbol, const std::vector<double>& values,
                             const std::function<Json(double)>& changes);

/// The runs that `add` adds for each seed.
std::vector<Run> for_each_seed(const Parameters&,
                               const std::function<void(int seed, RunList&)>& add);

}  // namespace experiments
