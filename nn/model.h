// SPDX-License-Identifier: MIT
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "nn/parameters.h"

namespace nn {

/// Which statistics batch norm uses: the batch's, moving the running ones; the running ones; or, as
/// with `train`, those of the batch that all ranks have together.
enum class Mode : std::uint8_t { train, eval, synchronised };

/// A classifier: images [n,h,w,c] of the type it is built for to logits [n,classes] of f32.
class Model {
 public:
  virtual ~Model() = default;
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  virtual Tensor forward(const Tensor& images, Mode) = 0;

  Parameters& parameters() { return parameters_; }
  const Parameters& parameters() const { return parameters_; }

  /// Number of training-mode forward passes so far (PyTorch's num_batches_tracked).
  std::int64_t batches_tracked = 0;

 protected:
  Model() = default;
  Parameters parameters_;
};

/// Whether a parameter is one of the head, the linear layer that gives the logits: those are called
/// "linear.weight" or "fc.weight", and so on. What is before the head is the body.
bool is_of_head(const std::string& parameter);

/// Lets the head alone learn; the body should then see Mode::eval. Throws Error if the parameters
/// do not end with a head's.
void freeze_body(Model&);

/// What a model is built for.
struct ModelInput {
  int height = 32, width = 32, channels = 3;
  int classes = 10;
  DType type = DType::f32;  // of images and activations, or bf16
};

/// Throws Error unless there are two classes or more, and images of at least `smallest` pixels a
/// side.
void check_input(const ModelInput&, int smallest);

/// Builds and initialises a model by name; throws Error with the list of names if there is none
/// such, or with the smallest image it takes. See model_names() and nn/resnet.h, nn/densenet.h.
///   resnet18, resnet34, resnet50                 CIFAR stem, widths 64 to 512
///   resnet18-, resnet34-, resnet50-imagenet      the same with the ImageNet stem: torchvision's
///   resnet8, resnet20, resnet32, resnet56        thin CIFAR ResNets, widths 16, 32, 64
///   densenet-bc-DEPTH-GROWTH                     e.g. densenet-bc-100-12, densenet-bc-40-12
std::unique_ptr<Model> make_model(const std::string& name, const ModelInput&, Device,
                                  std::uint64_t seed);
/// The same without Parameters::allocate(): parameters have names and shapes, and no memory.
std::unique_ptr<Model> declare_model(const std::string& name, const ModelInput&);
const std::string& model_help();         // the names in a line, for people
std::vector<std::string> model_names();  // the ones with fixed names and examples of the others

/// Adds a network of a program's own to those that these functions know by name. To be called at
/// the start, before any of them. Throws Error if the name is taken or is_name() says no.
using ModelBuilder = std::function<std::unique_ptr<Model>(const ModelInput&)>;
void register_model(const std::string& name, ModelBuilder);
bool is_registered_model(const std::string& name);

/// Whether a text can be the name of a model or a loss in options and files: of a-z, 0-9 and '-'.
bool is_name(const std::string&);

}  // namespace nn
