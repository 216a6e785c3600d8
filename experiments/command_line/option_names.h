// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <string_view>

namespace experiments {

/// A library's text as a program says it. Libraries know the settings of a run by their keys and
/// nothing of command lines: "`batch_size` is 0" becomes "--batch-size is 0".
std::string with_option_names(std::string_view text);

}  // namespace experiments
