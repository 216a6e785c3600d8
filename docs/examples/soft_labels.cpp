// Training by hand on soft labels from anywhere: the loop that train has, without its files. Here
// the labels are one's own doubt, a tenth for the article of clothing that looks most like the
// right one.
#include <fmt/format.h>

#include <numeric>

#include "data/batches.h"
#include "nn/model.h"
#include "nn/optimizer.h"

int main() {
  const engine::Device device = engine::Device::cpu;
  const data::Dataset set = data::load_dataset("fashion-mnist");
  const std::vector<float> doubt = [&] {
    const int looks_like[] = {6, 3, 4, 0, 2, 7, 0, 9, 5, 7};
    std::vector<float> rows(std::size_t(set.classes) * set.classes);
    for (int k = 0; k < set.classes; ++k) {
      rows[k * set.classes + k] = .9f;
      rows[k * set.classes + looks_like[k]] = .1f;
    }
    return rows;
  }();

  const data::DeviceImages images(set.train, set, device);
  const auto model = nn::make_model(
      "resnet8", {.height = 28, .width = 28, .channels = 1, .classes = set.classes}, device, 1);
  nn::Optimizer optimizer(*model, {.momentum = .9f, .weight_decay = 1e-4f});
  engine::StepState step(device);
  std::vector<std::int32_t> samples(640);
  std::iota(samples.begin(), samples.end(), 0);
  for (int epoch = 0; epoch < 2; ++epoch) {
    const auto order = data::epoch_order(samples, data::Order::shuffled, /*seed=*/1, epoch);
    const data::Batches batches(images, order, /*batch_size=*/64, images.standard(/*seed=*/1),
                                step);
    double sum = 0;
    for (int b = 0; b < batches.count(); ++b) {
      step.set({.learning_rate = .1f, .epoch = std::uint32_t(epoch), .step = std::uint32_t(b)});
      const engine::Batch batch = batches.at(b);
      std::vector<float> rows;  // the soft labels of these images
      for (const std::int32_t label : batch.labels.to_host<std::int32_t>())
        rows.insert(rows.end(), &doubt[label * 10], &doubt[label * 10] + 10);
      const nn::Tensor logits = model->forward(batch.images, nn::Mode::train);
      const nn::Tensor loss = engine::soft_target_loss(
          logits, batch.labels,
          {.soft = kernels::SoftTarget::probabilities,
           .probabilities = nn::Tensor::from(rows, logits.shape(), device)});
      model->parameters().zero_grad();
      loss.backward();
      optimizer.step(step);
      sum += loss.to_host()[0];
    }
    fmt::print("epoch {}: loss {:.4f}\n", epoch + 1, sum / batches.count());
  }
}
