// SPDX-License-Identifier: MIT
#include "kernels/runtime/philox.h"

#include <algorithm>
#include <vector>

#include "test/support/catch.h"

using namespace kernels;

namespace {

std::vector<std::uint32_t> words(const Philox4& x) { return {x[0], x[1], x[2], x[3]}; }

}  // namespace

TEST_CASE("philox4x32-10 gives the known answers of Random123") {
  CHECK(words(philox4x32({0, 0, 0, 0}, 0, 0)) ==
        std::vector<std::uint32_t>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  constexpr std::uint32_t ones = 0xffffffff;
  CHECK(words(philox4x32({ones, ones, ones, ones}, ones, ones)) ==
        std::vector<std::uint32_t>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(
      words(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0xa4093822, 0x299f31d0)) ==
      std::vector<std::uint32_t>{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("random_words puts seed, purpose and both counters where nothing is lost") {
  const std::uint64_t seed = 0x0123456789abcdef, minor = 0xfedcba9876543210;
  CHECK(words(random_words(seed, Purpose::test, 77, minor)) ==
        words(philox4x32({0x76543210, 0xfedcba98, 77, std::uint32_t(Purpose::test)}, 0x89abcdef,
                         0x01234567)));
}

TEST_CASE("to_unit stays inside (0, 1)") {
  CHECK(to_unit(0) > 0);
  CHECK(to_unit(0xffffffff) < 1);
  CHECK(to_unit(0x80000000) > 0.5);
  CHECK(to_unit(0x7fffffff) < 0.5);
}

TEST_CASE("to_range reaches both ends and is even") {
  CHECK(to_range(0, 9) == 0);
  CHECK(to_range(0xffffffff, 9) == 8);
  std::vector<int> count(9);
  for (std::uint32_t i = 0; i < 9000; ++i) ++count[to_range(i * (0xffffffffu / 9000), 9)];
  CHECK(std::all_of(count.begin(), count.end(), [](int n) { return n >= 999 && n <= 1001; }));
}
