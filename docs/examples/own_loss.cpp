// A loss of one's own in train: the Brier score, mean over samples of sum_k (p_k - y_k)^2, where p
// is the softmax of the logits. It is one op: a value and, beside it, its gradient.
#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/autograd.h"
#include "experiments/programs/programs.h"
#include "experiments/training/own_loss.h"

using engine::Tensor;

/// On the host, for a device's tensors too: fine for small things, and slow on a GPU, where a
/// kernel of one's own would do (docs/adding_an_op.md).
Tensor brier(const Tensor& logits, const engine::Batch& batch, const engine::StepState&) {
  const int rows = logits.shape()[0], classes = logits.shape()[1];
  const std::vector<float> z = logits.to_host();
  const std::vector<std::int32_t> labels = batch.labels.to_host<std::int32_t>();
  std::vector<float> gradient(z.size());
  double sum = 0;
  for (int r = 0; r < rows; ++r) {
    const float* row = z.data() + r * classes;
    const float most = *std::max_element(row, row + classes);
    std::vector<double> p(classes);
    double total = 0, mean_error = 0;  // the latter: sum_k p_k (p_k - y_k)
    for (int k = 0; k < classes; ++k) total += p[k] = std::exp(row[k] - most);
    const auto error = [&](int k) { return p[k] - (k == labels[r] ? 1 : 0); };
    for (int k = 0; k < classes; ++k) {
      p[k] /= total;
      sum += error(k) * error(k);
      mean_error += p[k] * error(k);
    }
    for (int k = 0; k < classes; ++k)
      gradient[r * classes + k] = float(2 * p[k] * (error(k) - mean_error) / rows);
  }
  const float mean = float(sum / rows);
  const Tensor value = Tensor::from(std::span(&mean, 1), {1}, logits.device());
  const Tensor slope = Tensor::from(gradient, logits.shape(), logits.device());
  return engine::record("brier", value, {logits}, [slope](const Tensor& d, engine::InputGrads& g) {
    g.give(0, engine::scale(slope, d));
  });
}

int main(int argc, char** argv) {
  experiments::register_loss("brier", brier);
  return experiments::train_main(argc, argv);
}
