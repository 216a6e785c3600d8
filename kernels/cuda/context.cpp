// SPDX-License-Identifier: MIT
#include "kernels/cuda/context.h"

#include <atomic>
#include <cstdlib>
#include <string>

#include "kernels/cuda/check.h"
#include "kernels/cuda/probe.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/memory.h"
#include "kernels/runtime/precision.h"

namespace kernels {
namespace {

std::string cuda_version(int number) {  // 13000 is 13.0
  return fmt::format("{}.{}", number / 1000, number % 1000 / 10);
}

std::string why_no_driver() {
  int driver = 0, runtime = 0;
  cudaDriverGetVersion(&driver);
  cudaRuntimeGetVersion(&runtime);
  if (driver == 0) return "no NVIDIA driver is installed";
  return fmt::format("the NVIDIA driver is for CUDA {}, this program needs {}: update the driver",
                     cuda_version(driver), cuda_version(runtime));
}

// Looks at a GPU without taking it into use.
std::string why_unavailable_gpu(int index) {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  cudaGetLastError();  // the answer below is all that is left of a failure
  if (status == cudaErrorInsufficientDriver) return why_no_driver();
  if (status == cudaErrorNoDevice || (status == cudaSuccess && count == 0))
    return "no CUDA device (does CUDA_VISIBLE_DEVICES hide it?)";
  if (status != cudaSuccess) return fmt::format("CUDA: {}", cudaGetErrorString(status));
  if (index < 0 || index >= count)
    return fmt::format("cuda:{} does not exist; there {} {} CUDA device{}", index,
                       count == 1 ? "is" : "are", count, count == 1 ? "" : "s");
  return "";
}

std::atomic<int> wanted_gpu{0};
std::atomic<int> gpu_in_use{-1};

}  // namespace

void fail_call(cudaError_t status, const std::source_location& at) {
  const bool kernel_failed = status == cudaErrorIllegalAddress ||
                             status == cudaErrorMisalignedAddress ||
                             status == cudaErrorLaunchFailure || status == cudaErrorLaunchTimeout;
  fail("CUDA: {} ({}, {}:{}){}", cudaGetErrorString(status), cudaGetErrorName(status),
       at.file_name(), at.line(),
       kernel_failed ? "; SOFTLABEL_SYNC=1 names the kernel that failed" : "");
}

std::string why_unavailable(Cuda) { return why_unavailable_gpu(wanted_gpu); }

std::string why_unavailable(Cuda, Precision precision) {
  if (precision == Precision::exact || precision == Precision::f32) return "";
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, wanted_gpu));
  if (properties.major >= 8) return "";
  return fmt::format("its compute capability is {}.{}, and TF32 and bf16 need 8.0 or more",
                     properties.major, properties.minor);
}

void select_gpu(Cuda, int index) {
  const std::string reason = why_unavailable_gpu(index);
  require(reason.empty(), "{}", reason);
  const int in_use = gpu_in_use;
  require(in_use < 0 || in_use == index,
          "cuda:{} is in use already; a process works on one GPU, cuda:{} was asked for", in_use,
          index);
  wanted_gpu = index;
}

int gpu_count(Cuda) {
  int count = 0;
  if (cudaGetDeviceCount(&count) == cudaSuccess) return count;
  cudaGetLastError();  // why there is none, why_unavailable says
  return 0;
}

Gpu gpu(Cuda) {
  const int index = context().device();
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, index));
  return {index, properties.name, properties.totalGlobalMem, gpu_is_host()};
}

Context::Context(int device) : device_(device) {
  const std::string reason = why_unavailable_gpu(device);
  require(reason.empty(), "{}", reason);
  check(cudaSetDevice(device));
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, device));
  const cudaError_t status = probe();
  cudaGetLastError();
  require(status == cudaSuccess,
          "cuda:{}, {}, has compute capability {}.{}, for which this build has no code; configure "
          "with -DCMAKE_CUDA_ARCHITECTURES={}{} ({})",
          device, properties.name, properties.major, properties.minor, properties.major,
          properties.minor, cudaGetErrorString(status));
  max_shared_bytes_ = properties.sharedMemPerBlockOptin;
  const char* synchronous = std::getenv("SOFTLABEL_SYNC");
  synchronous_ = synchronous != nullptr && std::string(synchronous) == "1";
  check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
}

Context::~Context() { cudaStreamDestroy(stream_); }

Context& context() {
  static Context* const only = [] {
    const int device = wanted_gpu;
    auto* made = new Context(device);
    gpu_in_use = device;
    return made;
  }();
  thread_local bool current = false;  // a new thread starts on GPU 0
  if (!current) {
    check(cudaSetDevice(only->device()));
    current = true;
  }
  return *only;
}

}  // namespace kernels
