// SPDX-License-Identifier: MIT
#include "experiments/training/soft_labels/ensemble.h"

#include <cmath>

#include "test/support/support.h"

using namespace experiments;

TEST_CASE("several teachers say the mean of their probabilities at the temperature") {
  const std::size_t rows = 9, classes = 5, teachers = 3, size = rows * classes;
  const double temperature = GENERATE(0.5, 1.0, 4.0);
  const std::vector<float> logits = test::random_values(teachers * size, -6, 6, 3);
  const std::vector<float> mean = mean_teacher(logits, teachers, classes, temperature);
  REQUIRE(mean.size() == size);
  const auto softmax = [&](const float* z, std::size_t c) {
    double sum = 0;
    for (std::size_t i = 0; i < classes; ++i) sum += std::exp(double(z[i]) / temperature);
    return std::exp(double(z[c]) / temperature) / sum;
  };
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t c = 0; c < classes; ++c) {
      double want = 0;
      for (std::size_t k = 0; k < teachers; ++k)
        want += softmax(&logits[k * size + row * classes], c) / double(teachers);
      CHECK(softmax(&mean[row * classes], c) == Approx(want).epsilon(1e-5));
    }
  }
}

TEST_CASE("teachers that are sure of different classes halve it, however sure") {
  const std::vector<float> mean =
      mean_teacher(std::vector<float>{3e38f, -3e38f, -3e38f, 3e38f}, 2, 2, 0.001);
  CHECK(mean[0] == mean[1]);
  CHECK(std::isfinite(mean[0]));
}
