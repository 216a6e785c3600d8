// SPDX-License-Identifier: MIT
// Figure 2: one generation of self-distillation from a teacher softened by a temperature
#include <fmt/format.h>

#include <algorithm>

#include "experiments/curves.h"
#include "experiments/experiment.h"
#include "experiments/files.h"
#include "kernels/error.h"

using namespace experiments;

namespace {

/// Flat lines at the best and the worst generation of self-distillation in Figure 1's directory:
/// students only, since generation 0 has no teacher.
std::vector<Level> levels_of(const std::filesystem::path& figure1, const Quantity& quantity) {
  if (figure1.empty()) return {};
  const Json means = Json::parse(read_file(figure1 / "results.json")).at("means");
  std::vector<double> values;
  for (const Json& group : means) {
    const Json& mean = group.at(std::string(quantity.key) + "_mean");
    if (group.at("generation") > 0 && !mean.is_null())
      values.push_back(mean.get<double>() * quantity.scale);
  }
  kernels::require(!values.empty(), "{} holds no students of Figure 1", figure1.string());
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return {{"Figure 1, highest generation", *high}, {"Figure 1, lowest generation", *low}};
}

/// Against T = 1, which is Figure 1's first student.
std::vector<Claim> claims(const std::vector<double>& temperatures) {
  std::vector<Claim> all;
  for (const double t : temperatures) {
    if (t <= 1) continue;
    const auto against_1 = [t](const char* key, bool greater) {
      return Comparison{key, {{"temperature", t}}, {{"temperature", 1.0}}, greater};
    };
    all.push_back(
        {fmt::format("temperature_{}_better_student", t),
         fmt::format("A teacher softened by T = {} makes a more accurate student than T = 1.", t),
         "Section 4.3, Figure 2",
         {against_1("test_accuracy", true)}});
    all.push_back(
        {fmt::format("temperature_{}_uncertain_and_diverse", t),
         fmt::format("T = {} raises the teacher's uncertainty and diversity over T = 1.", t),
         "Section 4.3, Figure 2",
         {against_1("teacher_predictive_uncertainty", true),
          against_1("teacher_confidence_diversity", true)}});
  }
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  Experiment experiment("figure2", "figure2_temperature",
                        "Figure 2: one teacher, and a student for each temperature of the "
                        "teacher's softmax (alpha 0).",
                        standard_presets({{"temperatures", {1, 1.5, 2, 3, 5}}},
                                         {{"temperatures", {1, 1.5, 2, 2.5, 3, 4, 5}}}));
  experiment.add_numbers("temperatures", "of the teacher's softmax; a student for each");
  experiment.add_directory("figure1", "of a finished Figure 1: its best and worst as flat lines");

  return experiment.main(argc, argv, [&] {
    const std::vector<Measured> measured = experiment.run(students_by(
        experiment, "temperature", "T", experiment.numbers("temperatures"), [](double t) {
          return Json{{"alpha", 0}, {"temperature", t}};
        }));
    if (measured.empty()) return;

    Figure figure{.title = "Self-distillation by temperature", .caption = {}, .panels = {}};
    const std::vector<Measured> students = select(measured, {{"method", "sd"}});
    for (const auto& [key, title] :
         {std::pair{"test_accuracy", "Test accuracy of the student"},
          {"test_nll", "Test NLL of the student"},
          {"teacher_predictive_uncertainty", "Predictive uncertainty of the softened teacher"},
          {"teacher_confidence_diversity", "Confidence diversity of the softened teacher"}}) {
      const Quantity& q = quantity(key);
      figure.panels.push_back({.title = title,
                               .x_label = "temperature of the teacher",
                               .y_label = std::string(q.title),
                               .curves = {curve_of(students, "temperature", q)},
                               .levels = levels_of(experiment.directory("figure1"), q),
                               .log_x = true});
    }
    experiment.publish(figure, measured, claims(experiment.numbers("temperatures")));
  });
}
