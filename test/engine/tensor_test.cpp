// SPDX-License-Identifier: MIT
#include "engine/tensor.h"

#include <limits>

#include "engine/ops/expect.h"
#include "kernels/runtime/memory.h"
#include "test/support/support.h"

using Catch::Matchers::Contains;
using engine::DType;
using engine::Pool;
using engine::Shape;
using engine::Tensor;
using test::Device;

TEST_CASE("shapes say what they are") {
  CHECK(Shape{128, 32, 32, 3}.to_string() == "[128, 32, 32, 3]");
  CHECK(Shape{}.size() == 1);
  CHECK(Shape{3, 0, 2}.size() == 0);
  CHECK(Shape{4, 5}[-1] == 5);
  CHECK(Shape{70000, 70000}.size() == 4900000000u);
  CHECK_THROWS_WITH(Shape({1, 2, 3, 4, 5}), Contains("at most 4"));
  CHECK_THROWS_WITH(Shape({2, -1}), Contains("-1"));
  constexpr int most = std::numeric_limits<int>::max();
  CHECK_THROWS_WITH(Shape({most, most, 4}),
                    "a tensor of shape [2147483647, 2147483647, 4] is "
                    "larger than any memory");
}

TEST_CASE("more rows than kernels can count are refused") {
  CHECK(engine::rows_of("op", Shape{2, 3, 4, 5}) == 24);
  CHECK(engine::rows_of("op", Shape{std::numeric_limits<int>::max(), 1}) ==
        std::numeric_limits<int>::max());
  CHECK_THROWS_WITH(engine::rows_of("op", Shape{256, 4096, 2048, 3}),
                    "op: [256, 4096, 2048, 3] has 2147483648 rows of 3, more than the 2147483647 "
                    "that there can be; use smaller batches");
}

TEST_CASE("tensors share data when copied, sliced and viewed, and not when cloned") {
  const Device device = GENERATE(from_range(test::devices()));
  const Tensor t = Tensor::from(std::vector<float>{0, 1, 2, 3, 4, 5}, {2, 3}, device);
  const Tensor copy = t.clone(), row = t.slice(3, {3}), flat = t.view({6});
  row.copy_from(Tensor::from(std::vector<float>{7, 8, 9}, {3}, device));
  CHECK(t.to_host() == std::vector<float>{0, 1, 2, 7, 8, 9});
  CHECK(flat.to_host() == t.to_host());
  CHECK(copy.to_host() == std::vector<float>{0, 1, 2, 3, 4, 5});
  CHECK(t.to(Device::cpu).to_host() == t.to_host());
  CHECK_FALSE(Tensor{});
  CHECK(Tensor{}.raw() == nullptr);
}

TEST_CASE("tensors refuse what does not fit") {
  const Tensor t = Tensor::zeros({2, 3}, Device::cpu);
  CHECK_THROWS_WITH(t.view({7}), Contains("6 elements of [2, 3] do not make [7]"));
  CHECK_THROWS_WITH(t.slice(4, {3}), Contains("elements 4 to 7 of a tensor of 6"));
  CHECK_THROWS_WITH(t.data<std::int32_t>(), Contains("f32 is not one of i32"));
  CHECK_THROWS_WITH(t.copy_from(Tensor::zeros({3, 2}, Device::cpu)), Contains("[3, 2]"));
  CHECK_THROWS_WITH(Tensor::from(std::vector<float>(5), {2, 3}, Device::cpu),
                    Contains("6 elements"));
  CHECK_THROWS_WITH(Tensor{}.device(), Contains("null"));
}

TEST_CASE("the pool reuses what it has") {
  Pool pool(Device::cpu);
  void* a = pool.allocate(1000);
  CHECK(reinterpret_cast<std::uintptr_t>(a) % 64 == 0);
  pool.release(a, 1000);
  void* b = pool.allocate(900);  // of the same rounded size
  CHECK(b == a);
  CHECK(pool.stats().system_calls == 1);
  CHECK(pool.stats().requests == 2);
  void* c = pool.allocate(900);
  CHECK(c != b);
  CHECK(pool.stats().in_use == pool.stats().peak);
  pool.release(b, 900);
  pool.release(c, 900);
  CHECK(pool.stats().in_use == 0);
  CHECK(pool.stats().reserved > 0);
  pool.trim();
  CHECK(pool.stats().reserved == 0);
}

TEST_CASE("the pool wastes at most a quarter and serves every size") {
  Pool pool(Device::cpu);
  for (std::size_t bytes = 1; bytes < 5000000; bytes = bytes * 17 / 16 + 1) {
    void* at = pool.allocate(bytes);
    std::fill_n(static_cast<unsigned char*>(at), bytes, std::uint8_t(1));
    CHECK(pool.stats().in_use >= bytes);
    CHECK(pool.stats().in_use <= std::max<std::size_t>(256, bytes + bytes / 4));
    pool.release(at, bytes);
  }
}

TEST_CASE("running out of memory says what was asked for") {
  Pool pool(Device::cpu);
  CHECK_THROWS_WITH(pool.allocate(std::size_t{1} << 60), Contains("out of memory"));
  CHECK(pool.stats().in_use == 0);
}
