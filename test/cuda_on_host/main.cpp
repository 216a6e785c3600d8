// SPDX-License-Identifier: MIT
#define CATCH_CONFIG_RUNNER
#include <cstdio>
#include <string>

#include "engine/autograd.h"
#include "engine/pool.h"
#include "kernels/cuda/sort.h"
#include "kernels/cuda/workspace.h"
#include "kernels/matmul.h"
#include "kernels/process/openmp.h"
#include "kernels/runtime/memory.h"
#include "kernels/runtime/run.h"
#include "test/cuda_on_host/cuda_on_host.h"
#include "test/support/catch.h"
#include "test/support/support.h"

// In place of test/main.cpp: after each test case, nothing may have been found in its kernels, and
// the device memory it used must be free again.
namespace {

#if __has_include(<catch2/catch_all.hpp>)
using Listener = Catch::EventListenerBase;
#else
using Listener = Catch::TestEventListenerBase;
#endif

int failed_cases = 0;

class WatchKernels : public Listener {
 public:
  using Listener::Listener;

  void testCaseStarting(const Catch::TestCaseInfo& info) override {
    Listener::testCaseStarting(info);
    name_ = info.name;
    allocated_before_ = allocated();
  }

  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    const auto reports = cuda_on_host::take_reports();
    for (const auto& r : reports)
      std::printf("%s: %s: %s: %s\n", name_.c_str(), name(r.kind), r.kernel.c_str(),
                  r.text.c_str());
    const std::size_t after = allocated();
    if (after != allocated_before_)
      std::printf("%s: %zu bytes of device memory before, %zu after\n", name_.c_str(),
                  allocated_before_, after);
    failed_cases += !reports.empty() || after != allocated_before_;
    cuda_on_host::recover();
    Listener::testCaseEnded(stats);
  }

 private:
  // What the pool keeps for later use is not lost.
  static std::size_t allocated() {
    engine::pool(engine::Device::cuda).trim();
    return cuda_on_host::allocated_bytes();
  }

  std::string name_;
  std::size_t allocated_before_ = 0;
};

CATCH_REGISTER_LISTENER(WatchKernels)

// What stays allocated once it is needed, so that no test case is the one that needs it first.
void warm_up() {
  constexpr std::size_t more_than_tests_need = std::size_t{64} << 20;
  kernels::workspace(more_than_tests_need);
  kernels::tickets(more_than_tests_need / 1024);
  auto* three = static_cast<float*>(kernels::raw_alloc(kernels::Device::cuda, 3 * sizeof(float)));
  kernels::fill_bytes(kernels::Device::cuda, three, 0, 3 * sizeof(float));
  run(kernels::Device::cuda, kernels::MatMul{three, three + 1, three + 2, 1, 1, 1});
  kernels::sort_ascending(three, 3);
  engine::is_one(engine::Tensor::zeros({1}, engine::Device::cuda));
  kernels::raw_free(kernels::Device::cuda, three);
}

}  // namespace

int main(int argc, char** argv) {
  kernels::choose_openmp_settings();
  test::cuda_memory_guards_itself = true;
  warm_up();
  const int failed = Catch::Session().run(argc, argv);
  if (failed_cases > 0) std::printf("%d test cases have kernels with mistakes\n", failed_cases);
  return failed != 0 || failed_cases > 0;
}
