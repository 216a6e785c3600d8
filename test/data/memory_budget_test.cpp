// SPDX-License-Identifier: MIT
#include "data/pictures/memory_budget.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "data/pictures/image_decoder.h"
#include "kernels/runtime/error.h"
#include "test/support/catch.h"
#include "test/support/data_pictures.h"
#include "test/support/temporary_directory.h"

namespace {

using Catch::Matchers::Contains;
using data::MemoryBudget;

TEST_CASE("What is leased is given back, whoever keeps it then") {
  MemoryBudget budget(100);
  {
    MemoryBudget::Lease first = budget.take(40);
    CHECK(budget.used() == 40);
    MemoryBudget::Lease second = std::move(first);
    CHECK(budget.used() == 40);
    CHECK(second.resize(100));
    CHECK(budget.used() == 100);
    CHECK_FALSE(second.resize(101));
    CHECK(second.resize(10));
    second = budget.take(70);
    CHECK(budget.used() == 70);
    std::thread([lease = std::move(second)] {}).join();
    CHECK(budget.used() == 0);
    second = budget.take(100);
    CHECK(budget.used() == 100);
  }
  CHECK(budget.used() == 0);
}

TEST_CASE("What there will never be room for is refused; nobody waits for himself") {
  MemoryBudget budget(2'000'000);
  CHECK_THROWS_WITH(budget.take(3'000'000),
                    "needs 3 MB of memory; pictures have 2 MB, for all threads");
  const MemoryBudget::Lease mine = budget.take(1'000'000);
  CHECK_THROWS_WITH(budget.take(2'000'000), Contains("pictures that the same thread keeps"));
  const MemoryBudget::Lease too = budget.take(1'000'000);
  CHECK(budget.used() == 2'000'000);
}

TEST_CASE("Threads wait for each other, and never hold more than the limit together") {
  MemoryBudget budget(100);
  std::atomic<int> held = 0, most = 0, turns = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 200; ++i) {
          const int bytes = 1 + (t * 37 + i * 11) % 100;
          const MemoryBudget::Lease lease = budget.take(bytes);
          const int now = held += bytes;
          int before = most;
          while (before < now && !most.compare_exchange_weak(before, now)) {
          }
          std::this_thread::yield();
          held -= bytes;
          ++turns;
        }
      });
    }
  }
  CHECK(turns == 1600);
  CHECK(most <= 100);
  CHECK(most > 50);
  CHECK(budget.used() == 0);
}

TEST_CASE(
    "Pictures keep the memory of their pixels while they live, and wait for it to be decoded") {
  test::TemporaryDirectory directory;
  constexpr int side = 256, pixel_bytes = side * side * 3;
  const auto file = directory.write(
      "a.png", test::picture_file(test::PictureKind::png, side, side, 3,
                                  std::vector<std::uint8_t>(std::size_t(pixel_bytes), 7)));
  MemoryBudget ample(10'000'000);
  {
    const data::Picture picture = data::read_picture(file, {.memory = &ample});
    CHECK(ample.used() == pixel_bytes);
    const data::Picture second = data::read_picture(file, {.memory = &ample});
    CHECK(ample.used() == 2 * pixel_bytes);
  }
  CHECK(ample.used() == 0);

  MemoryBudget none(500'000);
  CHECK_THROWS_WITH(data::read_picture(file, {.memory = &none}),
                    Contains("a.png needs 1 MB of memory; pictures have 0 MB"));
  CHECK(none.used() == 0);

  MemoryBudget for_one(1'000'000);
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 10; ++i) {
          const data::Picture picture = data::read_picture(file, {.memory = &for_one});
          right += std::all_of(picture.rgb.get(), picture.rgb.get() + pixel_bytes,
                               [](std::uint8_t value) { return value == 7; });
        }
      });
    }
  }
  CHECK(right == 40);
  CHECK(for_one.used() == 0);
}

}  // namespace
