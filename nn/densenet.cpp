// SPDX-License-Identifier: MIT
#include "nn/densenet.h"

#include <cmath>

#include "engine/ops.h"

namespace nn {

namespace {
constexpr int block_count = 3;
}

Conv DenseNet::conv(const std::string& name, int in_channels, int out_channels, int window) {
  const double std = std::sqrt(2.0 / (double(window) * window * out_channels));
  return {parameters_, name, in_channels, out_channels, window, 1, Init::normal(0, float(std))};
}

DenseNet::DenseNet(const DenseNetConfig& config, const ModelInput& input) {
  const auto [depth, growth] = config;
  engine::require(depth >= 10 && depth % 6 == 4,
                  "densenet: depth {} is not 6n + 4 with n >= 1 (10, 16, 22, ... 40, ... 100)",
                  depth);
  engine::require(growth >= 1, "densenet: growth {} is less than 1", growth);
  check_input(input, 1 << (block_count - 1));

  growth_ = growth;
  int channels = 2 * growth;
  stem_ = conv("conv1", input.channels, channels, 3);
  for (int block = 1; block <= block_count; ++block) {
    for (int layer = 0; layer < (depth - 4) / 6; ++layer) {
      const std::string prefix = fmt::format("dense{}.{}.", block, layer);
      layers_.push_back({.bn1 = {parameters_, prefix + "bn1", channels},
                         .conv1 = conv(prefix + "conv1", channels, 4 * growth, 1),
                         .bn2 = {parameters_, prefix + "bn2", 4 * growth},
                         .conv2 = conv(prefix + "conv2", 4 * growth, growth, 3)});
      channels += growth;
    }
    if (block == block_count) break;
    const std::string prefix = fmt::format("trans{}.", block);
    transitions_.push_back({.bn1 = {parameters_, prefix + "bn1", channels},
                            .conv1 = conv(prefix + "conv1", channels, channels / 2, 1)});
    channels /= 2;
  }
  norm_ = BatchNorm(parameters_, "bn1", channels);
  fc_ = Linear(parameters_, "fc", channels, input.classes, Init::constant(0));
}

Tensor DenseNet::forward(const Tensor& images, Mode mode) {
  if (mode != Mode::eval) ++batches_tracked;
  Tensor x = stem_(images);
  const std::size_t layers_per_block = layers_.size() / block_count;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    if (i % layers_per_block == 0) {
      if (i > 0) {
        const Transition& transition = transitions_[i / layers_per_block - 1];
        x = engine::avg_pool(transition.conv1(transition.bn1(x, mode, true)), {});
      }
      x = engine::reserve_channels(x, x.shape()[-1] + int(layers_per_block) * growth_);
    }
    const Layer& layer = layers_[i];
    const Tensor bottleneck = layer.conv1(layer.bn1(x, mode, true));
    x = engine::concat_channels(x, layer.conv2(layer.bn2(bottleneck, mode, true)));
  }
  return fc_(engine::global_avg_pool(norm_(x, mode, true)));
}

}  // namespace nn
