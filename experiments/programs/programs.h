// SPDX-License-Identifier: MIT
#pragma once

/// The programs as functions, for a program that brings networks, losses or data sets of its own
/// and wants all that they do: see docs/library.md. Each returns the exit status.
namespace experiments {

int train_main(int argc, char** argv);
int evaluate_main(int argc, char** argv);
int predict_main(int argc, char** argv);
int export_main(int argc, char** argv);

}  // namespace experiments
