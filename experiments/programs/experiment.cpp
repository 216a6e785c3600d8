// SPDX-License-Identifier: MIT
// The program of an experiment, which CMake names.
#include "experiments/harness/experiment_program.h"

namespace experiments {
Experiment EXPERIMENT();
}

int main(int argc, char** argv) {
  return experiments::run_experiment(experiments::EXPERIMENT, EXPERIMENT_NAME, argc, argv);
}
