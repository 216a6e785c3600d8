// SPDX-License-Identifier: MIT
// Appendix A.2: a temperature on the teacher only, against one on teacher and student
#include <fmt/format.h>

#include "experiments/harness/experiment.h"
#include "experiments/report/curves.h"

namespace experiments {
namespace {

std::vector<Run> runs(const Parameters& parameters) {
  return for_each_seed(parameters, [&](int seed, RunList& all) {
    const std::string teacher = fmt::format("seed{}-teacher", seed);
    all.push_back({teacher,
                   {{"seed", seed}, {"temperature_on", "none"}},
                   parameters.config(seed, 0, {{"loss", "ce"}})});
    for (const double t : parameters.numbers("temperatures")) {
      for (const char* on : {"teacher", "both"}) {
        const bool both = std::string_view(on) == "both";
        all.push_back({fmt::format("seed{}-T{}-{}", seed, t, on),
                       {{"seed", seed}, {"temperature_on", on}, {"temperature", t}},
                       parameters.config(seed, 1,
                                         {{"loss", "sd"},
                                          {"alpha", 0},
                                          {"temperature", t},
                                          {"student_temperature", both ? t : 1},
                                          {"scale_by_temperature", both}}),
                       teacher});
      }
    }
  });
}

Figure figure(const Parameters&, const Results& results) {
  return figure_of(
      "Where the temperature stands", "temperature", accuracy_and_ece, [&](const Metric& q) {
        std::vector<Curve> curves;
        for (const auto& [on, label] :
             {std::pair{"teacher", "teacher only"}, {"both", "teacher and student"}})
          curves.push_back(
              curve_of(select(results.runs, {{"temperature_on", on}}), "temperature", q, label));
        return curves;
      });
}

std::vector<Claim> claims(const Parameters& parameters, const Results&) {
  Claim calibrated{"teacher_only_better_calibrated",
                   "Temperature on the teacher only can make students better calibrated than on "
                   "both: at some T it does.",
                   "Section 3.1, of Appendix A.2",
                   {},
                   Needed::one};
  for (const double t : parameters.numbers("temperatures"))
    calibrated.comparisons.push_back({"test_ece",
                                      {{"temperature_on", "teacher"}, {"temperature", t}},
                                      {{"temperature_on", "both"}, {"temperature", t}},
                                      Claimed::smaller});
  return {calibrated};
}

}  // namespace

Experiment appendix_a2_student_temperature() {
  return {.stem = "appendix_a2",
          .title =
              "Appendix A.2: self-distillation (alpha 0) with the temperature on the teacher "
              "only, as in the paper, and on both, with the loss multiplied by its square, as "
              "in Hinton et al. 2015.",
          .presets = standard_presets({{"temperatures", {1.5, 2, 4}}}),
          .options = {numbers_option("temperatures", "other than 1; two students for each",
                                     f32_positive)},
          .hide_options = {"alpha", "temperature", "student-temperature", "scale-by-temperature"},
          .runs = runs,
          .figure = figure,
          .claims = claims};
}

}  // namespace experiments
