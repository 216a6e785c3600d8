// SPDX-License-Identifier: MIT
#include "experiments/training/soft_labels/label_controls.h"

#include <algorithm>
#include <random>

namespace experiments {
namespace {

using Row = std::span<float>;

void permute(std::vector<float>& p, std::span<const std::int32_t> labels, int classes,
             std::uint64_t seed) {
  std::mt19937_64 bits(seed);  // its numbers are the same everywhere, unlike std::shuffle's
  std::vector<std::vector<std::size_t>> of_class(static_cast<std::size_t>(classes));
  for (std::size_t row = 0; row < labels.size(); ++row)
    of_class[std::size_t(labels[row])].push_back(row);
  const std::vector<float> before = p;
  for (auto& rows : of_class) {
    for (std::size_t left = rows.size(); left > 1; --left)
      std::swap(rows[left - 1], rows[bits() % left]);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::size_t next = rows[(i + 1) % rows.size()];
      std::copy_n(before.begin() + std::ptrdiff_t(next) * classes, classes,
                  p.begin() + std::ptrdiff_t(rows[i]) * classes);
    }
  }
}

/// Gives the true class `own`, and the others the rest: evenly, or in proportion.
void rescale(Row row, std::size_t label, double own, bool evenly) {
  double others = 0;
  for (std::size_t c = 0; c < row.size(); ++c)
    if (c != label) others += row[c];
  evenly = evenly || others == 0;
  for (std::size_t c = 0; c < row.size(); ++c)
    row[c] = float(c == label ? own
                   : evenly   ? (1 - own) / double(row.size() - 1)
                              : row[c] / others * (1 - own));
}

}  // namespace

void change_labels(std::vector<float>& p, std::span<const std::int32_t> labels, int classes,
                   TeacherLabels how, std::uint64_t seed) {
  if (how == TeacherLabels::own || classes < 2) return;
  if (how == TeacherLabels::permuted) return permute(p, labels, classes, seed);
  const auto row_of = [&](std::size_t i) {
    return Row(p).subspan(i * std::size_t(classes), std::size_t(classes));
  };
  double mean = 0;
  for (std::size_t i = 0; i < labels.size(); ++i)
    mean += double(row_of(i)[std::size_t(labels[i])]) / double(labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto label = std::size_t(labels[i]);
    const bool is_strength = how == TeacherLabels::strength;
    rescale(row_of(i), label, is_strength ? double(row_of(i)[label]) : mean, is_strength);
  }
}

}  // namespace experiments
