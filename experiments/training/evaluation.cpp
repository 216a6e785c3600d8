// SPDX-License-Identifier: MIT
#include "experiments/training/evaluation.h"

#include <algorithm>
#include <numeric>

#include "engine/autograd.h"
#include "engine/process/stop_signal.h"
#include "kernels/ranks/ranks.h"
#include "kernels/runtime/error.h"

namespace experiments {

namespace {

constexpr int usual_batch = 250;  // divides the usual test sets; large enough for full speed

/// Of batches `first`, `first` + `step` and so on; zeros for the others.
engine::Tensor logits_of_batches(nn::Model& model, const data::DeviceImages& images,
                                 const std::vector<std::int32_t>& samples, int batch_size,
                                 int first, int step, bool heed_stop) {
  const engine::NoGrad no_grad;
  const engine::StepState state(images.device());
  const data::Batches batches(images, samples, std::min(batch_size, int(samples.size())),
                              images.normalise_only(), state);
  const bool own = first < batches.count();  // else only the shape is wanted
  std::vector<data::BatchRows> wanted;
  for (int b = own ? first : 0; b < batches.count() && (own || b == 0); b += step)
    wanted.push_back({b, 0, batches.index(b).shape()[0]});
  batches.read_ahead(wanted);
  engine::Tensor all;
  for (const auto& [b, start, rows] : wanted) {
    if (heed_stop && stop_requested())
      throw Interrupted("stopped while measuring; the same command does that again");
    const engine::Tensor logits = model.forward(batches.at(b).images, nn::Mode::eval);
    const int classes = logits.shape()[1];
    if (!all) all = engine::Tensor::zeros({int(samples.size()), classes}, images.device());
    if (own)
      all.slice(std::size_t(b) * std::size_t(batches.batch_size()) * std::size_t(classes),
                logits.shape())
          .copy_from(logits);
  }
  return all;
}

}  // namespace

std::vector<float> logits_of(nn::Model& model, const data::DeviceImages& images,
                             const std::vector<std::int32_t>& samples, bool heed_stop) {
  if (samples.empty()) return {};
  const auto in_batches_of = [&](int batch_size) {
    return logits_of_batches(model, images, samples, batch_size, 0, 1, heed_stop).to_host();
  };
  for (int batch_size = std::min(usual_batch, int(samples.size())); batch_size > 1;
       batch_size /= 2) {
    try {
      return in_batches_of(batch_size);
    } catch (const kernels::OutOfMemory&) {  // smaller ones may have room
    }
  }
  return in_batches_of(1);
}

std::vector<float> logits_by_ranks(nn::Model& model, const data::DeviceImages& images,
                                   const std::vector<std::int32_t>& samples, bool heed_stop) {
  if (samples.empty()) return {};
  const kernels::Ranks& ranks = kernels::ranks();
  if (ranks.count == 1) return logits_of(model, images, samples, heed_stop);
  const engine::Tensor all =
      logits_of_batches(model, images, samples, usual_batch, ranks.rank, ranks.count, false);
  engine::all_reduce(all);
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
