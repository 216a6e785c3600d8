// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "engine/system/files.h"
#include "engine/system/progress.h"
#include "experiments/command_line/machine.h"
#include "experiments/command_line/settings.h"
#include "experiments/metrics/metrics_json.h"
#include "experiments/metrics/metrics_table.h"
#include "experiments/runs/checkpoint.h"
#include "experiments/runs/run_files.h"
#include "experiments/runs/sample_rows.h"
#include "experiments/runs/training_data.h"
#include "experiments/training/evaluation.h"
#include "kernels/runtime/error.h"

using namespace experiments;
using kernels::require;

namespace {

/// The config `made_by` of the run that made the file, if there is any, overridden by what the user
/// gives. The precision is the user's alone: the machine at hand may not have the run's.
RunConfig config_for(const std::string& weights, const std::optional<RunConfig>& made_by,
                     const Json& given) {
  require(made_by || (given.contains("model") && given.contains("dataset")),
          "{} does not say what it was trained on: give --model and --dataset", weights);
  Json settings = made_by ? to_json(*made_by) : Json::object();
  settings.erase("precision");
  settings.update(given);
  return make_config(settings);
}

bool is_same_but_for_precision(RunConfig a, const RunConfig& b) {
  a.precision = b.precision;
  return to_json(a) == to_json(b);
}

/// Options that choose training samples mean nothing where none of these are measured.
void refuse_without_split(const Json& given, bool needs_split) {
  for (const char* key : {"train_limit", "val_limit", "val_fraction", "split_kind", "split_seed"}) {
    if (needs_split || !given.contains(key)) continue;
    std::string option = key;
    std::replace(option.begin(), option.end(), '_', '-');
    throw UsageError("--" + option +
                     " is for samples of the training set: use --split train or val");
  }
}

struct Outputs {
  std::vector<float> logits;
  std::vector<std::int32_t> labels;
  int classes;
  LabelledLogits view() const { return {logits, labels, classes}; }
};

Outputs outputs_of(nn::Model& model, const TrainingData& data, bool of_test_set,
                   const std::vector<std::int32_t>& indices) {
  const auto& labels = (of_test_set ? data.about().test : data.about().train).labels;
  std::vector<float> logits =
      logits_of(model, of_test_set ? data.test() : data.train(), indices, /*heed_stop=*/true);
  require(all_finite(logits),
          "the network's outputs are not finite: its training has diverged, or the weight file is "
          "damaged");
  return {std::move(logits), labels_of(labels, indices), data.about().classes};
}

/// Whether the run with that config in a directory was made from other data than those of this
/// fingerprint; false if nothing there says so.
bool made_from_other_data(const std::filesystem::path& directory, const RunConfig& config,
                          const std::string& fingerprint) try {
  const Json json = read_json(directory / run_files::config);
  return to_json(make_config(run_settings(json))) == to_json(config) &&
         json.at("inputs").at("data") != Json(fingerprint);
} catch (const std::exception&) {  // it is no run directory
  return false;
}

/// Whether a file may be written there: --save-logits overwrites its own kind alone, no weights.
bool is_free_for_logits(const std::string& path) {
  if (!std::filesystem::exists(path)) return true;
  try {
    return nn::read_safetensors_header(path).tensors.contains("logits");
  } catch (const kernels::Error&) {
    return false;
  }
}

void save_logits(const std::string& path, const Outputs& outputs,
                 const std::vector<std::int32_t>& indices, const TrainingData& data,
                 bool of_test_set) {
  nn::TensorFile file;
  file.tensors["logits"] =
      nn::FileTensor::f32({std::int64_t(indices.size()), outputs.classes}, outputs.logits);
  put_samples(file, data, of_test_set, indices);
  nn::write_safetensors(path, file);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Measures a trained network.", "evaluate");
  Settings settings;
  Machine machine;
  std::string weights, part = "test", logits_file;
  int limit = 0, bins = 15;
  bool as_json = false;

  add_path(app, "--weights", weights, "weight file", "FILE")->required()->group("Files");
  add_path(app, "--save-logits", logits_file,
           "write logits, labels and places in the data set there (safetensors)", "FILE")
      ->group("Files");
  settings.add_config_file(app)->group("Files");
  add_choice(app, "--split", "which samples", {"train", "val", "test"},
             [&](const std::string& name) { part = name; })
      ->default_str(part)
      ->group("Data");
  add_value(app, "--limit", limit, "only the first N samples", from(0, 2147483647))
      ->default_str("0, all")
      ->group("Data");
  add_value(app, "--bins", bins, "bins of calibration errors and of the reliability diagram",
            from(1, 100000))
      ->default_str("15")
      ->group("Output");
  app.add_flag("--json", as_json, "print one JSON object instead of a table")->group("Output");
  settings.add_fields(app, {"Data", "Network"}, {}, true);
  machine.add_options(app);
  app.footer(
      "\nModel, data set and split default to those of the run that wrote the file. The "
      "temperature is"
      "\nfitted on the samples which that run held out; it is left out where there are none, with"
      "\n--limit, with --split val, and with other settings of the data than the run's. Computes in"
      "\nfloat32 whatever the run did, unless --precision says otherwise.\n"
      "Example:\n"
      "  evaluate --weights runs/a/best.safetensors --split test");

  return run_program(app, argc, argv, [&] {
    require(logits_file.empty() || is_free_for_logits(logits_file),
            "--save-logits {} would overwrite a file that holds no logits", logits_file);
    const auto made_by = config_in(nn::read_safetensors_header(weights), weights);
    RunConfig config = config_for(weights, made_by, settings.all());
    const bool as_trained = made_by && is_same_but_for_precision(*made_by, config);
    config.batch_size = 1;  // the run's own does not matter here
    validate(config);
    refuse_unused(settings.given(), {&config, 1});
    refuse_without_split(settings.given(), as_trained || part != "test");
    machine.refuse_unused({&config, 1});
    const TrainingData data(config, machine.data_dir, machine.start(config.precision),
                            machine.cache_dir);
    const auto directory = std::filesystem::path(weights).parent_path();
    if (as_trained && made_from_other_data(directory, *made_by, data.fingerprint()))
      note(fmt::format(
          "{} is not what {} was trained on: pictures or labels have changed since, and "
          "so may have which of them were held out",
          config.dataset, weights));
    const bool needs_split = as_trained || part != "test";
    const data::Split split = needs_split ? split_for(config, data.about()) : data::Split{};
    std::vector<std::int32_t> indices = part == "train" ? split.train
                                        : part == "val"
                                            ? split.validation
                                            : all_indices(data.about().test.labels.size());
    if (limit > 0 && limit < int(indices.size())) indices.resize(std::size_t(limit));
    require(!indices.empty(), "--split {} has no samples", part);

    const auto model = load_model(weights, config.model, data);
    const Outputs outputs = outputs_of(*model, data, part == "test", indices);
    if (!logits_file.empty()) save_logits(logits_file, outputs, indices, data, part == "test");
    Metrics metrics = measure(outputs.view(), bins);
    if (as_trained && limit == 0 && part != "val" && !split.validation.empty()) {
      const Outputs held_out = outputs_of(*model, data, false, split.validation);
      metrics.scaled = measure_scaled(outputs.view(), held_out.view(), bins);
    }
    if (as_json) {
      Json json = to_json(metrics);
      json["split"] = part;
      json["dataset"] = config.dataset;
      json["model"] = config.model;
      json["weights"] = weights;
      fmt::print("{}\n", to_text(json, 2));
    } else {
      fmt::print("{}\n{} on {}, {}: {} samples\n\n{}", weights, config.model, config.dataset, part,
                 metrics.samples, metrics_table(metrics));
    }
  });
}
