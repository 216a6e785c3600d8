// SPDX-License-Identifier: MIT
#include "kernels/soft_target_loss.h"

#include <cfloat>
#include <string>

#include "kernels/cuda/access.cuh"
#include "kernels/cuda/block.cuh"
#include "kernels/cuda/launch.h"
#include "kernels/runtime/error_type.h"

namespace kernels {
namespace {

/// Where the soft label comes from: from the label alone, or from a second array beside the logits.
enum class Source { label, teacher, probabilities };

/// What is the same for all rows, computed once in double on the host. Kernels compute in float:
/// the few doubles of a row would take longer than its memory traffic on GPUs with few units for
/// them.
struct Constants {
  float inverse_ts, inverse_t;  // temperatures of student and teacher
  float soft_weight;            // 1 - alpha
  float other, extra;           // s_c of the classes other than y; what s_y has more; not for beta
  float gamma_less_1;
  float factor;  // f
  float unit;    // f / (Ts rows)
};

Constants constants_of(const SoftTargetLoss& op) {
  const double ts = op.student_temperature, eps = op.smoothing, classes = op.classes;
  const double factor = op.scale_by_temperature ? ts * ts : 1;
  double other = 0, extra = 0;
  if (op.soft == SoftTarget::one_hot) extra = 1;
  if (op.soft == SoftTarget::smoothed) other = eps / (classes - 1), extra = 1 - eps - other;
  if (op.soft == SoftTarget::smoothed_over_all) other = eps / classes, extra = 1 - eps;
  return {.inverse_ts = float(1 / ts),
          .inverse_t = float(1 / double(op.teacher_temperature)),
          .soft_weight = float(1 - double(op.alpha)),
          .other = float(other),
          .extra = float(extra),
          .gamma_less_1 = float(double(op.gamma) - 1),
          .factor = float(factor),
          .unit = float(factor / (ts * op.rows))};
}

/// `width` neighbours of a row, aligned so that they are one access in shared memory too.
template <int width>
struct alignas(width * sizeof(float)) Chunk {
  float v[width];
};

template <int width>
__device__ __forceinline__ Chunk<width> load(const float* at) {
  if constexpr (width == 4) {
    const float4 v = ld4(at);
    return {{v.x, v.y, v.z, v.w}};
  } else {
    return {{*at}};
  }
}

template <int width>
__device__ __forceinline__ void store(float* at, const Chunk<width>& chunk) {
  if constexpr (width == 4)
    st4(at, make_float4(chunk.v[0], chunk.v[1], chunk.v[2], chunk.v[3]));
  else
    *at = chunk.v[0];
}

/// A row among the lanes of a warp, in registers: first the logits, later e; and beside them q.
template <int width, int chunks>
class WarpRow {
 public:
  /// Calls visit(c, e, q) for this lane's chunks; c is the first class of a chunk.
  template <class Visit>
  __device__ __forceinline__ void visit(int classes, Visit visit) {
#pragma unroll
    for (int i = 0; i < chunks; ++i) {
      const int c = (i * warp_size + lane_index()) * width;
      if (c < classes) visit(c, e_[i], q_[i]);
    }
  }
  __device__ static float sum(float value) { return warp_sum(value); }
  __device__ static float max(float value) { return warp_max(value); }
  __device__ static bool leads() { return lane_index() == 0; }

 private:
  Chunk<width> e_[chunks], q_[chunks];
};

/// A row among the threads of a block, in shared memory. A thread visits its own chunks only, so
/// nothing but the sums needs a barrier.
template <int width>
class BlockRow {
 public:
  __device__ BlockRow(float* e, float* q) : e_(e), q_(q) {}

  template <class Visit>
  __device__ __forceinline__ void visit(int classes, Visit visit) {
    for (int c = int(threadIdx.x) * width; c < classes; c += int(blockDim.x) * width) {
      auto& e = *reinterpret_cast<Chunk<width>*>(e_ + c);
      auto& q = *reinterpret_cast<Chunk<width>*>(q_ + c);
      visit(c, e, q);
    }
  }
  __device__ static float sum(float value) { return block_sum(value); }
  __device__ static float max(float value) { return block_max(value); }
  __device__ static bool leads() { return threadIdx.x == 0; }

