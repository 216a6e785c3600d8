// SPDX-License-Identifier: MIT
#include "experiments/metrics/calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "kernels/runtime/error.h"
#include "test/support/catch.h"
#include "test/support/doubles.h"

using namespace experiments;
using test::check_near;
using test::uniform_sample;

namespace {

Prediction with_confidence(double confidence, bool correct) {
  Prediction p{};
  p.confidence = confidence;
  p.correct = correct;
  return p;
}

double ece(std::span<const Prediction> p, int bins) {
  return expected_calibration_error(equal_width_bins(p, bins));
}

double adaptive_ece(std::span<const Prediction> p, int bins) {
  return expected_calibration_error(equal_mass_bins(p, bins));
}

// `right` of `count` samples with one confidence.
void add(std::vector<Prediction>& p, double confidence, int right, int count) {
  for (int i = 0; i < count; ++i) p.push_back(with_confidence(confidence, i < right));
}

struct Outputs {
  std::vector<float> logits;
  std::vector<std::int32_t> labels;
  int classes;
  LabelledLogits view() const { return {logits, labels, classes}; }
};

// Labels are drawn from softmax(logits / temperature), so that this temperature is near the best.
Outputs random_outputs(int n, int classes, double temperature, std::uint64_t seed) {
  Outputs o{{}, {}, classes};
  const auto u = uniform_sample(n * (classes + 1), seed);
  for (int i = 0; i < n; ++i) {
    std::vector<double> p;
    double sum = 0, reached = 0;
    for (int c = 0; c < classes; ++c) {
      o.logits.push_back(float(8 * u[i * (classes + 1) + c]));
      p.push_back(std::exp(o.logits.back() / temperature));
      sum += p.back();
    }
    int label = 0;
    const double at = u[i * (classes + 1) + classes] * sum;
    while (label + 1 < classes && (reached += p[label]) < at) ++label;
    o.labels.push_back(label);
  }
  return o;
}

double nll_at(const Outputs& o, double temperature) {
  double sum = 0;
  for (const auto& p : predict(o.view(), temperature)) sum += p.nll;
  return sum / double(o.labels.size());
}

}  // namespace

TEST_CASE("calibration error of hand-made cases") {
  // Edges belong to the bin below; 0 and 1 are in the first and the last one.
  std::vector<Prediction> p = {with_confidence(0.5, true), with_confidence(0.6, false)};
  check_near(ece(p, 2), (0.5 + 0.6) / 2, 1e-15);
  check_near(ece(p, 1), std::abs(0.5 - 0.6) / 2, 1e-15);
  p = {with_confidence(0, true), with_confidence(0.2, false)};
  check_near(ece(p, 5), (1 - 0.2) / 2, 1e-15);
  p = {with_confidence(1, true), with_confidence(1, false), with_confidence(1, true)};
  check_near(ece(p, 15), 1.0 / 3, 1e-15);
  CHECK_THROWS_AS(ece({}, 15), kernels::Error);
  CHECK_THROWS_AS(ece(p, 0), kernels::Error);
}

TEST_CASE("calibration error against a search for each sample's bin") {
  const int bins = GENERATE(1, 7, 15, 20, 25);
  std::mt19937 engine(5);
  std::vector<Prediction> p;
  for (const double u : uniform_sample(500, 5)) p.push_back(with_confidence(u, engine() % 2));
  for (int b = 0; b <= bins; ++b) {  // and all edges with their neighbours
    const double edge = double(b) / bins;
    for (const double c : {edge, std::nextafter(edge, 0.0), std::nextafter(edge, 1.0)})
      p.push_back(with_confidence(c, engine() % 2));
  }
  double want = 0;
  for (int b = 0; b < bins; ++b) {
    double correct = 0, confidence = 0, count = 0;
    for (const auto& s : p) {
      const bool inside = s.confidence > double(b) / bins && s.confidence <= double(b + 1) / bins;
      if (!inside && !(b == 0 && s.confidence == 0)) continue;
      ++count;
      correct += s.correct;
      confidence += s.confidence;
    }
    if (count > 0)
      want += count / double(p.size()) * std::abs(correct / count - confidence / count);
  }
  check_near(ece(p, bins), want, 1e-13);
}

