// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "test/cuda_on_host/bugs/bugs.h"
#include "test/cuda_on_host/cuda_on_host.h"

// Runs one case, a kernel of kernels.cu or a function below, in every order of threads and blocks,
// and prints what is found. The expectations stand in CMakeLists.txt.
namespace {

using namespace cuda_on_host;

constexpr int size = 256;
constexpr std::size_t bytes = size * sizeof(float);

float* allocate() {
  void* at = nullptr;
  cudaMalloc(&at, bytes);
  return static_cast<float*>(at);
}

std::vector<float> input() {
  std::vector<float> values(size);
  for (int i = 0; i < size; ++i) values[i] = float(i % 7) + 0.25f * float(i);
  return values;
}

struct Arrays {
  float* in = allocate();
  float* out = allocate();

  Arrays() { cudaMemcpy(in, input().data(), bytes, cudaMemcpyHostToDevice); }
  ~Arrays() {
    cudaFree(in);
    cudaFree(out);
  }
  Arrays(const Arrays&) = delete;
  Arrays& operator=(const Arrays&) = delete;

  std::vector<float> result() const {
    std::vector<float> values(size);
    cudaMemcpy(values.data(), out, bytes, cudaMemcpyDeviceToHost);
    return values;
  }
};

std::vector<float> run_kernel_case(const std::string& name) {
  const Arrays arrays;
  if (name != "reads_unset_global") cudaMemset(arrays.out, 0, bytes);
  const cudaError_t refused = launch_case(name, arrays.out, arrays.in, size, nullptr);
  if (refused != cudaSuccess) {
    std::printf("found: launch refused: %s\n", cudaGetErrorString(refused));
    return {};
  }
  if (cudaDeviceSynchronize() != cudaSuccess) return {};
  return arrays.result();
}

std::vector<float> passes_host_pointer() {
  static const std::vector<float> on_host = input();
  const Arrays arrays;
  launch_case("copies", arrays.out, on_host.data(), size, nullptr);
  return arrays.result();
}

std::vector<float> uses_after_free() {
  Arrays arrays;
  float* freed = allocate();
  cudaMemset(freed, 0, bytes);
  cudaFree(freed);
  launch_case("copies", arrays.out, freed, size, nullptr);
  return arrays.result();
}

std::vector<float> frees_twice() {
  float* at = allocate();
  cudaFree(at);
  cudaFree(at);
  return {};
}

std::vector<float> leaks() {
  allocate();
  return {};
}

std::vector<float> copies_in_wrong_direction() {
  const Arrays arrays;
  cudaMemcpy(arrays.out, input().data(), bytes, cudaMemcpyDeviceToHost);
  return {};
}

std::vector<float> copies_too_much() {
  const Arrays arrays;
  cudaMemcpy(arrays.out, std::vector<float>(2 * size).data(), 2 * bytes, cudaMemcpyHostToDevice);
  return {};
}

std::vector<float> reads_device_memory_on_host() {
  const Arrays arrays;
  return {arrays.in[3]};
}

std::vector<float> writes_beside_small_allocation() {
  void* at = nullptr;
  cudaMalloc(&at, 4);  // within the 256 bytes that it begins at a multiple of
  cudaMemset(at, 0, 4);
  launch_case("writes_to_neighbour", static_cast<float*>(at), nullptr, 1, nullptr);
  cudaFree(at);
  return {};
}

// Two streams, the second of which uses what the first one brings.
std::vector<float> use_from_second_stream(bool wait) {
  const Arrays arrays;
  cudaStream_t first = nullptr, second = nullptr;
  cudaEvent_t brought = nullptr;
  cudaStreamCreateWithFlags(&first, cudaStreamNonBlocking);
  cudaStreamCreateWithFlags(&second, cudaStreamNonBlocking);
  cudaEventCreate(&brought);
  cudaMemsetAsync(arrays.in, 0, bytes, first);
  cudaEventRecord(brought, first);
  if (wait) cudaStreamWaitEvent(second, brought, 0);
  launch_case("copies", arrays.out, arrays.in, size, second);
  cudaStreamSynchronize(second);
  const std::vector<float> result = arrays.result();
  if (result[5] != 0) std::printf("found: stale values\n");
  cudaStreamDestroy(first);
  cudaStreamDestroy(second);
  cudaEventDestroy(brought);
  return {};
}

// A copy of the default stream does not wait for a stream that does not block it.
std::vector<float> lacks_synchronisation() {
  const Arrays arrays;
  cudaStream_t stream = nullptr;
  cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
  cudaMemsetAsync(arrays.in, 0, bytes, stream);
  launch_case("copies", arrays.out, arrays.in, size, stream);
  const std::vector<float> result = arrays.result();
  if (result[5] != 0) std::printf("found: stale values\n");
  cudaStreamDestroy(stream);
  return {};
}

const std::map<std::string, std::function<std::vector<float>()>> host_cases = {
    {"passes_host_pointer", passes_host_pointer},
    {"uses_after_free", uses_after_free},
    {"frees_twice", frees_twice},
    {"leaks", leaks},
    {"copies_in_wrong_direction", copies_in_wrong_direction},
    {"copies_too_much", copies_too_much},
    {"reads_device_memory_on_host", reads_device_memory_on_host},
    {"writes_beside_small_allocation", writes_beside_small_allocation},
    {"lacks_event_wait", [] { return use_from_second_stream(false); }},
    {"waits_for_event", [] { return use_from_second_stream(true); }},
    {"lacks_synchronisation", lacks_synchronisation},
};

std::vector<float> run_case(const std::string& name) {
  const auto host_case = host_cases.find(name);
  return host_case != host_cases.end() ? host_case->second() : run_kernel_case(name);
}

// True if something was found.
bool print_findings(const std::vector<float>& result, const std::vector<float>& first) {
  bool found = false;
  for (const Report& r : take_reports()) {
    std::printf("found: %s: %s: %s\n", name(r.kind), r.kernel.c_str(), r.text.c_str());
    found = true;
  }
  for (const float x : result)
    if (std::isnan(x)) {
      std::printf("found: not a number\n");
      return true;
    }
  if (result != first) {
    std::printf("found: result depends on the order of threads\n");
    found = true;
  }
  if (allocated_bytes() != 0) {
    std::printf("found: leak: %zu bytes\n", allocated_bytes());
    found = true;
  }
  return found;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::vector<float> first;
  for (int run = 0; run < 4; ++run) {
    options().order = run < 2 ? Order(run) : Order::random;
    options().seed = std::uint64_t(run);
    options().shuffle_blocks = run >= 2;
    options().lazy_streams = run == 3;
    const std::vector<float> result = run_case(argv[1]);
    if (run == 0) first = result;
    std::fflush(stdout);
    if (print_findings(result, first)) return 1;
    recover();
  }
  std::printf("nothing was found\n");
  return 0;
}
