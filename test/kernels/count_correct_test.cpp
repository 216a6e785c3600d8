// SPDX-License-Identifier: MIT
#include "kernels/count_correct.h"

#include <algorithm>
#include <limits>

#include "engine/ops.h"
#include "kernels/runtime/run.h"
#include "test/support/support.h"

using Catch::Matchers::Contains;
using engine::Tensor;
using test::Device;
using test::DeviceArray;
using test::devices;

namespace {

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

int count(Device device, const std::vector<float>& logits, const std::vector<std::int32_t>& label) {
  const DeviceArray<float> device_logits(device, logits);
  const DeviceArray<std::int32_t> device_label(device, label),
      correct(device, std::vector<std::int32_t>{100});
  const int rows = int(label.size());
  run(device, kernels::CountCorrect{device_logits.data(), device_label.data(), correct.data(), rows,
                                    int(logits.size()) / rows});
  return correct.host()[0] - 100;
}

}  // namespace

TEST_CASE("count_correct adds the right rows at every size") {
  const Device device = GENERATE(from_range(devices()));
  for (const int classes : {2, 10, 31, 33, 100, 1000}) {
    for (const int rows : {1, 31, 33, 128}) {
      std::vector<float> logits = test::random_values(std::size_t(rows) * classes, -1, 1, 1);
      // Few different values make equal logits common.
      for (float& z : logits) z = float(int(z * 8));
      std::vector<std::int32_t> label = test::random_labels(rows, classes, 2);
      int want = 0;
      for (int i = 0; i < rows; ++i) {
        const auto row = logits.begin() + std::ptrdiff_t(i) * classes;
        const auto best = std::int32_t(std::max_element(row, row + classes) - row);
        if (i % 2 == 0) label[i] = best;
        want += label[i] == best;
      }
      CHECK(count(device, logits, label) == want);
    }
  }
}

TEST_CASE("count_correct at the edges") {
  const Device device = GENERATE(from_range(devices()));
  CHECK(count(device, {1, 1, 1}, {0}) == 1);
  CHECK(count(device, {1, 1, 1}, {1}) == 0);  // the first of equals counts
  CHECK(count(device, {-infinity, infinity, 0}, {1}) == 1);
  CHECK(count(device, {-infinity, -infinity}, {0}) == 1);
  for (int y = 0; y < 3; ++y) {
    CHECK(count(device, {0, not_a_number, 1}, {y}) == 0);
    CHECK(count(device, {1, not_a_number, 0}, {y}) == 0);
    CHECK(count(device, {not_a_number, not_a_number, not_a_number}, {y}) == 0);
  }
  CHECK(count(device, {1, 2}, {2}) == 0);
  CHECK(count(device, {1, 2}, {-1}) == 0);
  CHECK(count(device, {not_a_number}, {0}) == 0);
}

TEST_CASE("count_correct: the op adds up over batches and refuses what does not fit") {
  const Device device = GENERATE(from_range(devices()));
  const Tensor logits = Tensor::from(std::vector<float>{0, 1, 1, 0}, {2, 2}, device);
  const Tensor label = Tensor::from(std::vector<std::int32_t>{1, 1}, {2}, device);
  const Tensor correct = Tensor::zeros({1}, device, engine::DType::i32);
  engine::count_correct(logits, label, correct);
  engine::count_correct(logits, label, correct);
  CHECK(correct.to_host<std::int32_t>() == std::vector<std::int32_t>{2});
  CHECK_THROWS_WITH(engine::count_correct(logits, label, logits), Contains("correct"));
  CHECK_THROWS_WITH(engine::count_correct(logits, correct, correct),
                    "count_correct: label is [1], should be [2]");
}
