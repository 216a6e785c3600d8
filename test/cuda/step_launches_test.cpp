// SPDX-License-Identifier: MIT
// What a step asks of a GPU kernel by kernel: the table of docs/kernels.md.
#include "kernels/runtime/launch_counts.h"
#include "nn/optimizer.h"
#include "test/support/support.h"

using engine::Tensor;
using test::Device;

namespace {

/// Of our kernels, cuDNN and cuBLAS.
struct Requests {
  std::uint64_t kernels, convolutions, products;
  bool operator==(const Requests&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Requests& r) {
  return out << r.kernels << " + " << r.convolutions << " + " << r.products;
}

/// Of forward pass, loss, backward pass, SGD and count, on a batch that is there.
Requests requests(const std::string& name) {
  constexpr int rows = 1, side = 8, classes = 10;
  const auto model = nn::make_model(name, {side, side, 3, classes}, Device::cuda, 1);
  nn::Optimizer optimizer(*model, {});
  const engine::StepState state(Device::cuda);
  const Tensor images = Tensor::zeros({rows, side, side, 3}, Device::cuda),
               labels = Tensor::zeros({rows}, Device::cuda, engine::DType::i32),
               correct = Tensor::zeros({1}, Device::cuda, engine::DType::i32),
               losses = Tensor::zeros({1}, Device::cuda);
  const auto step = [&] {
    const Tensor logits = model->forward(images, nn::Mode::train);
    const Tensor loss = engine::soft_target_loss(logits, labels);
    model->parameters().zero_grad();
    loss.backward();
    optimizer.step(state);
    engine::count_correct(logits.detach(), labels, correct,
                          {.loss = loss.detach(), .losses = losses, .step = &state});
  };
  const kernels::LaunchCounts before = kernels::launch_counts();
  step();
  const kernels::LaunchCounts after = kernels::launch_counts();
  CHECK(after.graphs == before.graphs);
  return {after.kernels - before.kernels, after.convolutions - before.convolutions,
          after.products - before.products};
}

}  // namespace

// Four launches for a batch norm, one for each pass of a convolution, none that adds up gradients.
// The others: pooling and its gradient, bias and its gradient, loss, its mean, SGD, count.
TEST_CASE("a step asks no more of a GPU than the table says") {
  if (test::devices().size() == 1) return;
  CHECK(requests("resnet20") == Requests{4 * 21 + 8, 62, 3});
  CHECK(requests("resnet34") == Requests{4 * 36 + 8, 107, 3});
  // 51 batch norms read what grows, and 48 concatenations and 3 times room make it.
  CHECK(requests("densenet-bc-100-12") ==
        Requests{4 * 99 - 51 + 8 + 2 * 48 + 2 * 3 + 2 * 2, 296, 3});
}
