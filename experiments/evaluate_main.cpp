// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "experiments/checkpoint.h"
#include "experiments/command_line.h"
#include "experiments/evaluation.h"
#include "experiments/training_data.h"
#include "kernels/error.h"

using namespace experiments;
using kernels::require;

namespace {

/// What the file's metadata say of the run that made it, overridden by what the user says.
RunConfig config_for(const std::string& weights, const Json& given) {
  const auto made_by = config_in(nn::read_safetensors(weights), weights);
  require(made_by || (given.contains("model") && given.contains("dataset")),
          "{} does not say what it was trained on: give --model and --dataset", weights);
  Json settings = made_by ? to_json(*made_by) : Json::object();
  settings.update(given);
  return make_config(settings);
}

void dump_logits(const std::string& path, const std::vector<float>& logits,
                 const std::vector<std::int32_t>& labels, const std::vector<std::int32_t>& places) {
  const auto rows = std::int64_t(labels.size());
  nn::TensorFile file;
  file.tensors["logits"] = nn::FileTensor::f32({rows, std::int64_t(logits.size()) / rows}, logits);
  file.tensors["labels"] = nn::FileTensor::i64({rows}, {labels.begin(), labels.end()});
  file.tensors["index"] = nn::FileTensor::i64({rows}, {places.begin(), places.end()});
  nn::write_safetensors(path, file);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Measures a trained network; prints one JSON object.", "evaluate");
  Json settings = Json::object();
  Machine machine;
  std::string weights, part = "test", dump;
  int limit = 0, bins = 15;

  app.add_option("--weights", weights, "weight file")
      ->required()
      ->type_name("FILE")
      ->group("Files");
  app.add_option("--dump-logits", dump, "write logits, labels and places in the data set there")
      ->type_name("FILE")
      ->group("Files");
  app.add_option("--split", part, "which samples")
      ->check(CLI::IsMember({"train", "val", "test"}).description(""))
      ->type_name("train|val|test")
      ->capture_default_str()
      ->group("Data");
  app.add_option("--limit", limit, "only the first N samples")
      ->type_name("N")
      ->default_str("0, all")
      ->group("Data");
  app.add_option("--ece-bins", bins, "bins of the expected calibration error")
      ->type_name("N")
      ->capture_default_str()
      ->group("Data");
  add_config_options(app, settings, {"Data", "Network"}, {}, true);
  machine.add_options(app);
  app.footer(
      "\nModel, data set and split default to those of the run that wrote the file.\n"
      "Example:\n"
      "  evaluate --weights runs/a/best.safetensors --split test");

  return run_program(app, argc, argv, [&] {
    RunConfig config = config_for(weights, settings);
    config.batch_size = 1;  // the run's own does not matter here
    validate(config);
    require(limit >= 0, "--limit is {}, should be 0 or greater", limit);
    require(bins >= 1, "--ece-bins is {}, should be at least 1", bins);
    const TrainingData data(config.dataset, machine.data_dir, machine.start(), config.image_size,
                            machine.cache_dir);
    const bool on_test = part == "test";
    const auto& all_labels = (on_test ? data.about().test : data.about().train).labels;
    std::vector<std::int32_t> places;
    if (on_test) {
      places = all_places(all_labels.size());
    } else {
      const data::Split split = split_for(config, data.about());
      places = part == "train" ? split.train : split.validation;
    }
    if (limit > 0 && limit < int(places.size())) places.resize(std::size_t(limit));
    require(!places.empty(), "--split {} has no samples", part);

    const auto model = load_model(weights, config.model, data.model_input(), data.device());
    const auto logits = logits_of(*model, on_test ? data.test() : data.train(), places);
    const auto labels = labels_of(all_labels, places);
    Json json = to_json(measure(logits, labels, data.about().classes, bins));
    json["ece_bins"] = bins;
    json["split"] = part;
    json["dataset"] = config.dataset;
    json["model"] = config.model;
    json["weights"] = weights;
    if (!dump.empty()) dump_logits(dump, logits, labels, places);
    fmt::print("{}\n", json.dump(2));
  });
}
