// SPDX-License-Identifier: MIT
#include "experiments/experiment.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "experiments/files.h"
#include "experiments/progress.h"
#include "experiments/stop_signal.h"
#include "experiments/training.h"
#include "experiments/wrap_text.h"
#include "kernels/error.h"

namespace experiments {

namespace fs = std::filesystem;
using kernels::fail;
using kernels::require;

namespace {

std::string option_name(std::string key) {
  std::replace(key.begin(), key.end(), '_', '-');
  return key;
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
    for (const auto& [key, value] : p.settings.items()) {
      values.push_back(fmt::format("--{} {}", option_name(key),
                                   value.is_string() ? value.get<std::string>() : value.dump()));
    }
    text += fmt::format("  {:<9} {}\n", p.name, p.help);
    for (const std::string& line : wrap_text(fmt::format("{}", fmt::join(values, " ")), 86))
      text += fmt::format("{:14}{}\n", "", line);
  }
  app_.add_option("--preset", preset_, "a set of values; options given beside it override them")
      ->check(CLI::IsMember(names).description(""))
      ->type_name(fmt::format("{}", fmt::join(names, "|")))
      ->capture_default_str()
      ->group("Experiment");
  app_.add_option("--out", out_, fmt::format("directory (default: runs/{}-PRESET)", stem_))
      ->type_name("DIR")
      ->group("Experiment");
  app_.add_flag("--list", list_, "print the runs and their state, and stop")->group("Experiment");
  add_number("seeds", "repeats with other initial weights and another split");
  app_.footer(text +
              fmt::format("\nThe same command goes on with an interrupted experiment; finished "
                          "runs are not repeated.\nExample:\n  {} --preset {} --seeds 5\n",
                          program, preset_));
}

void Experiment::add_number(const std::string& name, const std::string& help, int least) {
  numbers_.emplace_back(name, least);
  app_.add_option_function<int>(
          "--" + name, [this, name](int value) { given_[name] = value; }, help)
      ->type_name("N")
      ->group("Experiment");
}

int Experiment::main(int argc, char** argv, const std::function<void()>& body) {
  add_config_options(app_, given_, {"Data", "Network", "Training"},
                     {"split-seed", "seed", "order", "max-steps"}, true);
  machine_.add_options(app_);
  return run_program(app_, argc, argv, [&] {
    for (const auto& [name, least] : numbers_) {
      require(number(name) >= least, "--{} is {}, should be at least {}", name, number(name),
              least);
    }
    validate(config());
    body();
  });
}

const Preset& Experiment::preset(const std::string& name) const {
  const auto found = std::find_if(presets_.begin(), presets_.end(),
                                  [&](const Preset& p) { return p.name == name; });
  require(found != presets_.end(), "there is no preset {}", name);
  return *found;
}

Json Experiment::settings() const {
  Json all = preset(preset_).settings;
  all.update(given_);
  return all;
}

int Experiment::number(const std::string& name) const { return settings().at(name); }

namespace {

RunConfig without_numbers(Json settings, const std::vector<std::pair<std::string, int>>& numbers) {
  for (const auto& [name, least] : numbers) settings.erase(name);
  return make_config(settings);
}

}  // namespace

RunConfig Experiment::config() const { return without_numbers(settings(), numbers_); }

bool Experiment::reduced() const {
  return to_json(config()) != to_json(without_numbers(preset("paper").settings, numbers_));
}

fs::path Experiment::directory() const {
  return out_.empty() ? fs::path("runs") / (stem_ + "-" + preset_) : fs::path(out_);
}

void Experiment::list(const std::vector<Run>& runs) const {
  std::size_t width = 0;
  for (const Run& run : runs) width = std::max(width, run.name.size());
  for (const Run& run : runs) {
    fmt::print("{:<{}}  {}\n", run.name, width, state_text(directory() / run.name, {run.config}));
  }
}

namespace {

/// train_run with the run's name in front of messages, as there are many.
RunResult train_named(const Run& run, const TrainingData& data, const RunInputs& inputs,
                      const fs::path& directory, const RunOptions& options) {
  try {
    return train_run(run.config, data, inputs, directory, options);
  } catch (const Interrupted& e) {
    throw Interrupted(fmt::format("{}: {}", run.name, e.what()));
  } catch (const kernels::Error& e) {
    fail("{}: {}", run.name, e.what());
  }
}

}  // namespace

std::vector<Measured> Experiment::run(const std::vector<Run>& runs) {
  if (list_) {
    list(runs);
    return {};
  }
  const nn::Device device = machine_.start();
  make_writable_directory(directory());
  const auto finished = [this](const Run& run) {
    return fs::exists(directory() / run.name / "result.json");
  };
  std::unique_ptr<TrainingData> data;  // of the run at hand: experiments go data set by data set
  std::vector<Measured> measured;
  double seconds = 0;
  int trained = 0;
  for (auto run = runs.begin(); run != runs.end(); ++run) {
    if (!data || !data->serves(run->config)) {
      data = nullptr;  // before the next one takes its place in memory
      data = std::make_unique<TrainingData>(run->config.dataset, machine_.data_dir, device,
                                            run->config.image_size, machine_.cache_dir);
    }
    RunInputs inputs;
    if (!run->teacher.empty()) inputs.teacher = directory() / run->teacher / "best.safetensors";
    RunOptions options{
        .label = fmt::format("[{}/{}] {}", run - runs.begin() + 1, runs.size(), run->name),
        .circumstances = machine_.circumstances()};
    options.circumstances["teacher"] = run->teacher;

    const bool was_finished = finished(*run);
    const auto start = std::chrono::steady_clock::now();
    const RunResult result = train_named(*run, *data, inputs, directory() / run->name, options);
    measured.push_back({run->name, run->factors, result});
    if (was_finished) continue;
    seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    ++trained;
    const auto left =
        std::count_if(run + 1, runs.end(), [&](const Run& r) { return !finished(r); });
    const std::string ahead = left == 0
                                  ? ""
                                  : fmt::format("; runs left: {}, about {}", left,
                                                duration_text(double(left) * seconds / trained));
    fmt::print(stderr, "{}: test accuracy {:.2f} %, NLL {:.4f}{}\n", options.label,
               100 * result.test.accuracy, result.test.nll, ahead);
  }
  return measured;
}

void Experiment::publish(Figure figure, const std::vector<Measured>& measured) const {
  const RunConfig run = config();
  const int seeds = number("seeds");
  figure.title += reduced() ? " (reduced setting)" : "";
  figure.caption = fmt::format(
      "{}{}; {} seed{}{}", figure.caption.empty() ? "" : figure.caption + " ", describe(run), seeds,
      seeds == 1 ? "" : "s", seeds == 1 ? "" : ": mean, 95 % interval, single runs");
  if (reduced()) {
    figure.caption += fmt::format(". Reduced: the paper has {}",
                                  describe(without_numbers(preset("paper").settings, numbers_)));
  }
  Json about = {{"experiment", stem_},
                {"title", title_},
                {"preset", preset_},
                {"reduced", reduced()},
                {"circumstances", machine_.circumstances()}};
  for (const auto& [name, least] : numbers_) about[name] = number(name);
  about["config"] = to_json(run);
  write_results(directory(), about, measured);
  draw(figure, directory() / stem_);
  const std::string stem = (directory() / stem_).string();
  fmt::print("{0}.svg\n{0}.png\n{1}\n", stem, (directory() / "results.csv").string());
}

RunConfig seeded(RunConfig config, int repeat, int stage) {
  config.split_seed = std::uint64_t(repeat);
  config.seed = std::uint64_t(repeat) + 1000 * std::uint64_t(stage);
  return config;
}

}  // namespace experiments
