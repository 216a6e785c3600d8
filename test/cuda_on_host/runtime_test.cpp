// SPDX-License-Identifier: MIT
#include "test/cuda_on_host/runtime_test.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <new>
#include <numeric>
#include <thread>
#include <vector>

#include "test/cuda_on_host/cuda_on_host.h"
#include "test/support/catch.h"

using namespace cuda_on_host;
using Catch::Matchers::Contains;
using cuda_on_host_test::launch;

namespace {

/// Ints in device memory.
class Ints {
 public:
  explicit Ints(const std::vector<int>& values) : size_(values.size()) {
    if (cudaMalloc(&at_, bytes()) != cudaSuccess) throw std::bad_alloc();
    cudaMemcpy(at_, values.data(), bytes(), cudaMemcpyHostToDevice);
  }
  explicit Ints(std::size_t size) : Ints(std::vector<int>(size)) {}
  ~Ints() { cudaFree(at_); }
  Ints(const Ints&) = delete;
  Ints& operator=(const Ints&) = delete;

  int* data() const { return static_cast<int*>(at_); }
  std::size_t bytes() const { return size_ * sizeof(int); }
  std::vector<int> host() const {
    std::vector<int> values(size_);
    cudaMemcpy(values.data(), at_, bytes(), cudaMemcpyDeviceToHost);
    return values;
  }

 private:
  std::size_t size_;
  void* at_ = nullptr;
};

/// The options' defaults for a test, whatever the environment says; as they were when it ends.
class DefaultOptions {
 public:
  DefaultOptions() { options() = {}; }
  ~DefaultOptions() { options() = before_; }

 private:
  Options before_ = options();
};

std::vector<int> iota(int size, int first = 0) {
  std::vector<int> values(size);
  std::iota(values.begin(), values.end(), first);
  return values;
}

/// What add_one makes of iota in a stream, seen by a copy in another one.
int seen_by_default_stream(unsigned flags) {
  const DefaultOptions defaults;
  options().lazy_streams = true;
  const Ints in(iota(32)), out(32);
  cudaStream_t stream = nullptr;
  cudaStreamCreateWithFlags(&stream, flags);
  launch("add_one", 1, 32, 0, stream, out.data(), in.data());
  const int seen = out.host()[0];
  cudaStreamDestroy(stream);
  return seen;
}

}  // namespace

TEST_CASE("cuda_on_host: every thread runs once, with its indices") {
  const DefaultOptions defaults;
  options().order = GENERATE(Order::forward, Order::reverse, Order::random);
  options().shuffle_blocks = GENERATE(false, true);
  const dim3 grid(3, 2, 2), block(5, 4, 3);
  const Ints out(12 * 60);
  REQUIRE(launch("number_threads", grid, block, 0, nullptr, out.data(), nullptr) == cudaSuccess);
  CHECK(out.host() == iota(12 * 60));
}

TEST_CASE("cuda_on_host: threads run in the order that was asked for") {
  const DefaultOptions defaults;
  const auto order = [](Order wanted, bool shuffle_blocks, std::uint64_t seed) {
    options().order = wanted;
    options().shuffle_blocks = shuffle_blocks;
    options().seed = seed;
    const Ints out(1 + 64);
    REQUIRE(launch("order_of_threads", 2, 32, 0, nullptr, out.data(), nullptr) == cudaSuccess);
    std::vector<int> result = out.host();
    result.erase(result.begin());
    return result;
  };
  std::vector<int> backwards = iota(64);
  std::reverse(backwards.begin(), backwards.begin() + 32);
  std::reverse(backwards.begin() + 32, backwards.end());
  CHECK(order(Order::forward, false, 1) == iota(64));
  CHECK(order(Order::reverse, false, 1) == backwards);
  const std::vector<int> random = order(Order::random, false, 1);
  CHECK(random != iota(64));
  CHECK(std::is_permutation(random.begin(), random.begin() + 32, iota(32).begin()));
  CHECK(order(Order::random, false, 1) == random);
  CHECK(order(Order::random, false, 2) != random);
  bool second_block_came_first = false;
  for (std::uint64_t seed = 1; seed < 9; ++seed)
    second_block_came_first |= order(Order::forward, true, seed)[32] == 0;
  CHECK(second_block_came_first);
}