 private:
  float *e_, *q_;
};

/// log p without its normalisation, (z - z_max) / Ts. Floored where e^d has long been 0, so that
/// sums of it stay finite and 0 times it is 0.
__device__ __forceinline__ float distance(float z, float z_max, float inverse_ts) {
  const float d = (z - z_max) * inverse_ts;
  return d < -1e30f ? -1e30f : d;
}

/// The labels of a row with their shares: one, or the two of a mixture.
struct Labels {
  int label, other;
  float share, rest;

  __device__ __forceinline__ Labels(const SoftTargetLoss& op, int row)
      : label(op.label[row]),
        other(op.other_label ? op.other_label[row] : label),
        share(op.other_label ? op.share[row] : 1),
        rest(op.other_label ? 1 - share : 0) {}

  __device__ __forceinline__ bool within(int classes) const {
    return label >= 0 && label < classes && other >= 0 && other < classes;
  }
  __device__ __forceinline__ float share_of(int c) const {
    return (c == label ? share : 0) + (c == other ? rest : 0);
  }
};

/// The gradient of a row: linear in e and q, and a term of the entropy.
struct Gradient {
  float per_e, per_q, constant, peak;
  float entropy_per_e, mean_d;

  __device__ __forceinline__ float of(float e, float q, float share_of_label) const {
    float slope = per_e;
    if (entropy_per_e != 0 && e > 0) slope += entropy_per_e * (logf(e) - mean_d);
    return e * slope - (constant + per_q * q) - share_of_label * peak;
  }
};

/// Whether a row keeps something beside e: its second array, or with an epsilon its soft part.
template <Source source, bool with_epsilon>
constexpr bool has_q = source != Source::label || with_epsilon;

/// The soft part g of a target: base + peak [c = y] + weight q_c.
struct SoftPart {
  float base, peak, weight;
};

struct SoftSums {
  float g_log_p, t;  // of g log(p + epsilon), of g p / (p + epsilon)
};

/// The soft part with an epsilon in the logarithm. Replaces each q by what the gradient needs,
/// g p / (p + epsilon).
template <Source source, int width, class Row>
__device__ __forceinline__ SoftSums apply_epsilon(const SoftTargetLoss& op, const SoftPart& soft,
                                                  const Labels& labels, float sum_e, Row& values) {
  SoftSums sums{};
  values.visit(op.classes, [&](int c, const Chunk<width>& e, Chunk<width>& kept_q) {
    Chunk<width> q{};
    if constexpr (source != Source::label) q = kept_q;
    for (int i = 0; i < width; ++i) {
      const float p = e.v[i] / sum_e, shifted = p + op.log_epsilon;
      const float g = soft.base + labels.share_of(c + i) * soft.peak + soft.weight * q.v[i];
      sums.g_log_p += g * logf(shifted);
      q.v[i] = g * (p / shifted);
      sums.t += q.v[i];
    }
    kept_q = q;
  });
  return {values.sum(sums.g_log_p), values.sum(sums.t)};
}

/// One row, by the lanes or threads of a `Row`. Each logit is read from global memory once: the row
/// is kept while its maximum is found, then while e = exp(d) is summed, then while the gradient is
/// written. (A sum that is rescaled as the maximum grows would save nothing here, and be less
/// exact.) The target is t_c = base + peak [c = y] + weight q_c, with q_c the second array's part:
/// exp((u_c - u_max) / T), not yet normalised, or the given probability. With an epsilon that is
/// the hard part alone, and the soft part takes one more visit.
template <Source source, bool with_epsilon, int width, class Row>
__device__ __forceinline__ void loss_of_row(const SoftTargetLoss& op, const Constants& k, int row,
                                            Row& values) {
  constexpr bool has_second = source != Source::label;
  const std::size_t at = std::size_t(row) * op.classes;
  const float* second = source == Source::teacher ? op.teacher_logits : op.probabilities;
  const Labels labels(op, row);
  const bool valid = labels.within(op.classes);

  float z_max = -INFINITY, u_max = -INFINITY;
  values.visit(op.classes, [&](int c, Chunk<width>& kept_e, Chunk<width>& kept_q) {
    const Chunk<width> z = load<width>(op.logits + at + c);
    for (int i = 0; i < width; ++i) z_max = fmaxf(z_max, z.v[i]);
    kept_e = z;
    if constexpr (source == Source::label) return;
    const Chunk<width> q = load<width>(second + at + c);
    for (int i = 0; i < width; ++i) u_max = fmaxf(u_max, q.v[i]);
    kept_q = q;
  });
  z_max = values.max(z_max);
  if (source == Source::teacher) u_max = values.max(u_max);

  float other = k.other, extra = k.extra;
  if (op.soft == SoftTarget::beta) {
    const float b = op.true_class_probability[row];
    other = (1 - b) / float(op.classes - 1);
    extra = b - other;
  }
  const float base = (with_epsilon ? 0 : k.soft_weight * other) + k.gamma_less_1;
  const float peak = (with_epsilon ? 0 : k.soft_weight * extra) + op.alpha;

  float sum_e = 0, sum_ed = 0, sum_td = 0, sum_q = 0, sum_qd = 0;
  values.visit(op.classes, [&](int c, Chunk<width>& kept_e, Chunk<width>& kept_q) {
    Chunk<width> e = kept_e, q{};
    if constexpr (has_second) q = kept_q;
    for (int i = 0; i < width; ++i) {
      const float d = distance(e.v[i], z_max, k.inverse_ts);
      e.v[i] = expf(d);
      sum_e += e.v[i];
      sum_ed += e.v[i] * d;
      sum_td += (base + labels.share_of(c + i) * peak) * d;
      if (source == Source::teacher) q.v[i] = expf((q.v[i] - u_max) * k.inverse_t);
      sum_q += q.v[i];
      sum_qd += q.v[i] * d;
    }
    kept_e = e;
    if constexpr (source == Source::teacher) kept_q = q;
  });
  sum_e = values.sum(sum_e);
  sum_td = values.sum(sum_td);
  if (op.entropy_weight != 0) sum_ed = values.sum(sum_ed);
  if (has_second) {
    sum_q = values.sum(sum_q);
    sum_qd = values.sum(sum_qd);
  }

  const float log_sum = logf(sum_e);
  float soft_weight = k.soft_weight;
  if (op.omega) {
    const float log_omega = u_max * k.inverse_t + logf(sum_q);
    soft_weight *= expf(fminf(80.0f, log_omega - op.log_mean_omega));
  }
  float weight = source == Source::teacher ? soft_weight / sum_q : soft_weight;
  float sum_t = base * float(op.classes) + peak;
  if (has_second && !with_epsilon) {
    sum_t += source == Source::teacher ? soft_weight : soft_weight * sum_q;
    sum_td += weight * sum_qd;
  }
  const float mean_d = op.entropy_weight != 0 ? sum_ed / sum_e : 0;
  const float entropy = log_sum - mean_d;
  float gradient_sum_t = sum_t;
  if constexpr (with_epsilon) {
    const SoftPart soft{k.soft_weight * other, k.soft_weight * extra, weight};
    const SoftSums sums = apply_epsilon<source, width>(op, soft, labels, sum_e, values);
    sum_td += sums.g_log_p;
    gradient_sum_t += sums.t;
    weight = 1;  // of q, which now holds the soft part
  }

  if (values.leads()) {
    const float loss = k.factor * (sum_t * log_sum - sum_td - op.entropy_weight * entropy);
    const float bounded = loss > FLT_MAX    ? FLT_MAX
                          : loss < -FLT_MAX ? -FLT_MAX
                                            : loss;  // NaN stays NaN
    op.loss[row] = valid ? bounded : NAN;
  }
  if (op.grad == nullptr) return;
  const Gradient gradient{.per_e = valid ? k.unit * gradient_sum_t / sum_e : NAN,
                          .per_q = has_q<source, with_epsilon> ? k.unit * weight : 0,
                          .constant = k.unit * base,
                          .peak = k.unit * peak,
                          .entropy_per_e = k.unit * op.entropy_weight / sum_e,
                          .mean_d = mean_d};
  values.visit(op.classes, [&](int c, const Chunk<width>& kept_e, const Chunk<width>& kept_q) {
    Chunk<width> e = kept_e, q{}, g;
    if constexpr (has_q<source, with_epsilon>) q = kept_q;
    for (int i = 0; i < width; ++i) g.v[i] = gradient.of(e.v[i], q.v[i], labels.share_of(c + i));
    store<width>(op.grad + at + c, g);
  });
}

// Up to 1024 classes (256 if not four at a time, which takes more registers): a warp has a row, in
// registers.
//   moves   8*rows*classes bytes, 12 with a second array; and 8*rows, 12 for beta,
//           8 more of mixtures
//   launch  ceil(rows / 4) blocks of 128 threads
constexpr int rows_per_block = 4;

template <Source source, bool with_epsilon, int width, int chunks>
__global__ void soft_target_loss_warp_per_row(SoftTargetLoss op, Constants k) {
  const int row = int(blockIdx.x) * rows_per_block + warp_index();
  if (row >= op.rows) return;  // whole warps leave
  WarpRow<width, chunks> values;
  loss_of_row<source, with_epsilon, width>(op, k, row, values);
}

// More: a block has a row, in shared memory.
//   moves   8*rows*classes bytes, 12 with a second array; and 8*rows, 12 for beta,
//           8 more of mixtures
//   launch  rows blocks of 512 threads, 4*classes bytes of shared memory, 8 with a second array
//           or an epsilon
constexpr int block_threads = 512;

template <Source source, bool with_epsilon, int width>
__global__ void soft_target_loss_block_per_row(SoftTargetLoss op, Constants k) {
  float* e = dynamic_shared<float>();
  BlockRow<width> values(e, has_q<source, with_epsilon> ? e + op.classes : e);
  loss_of_row<source, with_epsilon, width>(op, k, int(blockIdx.x), values);
}

template <Source source, bool with_epsilon, int width>
void run_rows(const SoftTargetLoss& op) {
  const Constants k = constants_of(op);
  const Grid warps(ceil_div(op.rows, rows_per_block), rows_per_block * warp_size);
  if (op.classes <= 128)
    return launch(soft_target_loss_warp_per_row<source, with_epsilon, width, 4 / width>, warps, op,
                  k);
  if (op.classes <= 256)
    return launch(soft_target_loss_warp_per_row<source, with_epsilon, width, 8 / width>, warps, op,
                  k);
  if constexpr (width == 4) {
    if (op.classes <= 1024)
      return launch(soft_target_loss_warp_per_row<source, with_epsilon, width, 32 / width>, warps,
                    op, k);
  }
  const std::size_t per_class = (has_q<source, with_epsilon> ? 2 : 1) * sizeof(float);
  const std::size_t limit = (context().max_shared_bytes() - 1024) / per_class;
  if (std::size_t(op.classes) > limit)
    throw Error("soft_target_loss: a row of " + std::to_string(op.classes) +
                " classes does not fit the shared memory of a block, which holds " +
                std::to_string(limit));
  launch(soft_target_loss_block_per_row<source, with_epsilon, width>,
         {std::size_t(op.rows), block_threads, op.classes * per_class}, op, k);
}

template <Source source, bool with_epsilon>
void run_width(const SoftTargetLoss& op) {
  const bool fours = op.classes % 4 == 0 &&
                     aligned_for(4, op.logits, op.teacher_logits, op.probabilities, op.grad);
  fours ? run_rows<source, with_epsilon, 4>(op) : run_rows<source, with_epsilon, 1>(op);
}

template <Source source>
void run_source(const SoftTargetLoss& op) {
  op.log_epsilon > 0 ? run_width<source, true>(op) : run_width<source, false>(op);
}

}  // namespace

void run(Cuda, const SoftTargetLoss& op) {
  switch (op.soft) {
    case SoftTarget::teacher: return run_source<Source::teacher>(op);
    case SoftTarget::probabilities: return run_source<Source::probabilities>(op);
    default: return run_source<Source::label>(op);
  }
}

}  // namespace kernels
