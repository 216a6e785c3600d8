// SPDX-License-Identifier: MIT
#pragma once
#include <cuda_runtime_api.h>

#include <mutex>
#include <string>

namespace cuda_on_host {

/// Held by each function of the runtime's interface, so that threads of the host take turns.
class ApiCall {
 public:
  ApiCall();

 private:
  std::unique_lock<std::recursive_mutex> lock_;
};

/// What the call returns: `status`, which cudaGetLastError() will say again; or, once a kernel has
/// failed, that failure whatever the call does.
cudaError_t outcome(cudaError_t status);

/// The same, for a call that is a mistake of the caller whatever the circumstances.
cudaError_t bad_call(const std::string& what, cudaError_t status = cudaErrorInvalidValue);

/// A kernel has failed: nothing works any more on this device until recover().
void set_device_failure(cudaError_t);
bool device_failed();

/// cudaSuccess if there is a driver and a device.
cudaError_t machine_status();

}  // namespace cuda_on_host