TEST_CASE("cuda_on_host: warp operations") {
  const DefaultOptions defaults;
  options().order = GENERATE(Order::forward, Order::reverse, Order::random);
  const std::vector<int> in = iota(32, 100);
  const Ints device_in(in), out(32 * 12);
  REQUIRE(launch("warp_operations", 1, 32, 0, nullptr, out.data(), device_in.data()) ==
          cudaSuccess);
  std::vector<int> want;
  for (int lane = 0; lane < 32; ++lane) {
    const auto from = [&](int source, int width) {
      const int first = lane / width * width;
      return source >= first && source < first + width ? in[source] : in[lane];
    };
    unsigned ballot = 0;
    for (int i = 0; i < 32; ++i) ballot |= unsigned(in[i] % 3 == 0) << i;
    for (const int value : {in[3], in[lane / 8 * 8 + 3], from(lane - 2, 32), from(lane - 2, 8),
                            from(lane + 5, 32), from(lane + 5, 16), in[lane ^ 6], int(ballot), 2,
                            std::accumulate(in.begin(), in.end(), 0), in[0], in[lane ^ 1]})
      want.push_back(value);
  }
  CHECK(out.host() == want);
}

TEST_CASE("cuda_on_host: barriers that vote") {
  const DefaultOptions defaults;
  const std::vector<int> in = GENERATE(iota(96), std::vector<int>(96, 1), std::vector<int>(96, 2));
  const Ints device_in(in), out(3 * 96);
  REQUIRE(launch("barrier_votes", 1, 96, 0, nullptr, out.data(), device_in.data()) == cudaSuccess);
  const int odd = int(std::count_if(in.begin(), in.end(), [](int v) { return v % 2 != 0; }));
  const std::vector<int> votes = out.host();
  for (int i = 0; i < 96; ++i) {
    CHECK(votes[3 * i] == odd);
    CHECK(votes[3 * i + 1] == (odd == 96));
    CHECK(votes[3 * i + 2] == (odd > 0));
  }
}

TEST_CASE("cuda_on_host: atomic operations") {
  const DefaultOptions defaults;
  const Ints in(iota(64, 1)), out(std::vector<int>{0, 0, 99, -1, 0, 0xffff, 1, 0});
  REQUIRE(launch("atomics", 1, 64, 0, nullptr, out.data(), in.data()) == cudaSuccess);
  CHECK(out.host() == std::vector<int>{64 * 65 / 2, -64 * 65 / 2, 1, 64, 0xff, 0xff00, 7, 5});
}

TEST_CASE("cuda_on_host: memory is aligned, poisoned, counted and limited") {
  const DefaultOptions defaults;
  const std::size_t before = allocated_bytes();
  options().device_memory = before + 3000;
  void *a = nullptr, *b = nullptr, *pinned = nullptr;
  REQUIRE(cudaMalloc(&a, 2000) == cudaSuccess);
  CHECK(reinterpret_cast<std::uintptr_t>(a) % 256 == 0);
  std::vector<float> values(500);
  REQUIRE(cudaMemcpy(values.data(), a, 2000, cudaMemcpyDefault) == cudaSuccess);
  CHECK(std::all_of(values.begin(), values.end(), [](float v) { return std::isnan(v); }));
  std::size_t free = 0, total = 0;
  REQUIRE(cudaMemGetInfo(&free, &total) == cudaSuccess);
  CHECK(free == 1000);
  CHECK(cudaMalloc(&b, 1001) == cudaErrorMemoryAllocation);
  CHECK(b == nullptr);
  CHECK(cudaGetLastError() == cudaErrorMemoryAllocation);
  CHECK(cudaGetLastError() == cudaSuccess);
  REQUIRE(cudaMallocHost(&pinned, 100) == cudaSuccess);
  CHECK(allocated_bytes() == before + 2100);
  CHECK(cudaFree(a) == cudaSuccess);
  CHECK(cudaFreeHost(pinned) == cudaSuccess);
  CHECK(allocated_bytes() == before);
}

