// SPDX-License-Identifier: MIT
#pragma once
#include "nn/files/safetensors.h"
#include "nn/model.h"

/// Weight files: safetensors with the names and layouts of the authors' PyTorch modules (filters
/// [k,c,r,s]), so that a state dict saved from them loads here and the other way round.
namespace nn {

/// Adds a model's parameters and batch-norm statistics under `prefix` + name.
void put_state(TensorFile&, const Model&, const std::string& prefix = "");

/// What torchvision's and timm's ResNets call a tensor of ours: "layer2.0.downsample.0.weight" is
/// "layer2.0.shortcut.0.weight" here, and "fc.bias" is "linear.bias".
std::string torchvision_name(const std::string&);

/// Sets a model from tensors under `prefix`. They may be called as wrappers of PyTorch's and other
/// libraries call them: with "module.", "_orig_mod." or "model." in their names, "downsample" for
/// "shortcut" and "fc" for "linear"; and be F32, F16, BF16 or F64. Counters of batches may be
/// missing. Throws Error that names `source` and the first few tensors that are missing, left over,
/// there twice or of another shape, and changes nothing then. Tensors under the prefixes of a
/// training state ("optimizer.", "ema.", "soft_labels") are not left over.
void take_state(const TensorFile&, Model&, const std::string& source,
                const std::string& prefix = "");

/// The same but for the head (is_of_head), which stays as it is, whatever the file has for it.
void take_body(const TensorFile&, Model&, const std::string& source);

/// A model by name with the values of a file. The name takes no memory that the file does not fill:
/// names and shapes are compared first. Throws Error as make_model() and take_state() do.
std::unique_ptr<Model> make_model_of(const TensorFile&, const std::string& name, const ModelInput&,
                                     Device, const std::string& source);

/// Puts the classes of a classifier into another order: output i becomes what output order[i] was.
/// Throws Error unless `order` is a permutation of the model's classes.
void reorder_classes(Model&, const std::vector<int>& order);

void save_weights(const std::filesystem::path&, const Model&);
void load_weights(const std::filesystem::path&, Model&);

}  // namespace nn
