// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "data/pictures/network_view.h"
#include "experiments/metrics/metrics.h"
#include "experiments/runs/config.h"
#include "experiments/runs/samples/data_identity.h"
#include "experiments/runs/samples/training_data.h"
#include "nn/optimizer.h"
#include "nn/weights.h"

/// Weight files with what made them: best.safetensors and last.safetensors of a run directory.
namespace experiments {

/// How far a run is, after its last finished epoch.
struct RunProgress {
  int epochs = 0;               // finished
  std::uint32_t steps = 0;      // done
  int best_epoch = 0;           // counted from 1; 0: none yet
  double best_accuracy = 0;     // on the validation samples
  double images = 0;            // trained on
  double true_label_sum = 0;    // over them, see SoftLabels; NaN: not known
  double training_seconds = 0;  // spent on that
  double seconds = 0;           // spent in all
};

/// The weights and the optimizer of a run in training; `ema` may be null, and so may the labels
/// that the network has made itself.
struct TrainerState {
  nn::Model& model;
  nn::Optimizer& optimizer;
  nn::Model* ema;
  std::vector<float>* labels = nullptr;
};

/// Writes the weights; the file's metadata hold the config, the network, what it knows of the data,
/// and the epoch (from 1).
void save_checkpoint(const std::filesystem::path&, const nn::Model&, const RunConfig&,
                     const DataIdentity&, int epoch);

/// Writes everything that the next epoch depends on: besides the above what the optimizer keeps
/// (`optimizer.velocity`, or what it calls it), the EMA model (`ema.NAME`), labels (`soft_labels`)
/// and the counters in the metadata.
void save_training_state(const std::filesystem::path&, const TrainerState&, const RunConfig&,
                         const DataIdentity&, const RunProgress&);

/// Sets `state` from a file of save_training_state. Throws Error if it is none, or does not fit.
RunProgress load_training_state(const std::filesystem::path&, const TrainerState&);

/// The config in a checkpoint's metadata; none in a weight file of other origin.
std::optional<RunConfig> config_in(const nn::TensorFile&, const std::string& source);

/// Sets a network for a data set from a weight file. Classes are matched by name: those in another
/// order are put into the data set's. Throws Error if the file has other classes, does not fit, or
/// holds values that are not finite; what else a user should know of it goes to standard error, see
/// remarks().
void load_weights(const std::filesystem::path&, nn::Model&, const data::Dataset&);

/// The same without the network's head, whatever the file's classes are.
void load_body(const std::filesystem::path&, nn::Model&, const data::Dataset&);

/// A network for a data set with the weights of a file, by load_weights. It is called `model`, or
/// if that is empty what the file's metadata say, or else `otherwise`. Throws Error also if all are
/// empty.
std::unique_ptr<nn::Model> load_model(const std::filesystem::path&, const std::string& model,
                                      const TrainingData&, const std::string& otherwise = "");

/// A network that can tell what it sees without its data set.
struct Classifier {
  std::unique_ptr<nn::Model> model;
  RunConfig config;   // of the run that made it
  DataIdentity data;  // all of it is known
  data::NetworkView view;
  nn::DType type;                     // of the images that it takes
  std::optional<double> temperature;  // that its run fitted on its validation samples, if it did
};

/// That of a file, for images of a type. Throws Error if it does not name its network and classes
/// or does not say how pictures become the network's input, does not fit, or holds values that are
/// not finite.
Classifier load_classifier(const std::filesystem::path&, nn::Device, nn::DType);

/// Writes a weight file's "softlabel.temperature", which divides logits.
void put_temperature(nn::TensorFile&, double);

/// What a run measured of its best weights on the test set. None for other files, and as long as
/// the run has not finished. Throws Error if its result is damaged.
std::optional<Metrics> test_metrics_of(const std::filesystem::path& weights);

}  // namespace experiments
