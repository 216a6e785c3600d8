// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <filesystem>

#include "data/sets/image_list.h"
#include "engine/system/files.h"
#include "experiments/command_line/command_line.h"
#include "experiments/command_line/machine.h"
#include "experiments/programs/programs.h"
#include "experiments/runs/exports.h"
#include "experiments/runs/run_files.h"
#include "kernels/runtime/error.h"

using namespace experiments;
using kernels::require;
namespace fs = std::filesystem;

namespace {

/// Refuses what is there already, unless that is wanted, and the weights themselves in any case.
void check_free(const char* option, const fs::path& path, const std::string& weights, bool force) {
  if (!fs::exists(path)) return;
  require(!fs::exists(weights) || !fs::equivalent(path, weights),
          "{} {} is the weight file itself: name another", option, path.string());
  require(force || (fs::is_directory(path) && fs::is_empty(path)),
          "{} {} is there already: name another, or replace it by --force", option, path.string());
}

}  // namespace

int experiments::export_main(int argc, char** argv) {
  CLI::App app("Writes a network that train made for other programs.", "export");
  std::string weights, output, onnx, directory;
  std::optional<Names> names;
  std::optional<double> temperature;  // none: auto
  bool normalised_input = false, softmax = false, force = false;

  add_path(app, "--weights", weights, "weight file", "FILE")->required();
  add_path(app, "--output", output,
           "write the weights there, for PyTorch and predict (safetensors)", "FILE");
  add_choice(app, "--names",
             "of the tensors in it: our own, or those of torchvision's and timm's ResNets",
             {"softlabel", "torchvision"},
             [&](const std::string& name) {
               names = name == "torchvision" ? Names::torchvision : Names::softlabel;
             })
      ->default_str("softlabel");
  add_path(app, "--onnx", onnx, "write the network there (ONNX, opset 17)", "FILE");
  app.add_flag("--normalised-input", normalised_input,
               "the ONNX file takes images that are normalised already; else pixels in [0, 1]");
  app.add_flag("--softmax", softmax, "the ONNX file gives probabilities; else logits");
  add_path(app, "--huggingface", directory,
           "make a repository there for Hugging Face: weights, configuration, model card, "
           "softlabel_torch.py",
           "DIR");
  add_temperature(app, temperature);
  app.add_flag("--force", force, "replace files that are there");
  app.footer(
      "\nWhat a weight file says of classes, pictures and temperature goes with it.\n"
      "Example:\n"
      "  export --weights runs/a/best.safetensors --onnx a.onnx --softmax\n");

  return run_program(app, argc, argv, [&] {
    if (output.empty() && onnx.empty() && directory.empty())
      throw UsageError("nothing to write: give --output, --onnx or --huggingface");
    if (names && output.empty()) throw UsageError("--names is for --output");
    if (onnx.empty() && (softmax || normalised_input))
      throw UsageError("--softmax and --normalised-input are for --onnx");
    refuse_named_twice({directory.empty() ? "" : directory + "/model.safetensors", output, onnx});
    if (!output.empty()) check_free("--output", output, weights, force);
    if (!onnx.empty()) check_free("--onnx", onnx, weights, force);
    if (!directory.empty()) {
      require(!fs::exists(fs::path(directory) / run_files::best),
              "--huggingface {} is a run's directory, whose files it would replace: name another",
              directory);
      check_free("--huggingface", directory, weights, force);
      check_free("--huggingface", fs::path(directory) / "model.safetensors", weights, force);
    }
    Classifier classifier = load_classifier(weights, nn::Device::cpu, nn::DType::f32);
    if (temperature) classifier.temperature = temperature;
    if (!output.empty())
      nn::write_safetensors(
          output, portable_weights(weights, classifier, names.value_or(Names::softlabel)));
    if (!onnx.empty()) write_file(onnx, onnx_file(classifier, normalised_input, softmax));
    if (!directory.empty())
      write_hugging_face(directory, weights, classifier, test_metrics_of(weights));
    for (const std::string& path : {output, onnx, directory})
      if (!path.empty()) fmt::print("{}\n", data::shown(path));
  });
}
