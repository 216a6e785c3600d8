// SPDX-License-Identifier: MIT
#include "test/cuda_on_host/api.h"

#include <cuda_profiler_api.h>

#include <cstdlib>
#include <map>
#include <sstream>

#include "test/cuda_on_host/capture.h"
#include "test/cuda_on_host/cuda_on_host.h"
#include "test/cuda_on_host/faults.h"
#include "test/cuda_on_host/report.h"
#include "test/cuda_on_host/scheduler.h"
#include "test/cuda_on_host/stream.h"

// Options, errors and launches.
namespace cuda_on_host {
namespace {

constexpr int oldest_compute_capability = 75;  // as in kernels/cuda/cuda.cmake
constexpr std::size_t shared_bytes_unasked = std::size_t{48} << 10;

cudaError_t last_error = cudaSuccess;      // until it is asked for
cudaError_t device_failure = cudaSuccess;  // until recover()

std::map<const void*, std::size_t>& allowed_shared_bytes() {
  static std::map<const void*, std::size_t> by_kernel;
  return by_kernel;
}

Options from_environment() {
  Options o;
  const char* text = std::getenv("CUDA_ON_HOST");
  std::istringstream words(text != nullptr ? text : "");
  for (std::string word; words >> word;) {
    if (word == "order=forward")
      o.order = Order::forward;
    else if (word == "order=reverse")
      o.order = Order::reverse;
    else if (word == "order=random")
      o.order = Order::random;
    else if (word.starts_with("seed="))
      o.seed = std::stoull(word.substr(5));
    else if (word == "shuffle")
      o.shuffle_blocks = true;
    else if (word == "lazy")
      o.lazy_streams = true;
    else if (word == "overtake")
      o.lazy_streams = o.overtaking_streams = true;
    else if (word == "unlocked")
      o.locked = false;
    else if (word.starts_with("memory="))
      o.device_memory = std::stoull(word.substr(7)) << 20;
    else if (word.starts_with("devices="))
      o.device_count = std::stoi(word.substr(8));
    else if (word.starts_with("driver="))
      o.driver_version = std::stoi(word.substr(7));
    else if (word.starts_with("fail="))
      o.failing_kernel = word.substr(5);
    else {
      std::fprintf(stderr, "CUDA_ON_HOST: \"%s\" is not an option\n", word.c_str());
      std::exit(2);
    }
  }
  return o;
}

// Whether a GPU takes the launch.
cudaError_t check_configuration(const Launch& launch) {
  const dim3 grid = launch.config.gridDim, threads = launch.config.blockDim;
  const bool grid_fits = grid.x >= 1 && grid.y >= 1 && grid.z >= 1 && grid.x <= 0x7fffffff &&
                         grid.y <= 0xffff && grid.z <= 0xffff;
  const bool block_fits = threads.x >= 1 && threads.y >= 1 && threads.z >= 1 && threads.x <= 1024 &&
                          threads.y <= 1024 && threads.z <= 64 &&
                          std::size_t{threads.x} * threads.y * threads.z <= 1024;
  if (!grid_fits || !block_fits) return cudaErrorInvalidConfiguration;
  const auto allowed = allowed_shared_bytes().find(launch.kernel);
  const std::size_t limit =
      allowed != allowed_shared_bytes().end() ? allowed->second : shared_bytes_unasked;
  if (launch.config.dynamicSmemBytes > limit) return cudaErrorInvalidValue;
  if (launch.config.numAttrs > 0)
    return bad_call("launch attributes are not supported", cudaErrorNotSupported);
  return cudaSuccess;
}

bool fails_as_wanted(const Launch& launch) {
  const std::string& name = options().failing_kernel;
  return !name.empty() && function_name(launch.kernel).find(name) != std::string::npos;
}

}  // namespace

Options& options() {
  static Options all = from_environment();
  return all;
}

Statistics& statistics() {
  static Statistics all;
  return all;
}

ApiCall::ApiCall() {
  static std::recursive_mutex one_at_a_time;
  lock_ = std::unique_lock(one_at_a_time);
  watch_for_faults();
}

cudaError_t outcome(cudaError_t status) {
  if (device_failure != cudaSuccess) return device_failure;
  if (status != cudaSuccess && status != cudaErrorNotReady) last_error = status;
  return status;
}

cudaError_t bad_call(const std::string& what, cudaError_t status) {
  report(Kind::bad_call, what);
  return outcome(status);
}

void set_device_failure(cudaError_t failure) { device_failure = failure; }
bool device_failed() { return device_failure != cudaSuccess; }

void recover() {
  const ApiCall call;
  run_all_streams();
  last_error = device_failure = cudaSuccess;
}

cudaError_t machine_status() {
  if (options().driver_version < CUDART_VERSION / 1000 * 1000) return cudaErrorInsufficientDriver;
  return options().device_count > 0 ? cudaSuccess : cudaErrorNoDevice;
}

cudaError_t launch(const Launch& wanted) {
  const ApiCall call;
  if (const cudaError_t status = machine_status(); status != cudaSuccess) return outcome(status);
  if (options().compute_capability < oldest_compute_capability)
    return outcome(cudaErrorNoKernelImageForDevice);
  if (const cudaError_t status = check_configuration(wanted); status != cudaSuccess)
    return outcome(status);
  if (device_failed()) return outcome(cudaSuccess);
  // Even if it has run when this returns: what it did wrong is known to later calls.
  return enqueue(wanted.config.stream, [wanted] {
    const cudaError_t failure =
        fails_as_wanted(wanted) ? cudaErrorIllegalAddress : run_kernel(wanted);
    if (failure != cudaSuccess) set_device_failure(failure);
  });
}

}  // namespace cuda_on_host

