// SPDX-License-Identifier: MIT
#include "experiments/training/evaluation.h"

#include <algorithm>
#include <numeric>

#include "engine/autograd.h"
#include "engine/system/stop_signal.h"

namespace experiments {

namespace {
constexpr int batch_size = 250;  // divides the usual test sets; large enough for full speed
}

std::vector<float> logits_of(nn::Model& model, const data::DeviceImages& images,
                             const std::vector<std::int32_t>& samples, bool heed_stop) {
  if (samples.empty()) return {};
  const engine::NoGrad no_grad;
  const engine::StepState step(images.device());
  const data::Batches batches(images, samples, std::min(batch_size, int(samples.size())),
                              images.normalise_only(), step);
  engine::Tensor all;
  std::size_t filled = 0;
  for (int b = 0; b < batches.count(); ++b) {
    if (heed_stop && stop_requested())
      throw Interrupted("stopped while measuring; the same command does that again");
    const engine::Tensor logits = model.forward(batches.at(b).images, nn::Mode::eval);
    if (!all)
      all = engine::Tensor::empty({int(samples.size()), logits.shape()[1]}, images.device());
    all.slice(filled, logits.shape()).copy_from(logits);
    filled += logits.size();
  }
  return all.to_host();
}

std::vector<std::int32_t> labels_of(const std::vector<std::int32_t>& labels,
                                    const std::vector<std::int32_t>& samples) {
  std::vector<std::int32_t> chosen;
  chosen.reserve(samples.size());
  for (const std::int32_t at : samples) chosen.push_back(labels[std::size_t(at)]);
  return chosen;
}

std::vector<std::int32_t> all_indices(std::size_t count) {
  std::vector<std::int32_t> indices(count);
  std::iota(indices.begin(), indices.end(), 0);
  return indices;
}

}  // namespace experiments
