// SPDX-License-Identifier: MIT
#include "experiments/harness/experiment.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "engine/process/stop_signal.h"
#include "kernels/runtime/error.h"

namespace experiments {

std::string Option::key() const {
  std::string key = alias.empty() ? name : alias;
  std::replace(key.begin(), key.end(), '-', '_');
  return key;
}

// A generation's seeds are 1000 from those of the one before.
Option number_option(std::string name, std::string help) {
  return {Option::Kind::number, std::move(name), std::move(help), from(1, 1000)};
}

Option numbers_option(std::string name, std::string help, const Range& range) {
  return {Option::Kind::numbers, std::move(name), std::move(help), range};
}

Option sizes_option(std::string name, std::string help) {
  return {Option::Kind::sizes, std::move(name), std::move(help),
          from(1, std::numeric_limits<int>::max())};
}

Option names_option(std::string name, std::string help, std::string alias) {
  return {Option::Kind::names, std::move(name), std::move(help), {}, std::move(alias)};
}

Option directory_option(std::string name, std::string help) {
  return {Option::Kind::directory, std::move(name), std::move(help)};
}

Parameters::Parameters(const Experiment& experiment, Json values,
                       std::map<std::string, std::string> directories)
    : values_(std::move(values)), directories_(std::move(directories)), own_keys_{"seeds"} {
  for (const Option& option : experiment.options)
    if (option.kind != Option::Kind::directory) own_keys_.push_back(option.key());
  run_values_ = values_;
  for (const std::string& key : own_keys_) run_values_.erase(key);
}

std::filesystem::path Parameters::directory(const std::string& name) const {
  const auto given = directories_.find(name);
  return given == directories_.end() ? std::string() : given->second;
}

double Parameters::effective_label() const {
  const double smoothing = base_config().smoothing;
  kernels::require(smoothing > 0,
                   "`smoothing` is 0, should be greater: methods are compared where soft labels "
                   "have 1 - `smoothing` of the true class");
  return 1 - smoothing;
}

RunConfig Parameters::config(int repeat, int init_group, const Json& changes) const {
  Json all = run_values_;
  all.update(changes);
  const std::string loss = all.value("loss", "ce");
  if (loss == "ce" || loss == "ls") all.erase("alpha");
  all["split_seed"] = repeat;
  all["seed"] = repeat + 1000 * init_group;
  return make_config(all);
}

Json preset_values(const Experiment& experiment, const std::string& preset, const Json& changes) {
  std::vector<Preset> presets = experiment.presets;
  Json all = settings_of(presets, preset);
  all.update(changes);
  return all;
}

std::vector<JudgedClaim> judged_claims(const Experiment& experiment, const Parameters& parameters,
                                       const Results& results, const ImageSampling* images) {
  if (!experiment.claims) return {};
  std::vector<FinishedRun> compared = results.runs;
  compared.insert(compared.end(), results.others.begin(), results.others.end());
  return judge(experiment.claims(parameters, results), compared, images);
}

void add_correlation_claims(std::vector<Claim>& claims, const Json& students,
                            const std::string& source) {
  for (const std::string what : {"diversity", "uncertainty"}) {
    const std::string key =
        what == "diversity" ? "teacher_confidence_diversity" : "teacher_predictive_uncertainty";
    claims.push_back({"accuracy_goes_with_" + what,
                      "Students are the more accurate, the greater the " + what +
                          " of their teacher's predictions.",
                      source,
                      {{"test_accuracy", students, {}, Claimed::greater, key}}});
  }
}

void RunList::push_back(Run run) {
  if (stop_requested()) throw Interrupted("stopped before anything was trained");
  kernels::require(runs_.size() < most,
                   "there would be more than {} runs: give fewer seeds, or fewer values of what is "
                   "varied",
                   most);
  runs_.push_back(std::move(run));
}

std::vector<Run> for_each_seed(const Parameters& parameters,
                               const std::function<void(int, RunList&)>& add) {
  RunList runs;
  for (int seed = 0; seed < parameters.number("seeds"); ++seed) add(seed, runs);
  return runs.take();
}

std::vector<Run> students_by(const Parameters& parameters, const std::string& factor,
                             const std::string& symbol, const std::vector<double>& values,
                             const std::function<Json(double)>& changes) {
  return for_each_seed(parameters, [&](int seed, RunList& runs) {
    const std::string teacher = fmt::format("seed{}-teacher", seed);
    runs.push_back({teacher,
                    {{"seed", seed}, {"method", "ce"}},
                    parameters.config(seed, 0, {{"loss", "ce"}})});
    for (const double value : values) {
      Json own = {{"loss", "sd"}};
      own.update(changes(value));
      runs.push_back({fmt::format("seed{}-{}{}", seed, symbol, value),
                      {{"seed", seed}, {"method", "sd"}, {factor, value}},
                      parameters.config(seed, 1, own),
                      teacher});
    }
  });
}

}  // namespace experiments
