// SPDX-License-Identifier: MIT
#include "test/cuda/launch_test.h"

#include <numeric>

#include "kernels/cuda/context.h"
#include "kernels/matmul.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch_counts.h"
#include "test/support/support.h"

using Catch::Matchers::Contains;
using kernels::context;
using test::Device;
using test::DeviceArray;
using test::cuda_launch::number_threads;

namespace {

bool no_gpu() { return test::devices().size() == 1; }

/// The message of the error that the launch ends with.
std::string refusal(std::size_t blocks, unsigned threads, std::size_t shared_bytes) {
  const DeviceArray<std::int32_t> out(Device::cuda, 64);
  try {
    number_threads(out.data(), blocks, threads, shared_bytes);
  } catch (const kernels::Error& error) {
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("launch: small and large, with and without shared memory") {
  if (no_gpu()) return;
  const auto [blocks, threads] =
      GENERATE(table<int, int>({{1, 1}, {3, 32}, {2, 1024}, {1000, 64}}));
  const std::size_t most = context().max_shared_bytes();
  const std::size_t shared_bytes = GENERATE_COPY(0, 64, 48 << 10, (48 << 10) + 64, most);
  const int size = blocks * threads;
  const DeviceArray<std::int32_t> out(Device::cuda, size);
  number_threads(out.data(), blocks, threads, shared_bytes);
  std::vector<std::int32_t> want(size);
  std::iota(want.begin(), want.end(), 0);
  CHECK(out.host() == want);
}

TEST_CASE("launch: nothing to do is no launch") {
  if (no_gpu()) return;
  CHECK_NOTHROW(number_threads(nullptr, 0, 256));
  kernels::synchronize(Device::cuda);
}

TEST_CASE("launch: kernels, copies and calls of libraries are counted, refused launches are not") {
  if (no_gpu()) return;
  const DeviceArray<std::int32_t> out(Device::cuda, 64);
  const DeviceArray<float> numbers(Device::cuda, 3);
  const kernels::LaunchCounts before = kernels::launch_counts();
  number_threads(out.data(), 2, 32);
  number_threads(out.data(), 1, 32);
  number_threads(nullptr, 0, 256);
  CHECK_THROWS_AS(number_threads(out.data(), 1, 1025), kernels::Error);
  kernels::copy(out.data(), Device::cuda, out.data() + 32, Device::cuda, 128);
  kernels::fill_bytes(Device::cuda, numbers.data(), 0, 12);
  float* const at = numbers.data();
  run(kernels::Cuda{}, kernels::MatMul{.a = at, .b = at + 1, .y = at + 2, .m = 1, .n = 1, .k = 1});
  const kernels::LaunchCounts after = kernels::launch_counts();
  CHECK(after.kernels - before.kernels == 2);
  CHECK(after.products - before.products == 1);
  CHECK(after.convolutions == before.convolutions);
  CHECK(after.copies - before.copies == 2);
  CHECK(after.all() - before.all() == 5);
}

TEST_CASE("launch: what no GPU can do is an error that names the kernel, and nothing else") {
  if (no_gpu()) return;
  CHECK_THAT(refusal(1, 1025, 0), Contains("number_the_threads: a launch of 1 x 1025 threads") &&
                                      Contains("launch_test.cu:"));
  CHECK_THAT(refusal(7, 0, 0), Contains("a launch of 7 x 0 threads"));
  CHECK_THAT(refusal(std::size_t{1} << 31, 32, 0), Contains("a launch of 2147483648 x 32 threads"));
  const std::size_t too_much = context().max_shared_bytes() + 1;
  CHECK_THAT(refusal(1, 32, too_much),
             Contains(fmt::format("with {} bytes of dynamic shared memory", too_much)));
  const DeviceArray<std::int32_t> out(Device::cuda, 64);
  number_threads(out.data(), 2, 32);
  CHECK(out.host()[63] == 63);
}
