// SPDX-License-Identifier: MIT
#include "experiments/runs/checkpoint.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "engine/process/progress.h"
#include "engine/system/files.h"
#include "engine/system/json.h"
#include "engine/system/shown.h"
#include "experiments/metrics/metrics_json.h"
#include "experiments/metrics/predictions.h"
#include "experiments/runs/run_files.h"
#include "kernels/runtime/error.h"
#include "nn/weights.h"

namespace experiments {

using kernels::fail;
using kernels::require;

namespace {

constexpr const char *config_key = "softlabel.config", *epoch_key = "softlabel.epoch",
                     *state_key = "softlabel.training_state", *optimizer_prefix = "optimizer.",
                     *ema_prefix = "ema.", *labels_key = "soft_labels",
                     *true_label_sum_key = "true_label_sum",
                     *temperature_key = "softlabel.temperature";

nn::TensorFile checkpoint(const nn::Model& model, const RunConfig& config, const DataIdentity& data,
                          int epoch) {
  nn::TensorFile file;
  put_data_identity(file, data);
  file.metadata["format"] = "pt";  // what PyTorch's own tools expect to see
  file.metadata[config_key] = to_text(to_json(config));
  file.metadata[epoch_key] = std::to_string(epoch);
  nn::put_state(file, model);
  return file;
}

}  // namespace

void save_checkpoint(const std::filesystem::path& path, const nn::Model& model,
                     const RunConfig& config, const DataIdentity& data, int epoch) {
  nn::write_safetensors(path, checkpoint(model, config, data, epoch));
}

void save_training_state(const std::filesystem::path& path, const TrainerState& state,
                         const RunConfig& config, const DataIdentity& data,
                         const RunProgress& progress) {
  nn::TensorFile file = checkpoint(state.model, config, data, progress.epochs);
  for (const auto& [name, values] : state.optimizer.memory())
    file.tensors[optimizer_prefix + name] =
        nn::FileTensor::f32({std::int64_t(values.size())}, values.to_host());
  if (state.ema) nn::put_state(file, *state.ema, ema_prefix);
  if (state.labels)
    file.tensors[labels_key] =
        nn::FileTensor::f32({std::int64_t(state.labels->size())}, *state.labels);
  file.metadata[state_key] =
      Json{{"epochs", progress.epochs},         {"steps", progress.steps},
           {"best_epoch", progress.best_epoch}, {"best_accuracy", progress.best_accuracy},
           {"images", progress.images},         {"training_seconds", progress.training_seconds},
           {"seconds", progress.seconds},       {true_label_sum_key, progress.true_label_sum}}
          .dump();
  nn::write_safetensors(path, file);
}

RunProgress load_training_state(const std::filesystem::path& path, const TrainerState& state) {
  const nn::TensorFile file = nn::read_safetensors(path);
  const auto state_text = file.metadata.find(state_key);
  const auto& memory = state.optimizer.memory();
  require(state_text != file.metadata.end() &&
              file.tensors.contains(optimizer_prefix + memory.front().name),
          "{} holds weights, but no training state to go on from", path.string());
  nn::take_state(file, state.model, path.string());
  if (state.ema) nn::take_state(file, *state.ema, path.string(), ema_prefix);
  const auto values_of = [&](const std::string& key, std::size_t size) {
    const auto found = file.tensors.find(key);
    require(found != file.tensors.end(), "{} has no {}", path.string(), key);
    std::vector<float> values = found->second.to_f32();
    require(values.size() == size, "{}: {} has {} elements, should have {}", path.string(), key,
            values.size(), size);
    return values;
  };
  if (state.labels) *state.labels = values_of(labels_key, state.labels->size());
  for (const nn::Optimizer::Memory& kept : memory) {
    nn::Tensor target = kept.values;
    target.copy_from(nn::Tensor::from(values_of(optimizer_prefix + kept.name, target.size()),
                                      target.shape(), target.device()));
  }
  try {
    const Json json = nn::parse_json<Json>(state_text->second);
    const Entry entry(json);
    const std::optional<RunConfig> config = config_in(file, path.string());
    const int epochs = entry.get<int>("epochs", from(1, config ? config->epochs : INT_MAX));
    return {.epochs = epochs,
            .steps = entry.get<std::uint32_t>("steps", at_least(epochs)),
            .best_epoch = entry.get<int>("best_epoch", from(1, epochs)),
            .best_accuracy = entry.get<double>("best_accuracy", from(0, 1)),
            .images = entry.get<double>("images", at_least(0)),
            .true_label_sum = entry.contains(true_label_sum_key)
                                  ? entry.get<double>(true_label_sum_key, at_least(0))
                                  : std::numeric_limits<double>::quiet_NaN(),
            .training_seconds = entry.get<double>("training_seconds", at_least(0)),
            .seconds = entry.get<double>("seconds", at_least(0))};
  } catch (const kernels::Error& e) {
    fail("{}: the training state in its metadata is damaged: {}", path.string(), e.what());
  }
}

std::optional<RunConfig> config_in(const nn::TensorFile& file, const std::string& source) {
  const auto text = file.metadata.find(config_key);
  if (text == file.metadata.end()) return std::nullopt;
  try {
    return make_config(run_settings({{"run", nn::parse_json<Json>(text->second)}}));
  } catch (const std::exception& e) {
    fail("{}: the config in its metadata is damaged: {}", source, e.what());
  }
}

namespace {

void require_finite(const nn::Model& model, const std::string& source) {
  for (const nn::Tensor& values : {model.parameters().values(), model.parameters().running()}) {
    require(all_finite(values.to_host()),
            "{} holds values that are not finite: its training has diverged, or it is damaged",
            source);
  }
}

/// The side that pictures have before their centre is cut out; 0 for "whole".
int stored_side(const DataIdentity& data, const std::string& source) {
  constexpr std::string_view prefix = "shorter_side=";
  if (data.resize == "whole") return 0;
  try {
    if (data.resize.starts_with(prefix))
      return parse<int>(data.resize.substr(prefix.size()), from(data.height, 1 << 15));
  } catch (const Unfit&) {
  }
  fail("{}: {} in its metadata is no rule for pictures that is known here", source,
       nn::in_quotes(data.resize));
}

/// The one that the file carries, or that the run of the file has fitted.
std::optional<double> fitted_temperature(const nn::TensorFile& file,
                                         const std::filesystem::path& path) {
  if (const auto text = file.metadata.find(temperature_key); text != file.metadata.end()) {
    try {
      return parse<double>(text->second, f32_positive);
    } catch (const Unfit& e) {
      fail("{}: {} in its metadata is damaged: {}", path.string(), temperature_key, e.what());
    }
  }
  const std::optional<Metrics> test = test_metrics_of(path);
  if (!test || !test->scaled || test->scaled->at_bound()) return std::nullopt;
  return test->scaled->temperature;
}

/// Puts the classes of the network that `set_from(file)` sets and gives into the data set's order,
/// once they are known to be the same.
template <class Set>
void take_weights(const std::filesystem::path& path, const data::Dataset& dataset, Set set_from) {
  const std::string source = path.string();
  const nn::TensorFile file = nn::read_safetensors(path);
  const DataIdentity there = data_identity_in(file, source), here = data_identity(dataset);
  const std::vector<int> order = class_order(there, here, source, dataset.name);
  nn::Model& model = set_from(file);
  if (!order.empty()) nn::reorder_classes(model, order);
  require_finite(model, source);
  for (const std::string& line : remarks(there, here, source, dataset.name)) note(line);
  if (const std::optional<RunConfig> config = config_in(file, source);
      config && dataset.held_out > 0 && config->dataset == dataset.name &&
      config->test_fraction != dataset.held_out)
    note(
        fmt::format("{} was trained with a test fraction of {}, not {}: if it was on these "
                    "pictures, some of the test set were among them",
                    source, config->test_fraction, dataset.held_out));
}

/// Whether a network can take all but its head from a file.
bool body_fits(const std::filesystem::path& path, nn::Model& model) try {
  nn::take_body(nn::read_safetensors(path), model, path.string());
  return true;
} catch (const kernels::Error&) {
  return false;
}

}  // namespace

void load_weights(const std::filesystem::path& path, nn::Model& model,
                  const data::Dataset& dataset) try {
  take_weights(path, dataset, [&](const nn::TensorFile& file) -> nn::Model& {
    nn::take_state(file, model, path.string());
    return model;
  });
} catch (const kernels::Error& e) {
  if (!body_fits(path, model)) throw;
  fail("{}; `new_head` takes the rest of the network and learns these classes", e.what());
}

void load_body(const std::filesystem::path& path, nn::Model& model, const data::Dataset& dataset) {
  const std::string source = path.string();
  const nn::TensorFile file = nn::read_safetensors(path);
  nn::take_body(file, model, source);
  require_finite(model, source);
  const DataIdentity there = data_identity_in(file, source), here = data_identity(dataset);
  for (const std::string& line : picture_remarks(there, here, source, dataset.name)) note(line);
}

std::unique_ptr<nn::Model> load_model(const std::filesystem::path& path, const std::string& model,
                                      const TrainingData& data, const std::string& otherwise) {
  std::unique_ptr<nn::Model> loaded;
  take_weights(path, data.about(), [&](const nn::TensorFile& file) -> nn::Model& {
    std::string name = model;
    if (name.empty()) {
      const std::optional<RunConfig> config = config_in(file, path.string());
      name = config ? config->model : otherwise;
    }
    require(!name.empty(), "{} does not say which network it holds: name it by `model`",
            path.string());
    loaded = nn::make_model_of(file, name, data.model_input(), data.device(), path.string());
    return *loaded;
  });
  return loaded;
}

void put_temperature(nn::TensorFile& file, double temperature) {
  file.metadata[temperature_key] = Json(temperature).dump();
}

std::optional<Metrics> test_metrics_of(const std::filesystem::path& weights) {
  const std::filesystem::path result = weights.parent_path() / run_files::result;
  if (weights.filename() != run_files::best || !std::filesystem::exists(result))
    return std::nullopt;
  const Json json = read_json(result);
  try {
    return metrics_from(Entry(json).at("test"));
  } catch (const kernels::Error& e) {
    fail("{} is damaged ({}): mend it, or move it away to do without the run's fitted temperature",
         result.string(), e.what());
  }
}

Classifier load_classifier(const std::filesystem::path& path, nn::Device device, nn::DType type) {
  const std::string source = path.string();
  const nn::TensorFile file = nn::read_safetensors(path);
  const std::optional<RunConfig> config = config_in(file, source);
  const DataIdentity data = data_identity_in(file, source);
  const auto channels = data.mean.size();
  std::vector<std::string_view> missing;
  if (!config) missing.emplace_back("which network it holds");
  if (data.classes.empty()) missing.emplace_back("which classes that knows");
  if (data.height == 0 || channels == 0 || data.std.size() != channels || data.resize.empty())
    missing.emplace_back("how pictures become its input");
  require(missing.empty(), "{} does not say {}, as files of train do (docs/weight_files.md)",
          source, fmt::join(missing, " and "));
  require((channels == 1 || channels == 3) && data.height == data.width,
          "{} is for images of {} x {} pixels and {} channels, which pictures do not have", source,
          data.height, data.width, channels);
  Classifier c{
      .model = nn::make_model_of(
          file, config->model,
          {data.height, data.width, int(channels), int(data.classes.size()), type}, device, source),
      .config = *config,
      .data = data,
      .view = {.size = data.height,
               .channels = int(channels),
               .stored_side = stored_side(data, source),
               .exif_orientation = config->exif_orientation},
      .type = type,
      .temperature = fitted_temperature(file, path)};
  std::copy(data.mean.begin(), data.mean.end(), c.view.mean.begin());
  std::copy(data.std.begin(), data.std.end(), c.view.std.begin());
  for (std::size_t i = 0; i < channels; ++i)
    require(c.view.std[i] > 0, "{}: a standard deviation of {} cannot normalise pixels", source,
            c.view.std[i]);
  require_finite(*c.model, source);
  return c;
}

}  // namespace experiments
