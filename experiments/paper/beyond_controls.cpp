// SPDX-License-Identifier: MIT
// Beyond the paper: what of a teacher's labels matters, by taking away one thing at a time
#include "experiments/paper/comparison.h"

namespace experiments {
namespace {

std::vector<Method> methods(const Parameters& parameters) {
  const double label = parameters.effective_label();
  const auto taught = [label](const char* name, const char* labels) {
    return Method{
        name, {{"loss", "sd"}, {"effective_label", label}, {"teacher_labels", labels}}, "teacher"};
  };
  return {hidden_teacher(),
          {"ce", {{"loss", "ce"}}},
          {"ls", {{"loss", "ls"}}},
          {"beta", {{"loss", "beta"}, {"effective_label", label}}},
          taught("strength", "strength"),
          taught("constant", "constant"),
          taught("permuted", "permuted"),
          taught("sd", "own")};
}

/// The paper explains self-distillation by labels that differ from image to image in strength
/// (instance-specific, diverse), and leaves the other classes' part open (Section 7.2). Each claim
/// is that what one control lacks of another matters.
std::vector<Claim> claims(const Parameters&, const Results&) {
  const std::string source = "our reading of Sections 5.3 and 7.2";
  return {
      {"the_image_matters",
       "Labels of the image itself teach more than those of another image of its class.",
       source,
       {better("test_accuracy", "sd", "permuted")}},
      {"other_classes_matter",
       "What a teacher says of the other classes adds to the strength of its labels.",
       source,
       {better("test_accuracy", "sd", "strength")}},
      {"strength_matters",
       "The strength of a teacher's labels, image by image, adds to what it says of the other "
       "classes.",
       source,
       {better("test_accuracy", "sd", "constant")}},
      {"strength_alone_beats_ls",
       "A teacher's strength, image by image, beats the same strength for all: label smoothing.",
       source,
       {better("test_accuracy", "strength", "ls")}},
      {"diversity_without_the_image",
       "Diverse labels beat label smoothing also where they are another image's.",
       source,
       {better("test_accuracy", "permuted", "ls")}},
      {"a_teacher_ranks_better",
       "A teacher's strength beats that of Beta smoothing, ranked by a moving average.",
       source,
       {better("test_accuracy", "strength", "beta")}}};
}

}  // namespace

Experiment beyond_controls() {
  return comparison(
      {.stem = "beyond_controls",
       .title = "Beyond the paper: self-distillation from a teacher's labels of the clean images, "
                "and from what is left of them without one thing. All have the same mean label of "
                "the true class.",
       .presets = standard_presets(Json::object()),
       .hide_options = {"teacher-labels"},
       .claims = claims},
      "What of a teacher matters", methods);
}

}  // namespace experiments
