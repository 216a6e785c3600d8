// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/runtime/device.h"
#include "kernels/step_scalars.h"

namespace kernels {

/// How a batch's Beta draws are assigned to its samples.
enum class BetaRanking : std::uint8_t {
  largest_probability,     // the paper: by the EMA model's largest softmax element
  true_class_probability,  // the authors' code: by its probability of the true class
  random,                  // Appendix A.8: no ranking
  reversed,                // a control: the largest draw to the least confident
};

/// Beta smoothing, Section 6 of the paper: draws `rows` values from Beta(a, 1), that is U^(1/a),
/// and gives the k-th smallest to the sample with the k-th smallest confidence; equal confidences
/// rank by row. Confidences are compared as log odds, z_c - log(sum of exp(z_j) over j != c): in
/// the order of the probabilities, but still different where those round to 1. A row with NaN among
/// its logits or a label outside [0, classes) is the least confident. U of draw j comes from
/// random_words(seed, Purpose::beta_labels, step->step, j)[0]. With `random` the draws are used in
/// the order they come; with `reversed` the k-th largest goes to the sample with the k-th smallest
/// confidence, by its largest element.
struct BetaLabels {
  const float* logits;        // [rows, classes]  of the EMA model; null if random
  const std::int32_t* label;  // [rows]           for true_class_probability
  float* b;                   // [rows]           out: true-class probability of each soft label
  const StepScalars* step;
  int rows, classes;
  float a;  // > 0
  BetaRanking ranking = BetaRanking::largest_probability;
  std::uint64_t seed;

  std::size_t bytes() const {
    const bool ranked = ranking != BetaRanking::random;
    return 4 * (std::size_t(rows) * (ranked ? classes + 1 : 1));
  }
};
void run(Cpu, const BetaLabels&);
void run(Cuda, const BetaLabels&);

}  // namespace kernels
