// SPDX-License-Identifier: MIT
#include "kernels/cuda/context.h"

#include <functional>

#include "engine/pool.h"
#include "kernels/conv2d.h"
#include "kernels/cuda/sort.h"
#include "kernels/matmul.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/memory.h"
#include "kernels/runtime/precision.h"
#include "test/cuda/launch_test.h"
#include "test/cuda_on_host/cuda_on_host.h"
#include "test/support/catch.h"
#include "test/support/support.h"

using Catch::Matchers::Contains;
using Catch::Matchers::Equals;
using cuda_on_host::options;
using kernels::Cuda;
using kernels::Device;

namespace {

class KeepOptions {
 public:
  ~KeepOptions() { options() = before_; }

 private:
  cuda_on_host::Options before_ = options();
};

}  // namespace

TEST_CASE("context: what is missing is said, with what to do about it") {
  const KeepOptions keep;
  CHECK(why_unavailable(Cuda{}).empty());
  options().device_count = 0;
  CHECK_THAT(why_unavailable(Cuda{}), Contains("no CUDA device") && Contains("VISIBLE"));
  CHECK_THROWS_WITH(kernels::Context(0), Contains("no CUDA device"));
  options().driver_version = 12020;
  CHECK_THAT(why_unavailable(Cuda{}),
             Equals(fmt::format("the NVIDIA driver is for CUDA 12.2, this "
                                "program needs {}.{}: update the driver",
                                CUDART_VERSION / 1000, CUDART_VERSION % 1000 / 10)));
  options().driver_version = 0;
  CHECK_THAT(why_unavailable(Cuda{}), Equals("no NVIDIA driver is installed"));
  CHECK_THROWS_WITH(kernels::select_gpu(0), "no NVIDIA driver is installed");
}

TEST_CASE("context: a GPU is chosen once") {
  const KeepOptions keep;
  CHECK_THROWS_WITH(kernels::select_gpu(1), "cuda:1 does not exist; there is 1 CUDA device");
  options().device_count = 3;
  CHECK_THROWS_WITH(kernels::select_gpu(3), "cuda:3 does not exist; there are 3 CUDA devices");
  CHECK_THROWS_WITH(kernels::select_gpu(-1), Contains("cuda:-1 does not exist"));
  kernels::context();
  CHECK_NOTHROW(kernels::select_gpu(0));
  CHECK_THROWS_WITH(kernels::select_gpu(2), Contains("cuda:0 is in use already"));
  CHECK(kernels::Context(2).device() == 2);
}

TEST_CASE("context: a GPU that the build has no code for") {
  const KeepOptions keep;
  options().compute_capability = 70;
  CHECK_THROWS_WITH(kernels::Context(0), Contains("cuda:0, CUDA on host, has compute capability "
                                                  "7.0") &&
                                             Contains("CMAKE_CUDA_ARCHITECTURES=70"));
  options().compute_capability = 90;
  CHECK_NOTHROW(kernels::Context(0));
}

TEST_CASE("context: a GPU that has neither TF32 nor bf16") {
  using kernels::Precision;
  const KeepOptions keep;
  const auto reason = [](Precision precision) { return why_unavailable(Cuda{}, precision); };
  for (const auto precision : {Precision::exact, Precision::f32, Precision::tf32, Precision::bf16})
    CHECK(reason(precision).empty());
  options().compute_capability = 75;
  CHECK(reason(Precision::exact).empty());
  for (const auto precision : {Precision::tf32, Precision::bf16})
    CHECK(reason(precision) == "its compute capability is 7.5, and TF32 and bf16 need 8.0 or more");
}

TEST_CASE("context: memory runs out with the numbers, and what to lower") {
  const KeepOptions keep;
  const std::size_t before = cuda_on_host::allocated_bytes();
  options().device_memory = before + (std::size_t{20} << 20);
  void* at = kernels::raw_alloc(Device::cuda, std::size_t{8} << 20);
  CHECK_THROWS_WITH(kernels::raw_alloc(Device::cuda, (std::size_t{12} << 20) + 1),
                    Contains("out of memory: 13 MiB were asked for, 12 of the GPU's") &&
                        Contains("smaller batch or network"));
  kernels::raw_free(Device::cuda, at);
  kernels::synchronize(Device::cuda);  // the refusal was no failure
  CHECK(cuda_on_host::allocated_bytes() == before);
}

TEST_CASE("context: memory that the engine's pool keeps but nobody uses serves others") {
  const KeepOptions keep;
  engine::Pool& pool = engine::pool(Device::cuda);
  constexpr std::size_t bytes = std::size_t{8} << 20;
  pool.release(pool.allocate(bytes), bytes);
  options().device_memory = cuda_on_host::allocated_bytes();  // no more
  void* at = kernels::raw_alloc(Device::cuda, bytes / 2);
  pool.release(pool.allocate(bytes / 4), bytes / 4);  // the pool took what was left
  kernels::raw_free(Device::cuda, at);
  pool.release(pool.allocate(bytes), bytes);  // and gave it back to itself
}

TEST_CASE("context: with SOFTLABEL_SYNC=1 a call of a library waits, and is named if it fails") {
  const KeepOptions keep;
  const test::DeviceArray<float> numbers(Device::cuda, std::vector<float>{2, 3, 0});
  float* const at = numbers.data();
  const bool synchronous = kernels::context().synchronous();
  const kernels::Conv2dShape one{.n = 1, .h = 1, .w = 1, .c = 1, .k = 1, .r = 1, .s = 1};
  const std::function<void()> calls[] = {
      [&] {
        run(Cuda{}, kernels::Conv2d{at, at + 1, at + 2, one});
      },
      [&] {
        run(Cuda{}, kernels::MatMul{at, at + 1, at + 2, 1, 1, 1});
      },
      [&] { kernels::sort_ascending(at, 3); },
  };
  for (const auto& call : calls) {
    call();  // makes handles and work space
    const std::uint64_t before = cuda_on_host::statistics().waits;
    call();
    CHECK(cuda_on_host::statistics().waits - before == std::uint64_t(synchronous));
  }
  if (!synchronous) return;
  options().failing_kernel = "sort_in_one_thread";
  CHECK_THROWS_WITH(kernels::sort_ascending(at, 3),
                    "Thrust failed: an illegal memory access was encountered");
  cuda_on_host::take_reports();
  cuda_on_host::recover();
}

TEST_CASE("context: a kernel that fails is named at once if asked, else by who waits") {
  const test::DeviceArray<std::int32_t> out(Device::cuda, 1);
  if (kernels::context().synchronous()) {
    CHECK_THROWS_WITH(test::cuda_launch::read_beyond(out.data()),
                      Contains("read_beyond_everything failed: an illegal memory access"));
  } else {
    test::cuda_launch::read_beyond(out.data());
    CHECK_THROWS_WITH(kernels::synchronize(Device::cuda),
                      Contains("an illegal memory access") && Contains("SOFTLABEL_SYNC=1"));
    CHECK_THROWS_WITH(test::cuda_launch::read_beyond(out.data()),
                      Contains("could not be launched") && Contains("SOFTLABEL_SYNC=1"));
  }
  const auto reports = cuda_on_host::take_reports();
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].kernel == "read_beyond_everything");
  cuda_on_host::recover();
}
