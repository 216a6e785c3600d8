// SPDX-License-Identifier: MIT
#include "kernels/runtime/memory.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "kernels/runtime/error.h"
#include "kernels/runtime/large_data.h"
#include "kernels/runtime/run.h"
#include "test/support/catch.h"
#include "test/support/support.h"

using namespace kernels;

TEST_CASE("memory: aligned, filled, copied to the host, from it and within the device") {
  const Device device = GENERATE(from_range(test::devices()));
  const std::size_t bytes = GENERATE(1, 63, 64, 1000, 3 << 20);
  CAPTURE(int(device), bytes);
  void* a = raw_alloc(device, bytes);
  void* b = raw_alloc(device, bytes);
  CHECK(reinterpret_cast<std::uintptr_t>(a) % 64 == 0);
  CHECK(reinterpret_cast<std::uintptr_t>(b) % 64 == 0);

  std::vector<unsigned char> sent(bytes), got(bytes);
  for (std::size_t i = 0; i < bytes; ++i) sent[i] = static_cast<unsigned char>(i * 7 + 1);
  const std::vector<unsigned char> original = sent;
  copy(a, device, sent.data(), Device::cpu, bytes);
  std::memset(sent.data(), 0, bytes);  // the caller's bytes were taken before copy returned
  copy(b, device, a, device, bytes);
  copy(got.data(), Device::cpu, b, device, bytes);
  CHECK((got == original));  // in parentheses: to print megabytes takes a quarter of an hour

  fill_bytes(device, b, 0x5A, bytes);
  copy(got.data(), Device::cpu, b, device, bytes);
  CHECK((got == std::vector<unsigned char>(bytes, 0x5A)));
  copy(got.data(), Device::cpu, a, device, bytes);
  CHECK((got == original));
  synchronize(device);
  raw_free(device, a);
  raw_free(device, b);
}

TEST_CASE("memory: nothing to copy or fill is fine, with any address") {
  const Device device = GENERATE(from_range(test::devices()));
  copy(nullptr, device, nullptr, Device::cpu, 0);
  fill_bytes(device, nullptr, 0, 0);
  raw_free(device, raw_alloc(device, 0));
}

TEST_CASE("memory: a device that can be used has no reason why not") {
  CHECK(why_unavailable(Device::cpu).empty());
  for (const Device device : test::devices()) CHECK(why_unavailable(device).empty());
}

TEST_CASE("memory: a build without CUDA says so") {
  if (has_cuda) return;
  CHECK_THAT(why_unavailable(Device::cuda), Catch::Matchers::Contains("SOFTLABEL_CUDA=ON"));
  CHECK_THROWS_AS(raw_alloc(Device::cuda, 64), Error);
  CHECK_THROWS_AS(select_gpu(1), Error);
  CHECK_THROWS_AS(synchronize(Device::cuda), Error);
}

TEST_CASE("memory: a buffer of the host takes what a device had when it was asked") {
  const Device device = GENERATE(from_range(test::devices()));
  constexpr std::size_t bytes = 1000;
  const test::DeviceArray<std::uint8_t> array(device, bytes);
  const auto buffer = kernels::make_host_buffer(device, bytes);
  buffer->wait();  // for nothing
  kernels::fill_bytes(device, array.data(), 1, bytes);
  buffer->fetch(array.data(), bytes);
  kernels::fill_bytes(device, array.data(), 2, bytes);  // queued behind it
  buffer->wait();
  CHECK(std::vector<std::uint8_t>(buffer->data(), buffer->data() + bytes) ==
        std::vector<std::uint8_t>(bytes, 1));
  std::fill_n(buffer->data(), bytes, std::uint8_t(3));
  buffer->send(array.data(), bytes);
  buffer->wait();
  CHECK(array.host() == std::vector<std::uint8_t>(bytes, 3));
}
