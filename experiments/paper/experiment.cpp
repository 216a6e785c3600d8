// SPDX-License-Identifier: MIT
#include "experiments/paper/experiment.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "engine/system/files.h"
#include "engine/system/progress.h"
#include "engine/system/wrap_text.h"
#include "experiments/report/report.h"
#include "kernels/runtime/error.h"

namespace experiments {

namespace fs = std::filesystem;
using kernels::require;

namespace {

constexpr const char* group = "Experiment";

std::string option_name(std::string key) {
  std::replace(key.begin(), key.end(), '_', '-');
  return key;
}

std::string text_of_setting(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return to_text(value);
  std::vector<std::string> items;
  for (const Json& item : value) items.push_back(text_of_setting(item));
  return fmt::format("{}", fmt::join(items, ","));
}

}  // namespace

Experiment::Experiment(std::string stem, std::string program, std::string title,
                       std::vector<Preset> presets)
    : stem_(std::move(stem)),
      title_(std::move(title)),
      presets_(std::move(presets)),
      app_(title_, program),
      preset_(presets_.front().name) {
  std::vector<std::string> names;
  for (const Preset& p : presets_) names.push_back(p.name);
  add_choice(app_, "--preset", "a set of values; options given beside it override them", names,
             [this](const std::string& name) { preset_ = name; })
      ->default_str(preset_)
      ->group(group);
  settings_.add_config_file(app_)->group(group);
  add_path(app_, "--out", out_, fmt::format("directory (default: runs/{}-PRESET)", stem_), "DIR")
      ->group(group);
  app_.add_flag("--list", list_, "print the runs and their state, and stop")->group(group);
  add_value(app_, "--only", selection_.only, "train just the runs with such names, as 'seed0-*'")
      ->type_name("PATTERN")
      ->group(group);
  add_value(app_, "--shard", selection_.shard,
            "train the i-th of n parts of the runs; the part that finishes last draws")
      ->type_name("I/N")
      ->group(group);
  add_value(app_, "--jobs", jobs_, "runs at once, in processes that share the processor's cores",
            from(1, 1024))
      ->default_str("1")
      ->group(group);
  add_number("seeds", "repeats with other initial weights and another split");
}

std::string Experiment::option_of(const std::string& key) const {
  const auto own =
      std::find_if(own_.begin(), own_.end(), [&](const Own& o) { return o.key == key; });
  return own == own_.end() ? "--" + option_name(key) : own->option;
}

/// For --help, behind the options.
std::string Experiment::footer() const {
  std::string text = "\nPresets:\n";
  for (const Preset& p : presets_) {
    std::vector<std::string> values;
    for (const auto& [key, value] : p.settings.items())
      values.push_back(fmt::format("{} {}", option_of(key), text_of_setting(value)));
    text += fmt::format("  {:<9} {}\n", p.name, p.help);
    for (const std::string& line : wrap_text(fmt::format("{}", fmt::join(values, " ")), 86))
      text += fmt::format("{:14}{}\n", "", line);
  }
  return text + fmt::format(
                    "\nThe same command goes on with an interrupted experiment; finished runs are "
                    "not repeated.\nExample:\n  {} --preset {} --seeds 5\n",
                    app_.get_name(), preset_);
}

template <class T>
void Experiment::add_own(const std::string& name, const std::string& help, const Range& range,
                         const std::string& alias) {
  std::string key = alias.empty() ? name : alias;
  std::replace(key.begin(), key.end(), '-', '_');
  own_.push_back({key, "--" + name});
  const std::string names = alias.empty() ? "--" + name : "--" + name + ",--" + alias;
  settings_.add<T>(app_, names, key, help, range)->group(group);
}

// A generation's seeds are 1000 from those of the one before.
void Experiment::add_number(const std::string& name, const std::string& help) {
  add_own<int>(name, help, from(1, 1000));
}

void Experiment::add_numbers(const std::string& name, const std::string& help, const Range& range) {
  add_own<std::vector<double>>(name, help, range);
}

void Experiment::add_sizes(const std::string& name, const std::string& help) {
  add_own<std::vector<int>>(name, help, from(1, std::numeric_limits<int>::max()));
}

void Experiment::add_names(const std::string& name, const std::string& help,
                           const std::string& alias) {
  add_own<std::vector<std::string>>(name, help, {}, alias);
}

void Experiment::add_directory(const std::string& name, const std::string& help) {
  add_path(app_, "--" + name, directories_[name], help, "DIR")->group(group);
}

void Experiment::decides(const std::vector<std::string_view>& options) {
  without_.insert(without_.end(), options.begin(), options.end());
}

int Experiment::main(int argc, char** argv, const std::function<void()>& body) {
  settings_.add_fields(app_, {"Data", "Network", "Training", "Loss", "Beta smoothing and EMA"},
                       without_, true);
  machine_.add_options(app_);
  app_.footer(footer());
  return run_program(app_, argc, argv, [&] {
    given_ = settings_.all();
    validate(config(0));
    body();
  });
}

Json Experiment::settings(const std::string& name, const Json& changes) const {
  const auto preset = std::find_if(presets_.begin(), presets_.end(),
                                   [&](const Preset& p) { return p.name == name; });
  require(preset != presets_.end(), "there is no preset {}", name);
  Json all = preset->settings;
  all.update(changes);
  return all;
}

int Experiment::number(const std::string& name) const { return settings(preset_, given_).at(name); }
std::vector<double> Experiment::numbers(const std::string& name) const {
  return settings(preset_, given_).at(name);
}
std::vector<std::string> Experiment::names(const std::string& name) const {
  return settings(preset_, given_).at(name);
}
fs::path Experiment::directory(const std::string& name) const { return directories_.at(name); }

RunConfig Experiment::config_of(Json settings) const {
  for (const Own& own : own_) settings.erase(own.key);
  return make_config(settings);
}

RunConfig Experiment::config(int repeat, int stage, Json changes) const {
  Json all = settings(preset_, given_);
  all.update(changes);
  const std::string loss = all.value("loss", "ce");
  if (loss == "ce" || loss == "ls") all.erase("alpha");
  all["split_seed"] = repeat;
  all["seed"] = repeat + 1000 * stage;
  return config_of(all);
}

/// What makes an experiment's numbers, apart from how often they are repeated.
Json Experiment::determining(Json settings) const {
  Json all = to_json(config_of(settings));
  for (const Own& own : own_)
    if (own.key != "seeds") all[own.key] = settings.at(own.key);
  return all;
}

std::string Experiment::description(const Json& settings) const {
  std::vector<RunConfig> configs = {config_of(settings)};
  for (const auto& [list, key] : {std::pair{"datasets", "dataset"}, {"models", "model"}}) {
    if (!settings.contains(list)) continue;
    std::vector<RunConfig> all;
    for (const RunConfig& config : configs) {
      for (const Json& name : settings.at(list)) {
        Json one = settings;
        one["dataset"] = config.dataset;
        one[key] = name;
        all.push_back(config_of(one));
      }
    }
    configs = std::move(all);
  }
  return describe(configs);
}

/// What the paper has in place of this setting: as description() says, and the other options.
std::string Experiment::difference(const Json& here, const Json& paper) const {
  std::string text = description(paper);
  const Json ours = determining(here), theirs = determining(paper);
  for (const auto& [key, value] : theirs.items()) {
    const bool described = key == "dataset" || key == "model" || key == "train_limit" ||
                           key == "epochs" || key == "augment" || key == "datasets" ||
                           key == "models" || key == "milestones" || key == "val_limit";
    if (!described && ours.at(key) != value)
      text += fmt::format(", {} {}", option_of(key), text_of_setting(value));
  }
  return text;
}

fs::path Experiment::out() const {
  return out_.empty() ? fs::path("runs") / (stem_ + "-" + preset_) : fs::path(out_);
}

/// What no run uses would mean nothing; what some use, as the others do without it, is sound.
void Experiment::refuse_unused(const std::vector<Run>& runs) const {
  std::vector<RunConfig> configs;
  Json given = settings_.given();
  for (const Run& run : runs) {
    configs.push_back(run.config);
    if (run.config.effective_label != 0) given.erase("smoothing");  // of which that is made
  }
  try {
    experiments::refuse_unused(given, configs);
  } catch (const UsageError& e) {
    throw UsageError(fmt::format("{}; no run of {} uses it", e.what(), stem_));
  }
  machine_.refuse_unused(configs);
}

std::vector<Measured> Experiment::run(const std::vector<Run>& runs) {
  refuse_unused(runs);
  const RunQueue queue(runs, out(), selection_);
  if (list_) {
    queue.print_states();
    return {};
  }
  const fs::path before = out() / "results.json";
  if (fs::exists(before)) {
    std::string other = stem_;
    try {
      other = read_json(before).at("about").at("experiment");
    } catch (const std::exception& e) {  // of read_json or Json; it follows from the runs' files
      note(fmt::format("{} is damaged and will be made again ({})", before.string(), e.what()));
    }
    require(other == stem_, "{} holds results of {}: choose another --out", out().string(), other);
  }
  if (preset_ == "paper")
    machine_.on_cpu =
        "--preset paper is for a GPU: on two cores of a cpu a ResNet-34 run takes about 27 hours";
  queue.work(machine_, jobs_);
  std::vector<Measured> measured = queue.results();
  if (measured.empty()) {
    note(fmt::format(
        "{}: the selected runs are finished; runs left: {}. The figure is drawn by the command "
        "that finishes the last one",
        stem_, queue.unfinished()));
  }
  return measured;
}

void Experiment::publish(Figure figure, const std::vector<Measured>& measured,
                         const std::vector<Claim>& claims,
                         const std::vector<Measured>& others) const {
  const Json here = settings(preset_, given_), paper = settings("paper", Json::object());
  const bool reduced = determining(here) != determining(paper);
  const int seeds = number("seeds");
  const std::string setting =
      fmt::format("{}; {} seed{}", description(here), seeds, seeds == 1 ? "" : "s");
  Report report;
  report.title = title_.substr(0, title_.find_first_of(":,")) + ": " + figure.title;
  report.setting = fmt::format("{} Here: {}.", title_, setting);
  std::vector<Measured> compared = measured;
  compared.insert(compared.end(), others.begin(), others.end());
  report.claims = judge(claims, compared);
  if (reduced) report.reduced = fmt::format("the paper has {}", difference(here, paper));
  figure.title += reduced ? " (reduced setting)" : "";
  figure.caption += fmt::format("{}{}{}{}", figure.caption.empty() ? "" : " ", setting,
                                seeds == 1 ? "" : ": mean, 95 % interval, single runs",
                                reduced ? ". Reduced: " + report.reduced : "");
  report.figures.emplace_back(stem_, figure);

  report.about = {
      {"experiment", stem_}, {"title", title_}, {"preset", preset_}, {"reduced", reduced}};
  report.about["circumstances"] =
      read_json(out() / measured.front().name / "result.json").value("circumstances", Json());
  for (const Own& own : own_) report.about[own.key] = here.at(own.key);
  report.about["config"] = to_json(config_of(here));
  write_results(out(), report.about, measured);
  write_report(out(), report, measured);
  for (const fs::path file :
       {stem_ + ".svg", stem_ + ".png", std::string("results.csv"), std::string("report.html")})
    fmt::print("{}\n", (out() / file).string());
}

std::vector<Run> students_by(const Experiment& experiment, const std::string& factor,
                             const std::string& symbol, const std::vector<double>& values,
                             const std::function<Json(double)>& changes) {
  std::vector<Run> runs;
  for (int seed = 0; seed < experiment.number("seeds"); ++seed) {
    const std::string teacher = fmt::format("seed{}-teacher", seed);
    runs.push_back({teacher,
                    {{"seed", seed}, {"method", "ce"}},
                    experiment.config(seed, 0, {{"loss", "ce"}})});
    for (const double value : values) {
      Json own = {{"loss", "sd"}};
      own.update(changes(value));
      runs.push_back({fmt::format("seed{}-{}{}", seed, symbol, value),
                      {{"seed", seed}, {"method", "sd"}, {factor, value}},
                      experiment.config(seed, 1, own),
                      teacher});
    }
  }
  return runs;
}

}  // namespace experiments
