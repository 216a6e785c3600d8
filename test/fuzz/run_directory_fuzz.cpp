// SPDX-License-Identifier: MIT
// config.json, result.json and epochs.csv of a run directory, three parts of the input. A result
// that is read is the same after it was written and read.
#include "experiments/runs/run_directory.h"

#include "experiments/report/report_figures.h"
#include "experiments/runs/logs/csv_log.h"
#include "test/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace experiments;
  static const fuzz::Directory directory;
  static const RunIdentity identity{make_config(Json::object()), Json::object()};
  const auto parts = fuzz::parts_of({data, size}, 3);
  const char* names[] = {"run/config.json", "run/result.json", "run/epochs.csv"};
  for (std::size_t i = 0; i < parts.size(); ++i) directory.write(names[i], parts[i]);
  if (parts[0].empty()) directory.write(names[0], fuzz::bytes_of("{\"run\": {}}"));

  const std::filesystem::path run = directory.path() / "run";
  std::optional<RunResult> result;
  fuzz::accepts(run, [&] { result = find_result(run, identity); });
  if (result) {
    const Json written = to_json(*result);
    directory.write(names[1], fuzz::bytes_of(written.dump()));
    result = find_result(run, identity);
    fuzz::check(result && to_json(*result) == written, "a result is what it was");
  }
  std::filesystem::remove(run / "result.json");
  fuzz::accepts(run, [&] { state_text(run, identity); });
  fuzz::accepts(run, [&] {
    const FinishedRun measured{"run", {{"seed", 0}}, result.value_or(RunResult())};
    accuracy_by_epoch(directory.path(), std::span(&measured, 1));
    loss_by_epoch(directory.path(), std::span(&measured, 1));
    reliability_figure(std::span(&measured, 1));
  });
  fuzz::accepts(run, [&] { CsvLog(run / "epochs.csv", "epoch,lr", 1); });
  return 0;
}
