// SPDX-License-Identifier: MIT
#include "experiments/metrics/predictions.h"

#include <algorithm>
#include <cmath>

#include "kernels/runtime/error.h"

namespace experiments {

using kernels::require;

namespace {

Prediction predict_row(std::span<const float> z, int label, double temperature) {
  const int arg_max = int(std::max_element(z.begin(), z.end()) - z.begin());
  const double top = z[arg_max];
  const auto below_top = [&](int c) { return (top - z[c]) / temperature; };
  const double own = std::exp(-below_top(label));
  double others = 0;  // of the true class, relative to the largest logit
  double rest = 0;    // of the largest logit
  double moment = 0, squares = 0;
  for (int c = 0; c < int(z.size()); ++c) {
    const double d = below_top(c), e = std::exp(-d);
    if (c != label) {
      others += e;
      squares += e * e;
    }
    if (c != arg_max) rest += e;
    moment += e * d;
  }
  // Every sum above has terms of one sign, so nothing cancels, however close p is to 0 or 1.
  const double sum = own + others;
  return {.arg_max = arg_max,
          .correct = arg_max == label,
          .confidence = 1 / (1 + rest),
          .p_true = own / sum,
          .q_true = others / sum,
          .nll = std::log1p(rest) + below_top(label),
          .brier = (others * others + squares) / (sum * sum),
          .entropy = std::log1p(rest) + moment / (1 + rest)};
}

}  // namespace

std::vector<Prediction> predict(const LabelledLogits& outputs, double temperature) {
  const auto& [logits, labels, classes] = outputs;
  require(classes > 0 && logits.size() == labels.size() * std::size_t(classes),
          "metrics: {} logits do not make {} rows of {} classes", logits.size(), labels.size(),
          classes);
  require(temperature > 0, "metrics: the temperature is {}, should be greater than 0", temperature);
  std::vector<Prediction> predictions;
  predictions.reserve(labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = logits.subspan(i * std::size_t(classes), std::size_t(classes));
    for (const float z : row)
      require(std::isfinite(z), "metrics: sample {} has a logit of {}; did training diverge?", i,
              z);
    require(labels[i] >= 0 && labels[i] < classes, "metrics: sample {} has label {} of {} classes",
            i, labels[i], classes);
    predictions.push_back(predict_row(row, labels[i], temperature));
  }
  return predictions;
}

std::vector<double> softmax(std::span<const float> logits, double temperature) {
  const double most = *std::max_element(logits.begin(), logits.end());
  std::vector<double> p;
  double sum = 0;
  for (const float z : logits) sum += p.emplace_back(std::exp((z - most) / temperature));
  for (double& x : p) x /= sum;
  return p;
}

bool all_finite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); });
}

}  // namespace experiments
