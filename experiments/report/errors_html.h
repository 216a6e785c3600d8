// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "experiments/metrics/class_errors.h"
#include "experiments/metrics/metrics.h"
#include "experiments/plot/plot.h"
#include "experiments/runs/samples/shown_data.h"

/// What a network gets right and wrong, as HTML.
namespace experiments {

struct ShownImage {
  std::string name;
  std::string png;  // a file's bytes; empty: there is no picture
};

/// Errors with what people know the classes and images by.
struct ShownErrors {
  ClassErrors errors;
  std::vector<std::string> classes;     // by class
  std::vector<ShownImage> images = {};  // of errors.mistakes
};

/// Of outputs for samples of a part of the data. Throws Error as class_errors() does.
ShownErrors shown_errors(const LabelledLogits&, const TrainingData&, DataPart,
                         const std::vector<std::int32_t>& samples, std::size_t most_mistakes = 24,
                         bool with_pictures = true);

/// The confusion matrix, with numbers in it for few classes.
Figure confusion_figure(const ShownErrors&, const std::string& title);

/// The confusion matrix: numbers and shades for few classes, for many the figure and the most
/// frequent confusions; then the classes by accuracy, and the mistakes with their pictures.
std::string errors_html(const ShownErrors&);

/// A column of numbers of metric_rows() for each of these; null ones are left out.
struct MetricsColumn {
  std::string name;
  const Metrics* metrics;
};
std::string metrics_html(const std::vector<MetricsColumn>&);

}  // namespace experiments
