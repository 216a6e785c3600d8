// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "engine/system/values.h"

/// Factors of runs for people, who do not know the keys of files.
namespace experiments {

/// The value of a factor: "label smoothing" of method ls, "ResNet-8" of model resnet8; numbers and
/// names that are not known as they are.
std::string value_words(const std::string& factor, const Json& value);

/// "self-distillation, T = 2, generation 1". What is called as nothing else is has its factor's
/// name in front.
std::string factors_text(const Json& factors);

/// "label smoothing against cross entropy, ResNet-8".
std::string against_text(const Json& left, const Json& right);

}  // namespace experiments
