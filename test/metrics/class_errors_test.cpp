// SPDX-License-Identifier: MIT
#include "experiments/metrics/class_errors.h"

#include <cmath>

#include "engine/system/csv_field.h"
#include "experiments/metrics/metrics.h"
#include "test/support/catch.h"

using namespace experiments;
using Catch::Matchers::Contains;

namespace {

/// Three classes; class 1 has no samples.
const std::vector<float> logits = {5, 0, 0,   //  right
                                   0, 1, 0,   //  0 taken for 1
                                   0, 0, 3,   //  0 taken for 2
                                   0, 0, 1,   //  right
                                   2, 0, 0,   //  2 taken for 0
                                   0, 0, 2,   //  right
                                   0, 0, 3};  // 0 taken for 2, as sure as the other one
const std::vector<std::int32_t> labels = {0, 0, 0, 2, 2, 2, 0};
const std::vector<std::string> names = {"cat, \"old\"", "dog", "Bär"};

}  // namespace

TEST_CASE("errors are counted by class and by what it was taken for") {
  const ClassErrors errors = class_errors({logits, labels, 3}, 3);
  CHECK(errors.classes == 3);
  CHECK(errors.count(0, 0) == 1);
  CHECK(errors.count(0, 1) == 1);
  CHECK(errors.count(0, 2) == 2);
  CHECK(errors.count(1, 1) == 0);
  CHECK(errors.count(2, 0) == 1);
  CHECK(errors.count(2, 2) == 2);

  const std::vector<ClassAccuracy> classes = errors.by_class();
  REQUIRE(classes.size() == 2);
  CHECK(classes[0].label == 0);
  CHECK(classes[0].samples == 4);
  CHECK(classes[0].accuracy() == 0.25);
  CHECK(classes[1].label == 2);
  CHECK(classes[1].accuracy() == Approx(2.0 / 3));

  const std::vector<Confusion> all = errors.confusions();
  REQUIRE(all.size() == 3);
  CHECK(all[0].label == 0);
  CHECK(all[0].predicted == 2);
  CHECK(all[0].count == 2);
  CHECK(all[1].predicted == 1);  // of equals the first
  CHECK(errors.most_frequent(0)->predicted == 2);
  CHECK(errors.most_frequent(2)->predicted == 0);
  CHECK_FALSE(errors.most_frequent(1));
}

TEST_CASE("the most confident mistakes come first, of equals the first sample") {
  const ClassErrors errors = class_errors({logits, labels, 3}, 3);
  REQUIRE(errors.mistakes.size() == 3);  // of four
  CHECK(errors.mistakes[0].row == 2);
  CHECK(errors.mistakes[1].row == 6);
  CHECK(errors.mistakes[2].row == 4);
  CHECK(errors.mistakes[2].label == 2);
  CHECK(errors.mistakes[2].predicted == 0);
  CHECK(errors.mistakes[2].confidence == Approx(std::exp(2.) / (std::exp(2.) + 2)));
  CHECK(class_errors({logits, labels, 3}, 0).mistakes.empty());
}

TEST_CASE("a confusion matrix as CSV has all cells, and names that CSV can hold") {
  CHECK(confusion_csv(class_errors({logits, labels, 3}, 0), names) ==
        "class \\ taken for,\"cat, \"\"old\"\"\",dog,Bär\n"
        "\"cat, \"\"old\"\"\",1,1,2\ndog,0,0,0\nBär,1,0,2\n");
  CHECK(csv_field("two\nlines") == "\"two\nlines\"");
}

TEST_CASE("errors on a terminal have the classes' names") {
  const ClassErrors errors = class_errors({logits, labels, 3}, 0);
  const std::string text = classes_table(errors, names, 1);
  CHECK_THAT(text, Contains("the 1 worst of 2 classes") && Contains("cat, \"old\"") &&
                       Contains("      4    25.0 %  Bär (2)\n") && !Contains("66.7"));
  CHECK_THAT(classes_table(errors, names, 5), Contains("66.7 %  cat, \"old\" (1)\n"));
  CHECK_THAT(confusion_table(errors, names),
             Contains("  2 Bär") && Contains("      1      0      2\n"));
  const std::vector<std::string> odd = {std::string(200, 'x'), "a\x1b[31m\n", ""};
  CHECK_THAT(classes_table(errors, odd, 5), Contains("xxx…") && !Contains("\x1b"));
}

TEST_CASE("top 5 counts labels among the five largest logits, where there are more classes") {
  const std::vector<float> z = {6, 5, 4, 3, 2, 1, 0,   // label 4: the fifth
                                6, 5, 4, 3, 2, 1, 0,   // label 5: the sixth
                                1, 1, 1, 1, 1, 1, 1,   // label 4: of equals the fifth
                                1, 1, 1, 1, 1, 1, 1};  // label 5
  const std::vector<std::int32_t> y = {4, 5, 4, 5};
  CHECK(measure({z, y, 7}).top5_accuracy == 0.5);
  CHECK_FALSE(measure({logits, labels, 3}).top5_accuracy);
}
