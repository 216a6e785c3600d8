// SPDX-License-Identifier: MIT
#include "experiments/analysis/run_metrics.h"

#include <algorithm>
#include <array>

#include "kernels/runtime/error.h"

namespace experiments {

namespace {

using Value = std::optional<double>;

Value entropy_at(const RunResult& r, int k) {
  const ConfidenceDiversity& d = r.train.diversity;
  const auto found = std::find(d.k.begin(), d.k.end(), k);
  return found == d.k.end() ? std::nullopt : d.entropy[std::size_t(found - d.k.begin())];
}

template <auto member>
Value of_test(const RunResult& r) {
  return r.test.*member;
}
template <auto member>
Value of_calibration(const RunResult& r) {
  return r.test.calibration ? Value((*r.test.calibration).*member) : std::nullopt;
}
template <auto member>
Value of_scaled(const RunResult& r) {  // the mean of bounds is no temperature
  return r.test.scaled && !r.test.scaled->at_bound() ? Value((*r.test.scaled).*member)
                                                     : std::nullopt;
}
template <auto member>
Value of_validation(const RunResult& r) {
  return r.validation ? Value((*r.validation).*member) : std::nullopt;
}
template <auto member>
Value of_train(const RunResult& r) {
  return r.train.*member;
}
template <auto member>
Value of_diversity(const RunResult& r) {
  return r.train.diversity.*member;
}
Value solved(const RunResult& r, const char* key) {
  const auto found = r.solved.find(key);
  return found == r.solved.end() ? std::nullopt : Value(found->get<double>());
}
template <auto member>
Value of_teacher(const RunResult& r) {
  return r.teacher ? Value((*r.teacher).*member) : std::nullopt;
}

constexpr auto metric_list = std::to_array<Metric>({
    {"test_accuracy", "test accuracy (%)", 100, of_test<&Metrics::accuracy>},
    {"test_nll", "test NLL (nats)", 1, of_test<&Metrics::nll>},
    {"test_brier", "test Brier score", 1, of_test<&Metrics::brier>},
    {"test_ece", "test ECE (%)", 100, of_test<&Metrics::ece>},
    {"test_ece_10", "test ECE, 10 bins (%)", 100, of_calibration<&Calibration::ece_10>},
    {"test_ece_20", "test ECE, 20 bins (%)", 100, of_calibration<&Calibration::ece_20>},
    {"test_adaptive_ece", "test adaptive ECE (%)", 100, of_calibration<&Calibration::adaptive_ece>},
    {"test_classwise_ece", "test classwise ECE (%)", 100,
     of_calibration<&Calibration::classwise_ece>},
    {"test_mce", "test maximum calibration error (%)", 100, of_calibration<&Calibration::mce>},
    {"test_fitted_temperature", "temperature fitted on validation", 1,
     of_scaled<&TemperatureScaled::temperature>},
    {"test_scaled_nll", "test NLL at the fitted temperature (nats)", 1,
     of_scaled<&TemperatureScaled::nll>},
    {"test_scaled_ece", "test ECE at the fitted temperature (%)", 100,
     of_scaled<&TemperatureScaled::ece>},
    {"val_accuracy", "validation accuracy (%)", 100, of_validation<&Metrics::accuracy>},
    {"val_nll", "validation NLL (nats)", 1, of_validation<&Metrics::nll>},
    {"train_accuracy", "training accuracy (%)", 100, of_train<&Metrics::accuracy>},
    {"train_nll", "training NLL (nats)", 1, of_train<&Metrics::nll>},
    {"train_predictive_uncertainty", "predictive uncertainty (nats)", 1,
     of_train<&Metrics::predictive_uncertainty>},
    {"train_confidence_diversity", "confidence diversity (nats)", 1,
     [](const RunResult& r) { return r.train.diversity.headline(); }},
    {"train_confidence_diversity_k1", "confidence diversity, k = 1 (nats)", 1,
     [](const RunResult& r) { return entropy_at(r, 1); }},
    {"train_confidence_diversity_k5", "confidence diversity, k = 5 (nats)", 1,
     [](const RunResult& r) { return entropy_at(r, 5); }},
    {"train_confidence_diversity_k10", "confidence diversity, k = 10 (nats)", 1,
     [](const RunResult& r) { return entropy_at(r, 10); }},
    {"train_confidence_diversity_vasicek", "confidence diversity, Vasicek (nats)", 1,
     of_diversity<&ConfidenceDiversity::vasicek>},
    {"train_confidence_variance", "variance of the confidence", 1,
     of_diversity<&ConfidenceDiversity::variance>},
    {"train_confidence_tie_share", "share of tied confidences (%)", 100,
     of_diversity<&ConfidenceDiversity::tie_share>},
    {"train_mean_true_class_probability", "mean probability of the true class", 1,
     of_train<&Metrics::mean_p_true>},
    {"teacher_predictive_uncertainty", "predictive uncertainty (nats)", 1,
     of_teacher<&Metrics::predictive_uncertainty>},
    {"teacher_confidence_diversity", "confidence diversity (nats)", 1,
     [](const RunResult& r) { return r.teacher ? r.teacher->diversity.headline() : std::nullopt; }},
    {"teacher_mean_true_class_probability", "mean soft label of the true class", 1,
     of_teacher<&Metrics::mean_p_true>},
    {"solved_temperature", "solved temperature of the teacher", 1,
     [](const RunResult& r) { return solved(r, "temperature"); }},
    {"solved_beta_a", "solved a of Beta(a, 1)", 1,
     [](const RunResult& r) { return solved(r, "beta_a"); }},
});

}  // namespace

std::span<const Metric> all_metrics() { return metric_list; }

const Metric& metric(std::string_view key) {
  const auto found = std::find_if(metric_list.begin(), metric_list.end(),
                                  [key](const Metric& q) { return q.key == key; });
  kernels::require(found != metric_list.end(), "results: there is no quantity {}", key);
  return *found;
}

}  // namespace experiments
