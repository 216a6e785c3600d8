// SPDX-License-Identifier: MIT
#include "data/read_ahead.h"

#include <atomic>
#include <chrono>

#include "kernels/runtime/error.h"
#include "test/support/support.h"

namespace {

using Catch::Matchers::Contains;
using data::ReadAhead;

/// Piece i is i + 1 bytes of value i.
std::size_t write_piece(std::size_t i, std::uint8_t* to) {
  std::fill_n(to, i + 1, std::uint8_t(i));
  return i + 1;
}

TEST_CASE("Pieces arrive whole and in their order, however slow who reads or takes them is") {
  const auto device = GENERATE(from_range(test::devices()));
  const auto slow = GENERATE(0, 1, 2);  // nobody, who reads, who takes
  const auto wait = [&](int who) {
    if (slow == who) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  };
  constexpr std::size_t pieces = 23;
  ReadAhead ahead(device, pieces, pieces, [&](std::size_t i, std::uint8_t* to) {
    wait(1);
    return write_piece(i, to);
  });
  for (std::size_t i = 0; i < pieces; ++i) {
    wait(2);
    std::vector<std::uint8_t> want(pieces, 0xA5);  // behind a piece what was there
    const test::DeviceArray<std::uint8_t> to(device, want);
    ahead.next(to.data());
    write_piece(i, want.data());
    CHECK(to.host() == want);
  }
  CHECK_THROWS_WITH(ahead.next(nullptr), Contains("all 23 pieces"));
}

TEST_CASE("What is read ahead is bounded, and it ends with who asked for it") {
  std::atomic<int> read = 0;
  {
    ReadAhead ahead(kernels::Device::cpu, 1, 1000, [&](std::size_t, std::uint8_t*) {
      ++read;
      return std::size_t{0};
    });
    for (int ms = 0; ms < 5000 && read < 4; ++ms)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    CHECK(read == 4);
  }
  CHECK(read == 4);
}

TEST_CASE("A piece that cannot be read fails when its turn comes") {
  ReadAhead ahead(kernels::Device::cpu, 8, 8, [](std::size_t i, std::uint8_t* to) {
    kernels::require(i < 2, "piece {} is lost", i);
    return write_piece(i, to);
  });
  std::uint8_t to[8];
  ahead.next(to);
  ahead.next(to);
  CHECK(to[1] == 1);
  CHECK_THROWS_WITH(ahead.next(to), Contains("piece 2 is lost"));
}

}  // namespace
