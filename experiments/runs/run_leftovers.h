// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>

/// What killed processes leave in run directories and beside them. What is written when:
/// docs/experiments.md.
namespace experiments {

/// Where the weights of the last epoch wait until the result is written: the training state, from
/// which the run could go on, is replaced only then.
inline constexpr const char* final_weights_name = "last.safetensors.final";

/// Puts them in their place, in the directory of a finished run whose lock this process holds.
void take_final_weights(const std::filesystem::path& directory);

/// Does what a killed process has left to do in the directory of a finished run.
void settle(const std::filesystem::path& directory);

/// Behind the name of a copy of a run (see copy_finished) until it is whole.
inline constexpr const char* part_ending = ".part";

/// Removes such a copy unless a living process makes it.
void remove_dead_copy(const std::filesystem::path&);

}  // namespace experiments
