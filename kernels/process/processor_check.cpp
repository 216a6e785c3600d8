// SPDX-License-Identifier: MIT
// Compiled for any processor of the family (see CMakeLists.txt), with no inline function of a
// library: the linker might take another file's, for a certain processor.
#include "kernels/process/processor_check.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

namespace kernels {
namespace {

/// Whether the processor has it; true for what is not known here.
bool has(const char* name) {
#ifdef __x86_64__
#define SOFTLABEL_ASK(extension) \
  if (strcmp(name, extension) == 0) return __builtin_cpu_supports(extension) != 0;
  SOFTLABEL_ASK("sse4.2")
  SOFTLABEL_ASK("popcnt")
  SOFTLABEL_ASK("avx")
  SOFTLABEL_ASK("avx2")
  SOFTLABEL_ASK("fma")
  SOFTLABEL_ASK("bmi")
  SOFTLABEL_ASK("bmi2")
  SOFTLABEL_ASK("fma4")
  SOFTLABEL_ASK("avx512f")
  SOFTLABEL_ASK("avx512cd")
  SOFTLABEL_ASK("avx512bw")
  SOFTLABEL_ASK("avx512dq")
  SOFTLABEL_ASK("avx512vl")
  SOFTLABEL_ASK("avx512er")
  SOFTLABEL_ASK("avx512vbmi")
  SOFTLABEL_ASK("avx512ifma")
  SOFTLABEL_ASK("avx512vnni")
  SOFTLABEL_ASK("avx512vbmi2")
  SOFTLABEL_ASK("avx512bf16")
  SOFTLABEL_ASK("gfni")
#undef SOFTLABEL_ASK
#endif
  return name[0] != '\0';
}

void say(const char* text) {
  if (write(STDERR_FILENO, text, strlen(text)) < 0) return;  // there is no other place to say it
}

}  // namespace

const char* missing_extension(const char* const* needed) {
#ifdef __x86_64__
  __builtin_cpu_init();
#endif
  for (; *needed != nullptr; ++needed)
    if (!has(*needed)) return *needed;
  return nullptr;
}

/// Before the constructors of all other files, which may use what the processor does not have.
extern "C" __attribute__((constructor(101))) void softlabel_check_processor() {
  const char* missing = missing_extension(needed_extensions);
  if (missing == nullptr) return;
  say(program_invocation_short_name);
  say(": this program was compiled for another kind of processor: this one has no ");
  say(missing);
  say("; build it here, or anywhere with -DSOFTLABEL_NATIVE=OFF\n");
  _exit(1);
}

}  // namespace kernels
