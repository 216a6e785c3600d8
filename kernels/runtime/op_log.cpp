// SPDX-License-Identifier: MIT
#include "kernels/runtime/op_log.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>

#include "kernels/runtime/error.h"
#include "kernels/runtime/memory.h"

namespace kernels {
namespace {

/// "BatchNorm" of kernels::BatchNorm.
std::string name_of(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), std::free);
  const std::string full = status == 0 ? name.get() : type.name();
  return full.substr(full.rfind(':') + 1);
}

}  // namespace

OpLog* OpLog::kept_ = nullptr;

OpLog::OpLog() {
  require(kept_ == nullptr, "ops are logged already");
  kept_ = this;
}

OpLog::~OpLog() { kept_ = nullptr; }

void OpLog::begin(Device where) {
  synchronize(where);
  begun_ = std::chrono::steady_clock::now();
}

void OpLog::end(Device where, const std::type_info& op, double bytes, double flops) {
  synchronize(where);
  OpCost& cost = costs_[name_of(op)];
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begun_;
  ++cost.calls;
  cost.seconds += time.count();
  cost.bytes += bytes;
  cost.flops += flops;
}

}  // namespace kernels