TEST_CASE("cuda_on_host: lazy streams do nothing before they must") {
  const DefaultOptions defaults;
  options().lazy_streams = true;
  cudaStream_t stream = nullptr;
  cudaStreamCreate(&stream);
  const Ints in(iota(32)), out(32);
  std::vector<int> ordinary = iota(32), got(32, -1);
  void* pinned = nullptr;
  cudaMallocHost(&pinned, in.bytes());
  std::copy_n(iota(32, 70).begin(), 32, static_cast<int*>(pinned));

  // Memory of the host, pinned or not, is read when it is the copy's turn.
  cudaMemcpyAsync(in.data(), ordinary.data(), in.bytes(), cudaMemcpyHostToDevice, stream);
  std::iota(ordinary.begin(), ordinary.end(), 50);
  launch("add_one", 1, 32, 0, stream, out.data(), in.data());
  cudaMemcpyAsync(got.data(), out.data(), out.bytes(), cudaMemcpyDeviceToHost, stream);
  CHECK(got[0] == -1);
  CHECK(cudaStreamSynchronize(stream) == cudaSuccess);
  CHECK(got == iota(32, 51));
  cudaMemcpyAsync(in.data(), pinned, in.bytes(), cudaMemcpyHostToDevice, stream);
  static_cast<int*>(pinned)[0] = 90;
  cudaStreamSynchronize(stream);
  CHECK(in.host()[0] == 90);

  cudaEvent_t start = nullptr, end = nullptr;
  cudaEventCreate(&start);
  cudaEventCreate(&end);
  cudaEventRecord(start, stream);
  launch("add_one", 1, 32, 0, stream, out.data(), in.data());
  cudaEventRecord(end, stream);
  float milliseconds = -1;
  CHECK(cudaEventElapsedTime(&milliseconds, start, end) == cudaErrorNotReady);
  int queries = 0;
  while (cudaEventQuery(end) == cudaErrorNotReady) ++queries;
  CHECK(queries > 0);
  CHECK(cudaEventElapsedTime(&milliseconds, start, end) == cudaSuccess);
  CHECK(milliseconds >= 0);
  CHECK(cudaEventSynchronize(end) == cudaSuccess);
  cudaEventDestroy(start);
  cudaEventDestroy(end);
  cudaFreeHost(pinned);
  cudaStreamDestroy(stream);
}

TEST_CASE("cuda_on_host: the default stream waits for blocking streams only") {
  const DefaultOptions defaults;
  CHECK(seen_by_default_stream(cudaStreamDefault) == 1);
  CHECK(seen_by_default_stream(cudaStreamNonBlocking) == 0);
}

TEST_CASE("cuda_on_host: a failed kernel fails all later calls, until recover") {
  const DefaultOptions defaults;
  const Ints in(iota(32)), out(32);
  REQUIRE(launch("reads_beyond", 1, 32, 0, nullptr, out.data(), in.data()) == cudaSuccess);
  CHECK(cudaDeviceSynchronize() == cudaErrorIllegalAddress);
  CHECK(launch("add_one", 1, 32, 0, nullptr, out.data(), in.data()) == cudaErrorIllegalAddress);
  CHECK(cudaGetLastError() == cudaErrorIllegalAddress);
  CHECK(cudaGetLastError() == cudaErrorIllegalAddress);
  const std::vector<Report> reports = take_reports();
  for (const Report& r : reports) UNSCOPED_INFO(name(r.kind) << ": " << r.text);
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].kind == (checked ? Kind::out_of_bounds : Kind::invalid_address));
  CHECK(reports[0].kernel == "reads_beyond");
  CHECK_THAT(reports[0].text, Contains("block (0,0,0) thread"));
  if (checked) CHECK_THAT(reports[0].text, Contains("runtime_test.cu:"));
  recover();
  // Threads that were given up do not get in the way of others, however many there are.
  for (int i = 0; i < 20; ++i) {
    launch("deadlocks", 1, 64, 0, nullptr, out.data(), in.data());
    CHECK(cudaDeviceSynchronize() == cudaErrorLaunchTimeout);
    CHECK(take_reports().size() == 1);
    recover();
  }
  REQUIRE(launch("add_one", 1, 32, 0, nullptr, out.data(), in.data()) == cudaSuccess);
  CHECK(out.host() == iota(32, 1));
}

TEST_CASE("cuda_on_host: threads of the host take turns") {
  const DefaultOptions defaults;
  const Ints in(iota(256));
  std::vector<std::thread> host_threads;
  std::vector<std::vector<int>> results(4);
  for (std::vector<int>& result : results)
    host_threads.emplace_back([&in, &result] {
      for (int i = 0; i < 10; ++i) {
        const Ints out(256);
        launch("add_one", 4, 64, 0, nullptr, out.data(), in.data());
        result = out.host();
      }
    });
  for (std::thread& thread : host_threads) thread.join();
  for (const std::vector<int>& result : results) CHECK(result == iota(256, 1));
}

