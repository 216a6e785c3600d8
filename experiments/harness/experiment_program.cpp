// SPDX-License-Identifier: MIT
#include "experiments/harness/experiment_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/process/progress.h"
#include "engine/system/files.h"
#include "experiments/analysis/image_sampling.h"
#include "experiments/command_line/option_names.h"
#include "experiments/command_line/settings.h"
#include "experiments/harness/descriptions.h"
#include "experiments/harness/experiment.h"
#include "experiments/plot/plot.h"
#include "experiments/report/html.h"
#include "experiments/report/report.h"
#include "experiments/report/report_figures.h"
#include "experiments/report/report_parts.h"
#include "kernels/ranks/ranks.h"
#include "kernels/runtime/error.h"

namespace experiments {

namespace fs = std::filesystem;
using kernels::require;

namespace {

constexpr const char* group = "Experiment";

// The experiments give their runs these values, or leave them alone.
constexpr std::string_view hidden_everywhere[] = {
    "split-seed",      "seed",  "order",         "max-steps", "loss",
    "effective-label", "omega", "teacher-model", "new-head",  "freeze"};

class Program {
 public:
  Program(const Experiment& experiment, const std::string& name)
      : experiment_(experiment),
        app_(experiment.title, name),
        preset_(experiment.presets.front().name) {
    std::vector<std::string> names;
    for (const Preset& p : experiment.presets) names.push_back(p.name);
    add_choice(app_, "--preset", "a set of values; options given beside it override them", names,
               [this](const std::string& chosen) { preset_ = chosen; })
        ->default_str(preset_)
        ->group(group);
    settings_.add_config_file(app_)->group(group);
    add_path(app_, "--out", out_,
             fmt::format("directory (default: runs/{}-PRESET)", experiment.stem), "DIR")
        ->group(group);
    add_path(
        app_, "--redraw", redraw_,
        "draw from this table, a results.csv of the preset, with its images.csv beside it, and "
        "train nothing",
        "FILE")
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
        ->default_str("one for each core, preset paper or with CUDA 1")
        ->group(group);
    add(number_option("seeds", "repeats with other initial weights and another split"));
    for (const Option& option : experiment.options) add(option);
    std::vector<std::string_view> without(std::begin(hidden_everywhere),
                                          std::end(hidden_everywhere));
    without.insert(without.end(), experiment.hide_options.begin(), experiment.hide_options.end());
    settings_.add_fields(app_, {"Data", "Network", "Training", "Loss", "Beta smoothing and EMA"},
                         without, true);
    machine_.add_options(app_);
    machine_.add_training_options(app_);
    app_.footer(help_of_presets(experiment, name));
  }

  int main(int argc, char** argv) {
    return run_program(app_, argc, argv, [this] { redraw_.empty() ? work() : redraw(); });
  }

 private:
  void add(const Option& option) {
    const std::string names =
        "--" + option.name + (option.alias.empty() ? "" : ",--" + option.alias);
    const auto own = [&]<class T>(T) {
      settings_.add<T>(app_, names, option.key(), option.help, option.range)->group(group);
    };
    switch (option.kind) {
      case Option::Kind::number: return own(int{});
      case Option::Kind::numbers: return own(std::vector<double>{});
      case Option::Kind::sizes: return own(std::vector<int>{});
      case Option::Kind::names: return own(std::vector<std::string>{});
      case Option::Kind::directory:
        add_path(app_, names, directories_[option.name], option.help, "DIR")->group(group);
    }
  }

  fs::path out() const {
    return out_.empty() ? fs::path("runs") / (experiment_.stem + "-" + preset_) : fs::path(out_);
  }

  /// What the user gives and, unless that is among it, the precision of the runs that are there, or
  /// else the preset's or the machine's.
  Json values() const {
    Json all = settings_.all();
    if (all.contains("precision")) return all;
    std::optional<kernels::Precision> precision;
    std::error_code none;
    for (const fs::directory_entry& entry : fs::directory_iterator(out(), none))
      if ((precision = precision_in(entry.path()))) break;
    if (precision || !preset_values(experiment_, preset_).contains("precision"))
      all["precision"] = name_of(precision ? *precision : machine_.usual_precision());
    return all;
  }