TEST_CASE("bins of a reliability diagram have the means of their samples") {
  std::vector<Prediction> p;
  add(p, 0, 1, 2);
  add(p, 0.25, 0, 1);
  add(p, 0.3, 1, 1);
  add(p, 0.5, 1, 1);
  add(p, 1, 2, 3);
  const auto bins = equal_width_bins(p, 4);
  REQUIRE(bins.size() == 4);
  CHECK(bins[0].count == 3);
  check_near(bins[0].confidence, 0.25 / 3, 1e-16);
  check_near(bins[0].accuracy, 1.0 / 3, 1e-16);
  CHECK(bins[1].count == 2);
  check_near(bins[1].confidence, 0.4, 1e-16);
  CHECK(bins[1].accuracy == 1);
  CHECK(bins[2].count == 0);
  CHECK(bins[2].confidence == 0);
  CHECK(bins[3].count == 3);
  CHECK(bins[3].confidence == 1);
  check_near(maximum_calibration_error(bins), 0.6, 1e-15);
}

TEST_CASE("calibration errors of constructed calibrations") {
  std::vector<Prediction> p;
  add(p, 0.25, 1, 4);
  add(p, 0.75, 6, 8);
  add(p, 1, 4, 4);
  for (const int bins : {2, 10, 15, 20, 100}) {
    CHECK(ece(p, bins) == 0);
    CHECK(adaptive_ece(p, bins) == 0);
    CHECK(maximum_calibration_error(equal_width_bins(p, bins)) == 0);
  }
  for (auto& s : p) s.correct = false;  // every gap is the confidence itself
  CHECK(ece(p, 10) == (4 * 0.25 + 8 * 0.75 + 4) / 16);
  CHECK(adaptive_ece(p, 3) == (4 * 0.25 + 8 * 0.75 + 4) / 16);
  CHECK(maximum_calibration_error(equal_width_bins(p, 10)) == 1);
  // Gaps of opposite sign cancel within a bin only.
  p.clear();
  add(p, 0.6, 1, 1);
  add(p, 0.9, 0, 1);
  check_near(ece(p, 1), 0.25, 1e-15);
  check_near(ece(p, 10), 0.65, 1e-15);
}

TEST_CASE("bins of equal mass against slices of the sorted samples") {
  const int n = 503, bins = GENERATE(1, 2, 7, 15, 503);
  std::vector<Prediction> p;
  for (const double u : uniform_sample(n, 6)) p.push_back(with_confidence(u, u * u > 0.3));
  auto sorted = p;
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.confidence < b.confidence; });
  double want = 0;
  int first = 0;
  for (int b = 1; b <= bins; ++b) {
    const int last = n * b / bins;
    double gap = 0;
    for (int i = first; i < last; ++i) gap += sorted[i].correct - sorted[i].confidence;
    want += std::abs(gap) / n;
    first = last;
  }
  const auto got = equal_mass_bins(p, bins);
  CHECK(int(got.size()) == bins);
  for (const auto& b : got) CHECK(std::abs(b.count - double(n) / bins) < 1);
  check_near(expected_calibration_error(got), want, 1e-13);
}

TEST_CASE("bins of equal mass keep equal confidences together, in any order") {
  std::mt19937 engine(8);
  std::vector<Prediction> p;
  for (int i = 0; i < 200; ++i)
    p.push_back(with_confidence(double(engine() % 8) / 8, engine() % 2 != 0));
  const auto sorted_bins = equal_mass_bins(p, 5);
  for (int repeat = 0; repeat < 3; ++repeat) {
    std::shuffle(p.begin(), p.end(), engine);
    check_near(adaptive_ece(p, 5), expected_calibration_error(sorted_bins), 1e-15);
  }
  p.clear();
  add(p, 1, 30, 40);
  CHECK(equal_mass_bins(p, 15).size() == 1);
  CHECK(adaptive_ece(p, 15) == 0.25);
  CHECK(equal_mass_bins(std::span(p).first(1), 15).size() == 1);
  CHECK_THROWS_AS(equal_mass_bins({}, 15), kernels::Error);
  CHECK_THROWS_AS(equal_mass_bins(p, 0), kernels::Error);
}

TEST_CASE("classwise calibration error against loops over classes and bins") {
  const int n = 300, classes = GENERATE(2, 5), bins = GENERATE(1, 15);
  const Outputs o = random_outputs(n, classes, 1.5, 9);
  double want = 0;
  for (int c = 0; c < classes; ++c) {
    for (int b = 0; b < bins; ++b) {
      double gap = 0;
      for (int i = 0; i < n; ++i) {
        double sum = 0;
        for (int j = 0; j < classes; ++j) sum += std::exp(double(o.logits[i * classes + j]));
        const double p = std::exp(double(o.logits[i * classes + c])) / sum;
        if (p > double(b) / bins && p <= double(b + 1) / bins) gap += (o.labels[i] == c) - p;
      }
      want += std::abs(gap) / n / classes;
    }
  }
  check_near(classwise_calibration_error(o.view(), bins), want, 1e-13);
}

