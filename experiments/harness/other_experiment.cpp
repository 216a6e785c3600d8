// SPDX-License-Identifier: MIT
#include "experiments/harness/other_experiment.h"

#include "engine/system/files.h"
#include "experiments/runs/run_directory.h"
#include "experiments/runs/run_files.h"
#include "kernels/runtime/error.h"

namespace experiments {
namespace {

RunConfig config_in(const std::filesystem::path& run) {
  const std::filesystem::path file = run / run_files::config;
  try {
    return make_config(run_settings(read_json(file)));
  } catch (const kernels::Error& e) {
    kernels::fail("{}: {}", file.string(), e.what());
  }
}

}  // namespace

std::vector<FinishedRun> read_experiment(
    const std::filesystem::path& from, const Json& like,
    const std::function<std::optional<RunConfig>(const Json& factors)>& expected) try {
  if (std::filesystem::is_regular_file(from)) return read_results(from, {&like, 1});
  std::vector<FinishedRun> runs;
  const Json results = read_json(from / results_file, "run that experiment again to make it");
  for (const Json& run : results.at("runs")) {
    const std::string name = run.at("run");
    Json factors = Json::object();
    for (const auto& [key, value] : like.items()) factors[key] = run.at(key);
    const std::optional<RunConfig> wanted = expected(factors);
    const auto result = find_result(from / name, {wanted ? *wanted : config_in(from / name)});
    kernels::require(result.has_value(), "{} is not finished", (from / name).string());
    runs.push_back({name, factors, *result});
  }
  return runs;
} catch (const Json::exception&) {
  return {};
}

}  // namespace experiments
