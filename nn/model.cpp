// SPDX-License-Identifier: MIT
#include "nn/model.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "engine/system/shown.h"
#include "nn/densenet.h"
#include "nn/resnet.h"

namespace nn {

namespace {

ResNetConfig wide_resnet(ResNetConfig::Stem stem, ResNetConfig::Block block,
                         std::vector<int> blocks) {
  return {.stem = stem, .block = block, .blocks = std::move(blocks)};
}

ResNetConfig thin_resnet(int depth) {
  const int blocks = (depth - 2) / 6;
  return {.stem_width = 16, .widths = {16, 32, 64}, .blocks = {blocks, blocks, blocks}};
}

const std::vector<std::pair<std::string, ResNetConfig>>& resnets() {
  using enum ResNetConfig::Stem;
  using enum ResNetConfig::Block;
  static const std::vector<std::pair<std::string, ResNetConfig>> all{
      {"resnet18", wide_resnet(cifar, basic, {2, 2, 2, 2})},
      {"resnet34", wide_resnet(cifar, basic, {3, 4, 6, 3})},
      {"resnet50", wide_resnet(cifar, bottleneck, {3, 4, 6, 3})},
      {"resnet18-imagenet", wide_resnet(imagenet, basic, {2, 2, 2, 2})},
      {"resnet34-imagenet", wide_resnet(imagenet, basic, {3, 4, 6, 3})},
      {"resnet50-imagenet", wide_resnet(imagenet, bottleneck, {3, 4, 6, 3})},
      {"resnet8", thin_resnet(8)},
      {"resnet20", thin_resnet(20)},
      {"resnet32", thin_resnet(32)},
      {"resnet56", thin_resnet(56)},
  };
  return all;
}

std::vector<std::pair<std::string, ModelBuilder>>& registered() {
  static std::vector<std::pair<std::string, ModelBuilder>> all;
  return all;
}

std::string& help() {
  static std::string text =
      "resnet18/34/50 (CIFAR stem), resnet18/34/50-imagenet (ImageNet stem), resnet8/20/32/56 "
      "(thin), densenet-bc-DEPTH-GROWTH";
  return text;
}

}  // namespace

void check_input(const ModelInput& input, int smallest) {
  engine::require(input.height >= smallest && input.width >= smallest,
                  "images of {}x{} are too small for this model, which takes {}x{} and larger",
                  input.height, input.width, smallest, smallest);
  engine::require(input.channels >= 1, "images with {} channels have nothing to see",
                  input.channels);
  engine::require(input.classes >= 2, "a classifier needs at least 2 classes, not {}",
                  input.classes);
}

const std::string& model_help() { return help(); }

bool is_name(const std::string& text) {
  return !text.empty() &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
}

void register_model(const std::string& name, ModelBuilder build) {
  engine::require(is_name(name), "{} is no name for a model: it should be of a-z, 0-9 and -",
                  in_quotes(name));
  const std::vector<std::string> names = model_names();
  engine::require(std::find(names.begin(), names.end(), name) == names.end() &&
                      !name.starts_with("densenet-bc-"),
                  "there is a model {} already", name);
  registered().emplace_back(name, std::move(build));
  help() += ", " + name;
}

bool is_registered_model(const std::string& name) {
  return std::any_of(registered().begin(), registered().end(),
                     [&](const auto& model) { return model.first == name; });
}

std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const auto& [name, config] : resnets()) names.push_back(name);
  for (const char* name : {"densenet-bc-40-12", "densenet-bc-100-12"}) names.emplace_back(name);
  for (const auto& [name, build] : registered()) names.push_back(name);
  return names;
}

std::unique_ptr<Model> declare_model(const std::string& name, const ModelInput& input) {
  for (const auto& [known, config] : resnets()) {
    if (name == known) return std::make_unique<ResNet>(config, input);
  }
  for (const auto& [known, build] : registered()) {
    if (name == known) return build(input);
  }
  DenseNetConfig dense;
  if (std::sscanf(name.c_str(), "densenet-bc-%4d-%4d", &dense.depth, &dense.growth) == 2 &&
      name == fmt::format("densenet-bc-{}-{}", dense.depth, dense.growth)) {
    return std::make_unique<DenseNet>(dense, input);
  }
  engine::fail("there is no model {}; there are {}, and densenet-bc-DEPTH-GROWTH with DEPTH 6n + 4",
               in_quotes(name), fmt::join(model_names(), ", "));
}

bool is_of_head(const std::string& parameter) {
  return parameter.starts_with("linear.") || parameter.starts_with("fc.");
}

void freeze_body(Model& model) {
  const auto& all = model.parameters().parameters();
  const auto head = std::find_if(all.begin(), all.end(),
                                 [](const NamedTensor& part) { return is_of_head(part.name); });
  engine::require(head != all.end() &&
                      std::all_of(head, all.end(),
                                  [](const NamedTensor& part) { return is_of_head(part.name); }),
                  "the network's parameters do not end with a head, linear.* or fc.*, that could "
                  "learn alone");
  model.parameters().freeze(std::size_t(head - all.begin()));
}

std::unique_ptr<Model> make_model(const std::string& name, const ModelInput& input, Device device,
                                  std::uint64_t seed) {
  std::unique_ptr<Model> model = declare_model(name, input);
  model->parameters().allocate(device, seed, input.type);
  return model;
}

}  // namespace nn
