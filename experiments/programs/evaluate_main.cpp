// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "data/dataset.h"
#include "data/sets/image_list.h"
#include "engine/process/progress.h"
#include "engine/system/files.h"
#include "experiments/command_line/machine.h"
#include "experiments/command_line/settings.h"
#include "experiments/metrics/metrics_json.h"
#include "experiments/metrics/metrics_table.h"
#include "experiments/programs/programs.h"
#include "experiments/report/html.h"
#include "experiments/report/run_report.h"
#include "experiments/runs/checkpoint.h"
#include "experiments/runs/run_directory.h"
#include "experiments/runs/run_files.h"
#include "experiments/runs/samples/sample_rows.h"
#include "experiments/runs/samples/training_data.h"
#include "experiments/training/evaluation.h"
#include "experiments/training/soft_labels/ensemble.h"
#include "kernels/runtime/error.h"

using namespace experiments;
using kernels::require;
namespace fs = std::filesystem;

namespace {

/// The config `made_by` of the run that made the file, if there is any, overridden by what the user
/// gives. The precision is the user's alone: the machine at hand may not have the run's.
RunConfig config_for(const std::string& weights, const std::optional<RunConfig>& made_by,
                     const Json& given) {
  require(made_by || (given.contains("model") && given.contains("dataset")),
          "{} does not say what it was trained on: give --model and --dataset", weights);
  Json settings = made_by ? to_json(*made_by) : Json::object();
  settings.erase("precision");
  const std::string dataset = given.value("dataset", made_by ? made_by->dataset : std::string());
  if (made_by && dataset != made_by->dataset) {
    // How the run read its pictures says nothing of a data set that has none, nor does the part
    // that it held out of one that has a test set.
    if (!data::has_pictures(dataset))
      for (const char* key : {"image_size", "exif_orientation", "skip_bad"}) settings.erase(key);
    if (dataset != "image-folder") settings.erase("test_fraction");
  }
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

/// Where the run of a weight file found its data set, if its directory says so and that is still
/// there; else empty, for the usual place.
std::string data_dir_of_run(const fs::path& weights) try {
  const Json json = read_json(weights.parent_path() / run_files::config);
  const std::string dir = json.at("circumstances").at("data_dir");
  if (dir.empty() || fs::is_directory(dir)) return dir;
  note(fmt::format("{}, where the run found its data, is not there: looking in the usual place",
                   data::shown(dir)));
  return {};
} catch (const std::exception&) {  // it is no run directory, or an old one
  return {};
}

struct Network {
  std::string weights;
  std::unique_ptr<nn::Model> model;
};

/// Of several networks the logarithms of the mean of their probabilities.
Outputs outputs_of(std::span<const Network> networks, const TrainingData& data, bool of_test_set,
                   const std::vector<std::int32_t>& indices) {
  const data::Dataset& about = data.about();
  const auto& labels = (of_test_set ? about.test : about.train).labels;
  std::vector<float> logits;
  for (const auto& [weights, model] : networks) {
    const std::vector<float> own =
        logits_of(*model, of_test_set ? data.test() : data.train(), indices, /*heed_stop=*/true);
    require(all_finite(own),
            "{}: the network's outputs are not finite: its training has diverged, or the file is "
            "damaged",
            weights);
    logits.insert(logits.end(), own.begin(), own.end());
  }
  if (networks.size() > 1)
    logits = mean_teacher(logits, int(networks.size()), about.classes, /*temperature=*/1);
  return {std::move(logits), labels_of(labels, indices), about.classes};
}

/// Whether the run with that config in a directory was made from other data than those of this
/// fingerprint; false if nothing there says so.
bool made_from_other_data(const fs::path& directory, const RunConfig& config,
                          const std::string& fingerprint) try {
  const Json json = read_json(directory / run_files::config);
  return to_json(make_config(run_settings(json))) == to_json(config) &&
         json.at("inputs").at("data") != Json(fingerprint);
} catch (const std::exception&) {  // it is no run directory
  return false;
}

/// Whether a file may be written there: --save-logits overwrites its own kind alone, which says of
/// which set it is; no weights, and no logits that a run has left.
bool is_free_for_logits(const std::string& path) {
  if (!fs::exists(path)) return true;
  try {
    const nn::TensorFile file = nn::read_safetensors_header(path);
    return file.tensors.contains("logits") && file.metadata.contains(set_key);
  } catch (const kernels::Error&) {
    return false;
  }
}

/// The same of a text that begins so.
bool is_free_for(const std::string& path, std::string_view start) {
  if (!fs::exists(path)) return true;
  if (!fs::is_regular_file(path)) return false;
  std::ifstream file(path, std::ios::binary);
  std::string first(start.size(), '\0');
  file.read(first.data(), std::streamsize(first.size()));
  return fs::is_empty(path) || first == start;
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

constexpr std::size_t most_classes = 20;  // in the table on the terminal
constexpr int most_columns = 10;          // of the confusion matrix there
constexpr std::string_view png_start = "\x89PNG";

/// For a terminal.
std::string errors_text(const ShownErrors& shown) {
  const auto& [errors, names, images] = shown;
  std::vector<std::string> classes;
  for (const std::string& name : names) classes.push_back(data::shown(name));
  std::string text = "\n" + classes_table(errors, classes, most_classes);
  if (errors.classes <= most_columns) text += "\n" + confusion_table(errors, classes);
  if (images.empty()) return text;
  text += "\nmost confident mistakes\n";
  for (std::size_t i = 0; i < images.size(); ++i) {
    const Mistake& m = errors.mistakes[i];
    text += fmt::format("{:>7.1f} %  {} taken for {}: {}\n", 100 * m.confidence,
                        classes[std::size_t(m.label)], classes[std::size_t(m.predicted)],
                        data::shown(images[i].name));
  }
  return text;
}

void add_errors(Json& json, const ShownErrors& shown) {
  const auto& [errors, classes, images] = shown;
  json["classes"] = Json::array();
  for (const ClassAccuracy& c : errors.by_class()) {
    Json entry = {{"class", classes[std::size_t(c.label)]},
                  {"samples", c.samples},
                  {"accuracy", c.accuracy()}};
    if (const auto other = errors.most_frequent(c.label))
      entry["taken_for"] = {{"class", classes[std::size_t(other->predicted)]},
                            {"samples", other->count}};
    json["classes"].push_back(std::move(entry));
  }
  json["mistakes"] = Json::array();
  for (std::size_t i = 0; i < images.size(); ++i) {
    const Mistake& m = errors.mistakes[i];
    json["mistakes"].push_back({{"image", images[i].name},
                                {"class", classes[std::size_t(m.label)]},
                                {"predicted", classes[std::size_t(m.predicted)]},
                                {"confidence", m.confidence}});
  }
}

}  // namespace

int experiments::evaluate_main(int argc, char** argv) {
  CLI::App app("Measures a trained network.", "evaluate");
  Settings settings;
  Machine machine;
  std::vector<std::string> files;
  std::string part = "test", logits_file, confusion_file, picture_file, page_file;
  int limit = 0, bins = 15, mistakes = 10;
  bool as_json = false;

  add_paths(app, "--weights", files, "weight file; of several the mean of their probabilities",
            "FILE...")
      ->required()
      ->group("Files");
  add_path(app, "--save-logits", logits_file,
           "write logits, labels and places in the data set there (safetensors)", "FILE")
      ->group("Files");
  add_path(app, "--confusion", confusion_file,
           "write the confusion matrix there (CSV): a row for each class, a column for what its "
           "samples were taken for",
           "FILE")
      ->group("Files");
  add_path(app, "--confusion-picture", picture_file, "draw it there (PNG)", "FILE")->group("Files");
  add_path(app, "--report", page_file,
           "write a page there (HTML): calibration, confusions, classes, mistakes with pictures",
           "FILE")
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
  add_value(app, "--mistakes", mistakes, "how many of the most confident mistakes to name",
            from(0, 2147483647))
      ->default_str("10")
      ->group("Output");
  app.add_flag("--json", as_json, "print one JSON object instead of a table")->group("Output");
  settings.add_fields(app, {"Data", "Network"}, {}, true);
  machine.add_options(app);
  app.footer(
      "\nModel, data set and split default to those of the run that wrote the first file, and where"
      "\nthe data are to where the run found them. The temperature is fitted on the samples which"
      "\nthat run held out; it is left out where there are none, with --limit, with --split val,"
      "\nwith several files, and with other settings of the data than the run's. Computes in "
      "float32 whatever the run"
      "\ndid, unless --precision says otherwise.\n"
      "Example:\n"
      "  evaluate --weights runs/a/best.safetensors --split test");

  return run_program(app, argc, argv, [&] {
    refuse_named_twice({logits_file, confusion_file, picture_file, page_file});
    require(logits_file.empty() || is_free_for_logits(logits_file),
            "--save-logits {} would overwrite a file of another kind", logits_file);
    require(confusion_file.empty() || is_free_for(confusion_file, confusion_csv_start),
            "--confusion {} would overwrite a file that holds no confusion matrix", confusion_file);
    require(picture_file.empty() || is_free_for(picture_file, png_start),
            "--confusion-picture {} would overwrite a file that is no PNG file", picture_file);
    require(page_file.empty() || is_free_for(page_file, page_start),
            "--report {} would overwrite a file that is no page", page_file);
    const std::string& weights = files.front();
    const auto made_by = config_in(nn::read_safetensors_header(weights), weights);
    const Json given = settings.all();
    RunConfig config = asked_for([&] { return config_for(weights, made_by, given); });
    const bool as_trained =
        made_by && files.size() == 1 && is_same_but_for_precision(*made_by, config);
    config.batch_size = 1;  // the run's own does not matter here
    asked_for([&] { validate(config); });
    refuse_unused(settings.asked(), {&config, 1});
    refuse_without_split(settings.asked(), as_trained || part != "test");
    machine.refuse_unused({&config, 1});
    if (machine.data_dir.empty() && made_by && made_by->dataset == config.dataset)
      machine.data_dir = data_dir_of_run(weights);
    const nn::Device device = machine.start(config.precision);
    const TrainingData data(config, machine.data_dir, device, machine.cache_dir,
                            machine.most_data_bytes());
    refuse_unused_split(settings.asked(), config, data.about());
    const auto directory = fs::path(weights).parent_path();
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

    std::vector<Network> networks;
    for (const std::string& file : files) {
      const bool named = file == weights || settings.given().contains("model");
      networks.push_back({file, load_model(file, named ? config.model : "", data, config.model)});
    }
    const Outputs outputs = outputs_of(networks, data, part == "test", indices);
    Metrics metrics = measure(outputs.view(), bins);
    if (as_trained && limit == 0 && part != "val" && !split.validation.empty()) {
      const Outputs held_out = outputs_of(networks, data, false, split.validation);
      metrics.scaled = measure_scaled(outputs.view(), held_out.view(), bins);
    }
    const ShownErrors errors =
        shown_errors(outputs.view(), data, part == "test" ? DataPart::test : DataPart::train,
                     indices, std::size_t(mistakes), /*with_pictures=*/!page_file.empty());
    const std::string what =
        files.size() == 1 ? config.model : fmt::format("{} networks together", files.size());
    if (as_json) {
      Json json = to_json(metrics);
      json["split"] = part;
      json["dataset"] = config.dataset;
      json["model"] = config.model;
      json["weights"] = files.size() == 1 ? Json(weights) : Json(files);
      add_errors(json, errors);
      fmt::print("{}\n", to_text(json, 2));
    } else {
      fmt::print("{}\n{} on {}, {}: {} samples\n\n{}{}", fmt::join(files, "\n"), what,
                 config.dataset, part, metrics.samples, metrics_table(metrics),
                 errors_text(errors));
    }
    if (!logits_file.empty()) save_logits(logits_file, outputs, indices, data, part == "test");
    const std::string title = fmt::format("{} on {}", what, config.dataset);
    if (!page_file.empty())
      write_file(page_file, measured_page(title,
                                          fmt::format("{}: {} of the {} samples of {}.",
                                                      fmt::join(files, ", "), metrics.samples, part,
                                                      config.dataset),
                                          metrics, part, errors));
    if (!confusion_file.empty())
      write_file(confusion_file, confusion_csv(errors.errors, errors.classes));
    if (!picture_file.empty())
      write_file(picture_file,
                 png_of(confusion_figure(errors, fmt::format("{}, {}", title, part))));
  });
}
