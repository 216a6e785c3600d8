// SPDX-License-Identifier: MIT
#pragma once

/// The names of the files in a run directory; run_directory.h says what they hold.
namespace experiments::run_files {

inline constexpr const char *config = "config.json", *epochs = "epochs.csv", *steps = "steps.csv",
                            *best = "best.safetensors", *last = "last.safetensors",
                            *logits = "logits.safetensors", *result = "result.json";

/// Where the weights of the last epoch wait until the result is written: the training state, from
/// which the run could go on, is replaced only then.
inline constexpr const char* final_weights = "last.safetensors.final";

inline constexpr const char* lock = ".lock";  // held by the process that trains the run

/// Behind the name of a copy of a run (see copy_finished) until it is whole.
inline constexpr const char* part_ending = ".part";

/// All that a copy of a finished run needs; the result last, as it says that the run is finished.
inline constexpr const char* all[] = {config, epochs,        steps,  best,
                                      last,   final_weights, logits, result};

}  // namespace experiments::run_files
