// SPDX-License-Identifier: MIT
#include "experiments/experiment.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "experiments/files.h"
#include "experiments/progress.h"
#include "experiments/report.h"
#include "experiments/wrap_text.h"
#include "kernels/error.h"

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
  if (!value.is_array()) return value.dump();
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
  std::string text = "\nPresets:\n";
  for (const Preset& p : presets_) {
    names.push_back(p.name);
    std::vector<std::string> values;
    for (const auto& [key, value] : p.settings.items())
      values.push_back(fmt::format("--{} {}", option_name(key), text_of_setting(value)));
    text += fmt::format("  {:<9} {}\n", p.name, p.help);
    for (const std::string& line : wrap_text(fmt::format("{}", fmt::join(values, " ")), 86))
      text += fmt::format("{:14}{}\n", "", line);
  }
  app_.add_option("--preset", preset_, "a set of values; options given beside it override them")
      ->check(CLI::IsMember(names).description(""))
      ->type_name(fmt::format("{}", fmt::join(names, "|")))
      ->capture_default_str()
      ->group(group);
  app_.add_option("--out", out_, fmt::format("directory (default: runs/{}-PRESET)", stem_))
      ->type_name("DIR")
      ->group(group);
  app_.add_flag("--list", list_, "print the runs and their state, and stop")->group(group);
  app_.add_option("--only", selection_.only, "train just the runs with such names, as 'seed0-*'")
      ->type_name("PATTERN")
      ->group(group);
  app_.add_option("--shard", selection_.shard,
                  "train the i-th of n parts of the runs; the part that finishes last draws")
      ->type_name("I/N")
      ->group(group);
  app_.add_option("--jobs", jobs_, "runs at once, in processes that share the processor's cores")
      ->check(CLI::Range(1, 1024).description(""))
      ->type_name("N")
      ->capture_default_str()
      ->group(group);
  add_number("seeds", "repeats with other initial weights and another split");
  app_.footer(text +
              fmt::format("\nThe same command goes on with an interrupted experiment; finished "
                          "runs are not repeated.\nExample:\n  {} --preset {} --seeds 5\n",
                          program, preset_));
}

template <class T>
CLI::Option* Experiment::add_own(const std::string& name, const std::string& help) {
  std::string key = name;
  std::replace(key.begin(), key.end(), '-', '_');
  own_.push_back(key);
  return app_
      .add_option_function<T>(
          "--" + name, [this, key](const T& value) { given_[key] = value; }, help)
      ->group(group);
}

void Experiment::add_number(const std::string& name, const std::string& help, int least) {
  add_own<int>(name, help)
      ->check(CLI::Range(least, std::numeric_limits<int>::max()).description(""))
      ->type_name("N");
}

void Experiment::add_numbers(const std::string& name, const std::string& help) {
  add_own<std::vector<double>>(name, help)->delimiter(',')->type_name("X,X,...");
}

void Experiment::add_names(const std::string& name, const std::string& help) {
  add_own<std::vector<std::string>>(name, help)->delimiter(',')->type_name("NAME,...");
}

void Experiment::add_directory(const std::string& name, const std::string& help) {
  app_.add_option_function<std::string>(
          "--" + name, [this, name](const std::string& value) { directories_[name] = value; }, help)
      ->type_name("DIR")
      ->group(group);
}

void Experiment::decides(const std::vector<std::string_view>& options) {
  without_.insert(without_.end(), options.begin(), options.end());
}

int Experiment::main(int argc, char** argv, const std::function<void()>& body) {
  add_config_options(app_, given_,
                     {"Data", "Network", "Training", "Loss", "Beta smoothing and EMA"}, without_,
                     true);
  machine_.add_options(app_);
  return run_program(app_, argc, argv, [&] {
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
fs::path Experiment::directory(const std::string& name) const {
  return directories_.value(name, std::string());
}

RunConfig Experiment::config_of(Json settings) const {
  for (const std::string& name : own_) settings.erase(name);
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
  for (const std::string& name : own_)
    if (name != "seeds") all[name] = settings.at(name);
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
      text += fmt::format(", --{} {}", option_name(key), text_of_setting(value));
  }
  return text;
}

fs::path Experiment::out() const {
  return out_.empty() ? fs::path("runs") / (stem_ + "-" + preset_) : fs::path(out_);
}

std::vector<Measured> Experiment::run(const std::vector<Run>& runs) {
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
  for (const std::string& name : own_) report.about[name] = here.at(name);
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
