// SPDX-License-Identifier: MIT
#pragma once
#include <boost/context/detail/fcontext.hpp>
#include <cstddef>

namespace cuda_on_host {

/// A stack of its own on which a function runs until it suspends itself. One operating-system
/// thread resumes all fibers; a switch costs some ten nanoseconds. Boost's bare switch is used
/// because its wrapper classes allocate for each new body, and one block starts a thousand of them.
class Fiber {
 public:
  static constexpr std::size_t stack_bytes = std::size_t{256} << 10;  // AddressSanitizer needs much

  explicit Fiber(void (*body)());
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Runs the body from its start, or on from where it suspended, until it suspends or returns.
  /// True if it returned.
  bool resume();

  /// Back to the caller of resume().
  static void suspend();

  /// Back to it for good: the next resume() starts the body anew. Nothing on the stack is
  /// destroyed.
  [[noreturn]] static void abandon();

  /// The next resume() starts the body anew; for fibers that are suspended.
  void restart();

  /// The one that runs; null outside of all.
  static Fiber* current();

  bool on_stack(const void* address) const { return address >= stack_ && address < stack_end(); }
  bool on_guard_page(const void* address) const;

 private:
  static void main(boost::context::detail::transfer_t from);
  void switch_to_resumer(bool for_good);
  char* stack_end() const { return stack_ + stack_bytes; }

  void (*body_)();
  char* stack_;
  boost::context::detail::fcontext_t context_ = nullptr;
  void* sanitizer_state_ = nullptr;
  bool returned_ = false;
};

}  // namespace cuda_on_host
