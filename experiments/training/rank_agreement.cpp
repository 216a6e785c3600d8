// SPDX-License-Identifier: MIT
#include "experiments/training/rank_agreement.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <span>

#include "engine/system/fingerprint.h"
#include "engine/system/values.h"
#include "kernels/ranks/ranks.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/memory.h"

namespace experiments {
namespace {

/// Its name for people, which kinds with other instructions do not share; empty if it has none.
std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name"))
      return line.substr(std::min(line.find(':') + 2, line.size()));
  return {};
}

/// "version is "0.1", that of rank 0 "0.2"", of the first thing that differs; empty if none does.
std::string first_difference(const Json& first, const Json& mine) {
  for (const auto& [part, values] : mine.items()) {
    for (const auto& [key, value] : values.items()) {
      const Json other = first.at(part).value(key, Json());
      if (other != value)
        return fmt::format("{} {} is {} here, and on rank 0 {}", part, key, to_text(value),
                           to_text(other));
    }
  }
  return {};
}

}  // namespace

void require_agreement(const RunIdentity& identity, const Json& provenance) {
  if (kernels::ranks().count == 1) return;
  Json how = {{"processor", processor()}};
  for (const char* key : {"version", "commit", "gpu", "deterministic", "threads", "libraries"})
    if (provenance.contains(key)) how[key] = provenance[key];
  const Json mine = {
      {"option", to_json(identity.config)}, {"input", identity.inputs}, {"circumstance", how}};
  const Json first = Json::parse(kernels::said_by_ranks(mine.dump()).front());
  const std::string difference = first_difference(first, mine);
  kernels::require(difference.empty(),
                   "cannot train with the other ranks: {}; all ranks take the same command, "
                   "program and data, on the same kind of machine",
                   difference);
}

void require_same_weights(const nn::Model& model) {
  if (kernels::ranks().count == 1) return;
  std::string print;
  for (const nn::Tensor& part : {model.parameters().values(), model.parameters().running()}) {
    const std::vector<float> values = part.to_host();
    print = fingerprint(std::as_bytes(std::span(values)), print);
  }
  kernels::require(kernels::said_by_ranks(print).front() == print,
                   "the weights are not those of rank 0 any more, though both were "
                   "computed from the same sums: a memory, a processor or a network errs; the last "
                   "checkpoint is of the epoch before");
}

void take_threads_of_first() {
  const std::string own = std::to_string(kernels::threads());
  const std::string first = kernels::said_by_ranks(own).front();
  if (first != own) kernels::set_threads(std::stoi(first));
}

}  // namespace experiments
