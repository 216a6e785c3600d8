// SPDX-License-Identifier: MIT
#include "experiments/metrics/metric_list.h"

#include <algorithm>

namespace experiments {

namespace {

/// The member at the end of a path of members; none if one on the way is not there.
template <auto first, auto... rest, class Owner>
std::optional<double> get(const Owner& owner) {
  const auto& member = owner.*first;
  if constexpr (sizeof...(rest) == 0)
    return member;
  else if constexpr (requires { member.has_value(); })
    return member ? get<rest...>(*member) : std::nullopt;
  else
    return get<rest...>(member);
}

template <auto first, auto... rest, class Owner>
void set(Owner& owner, double value) {
  auto& member = owner.*first;
  if constexpr (sizeof...(rest) == 0) {
    member = value;
  } else if constexpr (requires { member.emplace(); }) {
    if (!member) member.emplace();
    set<rest...>(*member, value);
  } else {
    set<rest...>(member, value);
  }
}

template <int k>
std::optional<double> entropy_at(const Metrics& m) {
  const ConfidenceDiversity& d = m.diversity;
  const auto found = std::find(d.k.begin(), d.k.end(), k);
  return found == d.k.end() ? std::nullopt : d.entropy[std::size_t(found - d.k.begin())];
}

/// A row with the member at the end of a path.
template <auto... path>
constexpr MetricRow row(MetricRow texts) {
  if (texts.samples == 0) throw "a row without samples has no column";  // refused by the compiler
  texts.get = get<path...>;
  texts.set = set<path...>;
  return texts;
}
template <int k>
void set_entropy_at(Metrics& m, double value) {
  m.diversity.k.push_back(k);
  m.diversity.entropy.emplace_back(value);
}

/// One that JSON writes in another way.
constexpr MetricRow entropy(const char* column, const char* title, unsigned samples,
                            std::optional<double> (*of)(const Metrics&),
                            void (*set)(Metrics&, double)) {
  return {"",      column, title, "", MetricRow::Section::diversity, MetricRow::Unit::number, {},
          samples, true,   of,    set};
}
template <int k>
constexpr MetricRow entropy(const char* column, const char* title, unsigned samples) {
  return entropy(column, title, samples, entropy_at<k>, set_entropy_at<k>);
}

using enum MetricRow::Section;
using enum MetricRow::Unit;
using M = Metrics;
using C = Calibration;
using T = TemperatureScaled;
using D = ConfidenceDiversity;

constexpr Range in_0_to_1 = from(0, 1), from_0 = at_least(0);

// Columns are in this order. Entropies have no place in JSON and no label here, as both say why one
// is no number.
constexpr MetricRow rows[] = {
    row<&M::accuracy>({"accuracy", "accuracy", "{} accuracy (%)", "accuracy", general, share,
                       in_0_to_1, on_test | on_validation | on_train}),
    row<&M::top5_accuracy>({"top5_accuracy", "top5_accuracy", "{} top-5 accuracy (%)",
                            "top-5 accuracy", general, share, in_0_to_1,
                            on_test | on_validation | on_train, false}),
    row<&M::nll>({"nll", "nll", "{} NLL (nats)", "NLL (nats)", general, number, from_0,
                  on_test | on_validation | on_train}),
    row<&M::brier>({"brier", "brier", "{} Brier score", "Brier score", general, number, from_0,
                    on_test, false}),
    row<&M::ece>(
        {"ece", "ece", "{} ECE (%)", "ECE, {} bins", calibration, share, in_0_to_1, on_test}),
    row<&M::calibration, &C::ece_10>({"calibration.ece_10", "ece_10", "{} ECE, 10 bins (%)",
                                      "ECE, 10 bins", calibration, share, in_0_to_1, on_test}),
    row<&M::calibration, &C::ece_20>({"calibration.ece_20", "ece_20", "{} ECE, 20 bins (%)",
                                      "ECE, 20 bins", calibration, share, in_0_to_1, on_test}),
    row<&M::calibration, &C::debiased_ece>({"calibration.debiased_ece", "debiased_ece",
                                            "{} ECE, debiased (%)", "ECE, debiased", calibration,
                                            share, from(-1, 1), on_test, false}),
    row<&M::calibration, &C::adaptive_ece>({"calibration.adaptive_ece", "adaptive_ece",
                                            "{} adaptive ECE (%)", "adaptive, {} bins", calibration,
                                            share, in_0_to_1, on_test}),
    row<&M::calibration, &C::classwise_ece>({"calibration.classwise_ece", "classwise_ece",
                                             "{} classwise ECE (%)", "classwise, {} bins",
                                             calibration, share, in_0_to_1, on_test}),
    row<&M::calibration, &C::mce>({"calibration.mce", "mce", "{} maximum calibration error (%)",
                                   "largest of {} bins", calibration, share, in_0_to_1, on_test}),
    row<&M::scaled, &T::temperature>({"temperature_scaled.temperature", "fitted_temperature",
                                      "temperature fitted on validation", "T", scaled, number,
                                      from(lowest_temperature, highest_temperature), on_test}),
    row<&M::scaled, &T::nll>({"temperature_scaled.nll", "scaled_nll",
                              "{} NLL at the fitted temperature (nats)", "NLL (nats)", scaled,
                              number, from_0, on_test, false}),
    row<&M::scaled, &T::ece>({"temperature_scaled.ece", "scaled_ece",
                              "{} ECE at the fitted temperature (%)", "ECE", scaled, share,
                              in_0_to_1, on_test, false}),
    row<&M::predictive_uncertainty>(
        {"predictive_uncertainty", "predictive_uncertainty", "predictive uncertainty (nats)",
         "predictive uncertainty (nats)", general, number, from_0, on_train | of_teacher}),
    entropy(
        "confidence_diversity", "confidence diversity (nats)", on_train | of_teacher,
        [](const Metrics& m) { return m.diversity.headline(); }, set_entropy_at<3>),
    entropy<1>("confidence_diversity_k1", "confidence diversity, k = 1 (nats)", on_train),
    entropy<5>("confidence_diversity_k5", "confidence diversity, k = 5 (nats)", on_train),
    entropy<10>("confidence_diversity_k10", "confidence diversity, k = 10 (nats)", on_train),
    entropy("confidence_diversity_vasicek", "confidence diversity, Vasicek (nats)", on_train,
            get<&M::diversity, &D::vasicek>, set<&M::diversity, &D::vasicek>),
    row<&M::diversity, &D::variance>({"confidence_variance", "confidence_variance",
                                      "variance of the confidence", "variance of the confidence",
                                      diversity, small, from_0, on_train | of_teacher}),
    row<&M::diversity, &D::tie_share>({"confidence_tie_share", "confidence_tie_share",
                                       "share of tied confidences (%)", "share of ties", diversity,
                                       share, in_0_to_1, on_train}),
    row<&M::mean_p_true>({"mean_true_class_probability", "mean_true_class_probability",
                          "mean probability of the true class",
                          "mean probability of the true class", general, number, in_0_to_1,
                          on_train})};

}  // namespace

std::span<const MetricRow> metric_rows() { return rows; }

}  // namespace experiments
