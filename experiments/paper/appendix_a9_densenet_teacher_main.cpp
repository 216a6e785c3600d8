// SPDX-License-Identifier: MIT
// Appendix A.9: a DenseNet teaches a ResNet, against a ResNet that teaches its like
#include "experiments/paper/comparison.h"

using namespace experiments;

int main(int argc, char** argv) {
  Experiment experiment("appendix_a9", "appendix_a9_densenet_teacher",
                        "Appendix A.9: distillation from a DenseNet into a ResNet. Both teachers' "
                        "labels give the true class the same mean, by their temperatures.",
                        standard_presets({{"teachers", {"densenet-bc-16-12"}}},
                                         {{"teachers", {"densenet-bc-100-12"}}}));
  experiment.add_names("teachers", "networks that teach, beside one of the student's kind");

  return experiment.main(argc, argv, [&] {
    const RunConfig defaults = experiment.config(0);
    const Json student = {{"loss", "sd"}, {"effective_label", 1 - defaults.smoothing}};
    std::vector<Method> methods = {{"ce", "cross entropy", {{"loss", "ce"}}},
                                   {"ls", "label smoothing", {{"loss", "ls"}}}};
    std::vector<Claim> claims;
    std::vector<std::string> teachers = experiment.names("teachers");
    teachers.insert(teachers.begin(), defaults.model);
    for (const std::string& model : teachers) {
      const std::string teacher = "teacher-" + model, name = "from-" + model;
      methods.push_back({.name = teacher,
                         .title = model + ", a teacher",
                         .changes = {{"loss", "ce"}, {"model", model}},
                         .stage = 1});
      methods.push_back({name, "taught by " + model, student, teacher});
      claims.push_back({name + "_beats_ce",
                        "A student of " + model + " is more accurate than cross entropy.",
                        "Appendix A.9",
                        {better("test_accuracy", name, "ce")}});
    }
    const std::vector<Measured> measured = experiment.run(comparison_runs(experiment, methods));
    if (measured.empty()) return;
    experiment.publish(comparison_figure("Teachers of another kind", measured, methods), measured,
                       claims);
  });
}
