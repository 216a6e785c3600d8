// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

/// What is measured of a classifier, in double from f32 logits; see docs/metrics.md for the
/// formulas.
namespace experiments {

/// The softmax of one row of logits as far as the metrics need it, without loss near 0 and 1.
struct Prediction {
  int arg_max;  // the first of equals
  bool correct;
  double confidence;  // the largest probability
  double p_true;      // probability of the true class
  double q_true;      // 1 - p_true, summed from the other classes, so exact where p_true is near 1
  double nll;         // -log p_true, natural
  double entropy;     // Shannon entropy in nats
};

/// logits [n, classes], row-major; labels [n]. Throws Error on a NaN or infinite logit.
std::vector<Prediction> predict(std::span<const float> logits, std::span<const std::int32_t> labels,
                                int classes);

/// Expected calibration error: bins (lo, hi] of equal width over the confidence; exactly 0 falls in
/// the first bin. sum_b |B_b|/n |accuracy(B_b) - confidence(B_b)|.
double expected_calibration_error(std::span<const Prediction>, int bins = 15);

/// Kozachenko-Leonenko estimate of the differential entropy, in nats, of a sample in one dimension:
///   h = psi(n) - psi(k) + ln 2 + mean(ln r_k),   r_k the distance to the k-th nearest neighbour.
/// Ties make it -infinity. Needs k < n.
double knn_entropy(std::vector<double> values, int k);

/// Confidence diversity (Eq. 5): the differential entropy of c = p_true over a training set.
/// Spacings are measured on 1 - c where c > 1/2, so that confidences next to 1 keep their
/// distances.
struct ConfidenceDiversity {
  std::vector<int> k;                          // 1, 3, 5, 10, those below n
  std::vector<std::optional<double>> entropy;  // for each k; empty: -infinity
  bool all_equal = false;
  double tie_share = 0;  // share of samples whose 3rd-nearest neighbour (or k-th for the largest k
                         // below n, if n <= 3) is at distance exactly 0
  double variance = 0;   // of c
  std::optional<double> headline() const;  // the entropy at k = 3, or at the largest k below
};
ConfidenceDiversity confidence_diversity(std::span<const Prediction>);

struct Metrics {
  int samples = 0;
  double accuracy = 0;                // in [0, 1]
  double nll = 0;                     // mean, nats
  double ece = 0;                     // 15 bins unless asked otherwise
  double predictive_uncertainty = 0;  // mean entropy (Eq. 4), nats
  double mean_p_true = 0;
  ConfidenceDiversity diversity;
};
Metrics measure(std::span<const float> logits, std::span<const std::int32_t> labels, int classes,
                int ece_bins = 15);

}  // namespace experiments