using namespace cuda_on_host;

cudaError_t cudaGetLastError() {
  const ApiCall call;
  const cudaError_t status = outcome(last_error);
  last_error = cudaSuccess;
  return status;
}

cudaError_t cudaPeekAtLastError() {
  const ApiCall call;
  return outcome(last_error);
}

cudaError_t cudaDeviceSynchronize() {
  const ApiCall call;
  if (const auto refused = refuse_wait("cudaDeviceSynchronize", nullptr); refused != cudaSuccess)
    return refused;
  ++statistics().waits;
  run_all_streams();
  return outcome(machine_status());
}

cudaError_t cudaProfilerStart() { return outcome(machine_status()); }
cudaError_t cudaProfilerStop() { return outcome(machine_status()); }

cudaError_t cudaFuncSetAttribute(const void* kernel, cudaFuncAttribute attribute, int value) {
  const ApiCall call;
  if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize) return outcome(cudaSuccess);
  if (value < 0 || std::size_t(value) > options().shared_bytes_per_block)
    return outcome(cudaErrorInvalidValue);
  allowed_shared_bytes()[kernel] = std::size_t(value);
  return outcome(machine_status());
}

cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, const void* kernel) {
  const ApiCall call;
  if (const cudaError_t status = machine_status(); status != cudaSuccess) return outcome(status);
  if (options().compute_capability < oldest_compute_capability)
    return outcome(cudaErrorNoKernelImageForDevice);
  *attributes = {};
  attributes->maxThreadsPerBlock = 1024;
  attributes->binaryVersion = attributes->ptxVersion = options().compute_capability;
  const auto allowed = allowed_shared_bytes().find(kernel);
  attributes->maxDynamicSharedSizeBytes =
      int(allowed != allowed_shared_bytes().end() ? allowed->second : shared_bytes_unasked);
  return outcome(cudaSuccess);
}

cudaError_t cudaFuncGetName(const char** name, const void* kernel) {
  const ApiCall call;
  const std::string& known = function_name(kernel);
  *name = known.c_str();
  return outcome(known.empty() ? cudaErrorInvalidDeviceFunction : cudaSuccess);
}
