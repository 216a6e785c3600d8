// SPDX-License-Identifier: MIT
#include "experiments/report/run_report.h"

#include <fmt/format.h>

#include "engine/process/progress.h"
#include "engine/system/files.h"
#include "experiments/report/report_figures.h"
#include "experiments/runs/logs/epoch_log.h"
#include "kernels/runtime/error.h"

namespace experiments {

namespace {

namespace fs = std::filesystem;

/// In the page of a finished run, and in no other.
constexpr std::string_view finished_mark = "<p class=\"state finished\">";

/// Figures side by side, or one below the other where there is no room.
std::string beside(std::initializer_list<Figure> figures) {
  std::string html;
  for (Figure figure : figures) {
    figure.width = 400;
    html += drawn_html(figure);
  }
  return html.empty() ? html : "<div class=\"figures\">\n" + html + "</div>\n";
}

/// Loss and accuracy by epoch, as far as the run has come.
std::string curves_html(const fs::path& directory) {
  const FinishedRun run{.name = "", .factors = Json::object(), .result = {}};
  Figure loss = loss_by_epoch(directory, {&run, 1});
  loss.caption.clear();
  return beside({loss, accuracy_by_epoch(directory, {&run, 1})});
}

std::string calibration_html(const RunResult& result) {
  const FinishedRun run{.name = "", .factors = Json::object(), .result = result};
  Figure figure = reliability_figure({&run, 1});
  figure.caption =
      "Accuracy of the samples in each bin of confidence. On the diagonal confidences are right; "
      "below it the network is too confident. Grey: share of the samples in each bin.";
  return beside({figure});
}

std::string what_ran(const fs::path& directory, const RunConfig& config) {
  const Json where = provenance_in(directory);
  const auto text = [&](const char* key) {
    return where.contains(key) ? plain_text(where[key]) : std::string("?");
  };
  return paragraph(
             fmt::format("{}; loss {}, seed {}. On {}{}, {} thread{}, by softlabel {} ({}).",
                         describe({&config, 1}), name_of(config.loss), config.seed, text("device"),
                         where.contains("gpu") ? ", " + text("gpu") : "", text("threads"),
                         text("threads") == "1" ? "" : "s", text("version"), text("commit")),
             "setting") +
         settings_html(to_json(config)) + settings_html(where, "Where and with what it ran");
}

std::string state(std::string_view kind, const std::string& text) {
  return fmt::format("<p class=\"state{}\">{} Written {}.</p>\n", kind, escape_html(text),
                     time_text());
}

}  // namespace

RunReport::RunReport(fs::path directory, RunConfig config, PagePace pace)
    : directory_(std::move(directory)), config_(std::move(config)), pace_(pace) {}

void RunReport::running(int epochs) {
  if (!pace_.is_due()) return;
  begun_ = true;
  pace_.write([&] {
    write(state("", fmt::format("Running: {} of {} epochs are finished. This page loads itself "
                                "again until the run ends.",
                                epochs, config_.epochs)),
          "", pace_.refresh());
  });
}

void RunReport::stopped(const std::string& why) {
  if (!begun_) return;
  write(state(" stopped", fmt::format("Not finished: {}.", why)), "", 0);
}

void RunReport::finished(const RunResult& result, const ShownErrors& errors) try {
  const std::string text = fmt::format(
      "Finished: {} epochs in {}, {:.0f} images per second. The weights of epoch {} were measured, "
      "{}.",
      result.epochs, duration_text(result.seconds), result.images_per_second, result.best_epoch,
      result.validation ? "which had the best validation accuracy"
                        : "the last, as nothing was held out");
  std::string labels =
      result.soft_labels.empty() ? "" : paragraph("Soft labels: " + result.soft_labels + ".");
  if (result.effective_label)
    labels += paragraph(
        fmt::format("The true class's label, hard and soft part together, was {:.4f} on average "
                    "over all that was trained on.",
                    *result.effective_label));
  write(fmt::format("{}{} Written {}.</p>\n{}", finished_mark, escape_html(text), time_text(),
                    labels),
        section("Results",
                metrics_html({{"test", &result.test},
                              {"validation", result.validation ? &*result.validation : nullptr},
                              {"training", &result.train}})) +
            section("Calibration", calibration_html(result)) +
            section("What is taken for what, on test images", errors_html(errors)),
        0);
} catch (const std::exception& e) {
  note(fmt::format("{} could not be made: {}", (directory_ / report_file).string(), e.what()));
}

bool RunReport::is_there() const try {
  const std::string page = read_file(directory_ / report_file);
  return page.find(finished_mark) != page.npos && page.ends_with("</html>\n");
} catch (const kernels::Error&) {
  return false;
}

void RunReport::write(const std::string& state_html, const std::string& results_html,
                      int refresh) try {
  const std::string name = fs::absolute(directory_).lexically_normal().filename().string();
  const std::string title = fmt::format("{}: {} on {}", name, config_.model, config_.dataset);
  write_file(directory_ / report_file,
             html_page(title,
                       state_html + results_html + section("Training", curves_html(directory_)) +
                           section("What ran", what_ran(directory_, config_)),
                       refresh));
} catch (const std::exception& e) {
  note(fmt::format("{} could not be written: {}", (directory_ / report_file).string(), e.what()));
}

std::string measured_page(const std::string& title, const std::string& setting,
                          const Metrics& metrics, const std::string& part,
                          const ShownErrors& errors) {
  RunResult result;
  result.test = metrics;
  return html_page(title, paragraph(setting, "setting") + state("", "") +
                              section("Results", metrics_html({{part, &metrics}})) +
                              section("Calibration", calibration_html(result)) +
                              section("What is taken for what", errors_html(errors)));
}

}  // namespace experiments
