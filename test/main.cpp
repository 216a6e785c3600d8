// SPDX-License-Identifier: MIT
#define CATCH_CONFIG_RUNNER
#include "kernels/idle_threads.h"
#include "test/catch.h"

int main(int argc, char** argv) {
  kernels::let_idle_threads_sleep(argv);
  return Catch::Session().run(argc, argv);
}