  void work() {
    const kernels::Ranks launched = kernels::launched_ranks();
    if (launched.count > 1 && selection_.shard == Selection{}.shard)
      throw UsageError(fmt::format(
          "{} has started {} processes of an experiment, of which each would train all runs: ranks "
          "are for `train`; give --jobs to one process, or to each its --shard",
          launched.launcher, launched.count));
    const Json given = values();
    const Parameters parameters = asked_for([&] {
      const Parameters p(experiment_, preset_values(experiment_, preset_, given), directories_);
      validate(p.config(0));
      return p;
    });
    const std::vector<Run> runs = asked_for([&] { return experiment_.runs(parameters); });
    Results results;
    if (experiment_.others) results.others = experiment_.others(parameters);
    refuse_unused_by(runs);
    const RunQueue queue = asked_for([&] { return RunQueue(runs, out(), selection_); });
    if (list_) return queue.print_states();
    check_directory();
    try {
      check_gnuplot();
    } catch (const kernels::Error& e) {  // it is needed in the end, and perhaps elsewhere
      note(fmt::format("{}; until then runs are trained, and nothing is drawn", e.what()));
    }
    if (preset_ == "paper") {
      machine_.on_cpu =
          "--preset paper is for a GPU: on two cores of a cpu a ResNet-34 run takes about 27 hours";
    }
    // One thread a run: the same numbers on any machine, and the cores are busy with several runs.
    const bool is_paper = preset_ == "paper";
    if (!is_paper) machine_.threads_each = 1;
    const int usual_jobs = is_paper || machine_.threads > 0 ? 1 : machine_.usual_jobs();
    const int jobs = jobs_ > 0 ? jobs_ : std::min(usual_jobs, int(queue.unfinished()) + 1);
    const Report report = described(parameters);
    try {
      queue.work(machine_, jobs, [&] { show_running(queue, report); });
    } catch (const std::exception& e) {
      if (loads_itself(out() / report_file))
        show(queue, report, fmt::format("Stopped: {}.", with_option_names(e.what())), 0);
      throw;
    }
    results.runs = queue.results();
    if (results.runs.empty()) {
      if (loads_itself(out() / report_file))
        show(queue, report, "The selected runs are finished, others are not.", 0);
      results.runs = queue.results();  // by others just now, whose report is under that one
    }
    if (results.runs.empty()) {
      note(fmt::format(
          "{}: the selected runs are finished; runs left: {}. The figure is drawn by the command "
          "that finishes the last one",
          experiment_.stem, queue.unfinished()));
      return;
    }
    const ImageSampling images = sample_test_images(out(), results.runs);
    publish(parameters, std::move(results), images.is_known() ? &images : nullptr);
  }

  /// From the tables of an experiment whose runs are elsewhere, or no more.
  void redraw() const {
    Json all = settings_.all();
    const auto parameters_of = [&] {
      return Parameters(experiment_, preset_values(experiment_, preset_, all), directories_);
    };
    std::vector<Json> like;
    for (const Run& run : experiment_.runs(parameters_of())) like.push_back(run.factors);
    Results results{.runs = read_results(redraw_, like), .others = {}};
    std::set<Json> seeds;
    for (const FinishedRun& run : results.runs) seeds.insert(run.factors.at("seed"));
    all["seeds"] = seeds.size();
    const Parameters parameters = parameters_of();
    if (experiment_.others) results.others = experiment_.others(parameters);
    try {
      experiment_.figure(parameters, results);
    } catch (const kernels::Error& e) {
      kernels::fail("{} is not drawn: {}; give the preset and options that its runs were made with",
                    redraw_, e.what());
    }
    ImageSampling images;
    std::string beside = redraw_;
    const std::string end = "results.csv";
    if (beside.ends_with(end)) beside.replace(beside.size() - end.size(), end.size(), images_file);
    if (beside != redraw_ && fs::exists(beside))
      images = read_image_sampling(beside, seed_groups(results.runs).size());
    make_writable_directory(out());
    publish(parameters, std::move(results), images.is_known() ? &images : nullptr);
  }

  /// An option that no run uses would mean nothing. One that some runs use is sound.
  void refuse_unused_by(const std::vector<Run>& runs) const {
    std::vector<RunConfig> configs;
    Json asked = settings_.asked();
    for (const Run& run : runs) {
      configs.push_back(run.config);
      if (run.config.effective_label != 0) asked.erase("smoothing");  // of which that is made
    }
    try {
      refuse_unused(asked, configs);
    } catch (const UsageError& e) {
      throw UsageError(fmt::format("{}; no run of {} uses it", e.what(), experiment_.stem));
    }
    machine_.refuse_unused(configs);
  }

