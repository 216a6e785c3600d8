// SPDX-License-Identifier: MIT
#pragma once
#include <vector>

#include "nn/layers.h"
#include "nn/model.h"

namespace nn {

/// DenseNet-BC for small images (Huang et al., 2017): three blocks of (depth - 4) / 6 layers, each
/// of which adds `growth` channels; bottleneck of 4 growth, stem of 2 growth, transitions that
/// halve the channels and the image.
struct DenseNetConfig {
  int depth = 100;  // 6n + 4
  int growth = 12;
};

/// Names: conv1, denseS.L.{bn1,conv1,bn2,conv2}, transS.{bn1,conv1}, bn1, fc; blocks count from 1,
/// layers from 0. Convolutions start as N(0, sqrt(2 / (window^2 out_channels))); the linear layer's
/// weight as in PyTorch, its bias at 0.
class DenseNet : public Model {
 public:
  DenseNet(const DenseNetConfig&, const ModelInput&);

  Tensor forward(const Tensor& images, Mode) override;

 private:
  struct Layer {
    BatchNorm bn1;
    Conv conv1;
    BatchNorm bn2;
    Conv conv2;
  };
  struct Transition {
    BatchNorm bn1;
    Conv conv1;
  };

  Conv conv(const std::string& name, int in_channels, int out_channels, int window);

  int growth_ = 0;
  Conv stem_;
  std::vector<Layer> layers_;            // of all blocks
  std::vector<Transition> transitions_;  // between the blocks
  BatchNorm norm_;
  Linear fc_;
};

}  // namespace nn
