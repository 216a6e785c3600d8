// SPDX-License-Identifier: MIT
// Ranking needs all rows in one place. A batch that fits a block is sorted in its shared memory, in
// the launch that makes the draws and, if there are few logits, computes the confidences too; many
// logits are worth a launch over the whole GPU first. Larger batches are sorted in global memory.
#include "kernels/beta_labels.h"

#include "kernels/cuda/launch.h"
#include "kernels/cuda/sort.h"
#include "kernels/cuda/warp.cuh"
#include "kernels/cuda/workspace.h"
#include "kernels/runtime/philox.h"

namespace kernels {
namespace {

constexpr int rows_of_block = 1024;               // at most, and threads
constexpr std::size_t logits_of_block = 1 << 16;  // about 10 us for a single block
constexpr int threads = 256, rows_per_block = threads / warp_size;

// The draw of row j before it is assigned, computed in double as on the host.
__device__ __forceinline__ float draw(const BetaLabels& op, int j) {
  const double u =
      to_unit(random_words(op.seed, Purpose::beta_labels, op.step->step, std::uint64_t(j))[0]);
  return float(pow(u, 1 / double(op.a)));
}

/// exp(from - to), 1 for equal infinities.
__device__ __forceinline__ float exp_difference(float from, float to) {
  return from == to ? 1.0f : expf(from - to);
}

/// A set of logits: their maximum, and the sum of exp(z - largest) over all but one of the largest.
/// The rest keeps its digits where it is tiny beside that one.
struct Logits {
  float largest = -INFINITY;
  float rest = -1;  // of no logits at all: with the missing one they are 0

