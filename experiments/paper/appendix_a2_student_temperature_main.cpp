// SPDX-License-Identifier: MIT
// Appendix A.2: a temperature on the teacher only, against one on teacher and student
#include <fmt/format.h>

#include "experiments/paper/experiment.h"
#include "experiments/report/curves.h"

using namespace experiments;

int main(int argc, char** argv) {
  Experiment experiment(
      "appendix_a2", "appendix_a2_student_temperature",
      "Appendix A.2: self-distillation (alpha 0) with the temperature on the teacher only, as in "
      "the "
      "paper, and on both, with the loss multiplied by its square, as in Hinton et al. 2015.",
      standard_presets({{"temperatures", {1.5, 2, 4}}}));
  experiment.add_numbers("temperatures", "other than 1; two students for each", f32_positive);
  experiment.decides({"alpha", "temperature", "student-temperature", "scale-by-temperature"});

  return experiment.main(argc, argv, [&] {
    const std::vector<double> temperatures = experiment.numbers("temperatures");
    std::vector<Run> runs;
    for (int seed = 0; seed < experiment.number("seeds"); ++seed) {
      const std::string teacher = fmt::format("seed{}-teacher", seed);
      runs.push_back({teacher,
                      {{"seed", seed}, {"temperature_on", "none"}},
                      experiment.config(seed, 0, {{"loss", "ce"}})});
      for (const double t : temperatures) {
        for (const char* on : {"teacher", "both"}) {
          const bool both = std::string_view(on) == "both";
          runs.push_back({fmt::format("seed{}-T{}-{}", seed, t, on),
                          {{"seed", seed}, {"temperature_on", on}, {"temperature", t}},
                          experiment.config(seed, 1,
                                            {{"loss", "sd"},
                                             {"alpha", 0},
                                             {"temperature", t},
                                             {"student_temperature", both ? t : 1},
                                             {"scale_by_temperature", both}}),
                          teacher});
        }
      }
    }
    const std::vector<Measured> measured = experiment.run(runs);
    if (measured.empty()) return;

    const auto by_temperature = [&](const Quantity& q) {
      std::vector<Curve> curves;
      for (const auto& [on, label] :
           {std::pair{"teacher", "teacher only"}, {"both", "teacher and student"}})
        curves.push_back(
            curve_of(select(measured, {{"temperature_on", on}}), "temperature", q, label));
      return curves;
    };
    Claim calibrated{"teacher_only_better_calibrated",
                     "With the temperature on the teacher only, students are better calibrated.",
                     "Appendix A.2",
                     {}};
    for (const double t : temperatures)
      calibrated.comparisons.push_back({"test_ece",
                                        {{"temperature_on", "teacher"}, {"temperature", t}},
                                        {{"temperature_on", "both"}, {"temperature", t}},
                                        false});
    experiment.publish(
        figure_of("Where the temperature stands", "temperature", accuracy_and_ece, by_temperature),
        measured, {calibrated});
  });
}
