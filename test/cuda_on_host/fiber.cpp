// SPDX-License-Identifier: MIT
#include "test/cuda_on_host/fiber.h"

#include <sys/mman.h>

#include <cstdlib>

#include "test/cuda_on_host/sanitizer.h"

namespace cuda_on_host {
namespace {

namespace context = boost::context::detail;

constexpr std::size_t page = 4096;

// The fiber that runs, and the way back to the stack that resumed it.
struct Running {
  Fiber* fiber = nullptr;
  context::fcontext_t resumer = nullptr;
  const void* resumer_stack = nullptr;
  std::size_t resumer_stack_bytes = 0;
};

// A fiber may go on in another thread than it began in, so no address of a thread's variable may
// outlive a switch: the compiler must not see what this returns.
[[gnu::noinline]] Running& running() {
  thread_local Running of_thread;
  asm volatile("");
  return of_thread;
}

}  // namespace

Fiber::Fiber(void (*body)()) : body_(body) {
  void* memory = mmap(nullptr, page + stack_bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) std::abort();
  mprotect(memory, page, PROT_NONE);  // a stack that overflows faults here
  stack_ = static_cast<char*>(memory) + page;
}

Fiber::~Fiber() {
  sanitizer::unpoison(stack_, stack_bytes);
  munmap(stack_ - page, page + stack_bytes);
}

Fiber* Fiber::current() { return running().fiber; }

bool Fiber::on_guard_page(const void* address) const {
  return address >= stack_ - page && address < stack_;
}

void Fiber::main(context::transfer_t from) {
  running().resumer = from.fctx;
  sanitizer::finish_switch(nullptr, &running().resumer_stack, &running().resumer_stack_bytes);
  for (;;) {
    Fiber* const self = running().fiber;
    self->body_();
    self->returned_ = true;
    suspend();  // a body that has returned is resumed to run again
  }
}

bool Fiber::resume() {
  if (context_ == nullptr) {
    sanitizer::unpoison(stack_, stack_bytes);
    context_ = context::make_fcontext(stack_end(), stack_bytes, main);
  }
  returned_ = false;
  running().fiber = this;
  void* state = nullptr;
  sanitizer::start_switch(&state, stack_, stack_bytes);
  const context::transfer_t from = context::jump_fcontext(context_, nullptr);
  sanitizer::finish_switch(state, nullptr, nullptr);
  running().fiber = nullptr;
  // from.data: whether the fiber may be resumed from where it left
  context_ = from.data != nullptr ? from.fctx : nullptr;
  return returned_;
}

void Fiber::switch_to_resumer(bool for_good) {
  // The sanitizer frees what it keeps of a stack that is left for good.
  sanitizer::start_switch(for_good ? nullptr : &sanitizer_state_, running().resumer_stack,
                          running().resumer_stack_bytes);
  const context::transfer_t from =
      context::jump_fcontext(running().resumer, for_good ? nullptr : this);
  sanitizer::finish_switch(sanitizer_state_, &running().resumer_stack,
                           &running().resumer_stack_bytes);
  running().resumer = from.fctx;
}

void Fiber::suspend() { running().fiber->switch_to_resumer(false); }

void Fiber::abandon() {
  running().fiber->switch_to_resumer(true);
  std::abort();  // not reached
}

void Fiber::restart() { context_ = nullptr; }

}  // namespace cuda_on_host