  __device__ __forceinline__ void add(float z) {
    if (z > largest) {
      rest = (rest + 1) * exp_difference(largest, z);
      largest = z;
    } else {
      rest += exp_difference(z, largest);
    }
  }
};

/// log(p / (1 - p)) of the class that ranks the row: in the order of p, but still different where p
/// itself rounds to 1. The lowest if it is not a number, or if there is no such class. The row is
/// one warp's; each logit is read once.
__device__ __forceinline__ float confidence(const BetaLabels& op, int row) {
  const float* z = op.logits + std::size_t(row) * op.classes;
  const bool by_label = op.ranking == BetaRanking::true_class_probability;
  const int label = by_label ? op.label[row] : -1;
  if (by_label && (label < 0 || label >= op.classes)) return -INFINITY;

  Logits mine;
  float chosen = 0;  // the label's, in one lane
  for (int c = lane_index(); c < op.classes; c += warp_size) {
    const float value = z[c];
    if (c == label) {
      chosen = value;
    } else {
      mine.add(value);
    }
  }
  const float largest = warp_max(mine.largest);  // of those in `others`, and the missing one
  const unsigned with_largest = __ballot_sync(whole_warp, mine.largest == largest);
  const bool leaves_one_out = !by_label && lane_index() == __ffs(int(with_largest)) - 1;
  const float scale = exp_difference(mine.largest, largest);
  const float others = warp_sum(leaves_one_out ? mine.rest : (mine.rest + 1) * scale);
  const float own = by_label ? warp_sum(chosen) : largest;
  const float reference = fmaxf(own, largest);
  const float log_odds = (own - reference) - (logf(others) + (largest - reference));
  return log_odds != log_odds ? -INFINITY : log_odds;
}

/// Keys that sort by confidence, and by row where it is equal. A float's bits are in order once
/// negative ones are inverted and the others put above them.
__device__ __forceinline__ std::uint64_t key_of(const BetaLabels& op, int row) {
  const unsigned bits = __float_as_uint(confidence(op, row) + 0.0f);  // -0 becomes 0
  const unsigned in_order = bits >> 31 != 0 ? ~bits : bits | 0x80000000u;
  return std::uint64_t(in_order) << 32 | unsigned(row);
}

/// Where the draw of the k-th least confident sample stands among the sorted ones.
__device__ __forceinline__ std::size_t draw_of_rank(const BetaLabels& op, std::size_t k) {
  return op.ranking == BetaRanking::reversed ? std::size_t(op.rows) - 1 - k : k;
}

template <class T>
__device__ __forceinline__ void put_in_order(T& first, T& second, bool ascending) {
  if ((first > second) != ascending) return;
  const T former = first;
  first = second;
  second = former;
}

// Draws and keys are sorted together, by a bitonic network. `ready` are the keys; null: the block
// computes them, one warp per row.
//   shapes  logits [rows, classes]; label, b, ready [rows]; padded: the next power of two of rows
//   moves   4*rows*(classes + 2) bytes, or 12*rows if the keys are ready
//   launch  1 block of 1024 threads, 12 KiB of shared memory
__global__ void __launch_bounds__(rows_of_block)
    beta_labels_one_block(BetaLabels op, const std::uint64_t* ready, int padded) {
  __shared__ std::uint64_t keys[rows_of_block];
  __shared__ float draws[rows_of_block];
  const int i = int(threadIdx.x);
  if (i < op.rows) {
    draws[i] = draw(op, i);
    if (ready) keys[i] = ready[i];
  } else {
    draws[i] = INFINITY;
    keys[i] = ~std::uint64_t{0};
  }
  if (!ready) {
    for (int row = warp_index(); row < op.rows; row += rows_of_block / warp_size) {
      const std::uint64_t key = key_of(op, row);
      if (lane_index() == 0) keys[row] = key;
    }
  }
  for (int run = 2; run <= padded; run *= 2) {
    for (int distance = run / 2; distance > 0; distance /= 2) {
      __syncthreads();
      const int partner = i ^ distance;
      if (i < padded && partner > i) {
        const bool ascending = (i & run) == 0;
        put_in_order(keys[i], keys[partner], ascending);
        put_in_order(draws[i], draws[partner], ascending);
      }
    }
  }
  __syncthreads();
  if (i < op.rows) op.b[unsigned(keys[i])] = draws[draw_of_rank(op, std::size_t(i))];
}

// One warp per row.
//   shapes  logits [rows, classes]; label, keys [rows]
//   moves   4*rows*classes + 12*rows bytes
//   launch  ceil(rows / 8) blocks of 256 threads
__global__ void beta_labels_key_warp_per_row(BetaLabels op, std::uint64_t* keys) {
  const int row = int(blockIdx.x) * rows_per_block + warp_index();
  if (row >= op.rows) return;
  const std::uint64_t key = key_of(op, row);
  if (lane_index() == 0) keys[row] = key;
}

//   shapes  draws [rows]
//   moves   4*rows bytes
//   launch  ceil(rows / 256) blocks of 256 threads
__global__ void beta_labels_draw_thread_per_row(BetaLabels op, float* draws) {
  const std::size_t j = std::size_t(blockIdx.x) * threads + threadIdx.x;
  if (j < std::size_t(op.rows)) draws[j] = draw(op, int(j));
}

//   shapes  keys and draws, sorted, and b [rows]
//   moves   16*rows bytes
//   launch  ceil(rows / 256) blocks of 256 threads
__global__ void beta_labels_assign_thread_per_rank(BetaLabels op, const std::uint64_t* keys,
                                                   const float* draws) {
  const std::size_t k = std::size_t(blockIdx.x) * threads + threadIdx.x;
  if (k < std::size_t(op.rows)) op.b[unsigned(keys[k])] = draws[draw_of_rank(op, k)];
}

}  // namespace

void run(Cuda, const BetaLabels& op) {
  const std::size_t rows = op.rows;
  const Grid thread_per_row(ceil_div(rows, threads), threads);
  if (op.ranking == BetaRanking::random) {
    launch(beta_labels_draw_thread_per_row, thread_per_row, op, op.b);
    return;
  }
  const bool fits_block = op.rows <= rows_of_block;
  std::uint64_t* keys = nullptr;
  if (!fits_block || rows * op.classes > logits_of_block) {
    keys = static_cast<std::uint64_t*>(workspace(rows * (sizeof(std::uint64_t) + sizeof(float))));
    launch(beta_labels_key_warp_per_row, {ceil_div(rows, rows_per_block), threads}, op, keys);
  }
  if (fits_block) {
    int padded = 1;
    while (padded < op.rows) padded *= 2;
    launch(beta_labels_one_block, {1, rows_of_block}, op, keys, padded);
    return;
  }
  float* draws = reinterpret_cast<float*>(keys + rows);
  launch(beta_labels_draw_thread_per_row, thread_per_row, op, draws);
  sort_ascending(keys, rows);
  sort_ascending(draws, rows);
  launch(beta_labels_assign_thread_per_rank, thread_per_row, op, keys, draws);
}

}  // namespace kernels
