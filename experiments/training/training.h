// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "experiments/runs/config.h"
#include "experiments/runs/logs/epoch_log.h"
#include "experiments/runs/run_directory.h"
#include "experiments/runs/samples/training_data.h"
#include "experiments/training/run_inputs.h"

/// The one training loop, of every program and figure.
namespace experiments {

struct RunOptions {
  std::string label = "train";       // in front of the progress bar
  bool log_steps = false;            // write steps.csv
  Json provenance = Json::object();  // for config.json and result.json: device, threads, paths
  /// Whether a GPU gets a whole step at once, as a graph; if that is not said, all but networks and
  /// losses that were registered.
  std::optional<bool> graph = std::nullopt;
  bool threads_given = false;  // by the user; if not, a run that goes on keeps the number it has
  /// Called when the directory is this process's, with the number of finished epochs.
  std::function<void(int epochs)> after_start = nullptr;
  /// Called with the best weights' logits of all test images, in order, once the run is trained.
  std::function<void(const LabelledLogits& test)> after_test = nullptr;
  /// Called when an epoch is finished and saved; false stops the run there as SIGINT would.
  std::function<bool(const EpochRecord&)> after_epoch = nullptr;
};

/// Trains one run in a directory, or goes on with it after its last finished epoch, or only reads
/// the result if it is finished. Going on gives the same bits as never having stopped: with the
/// number of threads that the run was begun with, unless another was given, and on the same kind of
/// device, else it is refused (see Continuation). The test metrics are those of the epoch with the
/// best validation accuracy (of equals the later; the last one if nothing is held out).
///
/// Throws Error before anything is written if the config is impossible or a file does not fit;
/// Error if the loss becomes NaN or infinite, the checkpoints staying those of the last finished
/// epoch; and Interrupted if a stop was asked for.
RunResult train_run(const RunConfig&, const TrainingData&, const RunInputs&,
                    const std::filesystem::path& directory, const RunOptions& = {});

/// The identity of the run: its config and the fingerprints of the files that it reads.
RunIdentity identity_of(const RunConfig&, const TrainingData&, const RunInputs&);

}  // namespace experiments