  void check_directory() const {
    const fs::path before = out() / results_file;
    if (!fs::exists(before)) return;
    std::string other = experiment_.stem;
    try {
      other = read_json(before).at("about").at("experiment");
    } catch (const std::exception& e) {  // of read_json or Json; it follows from the runs' files
      note(fmt::format("{} is damaged and will be made again ({})", before.string(), e.what()));
    }
    require(other == experiment_.stem, "{} holds results of {}: choose another --out",
            out().string(), other);
  }

  /// The report as far as it is known before there are results.
  Report described(const Parameters& here) const {
    const Parameters paper(experiment_, preset_values(experiment_, "paper"));
    const std::string& title = experiment_.title;
    Report report{.title = title.substr(0, title.find_first_of(":,"))};
    report.setting = fmt::format("{} Here: {}.", title, setting_of(experiment_, here));
    report.reduced = reduction(experiment_, here, paper);
    return report;
  }

  /// Writes report.html while there are runs to train; where that fails it costs no run.
  void show(const RunQueue& queue, const Report& report, const std::string& state,
            int refresh) const try {
    write_running_report(out(), report, state, queue.states(), queue.finished_ones(), refresh);
  } catch (const kernels::Error& e) {
    note(fmt::format("{} could not be written: {}", (out() / report_file).string(), e.what()));
  }

  /// The same at a pace, whichever process of the experiment does it.
  void show_running(const RunQueue& queue, const Report& report) {
    std::error_code none;  // there is no report yet
    const auto written = fs::last_write_time(out() / report_file, none);
    const auto age = fs::file_time_type::clock::now() - written;
    const bool is_new = !none && age >= age.zero() && age < pace_.pause();
    if (is_new || !pace_.is_due()) return;
    pace_.write([&] {
      show(queue, report,
           fmt::format("Runs that are not finished: {}. This page loads itself again until there "
                       "are none.",
                       queue.unfinished()),
           pace_.refresh());
    });
  }

  /// `images`: null if no run has left its logits.
  void publish(const Parameters& here, Results results, const ImageSampling* images) const {
    if (images != nullptr) set_over_images(*images, results.runs);
    const std::string& stem = experiment_.stem;
    const std::string setting = setting_of(experiment_, here);
    Figure figure = experiment_.figure(here, results);
    Report report = described(here);
    const bool reduced = !report.reduced.empty();
    const std::string& title = experiment_.title;
    report.title += ": " + figure.title;
    report.claims = judged_claims(experiment_, here, results, images);
    report.images = images;
    const std::string means =
        here.number("seeds") == 1
            ? ""
            : fmt::format(". Means with 95 % intervals ({}); dots: single runs",
                          means_over(images));
    figure.title += reduced ? " (reduced setting)" : "";
    figure.caption += fmt::format("{}{}{}{}", figure.caption.empty() ? "" : " ", setting, means,
                                  reduced ? ". Reduced: " + report.reduced : "");
    report.figures.emplace_back(stem, figure);
    Figure forest = forest_figure(report.claims);
    forest.title += reduced ? " (reduced setting)" : "";
    forest.caption += " " + setting + ".";
    if (!forest.panels.empty()) report.figures.emplace_back(stem + "-differences", forest);

    report.about = {
        {"experiment", stem}, {"title", title}, {"preset", preset_}, {"reduced", reduced}};
    const Json where = provenance_in(out() / results.runs.front().name);
    if (!where.empty()) report.about["circumstances"] = where;
    for (const std::string& key : here.own_keys()) report.about[key] = here.values().at(key);
    report.about["config"] = to_json(here.base_config());
    write_results(out(), report.about, results.runs, images);
    write_report(out(), report, results.runs);
    for (const fs::path file :
         {stem + ".svg", stem + ".png", std::string("results.csv"), std::string(report_file)})
      fmt::print("{}\n", (out() / file).string());
  }

  const Experiment& experiment_;
  CLI::App app_;
  Machine machine_;
  Settings settings_;
  std::map<std::string, std::string> directories_;
  std::string preset_, out_, redraw_;
  Selection selection_;
  int jobs_ = 0;  // not given
  bool list_ = false;
  PagePace pace_;
};

}  // namespace

int run_experiment(Experiment (*experiment)(), const char* program, int argc, char** argv) {
  const Experiment data = experiment();
  return Program(data, program).main(argc, argv);
}

}  // namespace experiments
