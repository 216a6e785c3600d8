// SPDX-License-Identifier: MIT
#include "kernels/count_correct.h"

#include "kernels/cpu/parallel.h"

namespace kernels {
namespace {

bool is_correct(const float* z, int classes, int y) {
  if (y < 0 || y >= classes) return false;
  int beaten = 0;  // "not less" rather than "greater", so that NaN beats the label
  for (int c = 0; c < y; ++c) beaten += !(z[c] < z[y]);
  for (int c = y + 1; c < classes; ++c) beaten += !(z[c] <= z[y]);
  return beaten == 0 && z[y] == z[y];
}

}  // namespace

void run(Cpu, const CountCorrect& op) {
  int correct = 0;
#pragma omp parallel for schedule(static) reduction(+ : correct) \
    if (std::size_t(op.rows) * op.classes >= parallel_from)
  for (int row = 0; row < op.rows; ++row) {
    correct += is_correct(op.logits + std::size_t(row) * op.classes, op.classes, op.label[row]);
  }
  *op.correct += correct;
  if (op.losses) op.losses[op.step->batch] = *op.loss;
}

}  // namespace kernels
