// SPDX-License-Identifier: MIT
#define CATCH_CONFIG_RUNNER
#include "kernels/process/openmp.h"
#include "test/support/catch.h"

int main(int argc, char** argv) {
  kernels::choose_openmp_settings();
  return Catch::Session().run(argc, argv);
}
