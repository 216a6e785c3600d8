// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>

#include "engine/autograd.h"
#include "nn/optimizer.h"
#include "nn/weights.h"
#include "test/support/doubles.h"
#include "test/support/support.h"
#include "test/support/temporary_directory.h"
#include "test/support/thread_count.h"

using engine::Tensor;
using kernels::bf16;
using nn::Mode;
using test::Device;
using test::DType;
using Floats = std::vector<float>;

namespace {

constexpr nn::ModelInput exact_input{.height = 8, .width = 8, .channels = 3, .classes = 4};
constexpr nn::ModelInput input{
    .height = 8, .width = 8, .channels = 3, .classes = 4, .type = DType::bf16};
constexpr int batch_size = 12;

bool has_bf16(Device device) { return test::activation_types(device).size() > 1; }

Tensor images_of(DType type, Device device, std::uint64_t seed = 1) {
  const engine::Shape shape{batch_size, 8, 8, 3};
  const Tensor exact = Tensor::from(test::random_values(shape.size(), -1, 1, seed), shape, device);
  const Tensor images = Tensor::empty(shape, device, type);
  engine::convert(exact, images);
  return images;
}

/// Forward and backward pass on a fixed batch; the logits.
Floats both_passes(nn::Model& model, DType type, std::uint64_t seed = 1) {
  const Device device = model.parameters().values().device();
  const Tensor labels =
      Tensor::from(test::random_labels(batch_size, 4, seed), {batch_size}, device);
  const Tensor logits = model.forward(images_of(type, device, seed), Mode::train);
  model.parameters().zero_grad();
  engine::soft_target_loss(logits, labels).backward();
  model.parameters().complete_grad();
  return logits.to_host();
}

void check_copy(const nn::Model& model) {
  const auto copy = model.parameters().rounded().to_host<bf16>();
  CHECK((Floats(copy.begin(), copy.end()) ==
         test::rounded(DType::bf16, model.parameters().values().to_host())));
}

}  // namespace

TEST_CASE("a network in bf16 computes what it does in f32, to bf16's rounding") {
  const Device device = GENERATE(from_range(test::devices()));
  if (!has_bf16(device)) return;
  const std::string name = GENERATE("resnet8", "resnet20", "densenet-bc-16-4");
  CAPTURE(name);
  const auto exact = nn::make_model(name, exact_input, device, 1),
             model = nn::make_model(name, input, device, 1);
  const Floats want = both_passes(*exact, DType::f32), got = both_passes(*model, DType::bf16);
  CHECK(model->parameters().gradients().dtype() == DType::f32);
  // Roundings of 2^-9 on average in each of tens of layers; a ReLU's input now and then crosses 0.
  CHECK(test::relative_error(got, want) < 0.05);
  CHECK(test::relative_error(got, want) > 1e-5);
  CHECK(test::relative_error(model->parameters().gradients().to_host(),
                             exact->parameters().gradients().to_host()) < 0.3);
  const engine::NoGrad no_grad;
  const auto evaluated = [&](nn::Model& m, DType type) {
    return m.forward(images_of(type, device), Mode::eval).to_host();
  };
  CHECK(test::relative_error(evaluated(*model, DType::bf16), evaluated(*exact, DType::f32)) < 0.05);
}

TEST_CASE("the copy in bf16 follows the weights, whoever sets them") {
  const Device device = GENERATE(from_range(test::devices()));
  if (!has_bf16(device)) return;
  const auto model = nn::make_model("resnet8", input, device, 1),
             ema = nn::make_model("resnet8", input, device, 2);
  check_copy(*model);
  nn::Optimizer optimizer(*model, {});
  engine::StepState state(device);
  for (std::uint32_t step = 0; step < 2; ++step) {
    state.set({.learning_rate = 0.1f, .ema_decay = 0.75f, .epoch = 0, .step = step});
    both_passes(*model, DType::bf16, step);
    optimizer.step(state, ema.get(), true);
    check_copy(*model);
    check_copy(*ema);
  }
  optimizer.step(state);
  check_copy(*model);

  ema->parameters().copy_from(model->parameters());
  CHECK(ema->parameters().values().to_host() == model->parameters().values().to_host());
  CHECK(ema->parameters().running().to_host() == model->parameters().running().to_host());
  check_copy(*ema);

  const test::TemporaryDirectory root;
  const auto file = root.path() / "w.safetensors";
  nn::save_weights(file, *nn::make_model("resnet8", exact_input, Device::cpu, 3));
  nn::load_weights(file, *model);
  check_copy(*model);
  nn::reorder_classes(*model, {3, 1, 0, 2});
  check_copy(*model);
}

TEST_CASE("training in bf16 gives the same bits each time") {
  const Device device = GENERATE(from_range(test::devices()));
  if (!has_bf16(device)) return;
  const std::string name = GENERATE("resnet8", "densenet-bc-16-3");
  const int threads = GENERATE(1, 2);
  const test::ThreadCount scope(threads);
  const auto train = [&] {
    const auto model = nn::make_model(name, input, device, 1);
    nn::Optimizer optimizer(*model, {});
    engine::StepState state(device);
    for (std::uint32_t step = 0; step < 4; ++step) {
      state.set({.learning_rate = 0.1f, .ema_decay = 0, .epoch = 0, .step = step});
      both_passes(*model, DType::bf16, step);
      optimizer.step(state);
    }
    Floats all = model->parameters().values().to_host();
    for (const float r : model->parameters().running().to_host()) all.push_back(r);
    return all;
  };
  const Floats first = train();
  CHECK(std::all_of(first.begin(), first.end(), [](float x) { return std::isfinite(x); }));
  CHECK((train() == first));
}

TEST_CASE("a network refuses images of another type") {
  const auto model = nn::make_model("resnet8", exact_input, Device::cpu, 1);
  CHECK_THROWS_WITH(model->forward(images_of(DType::bf16, Device::cpu), Mode::eval),
                    "conv2d: filter [16, 3, 3, 3] is of f32, should be of bf16");
}
