// SPDX-License-Identifier: MIT
// The main function of train, evaluate and others; CMake says which.
#include "experiments/programs/programs.h"

int main(int argc, char** argv) { return experiments::MAIN(argc, argv); }
