// SPDX-License-Identifier: MIT
#pragma once

namespace experiments {

struct Experiment;  // experiment.h, which a main program need not read

/// The program of an experiment: parses the command line; trains what --only and --shard select of
/// its runs, or with --list prints their states; when all are finished judges the claims and writes
/// results.*, claims.json, the figure and report.html. Returns the exit status.
int run_experiment(Experiment (*)(), const char* program, int argc, char** argv);

}  // namespace experiments
