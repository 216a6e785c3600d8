// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>

#include "experiments/training/training.h"
#include "kernels/runtime/memory.h"
#include "nn/files/safetensors.h"
#include "test/support/tiny_dataset.h"

/// Runs that take a second.
namespace test {

inline const experiments::TrainingData& tiny_data() {
  // One thread: others would only wait for each other on a busy machine. Two where it matters.
  kernels::set_threads(1);
  static const TinyDataset files;
  static const experiments::TrainingData data("fashion-mnist", files.dir(), data::Device::cpu);
  return data;
}

inline experiments::RunConfig tiny_config(
    const experiments::Json& settings = experiments::Json::object()) {
  experiments::Json all = {
      {"dataset", "fashion-mnist"}, {"model", "resnet8"}, {"epochs", 3},
      {"batch_size", 20},           {"lr", 0.05},         {"val_fraction", 0.25}};
  all.update(settings);
  return experiments::make_config(all);
}

/// The weight file of a run in `root`/teacher.
inline std::filesystem::path train_teacher(
    const TemporaryDirectory& root,
    const experiments::Json& settings = experiments::Json::object()) {
  experiments::train_run(tiny_config(settings), tiny_data(), {}, root.path() / "teacher");
  return root.path() / "teacher" / "best.safetensors";
}

/// Whether two files hold the same tensors, to the bit, whatever their metadata say.
inline bool same_tensors(const nn::TensorFile& a, const nn::TensorFile& b) {
  return a.tensors.size() == b.tensors.size() &&
         std::equal(a.tensors.begin(), a.tensors.end(), b.tensors.begin(),
                    [](const auto& x, const auto& y) {
                      return x.first == y.first && x.second.bytes == y.second.bytes;
                    });
}

}  // namespace test
