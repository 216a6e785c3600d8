// SPDX-License-Identifier: MIT
#include "kernels/cuda/launch.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "kernels/cuda/check.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch_counts.h"

namespace kernels {
namespace {

constexpr std::size_t shared_bytes_without_asking = std::size_t{48} << 10;
constexpr std::size_t max_blocks = 0x7fffffff;

// "soft_target_loss_block_per_row<4>" of its mangled name. A GPU in trouble tells no names; then
// the function that wanted the launch stands in.
std::string name_of(const void* kernel, const Grid& grid) {
  const char* mangled = nullptr;
  if (cudaFuncGetName(&mangled, kernel) != cudaSuccess || mangled == nullptr)
    return fmt::format("a kernel of {}", grid.at.function_name());
  const std::unique_ptr<char, decltype(&std::free)> demangled(
      abi::__cxa_demangle(mangled, nullptr, nullptr, nullptr), &std::free);
  std::string name = demangled ? demangled.get() : mangled;
  constexpr std::string_view unnamed = "(anonymous namespace)::";
  for (auto at = name.find(unnamed); at != name.npos; at = name.find(unnamed))
    name.erase(at, unnamed.size());
  // Without parameters. Arguments of a template may hold parentheses too.
  const bool is_template = name.find('<') < name.find('(');
  name.resize(is_template ? name.rfind(">(") + 1 : std::min(name.find('('), name.size()));
  const auto before = name.find_last_of(": ", name.find('<'));
  return before == name.npos ? name : name.substr(before + 1);
}

}  // namespace

Launch::Launch(const void* kernel, const Grid& grid) : kernel_(kernel), grid_(grid) {
  if (context().synchronous()) name_ = name_of(kernel, grid);
  if (grid.blocks > max_blocks) fail_impossible(cudaErrorInvalidConfiguration);
  if (grid.shared_bytes > shared_bytes_without_asking) {
    const cudaError_t status = cudaFuncSetAttribute(
        kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, int(grid.shared_bytes));
    if (status == cudaErrorInvalidValue) fail_impossible(status);
    check(status, grid.at);
  }
  config_.gridDim = dim3(unsigned(grid.blocks));
  config_.blockDim = dim3(grid.threads);
  config_.dynamicSmemBytes = grid.shared_bytes;
  config_.stream = context().stream();
}

void Launch::fail_impossible(cudaError_t status) const {
  cudaGetLastError();  // the refusal does no harm to later calls
  fail(
      "{}: a launch of {} x {} threads with {} bytes of dynamic shared memory is impossible: {} (a "
      "block has at most 1024 threads and {} bytes here; {}:{})",
      name_of(kernel_, grid_), grid_.blocks, grid_.threads, grid_.shared_bytes,
      cudaGetErrorString(status), context().max_shared_bytes(), grid_.at.file_name(),
      grid_.at.line());
}

void Launch::finish(cudaError_t status) const {
  if (status == cudaErrorInvalidConfiguration || status == cudaErrorInvalidValue ||
      status == cudaErrorLaunchOutOfResources)
    fail_impossible(status);
  require(
      status == cudaSuccess,
      "{} could not be launched: {} (a kernel launched before may have failed; SOFTLABEL_SYNC=1 "
      "names it)",
      name_of(kernel_, grid_), cudaGetErrorString(status));
  count_launch(Cuda{}, &LaunchCounts::kernels);
  if (!context().synchronous()) return;
  const cudaError_t outcome = cudaStreamSynchronize(context().stream());
  require(outcome == cudaSuccess, "{} failed: {} ({}:{})", name_, cudaGetErrorString(outcome),
          grid_.at.file_name(), grid_.at.line());
}

void finish_call_of(const char* library) {
  if (!context().synchronous()) return;
  const cudaError_t outcome = cudaStreamSynchronize(context().stream());
  require(outcome == cudaSuccess, "{} failed: {}", library, cudaGetErrorString(outcome));
}

}  // namespace kernels
