// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "experiments/metrics/predictions.h"

/// What a classifier takes for what.
namespace experiments {

struct Mistake {
  std::size_t row;  // of the logits
  int label, predicted;
  double confidence;  // in what was predicted
};

/// How often the samples of a class were taken for another one.
struct Confusion {
  int label, predicted, count;
};

struct ClassAccuracy {
  int label, samples, right;
  double accuracy() const { return double(right) / samples; }
};

struct ClassErrors {
  int classes = 0;
  /// The confusion matrix by (label, prediction), without its zeros.
  std::map<std::pair<int, int>, int> counts = {};
  std::vector<Mistake> mistakes = {};  // by confidence, highest first, then by row

  int count(int label, int predicted) const;
  std::vector<ClassAccuracy> by_class() const;  // of those with samples: worst first
  std::vector<Confusion> confusions() const;    // most frequent first, without right answers
  std::optional<Confusion> most_frequent(int label) const;  // of a class; none: all were right
};

/// With the `most_mistakes` mistakes that are most confident. Throws Error as predict() does.
ClassErrors class_errors(const LabelledLogits&, std::size_t most_mistakes);

/// For people, on a terminal; `classes` are the names by class. Classes by accuracy, the worst
/// `most` of them, each with what it is taken for most often.
std::string classes_table(const ClassErrors&, const std::vector<std::string>& classes,
                          std::size_t most);

/// The matrix: a row for each class, a column for what its samples were taken for.
std::string confusion_table(const ClassErrors&, const std::vector<std::string>& classes);

/// The same as RFC 4180 has it, in full. It begins with confusion_csv_start.
std::string confusion_csv(const ClassErrors&, const std::vector<std::string>& classes);
inline constexpr const char* confusion_csv_start = "class \\ taken for";

}  // namespace experiments
