// SPDX-License-Identifier: MIT
#include "kernels/cuda/launch.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "kernels/cuda/check.h"
#include "kernels/error.h"

namespace kernels {
namespace {

constexpr std::size_t shared_bytes_without_asking = std::size_t{48} << 10;
constexpr std::size_t max_blocks = 0x7fffffff;

void erase_all(std::string& text, const std::string& part) {
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part))
    text.erase(at, part.size());
}

// "soft_target_loss_block_per_row<4>" of its mangled name. A GPU in trouble tells no names; then
// the function that wanted the launch stands in.
std::string name_of(const void* kernel, const Grid& grid) {
  const char* mangled = nullptr;
  if (cudaFuncGetName(&mangled, kernel) != cudaSuccess || mangled == nullptr)
    return fmt::format("a kernel of {}", grid.at.function_name());
  const std::unique_ptr<char, decltype(&std::free)> demangled(
      abi::__cxa_demangle(mangled, nullptr, nullptr, nullptr), &std::free);
  std::string name = demangled ? demangled.get() : mangled;
  erase_all(name, "(anonymous namespace)::");
  erase_all(name, "kernels::");
  name.resize(std::min(name.find('('), name.size()));
  if (name.starts_with("void ")) name.erase(0, 5);
  return name;
}

[[noreturn]] void fail_impossible(cudaError_t status, const void* kernel, const Grid& grid) {
  fail(
      "{}: {} blocks of {} threads with {} bytes of dynamic shared memory cannot be launched: {} "
      "(a "
      "block has at most 1024 threads and {} bytes here; {}:{})",
      name_of(kernel, grid), grid.blocks, grid.threads, grid.shared_bytes,
      cudaGetErrorString(status), context().max_shared_bytes(), grid.at.file_name(),
      grid.at.line());
}

}  // namespace

cudaLaunchConfig_t prepare_launch(const void* kernel, const Grid& grid) {
  if (grid.blocks > max_blocks) fail_impossible(cudaErrorInvalidConfiguration, kernel, grid);
  if (grid.shared_bytes > shared_bytes_without_asking) {
    const cudaError_t status = cudaFuncSetAttribute(
        kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, int(grid.shared_bytes));
    if (status == cudaErrorInvalidValue) {
      cudaGetLastError();
      fail_impossible(status, kernel, grid);
    }
    check(status, grid.at);
  }
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(unsigned(grid.blocks));
  config.blockDim = dim3(grid.threads);
  config.dynamicSmemBytes = grid.shared_bytes;
  config.stream = context().stream();
  return config;
}

void finish_launch(cudaError_t status, const void* kernel, const Grid& grid) {
  if (status == cudaErrorInvalidConfiguration || status == cudaErrorInvalidValue ||
      status == cudaErrorLaunchOutOfResources) {
    cudaGetLastError();  // the refusal does no harm to later calls
    fail_impossible(status, kernel, grid);
  }
  require(
      status == cudaSuccess,
      "{} could not be launched: {} (a kernel launched before may have failed; SOFTLABEL_SYNC=1 "
      "names it)",
      name_of(kernel, grid), cudaGetErrorString(status));
  if (!context().synchronous()) return;
  const cudaError_t outcome = cudaStreamSynchronize(context().stream());
  require(outcome == cudaSuccess, "{} failed: {} ({}:{})", name_of(kernel, grid),
          cudaGetErrorString(outcome), grid.at.file_name(), grid.at.line());
}

}  // namespace kernels
