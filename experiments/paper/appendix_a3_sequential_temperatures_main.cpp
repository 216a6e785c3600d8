// SPDX-License-Identifier: MIT
// Appendix A.3: self-distillation in sequence at several temperatures
#include <fmt/format.h>

#include "experiments/paper/experiment.h"
#include "experiments/report/curves.h"

using namespace experiments;

int main(int argc, char** argv) {
  Experiment experiment(
      "appendix_a3", "appendix_a3_sequential_temperatures",
      "Appendix A.3: sequential self-distillation (alpha 0) at other temperatures "
      "of the teacher than Figure 1's.",
      standard_presets({{"temperatures", {1, 1.5, 2}}, {"generations", 3}}, {{"generations", 10}}));
  experiment.add_numbers("temperatures", "a sequence for each", f32_positive);
  experiment.add_number("generations", "students in a row, after generation 0");
  experiment.decides({"alpha", "temperature"});

  return experiment.main(argc, argv, [&] {
    const std::vector<double> temperatures = experiment.numbers("temperatures");
    const int last = experiment.number("generations");
    std::vector<Run> runs;
    for (int seed = 0; seed < experiment.number("seeds"); ++seed) {
      const std::string first = fmt::format("seed{}-generation0", seed);
      runs.push_back({first,
                      {{"seed", seed}, {"generation", 0}},
                      experiment.config(seed, 0, {{"loss", "ce"}})});
      for (const double t : temperatures) {
        std::string teacher = first;
        for (int generation = 1; generation <= last; ++generation) {
          const std::string name = fmt::format("seed{}-T{}-generation{}", seed, t, generation);
          runs.push_back({name,
                          {{"seed", seed}, {"generation", generation}, {"temperature", t}},
                          experiment.config(seed, generation,
                                            {{"loss", "sd"}, {"alpha", 0}, {"temperature", t}}),
                          teacher});
          teacher = name;
        }
      }
    }
    const std::vector<Measured> measured = experiment.run(runs);
    if (measured.empty()) return;

    const auto by_generation = [&](const Quantity& q) {
      std::vector<Curve> curves;
      for (const double t : temperatures) {
        std::vector<Point> points = {{0, {{"generation", 0}}}};
        for (int generation = 1; generation <= last; ++generation)
          points.push_back({double(generation), {{"generation", generation}, {"temperature", t}}});
        curves.push_back(curve_through(measured, points, q, fmt::format("T = {}", t)));
      }
      return curves;
    };
    experiment.publish(figure_of("Sequential self-distillation by temperature", "generation",
                                 accuracy_to_diversity, by_generation),
                       measured);
  });
}
