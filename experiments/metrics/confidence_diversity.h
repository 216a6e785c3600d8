// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <span>
#include <vector>

#include "experiments/metrics/predictions.h"

namespace experiments {

/// Kozachenko-Leonenko estimate of the differential entropy, in nats, of a sample in one dimension:
///   h = psi(n) - psi(k) + ln 2 + mean(ln r_k),   r_k the distance to the k-th nearest neighbour.
/// Ties make it -infinity. Needs k < n.
double knn_entropy(std::vector<double> values, int k);

/// Vasicek's estimate of the same from spacings of m places in the sorted sample, those beyond its
/// ends cut there:
///   h = mean(ln(n / 2m (x_(i+m) - x_(i-m)))).
/// -infinity where a spacing is 0. Needs m < n.
double vasicek_entropy(std::vector<double> values, int m);
int vasicek_spacing(int n);  // the nearest whole number to sqrt(n)

/// Confidence diversity (Eq. 5): the differential entropy of c = p_true over a training set.
/// Spacings are measured on 1 - c where c > 1/2, so that confidences next to 1 keep their
/// distances.
struct ConfidenceDiversity {
  std::vector<int> k;                          // 1, 3, 5, 10, those below n
  std::vector<std::optional<double>> entropy;  // for each k; empty: -infinity
  bool all_equal = false;
  double tie_share = 0;  // share of samples whose 3rd-nearest neighbour (or k-th for the largest k
                         // below n, if n <= 3) is at distance exactly 0
  int spacing =
      0;  // m of Vasicek's estimate; 0: not measured, for lack of samples or in an old file
  std::optional<double> vasicek = {};      // empty: -infinity, unless spacing is 0
  double variance = 0;                     // of c
  std::optional<double> headline() const;  // the entropy at k = 3, or at the largest k below
};
ConfidenceDiversity confidence_diversity(std::span<const Prediction>);

}  // namespace experiments
