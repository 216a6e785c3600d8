// SPDX-License-Identifier: MIT
#include "nn/resnet.h"

#include "engine/ops.h"

namespace nn {

namespace {

struct ConvSizes {
  int out_channels, window, stride;
};

std::vector<ConvSizes> path_sizes(ResNetConfig::Block block, int width, int stride) {
  if (block == ResNetConfig::Block::basic) return {{width, 3, stride}, {width, 3, 1}};
  return {{width, 1, 1}, {width, 3, stride}, {4 * width, 1, 1}};
}

}  // namespace

ResNet::ConvNorm ResNet::conv_norm(const std::string& conv_name, const std::string& norm_name,
                                   int in_channels, int out_channels, int window, int stride) {
  const Init init = fan_in_uniform(in_channels * window * window);
  return {Conv(parameters_, conv_name, in_channels, out_channels, window, stride, init),
          BatchNorm(parameters_, norm_name, out_channels)};
}

ResNet::ResNet(const ResNetConfig& config, const ModelInput& input) {
  const std::size_t stages = config.widths.size();
  engine::require(stages > 0 && config.blocks.size() == stages,
                  "resnet: {} stage widths and {} block counts", stages, config.blocks.size());
  pools_ = config.stem == ResNetConfig::Stem::imagenet;
  check_input(input, (pools_ ? 4 : 1) << (stages - 1));

  stem_ =
      conv_norm("conv1", "bn1", input.channels, config.stem_width, pools_ ? 7 : 3, pools_ ? 2 : 1);
  int channels = config.stem_width;
  for (std::size_t stage = 0; stage < stages; ++stage) {
    for (int b = 0; b < config.blocks[stage]; ++b) {
      const std::string prefix = fmt::format("layer{}.{}.", stage + 1, b);
      const int stride = stage > 0 && b == 0 ? 2 : 1;
      const int in_channels = channels;
      Block block;
      for (const ConvSizes& conv : path_sizes(config.block, config.widths[stage], stride)) {
        const std::size_t i = block.path.size() + 1;
        block.path.push_back(conv_norm(fmt::format("{}conv{}", prefix, i),
                                       fmt::format("{}bn{}", prefix, i), channels,
                                       conv.out_channels, conv.window, conv.stride));
        channels = conv.out_channels;
      }
      if (stride != 1 || channels != in_channels) {
        block.shortcut = conv_norm(prefix + "shortcut.0", prefix + "shortcut.1", in_channels,
                                   channels, 1, stride);
      }
      blocks_.push_back(std::move(block));
    }
  }
  linear_ = Linear(parameters_, "linear", channels, input.classes, fan_in_uniform(channels));
}

Tensor ResNet::forward(const Tensor& images, Mode mode) {
  if (mode != Mode::eval) ++batches_tracked;
  Tensor x = stem_.norm(stem_.conv(images), mode, true);
  if (pools_) x = engine::max_pool(x, {.window = 3, .stride = 2, .pad = 1});
  for (const Block& block : blocks_) {
    Tensor y = x;
    for (std::size_t i = 0; i + 1 < block.path.size(); ++i) {
      y = block.path[i].norm(block.path[i].conv(y), mode, true);
    }
    if (block.shortcut) x = block.shortcut->norm(block.shortcut->conv(x), mode, false);
    x = block.path.back().norm(block.path.back().conv(y), mode, true, x);
  }
  return linear_(engine::global_avg_pool(x));
}

}  // namespace nn
