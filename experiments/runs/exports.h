// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "experiments/metrics/metrics.h"
#include "experiments/runs/checkpoint.h"

/// Trained networks for other programs; docs/own_pictures.md shows how they are used.
namespace experiments {

enum class Names : std::uint8_t { softlabel, torchvision };

/// The weights of the network in a file, alone, with all that the file says of inputs and outputs,
/// and the temperature if there is one. Throws Error if torchvision has no such network.
nn::TensorFile portable_weights(const std::filesystem::path&, const Classifier&, Names);

/// An ONNX file of the network (nn/onnx.h) that takes pixels in [0, 1], or, with
/// `normalised_input`, what the network takes; and gives logits, or with `softmax` probabilities.
/// What the weight file says of inputs and outputs is in metadata_props under the same keys.
std::string onnx_file(Classifier&, bool normalised_input, bool softmax);

/// Writes model.safetensors, config.json, README.md and softlabel_torch.py, a repository of
/// Hugging Face, into a directory that it makes. `measured`: on the test set. The ResNets that timm
/// has, those with the ImageNet stem, are there for timm, too.
void write_hugging_face(const std::filesystem::path& directory,
                        const std::filesystem::path& weights, const Classifier&,
                        const std::optional<Metrics>& measured);

}  // namespace experiments
