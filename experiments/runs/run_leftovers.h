// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>

/// The leftovers of killed processes in run directories and beside them. docs/experiments.md says
/// what is written when.
namespace experiments {

/// Makes run_files::final_weights the last weights, in the directory of a finished run whose lock
/// this process holds.
void take_final_weights(const std::filesystem::path& directory);

/// Does what a killed process has left to do in the directory of a finished run.
void settle(const std::filesystem::path& directory);

/// Removes a copy of a run that is not whole (run_files::part_ending), unless a living process
/// makes it.
void remove_dead_copy(const std::filesystem::path&);

}  // namespace experiments
