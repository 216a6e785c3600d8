// SPDX-License-Identifier: MIT
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "nn/model.h"

namespace nn {

struct OnnxOptions {
  /// By channel; if they are given the graph takes pixels in [0, 1] and normalises them itself:
  /// less the mean, over the deviation. Else it takes what the network takes.
  std::vector<float> mean = {}, std = {};
  /// If given the result is softmax(logits / temperature), "probabilities"; else "logits".
  std::optional<float> temperature = {};
  std::map<std::string, std::string> metadata = {};  // metadata_props
};

/// The bytes of an ONNX file (github.com/onnx/onnx, onnx.proto; opset 17) that computes what
/// model.forward(images, Mode::eval) does: whatever network it is, as the graph is made of the ops
/// that a pass calls. Input: "images", f32 [N, channels, height, width], N free. Initialisers have
/// the names and layouts of weight files. Throws Error for a network of bf16, and for one that
/// computes with more than conv2d, batch_norm, linear, the poolings, concat_channels and add.
std::string to_onnx(Model&, const ModelInput&, const OnnxOptions& = {});

}  // namespace nn
