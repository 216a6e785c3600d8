// SPDX-License-Identifier: MIT
#pragma once
#include <cuda_runtime_api.h>

#include <cstddef>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

namespace cuda_on_host {

/// A kernel with its arguments, copied when it was launched as CUDA does.
struct Launch {
  cudaLaunchConfig_t config;
  const void* kernel;
  std::shared_ptr<void> arguments;
  std::size_t arguments_bytes;
  void (*call)(void* arguments);  // what each thread runs
};

/// Checks the launch and queues it.
cudaError_t launch(const Launch&);

/// cudaLaunchKernelEx, for kernels that are functions of the host.
template <class... Params, class... Args>
cudaError_t launch_kernel(const cudaLaunchConfig_t* config, void (*kernel)(Params...),
                          Args&&... args) {
  static_assert((std::is_trivially_copyable_v<Params> && ...),
                "kernel parameters are copied to the GPU byte by byte");
  struct Call {
    void (*kernel)(Params...);
    std::tuple<Params...> arguments;
  };
  auto call = std::make_shared<Call>(
      Call{kernel, std::tuple<Params...>(static_cast<Params>(std::forward<Args>(args))...)});
  return launch({*config, reinterpret_cast<const void*>(kernel), call, sizeof(Call), [](void* at) {
                   auto* made = static_cast<Call*>(at);
                   std::apply(made->kernel, made->arguments);
                 }});
}

/// The dynamic shared memory of the block that runs.
void* dynamic_shared();

}  // namespace cuda_on_host
