// SPDX-License-Identifier: MIT
#pragma once
#include <string>

namespace CLI {
class App;  // its header is a long one
}

namespace experiments {

/// A script for bash that completes the options of a program, and their values where those are
/// files, data sets, networks or a few names: eval "$(train --completion bash)".
std::string bash_completion(const CLI::App&);

}  // namespace experiments
