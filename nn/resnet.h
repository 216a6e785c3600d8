// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "nn/layers.h"
#include "nn/model.h"

namespace nn {

/// The sizes of a residual network (He et al., 2016). Stage s has blocks[s] blocks of width
/// widths[s], and every stage but the first halves the image, in the 3x3 convolution of its first
/// block, as in torchvision.
struct ResNetConfig {
  enum class Stem : std::uint8_t {
    cifar,     // 3x3, for small images
    imagenet,  // 7x7 with stride 2 and a max pooling of 3x3 with stride 2: a quarter of the image
  } stem = Stem::cifar;
  enum class Block : std::uint8_t {
    basic,       // 3x3, 3x3
    bottleneck,  // 1x1, 3x3, 1x1 with four times the width at the end
  } block = Block::basic;
  int stem_width = 64;
  std::vector<int> widths{64, 128, 256, 512};
  std::vector<int> blocks{2, 2, 2, 2};
};

/// Names: conv1, bn1, layerS.B.{conv1,bn1,conv2,bn2,...}, layerS.B.shortcut.{0,1} (1x1 convolution
/// and batch norm, where a block changes the shape), linear; stages count from 1, blocks from 0.
/// Convolutions and the linear layer start as in PyTorch, fan_in_uniform.
class ResNet : public Model {
 public:
  ResNet(const ResNetConfig&, const ModelInput&);

  Tensor forward(const Tensor& images, Mode) override;

 private:
  struct ConvNorm {
    Conv conv;
    BatchNorm norm;
  };
  struct Block {
    std::vector<ConvNorm> path;
    std::optional<ConvNorm> shortcut;  // absent: the identity
  };

  ConvNorm conv_norm(const std::string& conv_name, const std::string& norm_name, int in_channels,
                     int out_channels, int window, int stride);

  ConvNorm stem_;
  bool pools_ = false;  // behind the stem
  std::vector<Block> blocks_;
  Linear linear_;
};

}  // namespace nn
