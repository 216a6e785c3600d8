// SPDX-License-Identifier: MIT
#include "experiments/metrics/class_errors.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/system/csv_field.h"
#include "engine/system/values.h"
#include "engine/system/wrap_text.h"

namespace experiments {

namespace {

constexpr int name_width = 32;

/// On so many columns of a terminal.
std::string fitted(const std::string& name) {
  std::string text = shown(name, name.size());
  if (text_width(text) > name_width) text = first_characters(text, name_width - 1) + "…";
  return text + std::string(std::size_t(name_width - text_width(text)), ' ');
}

}  // namespace

int ClassErrors::count(int label, int predicted) const {
  const auto found = counts.find({label, predicted});
  return found == counts.end() ? 0 : found->second;
}

std::vector<ClassAccuracy> ClassErrors::by_class() const {
  std::vector<ClassAccuracy> all;  // the map goes label by label
  for (const auto& [pair, times] : counts) {
    if (all.empty() || all.back().label != pair.first) all.push_back({pair.first, 0, 0});
    all.back().samples += times;
    if (pair.first == pair.second) all.back().right = times;
  }
  std::ranges::stable_sort(all, {}, &ClassAccuracy::accuracy);
  return all;
}

std::vector<Confusion> ClassErrors::confusions() const {
  std::vector<Confusion> all;
  for (const auto& [pair, times] : counts)
    if (pair.first != pair.second) all.push_back({pair.first, pair.second, times});
  std::ranges::stable_sort(all, std::greater(), &Confusion::count);
  return all;
}

std::optional<Confusion> ClassErrors::most_frequent(int label) const {
  std::optional<Confusion> most;
  for (auto entry = counts.lower_bound({label, 0});
       entry != counts.end() && entry->first.first == label; ++entry)
    if (entry->first.second != label && entry->second > (most ? most->count : 0))
      most = {label, entry->first.second, entry->second};
  return most;
}

ClassErrors class_errors(const LabelledLogits& outputs, std::size_t most_mistakes) {
  const std::vector<Prediction> predictions = predict(outputs);
  ClassErrors errors{.classes = outputs.classes};
  for (std::size_t row = 0; row < predictions.size(); ++row) {
    const Prediction& p = predictions[row];
    const int label = outputs.labels[row];
    ++errors.counts[{label, p.arg_max}];
    if (!p.correct) errors.mistakes.push_back({row, label, p.arg_max, p.confidence});
  }
  std::ranges::stable_sort(errors.mistakes, std::greater(), &Mistake::confidence);
  if (errors.mistakes.size() > most_mistakes) errors.mistakes.resize(most_mistakes);
  return errors;
}

std::string classes_table(const ClassErrors& errors, const std::vector<std::string>& classes,
                          std::size_t most) {
  const std::vector<ClassAccuracy> all = errors.by_class();
  std::string text = fmt::format(
      "{}samples  accuracy  most often taken for\n",
      fitted(all.size() > most ? fmt::format("the {} worst of {} classes", most, all.size())
                               : "by class"));
  for (std::size_t i = 0; i < std::min(most, all.size()); ++i) {
    text += fmt::format("{}{:>7}{:>8.1f} %", fitted("  " + classes[std::size_t(all[i].label)]),
                        all[i].samples, 100 * all[i].accuracy());
    if (const auto other = errors.most_frequent(all[i].label))
      text += fmt::format("  {} ({})", shown(classes[std::size_t(other->predicted)], 200),
                          other->count);
    text += '\n';
  }
  return text;
}

std::string confusion_table(const ClassErrors& errors, const std::vector<std::string>& classes) {
  std::string text = fitted("class \\ taken for number");
  for (int c = 0; c < errors.classes; ++c) text += fmt::format("{:>7}", c);
  text += '\n';
  for (int label = 0; label < errors.classes; ++label) {
    text += fitted(fmt::format("{:>3} {}", label, classes[std::size_t(label)]));
    for (int c = 0; c < errors.classes; ++c) text += fmt::format("{:>7}", errors.count(label, c));
    text += '\n';
  }
  return text;
}

std::string confusion_csv(const ClassErrors& errors, const std::vector<std::string>& classes) {
  std::string text = confusion_csv_start;
  for (const std::string& name : classes) text += "," + csv_field(name);
  text += '\n';
  for (int label = 0; label < errors.classes; ++label) {
    text += csv_field(classes[std::size_t(label)]);
    for (int c = 0; c < errors.classes; ++c) text += fmt::format(",{}", errors.count(label, c));
    text += '\n';
  }
  return text;
}

}  // namespace experiments
