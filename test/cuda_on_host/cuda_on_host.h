// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// A CUDA runtime for tests that runs kernels on the host, and finds what is wrong with them; see
/// docs/cuda_on_host.md. This header is what tests use. Kernels and the code that launches them
/// know nothing of it: they see the toolkit's own <cuda_runtime.h>.
namespace cuda_on_host {

/// The order in which the threads of a block run between two barriers. A correct kernel gives the
/// same result in all of them.
enum class Order { forward, reverse, random };

/// Read at every launch and call, so a test may change them as it goes. They start as the
/// environment variable CUDA_ON_HOST says, for example CUDA_ON_HOST="order=random seed=3 shuffle
/// lazy". Its words are order=, seed=, shuffle, lazy, unlocked, and for the machine memory= (MiB),
/// devices=, driver= and fail=.
struct Options {
  Order order = Order::forward;
  std::uint64_t seed = 1;       // of every random order
  bool shuffle_blocks = false;  // else blocks run in the order of their index
  bool lazy_streams = false;    // queued work waits until something waits for it
  bool overtaking_streams =
      false;             // but those that are not the first run ahead, if nothing holds them
  bool captures = true;  // streams into graphs
  bool locked = true;    // host code that touches device memory faults

  // The machine.
  std::size_t device_memory = std::size_t{8} << 30;
  int device_count = 1;
  int driver_version = 99000;  // as cudaDriverGetVersion gives it; 0: no driver
  int compute_capability = 90;
  int multiprocessors = 4;
  std::size_t shared_bytes_per_block = std::size_t{227} << 10;
  std::string failing_kernel;  // a kernel whose name contains it fails as if it had read beyond
};
Options& options();

enum class Kind {
  bad_call,           // an API call that is never right, or a launch that no GPU takes
  bad_free,           // not an allocation, or freed twice
  guard_overwritten,  // bytes beside an allocation were changed
  host_access,        // host code touched device memory; this ends the program
  invalid_address,    // a kernel touched an address that is nobody's
  out_of_bounds,      // ... or one beside an allocation
  misaligned,
  host_memory,         // a kernel touched memory of the host
  uninitialised,       // a read of memory that nobody wrote
  race,                // two threads, one of them writing, and no barrier between
  barrier_divergence,  // not all threads of the block come to the same barrier
  warp_divergence,     // not all lanes of the mask come to the same warp operation
  shuffle_source,      // a shuffle from a lane that takes no part
  deadlock,
};
const char* name(Kind);

struct Report {
  Kind kind;
  std::string kernel;
  std::string text;  // which thread did what, and where
};

/// What was found since the last call, at most 64 of them.
std::vector<Report> take_reports();

/// Queued work is done, its failures are forgotten: what cudaDeviceReset does, except that memory
/// stays allocated.
void recover();

/// Bytes of device and pinned memory that are allocated, to find leaks.
std::size_t allocated_bytes();

/// Device memory becomes what cudaMalloc makes: NaN, and for the checker unwritten.
void poison(void* at, std::size_t bytes);

struct Statistics {
  std::uint64_t graph_launches = 0;  // whose kernels count as launches too
  std::uint64_t launches = 0, threads = 0, switches = 0, barriers = 0, warp_operations = 0;

  // What the host asked for that keeps a GPU from being queued work.
  std::uint64_t allocations = 0;  // cudaMalloc
  std::uint64_t waits = 0;        // for a stream, an event or the device; cudaFree waits too
  std::uint64_t host_copies = 0;  // to or from memory of the host
};
Statistics& statistics();

/// Whether kernels of this build report each of their loads and stores, so that races,
/// uninitialised reads and traffic are seen.
inline constexpr bool checked = CUDA_ON_HOST_CHECK;

/// Counts what kernels read and write in global memory while it lives; one at a time, in checked
/// builds. What counts is the requests of warps: lanes that load one word together load it once.
class Recording {
 public:
  Recording();
  ~Recording();
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  /// Of one allocation, the one that holds `address`.
  struct Traffic {
    std::uint64_t bytes_read = 0, bytes_written = 0;                    // by all requests together
    std::uint64_t distinct_bytes_read = 0, distinct_bytes_written = 0;  // each byte once
    std::uint32_t max_reads = 0, max_writes = 0;  // of the byte that was accessed most often
  };
  Traffic of(const void* address) const;

  /// A request is one load or store of a warp, and moves as many 32-byte sectors as its lanes
  /// touch; `least_sectors` are what as many bytes need if they lie side by side.
  struct Requests {
    std::uint64_t count = 0, bytes = 0, sectors = 0, least_sectors = 0;
  };
  Requests loads() const;
  Requests stores() const;
};

}  // namespace cuda_on_host
