// SPDX-License-Identifier: MIT
#include "kernels/cuda/conv2d_plan.h"

#include <fmt/format.h>

#include <limits>
#include <string>

#include "kernels/runtime/error.h"
#include "test/support/catch.h"

// What cuDNN's heuristics choose, for GPUs that need not be there: with the real library this says
// that it takes our descriptions, and what the rules about TF32 and determinism leave of its
// engines.
namespace {

using kernels::Conv2dPass;
using kernels::Conv2dPlan;
using kernels::Conv2dRequest;
using kernels::Conv2dShape;
using kernels::DType;

struct Gpu {
  const char* name;
  int architecture, multiprocessors, shared_kib, blocks, threads, l2_mib, memory_gb, clock_mhz,
      memory_clock_mhz;

  std::string description() const {
    return fmt::format(
        R"({{"maxGridSize":[2147483647,65535,65535],"maxBlockSize":[1024,1024,64],)"
        R"("regsPerBlock":65536,"multiProcessorCount":{},"warpSize":32,)"
        R"("maxSharedMemoryPerBlock":49152,"maxSharedMemoryPerBlockOptin":{},)"
        R"("reservedSharedMemoryPerBlock":1024,"maxRegistersPerSM":65536,"maxCtasPerSM":{},)"
        R"("maxThreadsPerBlock":1024,"maxThreadsPerSM":{},"pciDeviceId":0,"isTccDriver":0,)"
        R"("supportCoopLaunch":1,"totalGlobalMem":{},"smClockRateKHz":{},"memClockRateKHz":{},)"
        R"("l2CacheSize":{},"cudaDeviceId":0,"deviceVer":{},"driverVer":13000,"deviceName":"{}"}})",
        multiprocessors, shared_kib << 10, blocks, threads, memory_gb * 1'000'000'000LL,
        clock_mhz * 1000, memory_clock_mhz * 1000, l2_mib << 20, architecture * 10, name);
  }
};

const std::vector<Gpu> gpus = {
    {"NVIDIA A100-SXM4-80GB", 80, 108, 163, 32, 2048, 40, 80, 1410, 1593},
    {"NVIDIA GeForce RTX 3090", 86, 82, 99, 16, 1536, 6, 24, 1695, 9751},
    {"NVIDIA GeForce RTX 4090", 89, 128, 99, 24, 1536, 72, 24, 2520, 10501},
    {"NVIDIA H100 80GB HBM3", 90, 132, 227, 32, 2048, 50, 80, 1980, 2619},
};

// Of ResNet and DenseNet-BC, and two that no network has.
const std::vector<Conv2dShape> shapes = {
    {.n = 128, .h = 32, .w = 32, .c = 3, .k = 64, .r = 3, .s = 3, .stride = 1, .pad = 1},
    {.n = 128, .h = 32, .w = 32, .c = 64, .k = 64, .r = 3, .s = 3, .stride = 1, .pad = 1},
    {.n = 128, .h = 32, .w = 32, .c = 64, .k = 128, .r = 3, .s = 3, .stride = 2, .pad = 1},
    {.n = 128, .h = 32, .w = 32, .c = 64, .k = 128, .r = 1, .s = 1, .stride = 2},
    {.n = 128, .h = 4, .w = 4, .c = 512, .k = 512, .r = 3, .s = 3, .stride = 1, .pad = 1},
    {.n = 128, .h = 32, .w = 32, .c = 150, .k = 48, .r = 1, .s = 1},
    {.n = 128, .h = 16, .w = 16, .c = 48, .k = 12, .r = 3, .s = 3, .stride = 1, .pad = 1},
    {.n = 16, .h = 224, .w = 224, .c = 3, .k = 64, .r = 7, .s = 7, .stride = 2, .pad = 3},
    {.n = 1, .h = 1, .w = 1, .c = 1, .k = 1, .r = 1, .s = 1},
    {.n = 2, .h = 11, .w = 6, .c = 1, .k = 5, .r = 5, .s = 3, .stride = 3, .pad = 2},
};

constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

}  // namespace

TEST_CASE("cuDNN has a plan for every convolution, also where there is no work space") {
  const Gpu gpu = GENERATE(from_range(gpus));
  const Conv2dShape s = GENERATE(from_range(shapes));
  const DType type = GENERATE(DType::f32, DType::bf16);
  const std::string description = gpu.description();
  for (const auto pass : {Conv2dPass::forward, Conv2dPass::input_grad, Conv2dPass::filter_grad})
    for (const int filter_alignment : {16, int(kernels::size_of(type))}) {
      CAPTURE(gpu.name, s.n, s.h, s.c, s.k, s.r, s.stride, int(pass), filter_alignment);
      const Conv2dRequest request{pass, s, {}, {16, filter_alignment, 16}, type};
      const Conv2dPlan plan(request, unlimited, description.c_str());
      const std::size_t bytes = kernels::conv2d_bytes(s, type, type, type);
      CHECK(plan.workspace_bytes() <= 2 * bytes + (std::size_t{16} << 20));
      CHECK(Conv2dPlan(request, 0, description.c_str()).workspace_bytes() == 0);
      Conv2dRequest adds = request;
      adds.adds = true;
      if (pass == Conv2dPass::input_grad) {
        const Conv2dPlan adding(adds, unlimited, description.c_str());
        CHECK(adding.workspace_bytes() == plan.workspace_bytes());
        CHECK(adding.engine() == plan.engine());
      }
    }
}

TEST_CASE("cuDNN's engines that round to TF32 are taken only where that is allowed") {
  const std::string h100 = gpus.back().description();
  for (const auto pass : {Conv2dPass::forward, Conv2dPass::input_grad, Conv2dPass::filter_grad}) {
    CAPTURE(int(pass));
    Conv2dRequest request{pass, shapes[1], {}};
    const Conv2dPlan exact(request, unlimited, h100.c_str());
    request.mode.allow_tf32 = true;
    CHECK(Conv2dPlan(request, unlimited, h100.c_str()).engine() != exact.engine());
  }
}

TEST_CASE("cuDNN's tensor cores take bf16 in the strictest mode") {
  const std::string h100 = gpus.back().description();
  for (const auto pass : {Conv2dPass::forward, Conv2dPass::input_grad, Conv2dPass::filter_grad}) {
    CAPTURE(int(pass));
    const Conv2dRequest request{pass, shapes[1], {}, {16, 16, 16}, DType::bf16};
    Conv2dRequest misaligned = request;
    misaligned.alignment[1] = 2;  // tensor cores want 16
    CHECK(Conv2dPlan(request, unlimited, h100.c_str()).engine() !=
          Conv2dPlan(misaligned, unlimited, h100.c_str()).engine());
  }
}

TEST_CASE("cuDNN refuses the description of a GPU that makes no sense") {
  using Catch::Matchers::Contains;
  const Conv2dRequest request{Conv2dPass::forward, shapes[0], {}};
  CHECK_THROWS_WITH(Conv2dPlan(request, unlimited, "{"), Contains("cuDNN: CUDNN_STATUS_"));
}
