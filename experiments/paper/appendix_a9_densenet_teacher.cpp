// SPDX-License-Identifier: MIT
// Appendix A.9: a DenseNet teaches a ResNet, against a ResNet that teaches its like
#include "experiments/analysis/words.h"
#include "experiments/paper/comparison.h"

namespace experiments {
namespace {

/// The networks that teach: one of the student's own kind, and the others.
std::vector<std::string> teachers(const Parameters& parameters) {
  std::vector<std::string> all = parameters.names("teachers");
  all.insert(all.begin(), parameters.config(0).model);
  return all;
}

std::vector<Method> methods(const Parameters& parameters) {
  const double label = parameters.effective_label();
  std::vector<Method> all = {{"ce", {{"loss", "ce"}}}, {"ls", {{"loss", "ls"}}}};
  for (const std::string& model : teachers(parameters)) {
    all.push_back({.name = "teacher-" + model,
                   .changes = {{"loss", "ce"}, {"model", model}},
                   .init_group = 1});
    all.push_back(
        {"from-" + model, {{"loss", "sd"}, {"effective_label", label}}, "teacher-" + model});
  }
  return all;
}

std::vector<Claim> claims(const Parameters& parameters, const Results&) {
  std::vector<Claim> all;
  for (const std::string& model : teachers(parameters))
    all.push_back(
        {"from-" + model + "_beats_ce",
         "A student of " + value_words("model", model) + " is more accurate than cross entropy.",
         "Appendix A.9 (our reading)",
         {better("test_accuracy", "from-" + model, "ce")}});
  return all;
}

}  // namespace

Experiment appendix_a9_densenet_teacher() {
  return comparison(
      {.stem = "appendix_a9",
       .title = "Appendix A.9: distillation from a DenseNet into a ResNet. Both teachers' labels "
                "give the true class the same mean, by their temperatures.",
       .presets = standard_presets({{"teachers", {"densenet-bc-16-12"}}},
                                   {{"teachers", {"densenet-bc-100-12"}}}),
       .options = {names_option("teachers",
                                "networks that teach, beside one of the student's kind")},
       .claims = claims},
      "Teachers of another kind", methods);
}

}  // namespace experiments
