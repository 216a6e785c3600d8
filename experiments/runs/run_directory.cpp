// SPDX-License-Identifier: MIT
#include "experiments/runs/run_directory.h"

#include <algorithm>

#include "engine/system/atomic_file.h"
#include "engine/system/files.h"
#include "experiments/metrics/metrics_json.h"
#include "experiments/runs/logs/csv_log.h"
#include "experiments/runs/run_leftovers.h"
#include "kernels/runtime/system_error.h"
#include "nn/files/safetensors.h"

namespace experiments {

namespace fs = std::filesystem;
using kernels::fail;
using kernels::require;
using kernels::require_system;

Json to_json(const RunResult& r) {
  Json json = {{"best_epoch", r.best_epoch},
               {"epochs", r.epochs},
               {"steps", r.steps},
               {"seconds", r.seconds},
               {"images_per_second", r.images_per_second},
               {"solved", r.solved},
               {"test", to_json(r.test)},
               {"validation", r.validation ? to_json(*r.validation) : Json()},
               {"train", to_json(r.train)},
               {"teacher", r.teacher ? to_json(*r.teacher) : Json()}};
  if (!r.soft_labels.empty()) json["soft_labels"] = r.soft_labels;
  if (r.effective_label) json["effective_label"] = *r.effective_label;
  return json;
}

namespace {

RunResult result_from(const Json& json) {
  const Entry entry(json);
  RunResult r;
  r.best_epoch = entry.get<int>("best_epoch", at_least(1));
  r.epochs = entry.get<int>("epochs", at_least(r.best_epoch));
  r.steps = entry.get<std::uint32_t>("steps");
  r.seconds = entry.get<double>("seconds", at_least(0));
  r.images_per_second = entry.get<double>("images_per_second", at_least(0));
  if (entry.contains("solved")) {
    r.solved = entry.at("solved").json();
    for (const auto& item : r.solved.items()) entry.at("solved").get<double>(item.key());
  }
  r.test = metrics_from(entry.at("test"));
  if (entry.contains("validation")) r.validation = metrics_from(entry.at("validation"));
  r.train = metrics_from(entry.at("train"));
  if (entry.contains("teacher")) r.teacher = metrics_from(entry.at("teacher"));
  if (entry.contains("effective_label"))
    r.effective_label = entry.get<double>("effective_label", from(0, 1));
  if (entry.contains("soft_labels")) r.soft_labels = entry.get<std::string>("soft_labels");
  return r;
}

constexpr const char* remedy = "remove its directory to run again";

/// For a file. Paths need not be UTF-8, as JSON must: what is not is replaced.
std::string file_text(const Json& json) { return to_text(json, 2) + "\n"; }

/// What a run's config.json says of what the run is.
struct ConfigFile {
  Json config;  // every field
  Json inputs = Json::object();
  Json circumstances = Json::object();
  int ranks = 1;
  std::vector<std::string> classes;
};

/// Throws Error, naming the file, unless all of it is of the types that a run writes.
ConfigFile read_config(const fs::path& path) {
  const Json json = read_json(path, remedy);
  try {
    ConfigFile file;
    // Through RunConfig, so that a field which is younger than the file counts with its default.
    file.config = to_json(make_config(run_settings(json)));
    const Entry entry(json);
    if (entry.contains("inputs")) {
      const Entry inputs = entry.at("inputs");
      file.inputs = inputs.object();
      if (inputs.contains("ranks")) file.ranks = inputs.get<int>("ranks", at_least(1));
    }
    if (entry.contains("circumstances")) {
      const Entry circumstances = entry.at("circumstances");
      file.circumstances = circumstances.object();
      if (circumstances.contains("threads")) circumstances.get<int>("threads", at_least(0));
    }
    if (entry.contains("data")) {
      const Entry data = entry.at("data");
      data.object();
      if (data.contains("classes"))
        for (const Entry& name : data.at("classes").items())
          file.classes.push_back(name.as<std::string>());
    }
    return file;
  } catch (const std::exception& e) {  // make_config's or an Entry's
    fail("{} holds no run's config ({}); {}", path.string(), e.what(), remedy);
  }
}

/// The first class that a directory and a run have different; empty if there is none, or if one
/// side does not know its classes.
std::string class_difference(const ConfigFile& there, const DataIdentity& here) {
  if (there.classes.empty() || here.classes.empty()) return {};
  return first_class_difference(there.classes, here.classes);
}

/// Whether a directory holds a sound result and weights of this very run, made by the same kind of
/// device. Whatever else lies there is nobody's business here, and no error.
bool holds_the_same(const fs::path& directory, const RunIdentity& identity,
                    const Json& provenance) try {
  if (!fs::exists(directory / run_files::result)) return false;
  const ConfigFile there = read_config(directory / run_files::config);
  if (there.config != to_json(identity.config) || there.inputs != identity.inputs ||
      !class_difference(there, identity.data).empty())
    return false;
  for (const char* key : {"gpu", "deterministic"})
    if (there.circumstances.value(key, Json()) != provenance.value(key, Json())) return false;
  result_from(read_json(directory / run_files::result));
  nn::read_safetensors(directory / run_files::best);
  return true;
} catch (const std::exception&) {
  return false;
}

/// The first entry that both objects have with different values, as text; empty if there is none.
std::string first_difference(const Json& there, const Json& here) {
  for (const auto& [key, value] : here.items()) {
    const auto other = there.find(key);
    if (other != there.end() && *other != value)
      return fmt::format("{} is {} there, {} here", key, to_text(*other), to_text(value));
  }
  return {};
}

/// Whether a run has left nothing but its config and the heads of its logs.
bool holds_no_epoch(const fs::path& directory) {
  for (const char* name : {run_files::result, run_files::best, run_files::last})
    if (fs::exists(directory / name)) return false;
  return true;
}

/// A hard link where the file system has them, as files of runs are replaced, never written over;
/// nothing if there is no such file.
void link_or_copy(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::remove(to, error);  // of a process that was killed
  if (!fs::exists(from, error)) return;
  fs::create_hard_link(fs::canonical(from, error), to, error);
  if (error) write_file(to, read_file(from));
}

/// Why a directory cannot be used for a run; empty if it can.
std::string conflict(const fs::path& directory, const RunIdentity& identity) {
  // What a run leaves is looked for before its config, which it writes first: another process may
  // be at work there.
  const char* found = nullptr;
  for (const char* name : {run_files::result, run_files::best, run_files::last, run_files::epochs})
    if (found == nullptr && fs::exists(directory / name)) found = name;
  const fs::path file = directory / run_files::config;
  if (!fs::exists(file))
    return found != nullptr ? fmt::format("there is {}, but no config.json", found) : "";
  const ConfigFile there = read_config(file);
  if (holds_no_epoch(directory)) return {};
  Json here = to_json(identity.config);
  const Json split_seed = here.at("split_seed");
  here.erase("split_seed");  // and comes last: unless it is given, it follows the seed
  here["split_seed"] = split_seed;
  const int ranks_here = identity.inputs.value("ranks", 1);
  if (there.ranks != ranks_here)
    return fmt::format("of {} rank{}, and here {}: with the same number it goes on", there.ranks,
                       there.ranks == 1 ? "" : "s",
                       ranks_here == 1 ? "is 1" : fmt::format("are {}", ranks_here));
  for (const std::string& difference :
       {first_difference(there.config, here), class_difference(there, identity.data)})
    if (!difference.empty()) return difference;
  return first_difference(there.inputs, identity.inputs);
}

}  // namespace

std::optional<Outputs> read_test_outputs(const fs::path& directory) {
  const fs::path path = directory / run_files::logits;
  if (!fs::exists(path)) return std::nullopt;
  nn::TensorFile file;
  try {
    file = nn::read_safetensors(path);
  } catch (const kernels::Error& e) {
    fail("{}; remove {} to run again", e.what(), directory.string());
  }
  const nn::FileTensor &logits = file.tensors["logits"], &labels = file.tensors["labels"];
  require(logits.shape.size() == 2 && labels.shape.size() == 1 && logits.shape[1] > 0 &&
              logits.shape[0] == labels.shape[0],
          "{} does not hold the logits and labels of a test set", path.string());
  const std::vector<std::int64_t> of = labels.to_i64();
  return Outputs{logits.to_f32(), {of.begin(), of.end()}, int(logits.shape[1])};
}

std::optional<RunResult> find_result(const fs::path& directory, const RunIdentity& identity) {
  const std::string reason = conflict(directory, identity);
  require(reason.empty(), "{} holds another run ({}): choose another directory, or remove it",
          directory.string(), reason);
  const fs::path file = directory / run_files::result;
  if (!fs::exists(file)) return std::nullopt;
  const Json json = read_json(file, remedy);
  try {
    return result_from(json);
  } catch (const kernels::Error& e) {
    fail("{} lacks what a result has ({}); {}", file.string(), e.what(), remedy);
  }
}

Json begun_with(const fs::path& directory) {
  const fs::path config = directory / run_files::config;
  if (holds_no_epoch(directory) || fs::exists(directory / run_files::result) || !fs::exists(config))
    return Json::object();
  return read_config(config).circumstances;
}

Json provenance_in(const fs::path& directory) {
  for (const char* file : {run_files::result, run_files::config}) {
    try {
      const Json json = read_json(directory / file).value("circumstances", Json::object());
      if (!json.empty()) return json;
    } catch (const std::exception&) {  // it may not be there yet
    }
  }
  return Json::object();
}

std::optional<kernels::Precision> precision_in(const fs::path& directory) try {
  if (holds_no_epoch(directory)) return std::nullopt;
  return make_config(run_settings(read_json(directory / run_files::config))).precision;
} catch (const std::exception&) {  // who uses the directory says what is wrong with it
  return std::nullopt;
}

std::string state_text(const fs::path& directory, const RunIdentity& identity) try {
  const std::string reason = conflict(directory, identity);
  if (!reason.empty()) return "holds another run (" + reason + ")";
  if (fs::exists(directory / run_files::result)) return "finished";
  if (FileLock::taken(directory / run_files::lock)) return "running";
  if (!fs::exists(directory / run_files::epochs)) return "not started";
  return fmt::format("interrupted after epoch {}",
                     CsvLog::last_row(read_file(directory / run_files::epochs)));
} catch (const kernels::Error& e) {
  return fmt::format("damaged ({})", e.what());
}

bool copy_finished(const fs::path& source, const fs::path& directory, const RunIdentity& identity,
                   const Json& provenance) {
  if (source.extension() == run_files::part_ending || !holds_the_same(source, identity, provenance))
    return false;
  const fs::path copy = directory.string() + run_files::part_ending;
  try {
    nn::make_directories(copy);
    const FileLock lock(copy / run_files::lock);  // it moves with the copy
    for (const char* name : run_files::all) link_or_copy(source / name, copy / name);
    nn::flush_directory(copy);
    require_system(rename(copy.c_str(), directory.c_str()) == 0, "cannot make {}",
                   directory.c_str());
    nn::flush_directory(directory.parent_path());
    return true;
  } catch (const kernels::Error&) {  // someone else copies it, or trains it: the run says more
    remove_dead_copy(copy);
    return false;
  }
}

RunDirectory::RunDirectory(fs::path path, const RunIdentity& identity, const Json& provenance)
    : path_(std::move(path)), data_(to_json(identity.data)) {
  nn::make_directories(path_);
  lock_.emplace(file(run_files::lock));
  nn::remove_leftovers(path_);
  if (fs::exists(file(run_files::config))) {
    if (!holds_no_epoch(path_)) return;
    std::error_code error;
    fs::remove(file(run_files::steps), error);  // the new run may write none
    require(!error, "cannot remove {}: {}", file(run_files::steps).string(), error.message());
  }
  const Json json = {{"run", to_json(identity.config)},
                     {"inputs", identity.inputs},
                     {"data", to_json(identity.data)},
                     {"circumstances", provenance}};
  write_file(file(run_files::config), file_text(json));
}

void RunDirectory::write_test_outputs(const LabelledLogits& test) const {
  const auto samples = std::int64_t(test.labels.size());
  nn::TensorFile file;
  file.tensors["logits"] =
      nn::FileTensor::f16({samples, test.classes}, {test.logits.begin(), test.logits.end()});
  file.tensors["labels"] = nn::FileTensor::i64({samples}, {test.labels.begin(), test.labels.end()});
  nn::write_safetensors(this->file(run_files::logits), file);
}

void RunDirectory::write_result(const RunResult& result, const Json& provenance) const {
  Json json = to_json(result);
  json["data"] = data_;
  json["circumstances"] = provenance;
  write_file(file(run_files::result), file_text(json));
  take_final_weights(path_);
}

}  // namespace experiments
