// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <string>

#include "experiments/report/errors_html.h"
#include "experiments/report/html.h"
#include "experiments/report/report_parts.h"
#include "experiments/runs/run_directory.h"

namespace experiments {

/// The report.html in the directory of one run: what ran, curves, and in the end what was measured:
/// calibration, confusions, the worst classes, the most confident mistakes. One page that needs
/// nothing else, made from the files of the run. Nothing here throws: a page that cannot be written
/// costs a line on standard error, and no run.
class RunReport {
 public:
  /// While the run goes on its page is written at this pace, and browsers load it again.
  RunReport(std::filesystem::path directory, RunConfig, PagePace = PagePace());

  void running(int epochs);              // so many are finished
  void stopped(const std::string& why);  // of a run that was running
  void finished(const RunResult&, const ShownErrors&);

  bool is_there() const;  // that of a finished run, whole

 private:
  void write(const std::string& state_html, const std::string& results_html, int refresh);

  std::filesystem::path directory_;
  RunConfig config_;
  PagePace pace_;
  bool begun_ = false;
};

/// The page of evaluate: what was measured on some samples.
std::string measured_page(const std::string& title, const std::string& setting, const Metrics&,
                          const std::string& part, const ShownErrors&);

}  // namespace experiments
