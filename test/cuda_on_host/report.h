// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <string>

#include "test/cuda_on_host/cuda_on_host.h"
#include "test/cuda_on_host/include/cuda_on_host/builtins.h"

namespace cuda_on_host {

/// Adds to what take_reports() gives, with the name of the kernel that runs.
void report(Kind, const std::string& text);

/// "at loss.cu:33"
std::string describe(const Place&);

/// "at warp.cuh:20, called from loss.cu:33": the call in the program's code that returns to
/// `address`.
std::string describe_code(const void* address);

/// The mangled name of a function of this program; empty if it is unknown.
const std::string& function_name(const void* function);

/// The name without namespaces and parameters: "soft_target_loss_block_per_row<4>".
std::string kernel_name(const void* kernel);

/// Whether [address, address + bytes) lies in one static variable of a function, which is what
/// __shared__ makes of a variable. If the program carries no symbols, every variable is taken for
/// one.
bool in_block_variable(const void* address, std::size_t bytes);

/// The memory of all variables of the program that are not constants of the compiler's.
struct Range {
  const char* begin;
  const char* end;
  bool holds(const void* address) const { return address >= begin && address < end; }
};
Range program_variables();

}  // namespace cuda_on_host
