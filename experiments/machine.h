// SPDX-License-Identifier: MIT
#pragma once
#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "experiments/config.h"
#include "kernels/math_mode.h"
#include "kernels/memory.h"
#include "nn/model.h"

namespace experiments {

/// Where and with what a program runs; nothing of this is part of a run's identity.
struct Machine {
  std::string data_dir, cache_dir;
  std::string device = "auto";  // or cpu, cuda, cuda:N
  int threads = 0;              // 0: one for each core
  kernels::MathMode math;       // on a GPU

  void add_options(CLI::App&);

  /// Takes the device into use, sets threads and math mode, and says on standard error which device
  /// it is and why: "device: cpu, 2 threads (no NVIDIA driver is installed)". Auto is cuda where
  /// there is a GPU that this build can use, else cpu. Throws Error with the reason for a device
  /// that there is not.
  nn::Device start();

  /// For config.json and result.json, with version and commit; after start().
  Json circumstances() const;

 private:
  std::optional<kernels::Gpu> gpu_;  // in use
};

}  // namespace experiments
