// SPDX-License-Identifier: MIT
// The main program of the op benches: Google Benchmark's, with --device and --threads of `train`.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "bench/device.h"
#include "experiments/command_line/machine.h"

namespace {

kernels::Device in_use = kernels::Device::cpu;

// Removes our options from the command line, which Google Benchmark reads then.
experiments::Machine take_machine(int& argc, char** argv) {
  experiments::Machine machine;
  int kept = 1;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i], device = "--device=", threads = "--threads=";
    if (word.starts_with(device))
      machine.device = word.substr(device.size());
    else if (word.starts_with(threads))
      machine.threads = std::atoi(argv[i] + threads.size());
    else
      argv[kept++] = argv[i];
  }
  argc = kept;
  return machine;
}

}  // namespace

kernels::Device bench::device() { return in_use; }

int main(int argc, char** argv) try {
  experiments::Machine machine = take_machine(argc, argv);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  in_use = machine.start(kernels::Precision::exact);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
} catch (const kernels::Error& error) {
  std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
  return 1;
}
