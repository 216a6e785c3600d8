// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/system/file_lock.h"
#include "experiments/metrics/metrics.h"
#include "experiments/runs/config.h"
#include "experiments/runs/run_files.h"
#include "experiments/runs/samples/data_identity.h"

/// A run directory is the unit of work:
///   config.json        what determines the run, which classes it knows, where and with what it ran
///   epochs.csv         one row for each epoch;  steps.csv: one for each step, if asked for
///   best.safetensors   the weights with the best validation accuracy
///   last.safetensors   the training state after the last finished epoch; in the end plain weights
///   logits.safetensors what the best weights say of each test image: for statistics made later
///   result.json        the measurements; its presence means that the run is finished
namespace experiments {

/// The result of a finished run, measured on its best checkpoint.
struct RunResult {
  int best_epoch = 0, epochs = 0;  // counted from 1; trained
  std::uint32_t steps = 0;
  double seconds = 0;
  double images_per_second = 0;       // of training alone
  Json solved = Json::object();       // {"temperature": 2.31}, see SoftLabels::solved
  Metrics train;                      // on clean training images
  std::optional<Metrics> validation;  // none if nothing was held out
  Metrics test;
  std::optional<Metrics> teacher;  // of its softened predictions on clean training images
  std::string soft_labels = {};    // where they came from, see SoftLabels::source; may be empty
  /// The label of the true class, hard and soft part together, on average over all that the run has
  /// trained on; none where that is known beforehand, or was not measured.
  std::optional<double> effective_label = {};
};
Json to_json(const RunResult&);

/// Logits [samples, classes] with their labels.
struct Outputs {
  std::vector<float> logits;
  std::vector<std::int32_t> labels;
  int classes = 0;

  LabelledLogits view() const { return {logits, labels, classes}; }
};

/// Those of a run's test images, in float16. None if the directory has none, as those of earlier
/// versions; throws Error if the file is damaged.
std::optional<Outputs> read_test_outputs(const std::filesystem::path& directory);

/// All that determines a run's numbers: the config, and the contents of the files it reads (data
/// set, teacher, first weights) as fingerprints by name.
struct RunIdentity {
  RunConfig config;
  Json inputs = Json::object();
  DataIdentity data = {};  // of it the classes' names count
};

/// The result in a directory, if its run is finished. Throws Error naming the first difference if
/// the directory holds another run of at least an epoch, or files of unknown origin that a run
/// would overwrite. Writes nothing. Inputs and names of classes that only one side knows are not
/// compared.
std::optional<RunResult> find_result(const std::filesystem::path& directory, const RunIdentity&);

/// The provenance of a directory's interrupted run (device, threads, version), if it has finished
/// an epoch; else, or if config.json has none, an empty object.
Json begun_with(const std::filesystem::path& directory);

/// The provenance of a directory's run, by its result or, before that, by config.json; an empty
/// object if neither can be read.
Json provenance_in(const std::filesystem::path& directory);

/// The precision of a directory's run, if that has finished an epoch: what goes on with it takes
/// this one unless it is told another.
std::optional<kernels::Precision> precision_in(const std::filesystem::path& directory);

/// "finished", "running", "interrupted after epoch 3", "not started", "holds another run (...)" or
/// "damaged (...)", for people.
std::string state_text(const std::filesystem::path& directory, const RunIdentity&);

/// Makes `directory`, which must not exist, a copy of `source` if that holds a finished run of the
/// very same identity, made by the same kind of device with the same arithmetic as `provenance`
/// say; false if not, if its result or its weights cannot be read, or if another process has just
/// made the directory. It appears whole or not at all, as hard links where the file system has
/// them: files of runs are replaced, never written over.
bool copy_finished(const std::filesystem::path& source, const std::filesystem::path& directory,
                   const RunIdentity&, const Json& provenance);

/// Takes a directory for one run and one process, until destruction.
class RunDirectory {
 public:
  /// Makes the directory and, unless a run of at least an epoch is there, config.json.
  /// `provenance` (device, threads, paths, version) are written down only. Throws Error if
  /// another process has the directory.
  RunDirectory(std::filesystem::path, const RunIdentity&, const Json& provenance);

  std::filesystem::path file(const char* name) const { return path_ / name; }
  void write_test_outputs(const LabelledLogits&) const;
  void write_result(const RunResult&, const Json& provenance) const;

 private:
  std::filesystem::path path_;
  Json data_;
  std::optional<FileLock> lock_;
};

}  // namespace experiments
