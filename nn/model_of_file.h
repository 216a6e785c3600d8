// SPDX-License-Identifier: MIT
#pragma once
#include "nn/weights.h"

/// A network that a file names. A name takes no memory that the file does not fill: what is built
/// first has names and shapes, and is compared with the file's tensors before it has values.
namespace nn {

/// make_model() without Parameters::allocate().
std::unique_ptr<Model> declare_model(const std::string& name, const ModelInput&);

/// A model by name for a file that holds one of that name, for take_state(). Throws Error as
/// make_model() and take_state() do.
std::unique_ptr<Model> make_model_of(const TensorFile&, const std::string& name, const ModelInput&,
                                     Device, const std::string& source);

}  // namespace nn
