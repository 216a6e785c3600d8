// SPDX-License-Identifier: MIT
#include "test/cuda_on_host/faults.h"

#include <fmt/format.h>

#include <signal.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "test/cuda_on_host/checker.h"
#include "test/cuda_on_host/memory.h"
#include "test/cuda_on_host/report.h"
#include "test/cuda_on_host/sanitizer.h"
#include "test/cuda_on_host/scheduler.h"

namespace cuda_on_host {
namespace {

struct sigaction previous_segv, previous_bus;

// A misaligned 16-byte access faults on x86 too, but with an address that says nothing.
std::string describe_address(const void* address, const Thread& thread) {
  if (address == nullptr) return "a null or misaligned address";
  if (thread.fiber.on_guard_page(address)) return "the end of its stack, which is too small";
  if (!on_device(address)) return fmt::format("{}", address);
  return fmt::format("{}, {}", address, describe_device_address(address));
}

// The fault was in code of a kernel, which holds no lock and owns no memory: any function may be
// called, and the thread may be left for good.
void end_kernel(const void* address, const Thread& thread) {
  const checker::Pause pause;
  report(Kind::invalid_address,
         fmt::format("{} touches {}", describe(thread), describe_address(address, thread)));
  stop_kernel(cudaErrorIllegalAddress);
}

void on_fault(int signal, siginfo_t* info, void* context) {
  if (on_device(info->si_addr) && unlock(info->si_addr)) return;
  if (const Thread* thread = current_thread(); thread != nullptr && Fiber::current() != nullptr)
    end_kernel(info->si_addr, *thread);
  if (on_device(info->si_addr)) {
    std::fprintf(stderr, "cuda_on_host: host code touches device memory, %s\n",
                 describe_device_address(info->si_addr).c_str());
    std::_Exit(99);
  }
  const struct sigaction& previous = signal == SIGSEGV ? previous_segv : previous_bus;
  if (previous.sa_flags & SA_SIGINFO) return previous.sa_sigaction(signal, info, context);
  if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN)
    return previous.sa_handler(signal);
  sigaction(signal, &previous, nullptr);  // it happens again, and is handled as it used to be
}

void watch(int signal, struct sigaction& previous) {
  struct sigaction now {};
  sigaction(signal, nullptr, &now);
  if (now.sa_sigaction == on_fault) return;
  previous = now;
  struct sigaction ours {};
  ours.sa_sigaction = on_fault;
  // The handler may be left for good, so the signal must not stay blocked.
  ours.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  sigaction(signal, &ours, nullptr);
}

// The stack that faults may be one that overflowed.
bool provide_stack() {
  static char stack[64 << 10];
  stack_t alternative{};
  alternative.ss_sp = stack;
  alternative.ss_size = sizeof stack;
  return sanitizer::address || sigaltstack(&alternative, nullptr) == 0;  // it has its own
}

}  // namespace

void watch_for_faults() {
  static const bool stack_provided = provide_stack();
  static_cast<void>(stack_provided);
  watch(SIGSEGV, previous_segv);
  static const bool bus_watched = (watch(SIGBUS, previous_bus), true);  // frameworks leave it alone
  static_cast<void>(bus_watched);
}

}  // namespace cuda_on_host