TEST_CASE("classwise calibration error of known cases") {
  // Nothing but 1/K, and always the first class: (K - 1)/K for it, 1/K for each of the others.
  const std::vector<float> flat(5 * 4, 0.0f);
  check_near(classwise_calibration_error({flat, std::vector<std::int32_t>(5, 0), 4}, 15), 6.0 / 16,
             1e-15);
  const float ln3 = float(std::log(3.0));
  const std::vector<float> z = {ln3, 0, ln3, 0, ln3, 0, ln3, 0};
  check_near(classwise_calibration_error({z, std::vector<std::int32_t>{0, 1, 0, 0}, 2}, 10), 0,
             1e-7);
  // Probabilities of exactly 0 and 1.
  const std::vector<float> sure = {1e4f, 0, 1e4f, 0};
  check_near(classwise_calibration_error({sure, std::vector<std::int32_t>{0, 1}, 2}, 15), 0.5, 0);
}

TEST_CASE("the fitted temperature of known cases") {
  // A margin m with a share s of right answers: sigmoid(m / T) = s.
  const auto with = [](float margin, int right, int count) {
    Outputs o{{}, {}, 2};
    for (int i = 0; i < count; ++i) {
      o.logits.insert(o.logits.end(), {margin, 0});
      o.labels.push_back(i < right ? 0 : 1);
    }
    return o;
  };
  for (const float margin : {0.02f, 1.0f, 20.0f, 100.0f})
    check_near(fit_temperature(with(margin, 3, 4).view()) / (margin / std::log(3.0)), 1, 1e-11);
  check_near(fit_temperature(with(1, 51, 100).view()) * std::log(51.0 / 49), 1, 1e-11);
  CHECK(fit_temperature(with(1, 4, 4).view()) == lowest_temperature);
  CHECK(fit_temperature(with(1, 2, 4).view()) == highest_temperature);
  CHECK(fit_temperature(with(1, 0, 4).view()) == highest_temperature);
  CHECK_THROWS_AS(fit_temperature({{}, {}, 2}), kernels::Error);
}

TEST_CASE("the fitted temperature against a golden section on the NLL") {
  const double made_with = GENERATE(0.5, 1.0, 3.0);
  Outputs o = random_outputs(400, 6, made_with, 17);
  double low = std::log(lowest_temperature), high = std::log(highest_temperature);
  const double ratio = (std::sqrt(5.0) - 1) / 2;
  for (int i = 0; i < 80; ++i) {
    const double a = high - ratio * (high - low), b = low + ratio * (high - low);
    (nll_at(o, std::exp(a)) < nll_at(o, std::exp(b)) ? high : low) =
        nll_at(o, std::exp(a)) < nll_at(o, std::exp(b)) ? b : a;
  }
  const double fitted = fit_temperature(o.view());
  CHECK(fitted == Approx(std::exp(low)).epsilon(1e-6));  // the NLL is flat there to 1e-12
  CHECK(fitted == Approx(made_with).epsilon(0.25));
  CHECK(nll_at(o, fitted) <= nll_at(o, 1));

  for (float& z : o.logits) z *= 8;
  check_near(fit_temperature(o.view()), 8 * fitted, 1e-9 * fitted);
}

TEST_CASE("debiased ECE takes away what a calibrated network's bins add up by chance") {
  // scipy.stats.foldnorm: E|N(0.03, 0.02)| = 0.0311722717505; 0.7 (1 - 0.7) / 525 = 0.02^2.
  check_near(debiased_calibration_error(std::vector<ReliabilityBin>{{525, 0.73, 0.7}, {0, 0, 0}}),
             2 * 0.03 - 0.031172271750504185, 1e-12);
  CHECK(debiased_calibration_error(std::vector<ReliabilityBin>{{3, 0.9, 1}}) == Approx(0.1));

  // Calibrated confidences, uniform from 0.1 to 1: the ECE is chance alone.
  double plain = 0, debiased = 0;
  constexpr int repetitions = 50, n = 2000;
  for (int r = 0; r < repetitions; ++r) {
    const auto u = uniform_sample(2 * n, 100 + r);
    std::vector<Prediction> p;
    for (int i = 0; i < n; ++i) {
      const double c = 0.1 + 0.9 * u[2 * i];
      p.push_back(with_confidence(c, u[2 * i + 1] < c));
    }
    const auto bins = equal_width_bins(p, 15);
    plain += expected_calibration_error(bins) / repetitions;
    debiased += debiased_calibration_error(bins) / repetitions;
  }
  CHECK(plain > 0.02);
  CHECK(std::abs(debiased) < 0.65 * plain);
}
