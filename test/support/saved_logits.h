// SPDX-License-Identifier: MIT
#pragma once
#include <cmath>
#include <filesystem>
#include <vector>

#include "nn/files/safetensors.h"

namespace test {

/// Softmax of logits in rows, as evaluate --save-logits wrote them.
inline std::vector<std::vector<double>> probabilities_in(const std::filesystem::path& file,
                                                         std::size_t classes) {
  const std::vector<float> logits = nn::read_safetensors(file).tensors.at("logits").to_f32();
  std::vector<std::vector<double>> all;
  for (std::size_t i = 0; i < logits.size(); i += classes) {
    std::vector<double> row;
    double sum = 0;
    for (std::size_t c = 0; c < classes; ++c) sum += row.emplace_back(std::exp(logits[i + c]));
    for (double& p : row) p /= sum;
    all.push_back(row);
  }
  return all;
}

}  // namespace test