TEST_CASE("cuda_on_host: launches that no GPU takes are refused, and do no harm") {
  const DefaultOptions defaults;
  const auto refused = [](dim3 grid, dim3 block, std::size_t shared_bytes) {
    return launch("add_one", grid, block, shared_bytes, nullptr, nullptr, nullptr);
  };
  CHECK(refused(0, 32, 0) == cudaErrorInvalidConfiguration);
  CHECK(refused(1, 0, 0) == cudaErrorInvalidConfiguration);
  CHECK(refused(1, 1025, 0) == cudaErrorInvalidConfiguration);
  CHECK(refused(1, dim3(32, 33, 1), 0) == cudaErrorInvalidConfiguration);
  CHECK(refused(1, dim3(1, 1, 65), 0) == cudaErrorInvalidConfiguration);
  CHECK(refused(dim3(1, 65536, 1), 1, 0) == cudaErrorInvalidConfiguration);
  CHECK(refused(1, 32, (48 << 10) + 1) == cudaErrorInvalidValue);
  CHECK(cudaGetLastError() == cudaErrorInvalidValue);
  CHECK(cudaDeviceSynchronize() == cudaSuccess);
}

TEST_CASE("cuda_on_host: the machine can lack a driver, a device, or the build's architecture") {
  const DefaultOptions defaults;
  int count = -1;
  options().driver_version = 0;
  CHECK(cudaGetDeviceCount(&count) == cudaErrorInsufficientDriver);
  options().driver_version = 11080;
  CHECK(cudaGetDeviceCount(&count) == cudaErrorInsufficientDriver);
  options().driver_version = CUDART_VERSION;
  options().device_count = 0;
  CHECK(cudaGetDeviceCount(&count) == cudaErrorNoDevice);
  options().device_count = 2;
  CHECK(cudaGetDeviceCount(&count) == cudaSuccess);
  CHECK(count == 2);
  CHECK(cudaSetDevice(2) == cudaErrorInvalidDevice);
  options().compute_capability = 70;
  CHECK(launch("add_one", 1, 1, 0, nullptr, nullptr, nullptr) == cudaErrorNoKernelImageForDevice);
  cudaGetLastError();
}

TEST_CASE("cuda_on_host: traffic and sectors are counted") {
  const DefaultOptions defaults;
  if (!checked) return;
  const Ints in(iota(16 * 32)), out(64);
  {
    const Recording recording;
    launch("add_one", 2, 32, 0, nullptr, out.data(), in.data());
    CHECK(recording.of(in.data()).bytes_read == 256);
    CHECK(recording.of(in.data()).distinct_bytes_read == 256);
    CHECK(recording.of(in.data()).max_reads == 1);
    CHECK(recording.of(in.data()).bytes_written == 0);
    CHECK(recording.of(out.data()).distinct_bytes_written == 256);
    CHECK(recording.of(out.data()).max_writes == 1);
    CHECK(recording.loads().count == 2);
    CHECK(recording.loads().bytes == 256);
    CHECK(recording.loads().sectors == 8);
    CHECK(recording.loads().least_sectors == 8);
    CHECK(recording.stores().sectors == 8);
  }
  {
    const Recording recording;
    launch("strided", 1, 32, 0, nullptr, out.data(), in.data());
    CHECK(recording.loads().count == 1);
    CHECK(recording.loads().sectors == 32);
    CHECK(recording.loads().least_sectors == 4);
    CHECK(recording.stores().sectors == 4);
  }
  {
    const Recording recording;
    launch("repeats", 1, 32, 0, nullptr, out.data(), in.data());
    CHECK(recording.of(in.data()).max_reads == 3);
    CHECK(recording.of(in.data()).distinct_bytes_read == 128);
    CHECK(recording.of(in.data()).bytes_read == 128 + 128 + 4);
    CHECK(recording.of(out.data()).max_writes == 4);
    CHECK(recording.of(out.data()).bytes_written == 4 * 128);
    // The one that all lanes read together is one sector.
    CHECK(recording.loads().least_sectors == 4 + 4 + 1);
    CHECK(recording.loads().sectors == 4 + 4 + 1);
    CHECK(recording.stores().count == 4);
  }
}
