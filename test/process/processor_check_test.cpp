// SPDX-License-Identifier: MIT
#include "kernels/process/processor_check.h"

#include <algorithm>
#include <string>

#include "test/support/catch.h"

using kernels::missing_extension;

TEST_CASE("this processor has what the build needs") {
  CHECK(missing_extension(kernels::needed_extensions) == nullptr);
#ifdef __AVX512BF16__  // what a kernel of ours is written for
  const auto* const end = std::find(kernels::needed_extensions, kernels::needed_extensions + 64,
                                    static_cast<const char*>(nullptr));
  CHECK(std::find(kernels::needed_extensions, end, std::string("avx512bf16")) != end);
#endif
}

TEST_CASE("an extension that the processor lacks is named") {
  const char* const none[] = {nullptr};
  CHECK(missing_extension(none) == nullptr);
#ifdef __x86_64__
  // No processor has both: the one was AMD's until 2017, the other Intel's Xeon Phi's.
  const char* const both[] = {"fma4", "avx512er", nullptr};
  REQUIRE(missing_extension(both) != nullptr);
  const std::string missing = missing_extension(both);
  CHECK((missing == "fma4" || missing == "avx512er"));
#endif
}
