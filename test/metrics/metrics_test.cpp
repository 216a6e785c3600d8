// SPDX-License-Identifier: MIT
#include "experiments/metrics/metrics.h"

#include <cmath>
#include <string>

#include "experiments/metrics/metrics_json.h"
#include "experiments/metrics/metrics_table.h"
#include "kernels/runtime/error.h"
#include "test/support/catch.h"
#include "test/support/doubles.h"

using namespace experiments;
using test::check_near;

TEST_CASE("measure takes means over the samples") {
  const std::vector<float> z = {0, 0, 2, 0, 0, 1, -1, 3};
  const std::vector<std::int32_t> y = {0, 0, 0, 1};
  const auto m = measure({z, y, 2}, 20);
  const auto p = predict({z, y, 2});
  CHECK(m.samples == 4);
  CHECK(m.accuracy == 0.75);
  check_near(m.nll, (p[0].nll + p[1].nll + p[2].nll + p[3].nll) / 4, 1e-15);
  check_near(m.predictive_uncertainty,
             (p[0].entropy + p[1].entropy + p[2].entropy + p[3].entropy) / 4, 1e-15);
  check_near(m.mean_p_true, (p[0].p_true + p[1].p_true + p[2].p_true + p[3].p_true) / 4, 1e-15);
  REQUIRE(m.brier);
  check_near(*m.brier, (p[0].brier + p[1].brier + p[2].brier + p[3].brier) / 4, 1e-15);
  const auto ece = [&](int bins) { return expected_calibration_error(equal_width_bins(p, bins)); };
  CHECK(m.ece == ece(20));
  REQUIRE(m.calibration);
  CHECK(m.calibration->bins == 20);
  CHECK(m.calibration->reliability.size() == 20);
  CHECK(m.calibration->ece_10 == ece(10));
  CHECK(m.calibration->ece_20 == ece(20));
  CHECK(m.calibration->mce == maximum_calibration_error(equal_width_bins(p, 20)));
  CHECK(m.calibration->adaptive_ece == expected_calibration_error(equal_mass_bins(p, 20)));
  CHECK(m.calibration->classwise_ece == classwise_calibration_error({z, y, 2}, 20));
  CHECK_FALSE(m.scaled);
  CHECK(m.diversity.headline() == confidence_diversity(p).headline());
}

TEST_CASE("temperature scaling is fitted on other samples than it is measured on") {
  const std::vector<float> z = {3, 0, 0, 1, 5, 0, 0, 3.5}, held_out = {2, 0, 2, 0, 2, 0, 2, 0};
  const std::vector<std::int32_t> y = {0, 1, 1, 0}, held_out_y = {0, 0, 1, 0};
  const auto s = measure_scaled({z, y, 2}, {held_out, held_out_y, 2}, 10);
  check_near(s.temperature, 2 / std::log(3.0), 1e-11);  // 3 of 4 are right
  std::vector<float> scaled = z;
  for (float& x : scaled) x = float(x / s.temperature);
  const auto m = measure({scaled, y, 2}, 10);
  check_near(s.nll.value(), m.nll, 1e-6);
  check_near(s.ece.value(), m.ece, 1e-6);
}

TEST_CASE("a temperature at its bound is said to be there, and nothing is made of it") {
  const std::vector<float> z = {3, 0, 0, 1, 5, 0, 0, 3.5};
  const std::vector<std::int32_t> y = {0, 1, 1, 0}, right = {0, 1, 0, 1}, wrong = {1, 0, 1, 0};
  const LabelledLogits measured{z, y, 2};
  for (const bool lowest : {true, false}) {
    const TemperatureScaled s = measure_scaled(measured, {z, lowest ? right : wrong, 2});
    CHECK(s.temperature == (lowest ? lowest_temperature : highest_temperature));
    CHECK(s.at_lowest() == lowest);
    CHECK(s.at_highest() != lowest);
    CHECK_FALSE(s.nll);
    CHECK_FALSE(s.ece);

    Metrics m = measure(measured);
    m.scaled = s;
    const Json json = to_json(m).at("temperature_scaled");
    CHECK(json == Json{{"temperature", s.temperature},
                       {"nll", nullptr},
                       {"ece", nullptr},
                       {"at_bound", lowest ? "lowest" : "highest"}});
    // Early versions wrote what they made of it.
    Json early = to_json(m);
    early["temperature_scaled"] = {{"temperature", s.temperature}, {"nll", 281.5}, {"ece", 0.5}};
    CHECK(to_json(metrics_from(Entry(early))) == to_json(m));

    const std::string table = metrics_table(m);
    const std::string text =
        table.substr(table.find("after temperature scaling"),
                     table.find("confidence diversity") - table.find("after temperature scaling"));
    CHECK_THAT(text, Catch::Matchers::Contains(lowest ? "its lower bound" : "its upper bound"));
    CHECK_THAT(text, !Catch::Matchers::Contains("NLL") && !Catch::Matchers::Contains("ECE"));
  }
}

TEST_CASE("measure refuses no samples") {
  CHECK_THROWS_AS(measure({{}, {}, 2}), kernels::Error);
  CHECK_THROWS_AS(measure_scaled({{}, {}, 2}, {{}, {}, 2}), kernels::Error);
}

TEST_CASE("the table shows what there is, and says why an entropy is no number") {
  const std::vector<float> z = {2, 0, 2, 0, 2, 0, 2, 0};
  const std::vector<std::int32_t> y = {0, 0, 1, 0};
  Metrics m = measure({z, y, 2}, 12);
  m.scaled = measure_scaled({z, y, 2}, {z, y, 2});
  std::string text = metrics_table(m);
  for (const char* part :
       {"accuracy                             75.00 %\n", "ECE, 12 bins", "ECE, 10 bins",
        "ECE, 20 bins", "-inf (ties)", "0.833 to 0.917         4",
        "after temperature scaling\n  T                                   1.8205"})
    CHECK_THAT(text, Catch::Matchers::Contains(part));
  CHECK(text.find("0.750 to 0.833") == std::string::npos);  // a bin without samples

  m.brier = {};
  m.calibration = {};
  m.scaled = {};
  m.diversity.spacing = 0;
  m.diversity.all_equal = true;
  text = metrics_table(m);
  for (const char* part : {"Brier", "ECE", "scaling", "Vasicek", "(ties)"}) {
    INFO(part);
    CHECK(text.find(part) == std::string::npos);
  }
  CHECK_THAT(text, Catch::Matchers::Contains("-inf (all equal)"));
}
