// SPDX-License-Identifier: MIT
#include <cuda_runtime_api.h>

#include <cstring>

#include "test/cuda_on_host/api.h"
#include "test/cuda_on_host/cuda_on_host.h"

// What the runtime tells of the machine: a GPU as wide as an H100's description, as slow as a host.
using namespace cuda_on_host;

namespace {

int current_device = 0;

struct ErrorText {
  cudaError_t status;
  const char *name, *text;
};

constexpr ErrorText error_texts[] = {
    {cudaSuccess, "cudaSuccess", "no error"},
    {cudaErrorInvalidValue, "cudaErrorInvalidValue", "invalid argument"},
    {cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation", "out of memory"},
    {cudaErrorInvalidConfiguration, "cudaErrorInvalidConfiguration",
     "invalid configuration argument"},
    {cudaErrorInsufficientDriver, "cudaErrorInsufficientDriver",
     "CUDA driver version is insufficient for CUDA runtime version"},
    {cudaErrorInvalidDeviceFunction, "cudaErrorInvalidDeviceFunction", "invalid device function"},
    {cudaErrorNoDevice, "cudaErrorNoDevice", "no CUDA-capable device is detected"},
    {cudaErrorInvalidDevice, "cudaErrorInvalidDevice", "invalid device ordinal"},
    {cudaErrorNoKernelImageForDevice, "cudaErrorNoKernelImageForDevice",
     "no kernel image is available for execution on the device"},
    {cudaErrorInvalidResourceHandle, "cudaErrorInvalidResourceHandle", "invalid resource handle"},
    {cudaErrorNotReady, "cudaErrorNotReady", "device not ready"},
    {cudaErrorIllegalAddress, "cudaErrorIllegalAddress",
     "an illegal memory access was encountered"},
    {cudaErrorMisalignedAddress, "cudaErrorMisalignedAddress", "misaligned address"},
    {cudaErrorLaunchTimeout, "cudaErrorLaunchTimeout", "the launch timed out and was terminated"},
    {cudaErrorLaunchFailure, "cudaErrorLaunchFailure", "unspecified launch failure"},
    {cudaErrorNotSupported, "cudaErrorNotSupported", "operation not supported"},
    {cudaErrorStreamCaptureUnsupported, "cudaErrorStreamCaptureUnsupported",
     "operation not permitted when stream is capturing"},
    {cudaErrorStreamCaptureInvalidated, "cudaErrorStreamCaptureInvalidated",
     "operation failed due to a previous error during capture"},
    {cudaErrorStreamCaptureUnjoined, "cudaErrorStreamCaptureUnjoined",
     "capture sequence contains a fork that was not joined to the primary stream"},
    {cudaErrorStreamCaptureIsolation, "cudaErrorStreamCaptureIsolation",
     "dependency created on uncaptured work in another stream"},
    {cudaErrorStreamCaptureWrongThread, "cudaErrorStreamCaptureWrongThread",
     "attempt to terminate a thread-local capture sequence from another thread"},
    {cudaErrorIllegalState, "cudaErrorIllegalState",
     "the operation cannot be performed in the present state"},
};

const ErrorText& describe(cudaError_t status) {
  static constexpr ErrorText unknown = {cudaErrorUnknown, "cudaErrorUnknown", "unknown error"};
  for (const ErrorText& known : error_texts)
    if (known.status == status) return known;
  return unknown;
}

}  // namespace

const char* cudaGetErrorName(cudaError_t status) { return describe(status).name; }
const char* cudaGetErrorString(cudaError_t status) { return describe(status).text; }

cudaError_t cudaDriverGetVersion(int* version) {
  *version = options().driver_version;
  return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}

cudaError_t cudaGetDeviceCount(int* count) {
  const ApiCall call;
  *count = 0;
  if (const cudaError_t status = machine_status(); status != cudaSuccess) return outcome(status);
  *count = options().device_count;
  return outcome(cudaSuccess);
}

cudaError_t cudaGetDevice(int* device) {
  const ApiCall call;
  *device = current_device;
  return outcome(machine_status());
}

cudaError_t cudaSetDevice(int device) {
  const ApiCall call;
  if (const cudaError_t status = machine_status(); status != cudaSuccess) return outcome(status);
  if (device < 0 || device >= options().device_count) return outcome(cudaErrorInvalidDevice);
  current_device = device;
  return outcome(cudaSuccess);
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  const ApiCall call;
  if (const cudaError_t status = machine_status(); status != cudaSuccess) return outcome(status);
  if (device < 0 || device >= options().device_count) return outcome(cudaErrorInvalidDevice);
  *properties = {};
  std::strcpy(properties->name, "CUDA on host");
  properties->totalGlobalMem = options().device_memory;
  properties->sharedMemPerBlock = std::size_t{48} << 10;
  properties->sharedMemPerBlockOptin = options().shared_bytes_per_block;
  properties->regsPerBlock = 65536;
  properties->warpSize = 32;
  properties->maxThreadsPerBlock = 1024;
  properties->maxThreadsPerMultiProcessor = 2048;
  properties->major = options().compute_capability / 10;
  properties->minor = options().compute_capability % 10;
  properties->multiProcessorCount = options().multiprocessors;
  return outcome(cudaSuccess);
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  cudaDeviceProp properties;
  if (const cudaError_t status = cudaGetDeviceProperties(&properties, device);
      status != cudaSuccess)
    return status;
  switch (attribute) {
    case cudaDevAttrMultiProcessorCount: *value = properties.multiProcessorCount; break;
    case cudaDevAttrMaxThreadsPerBlock: *value = properties.maxThreadsPerBlock; break;
    case cudaDevAttrMaxSharedMemoryPerBlock: *value = int(properties.sharedMemPerBlock); break;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
      *value = int(properties.sharedMemPerBlockOptin);
      break;
    case cudaDevAttrComputeCapabilityMajor: *value = properties.major; break;
    case cudaDevAttrComputeCapabilityMinor: *value = properties.minor; break;
    default: return bad_call("cudaDeviceGetAttribute: not one this runtime knows");
  }
  return cudaSuccess;
}
