// SPDX-License-Identifier: MIT
#include "nn/optimizer.h"

#include <cmath>

#include "engine/autograd.h"
#include "nn/resnet.h"
#include "test/support/support.h"
#include "test/support/thread_count.h"

using engine::Tensor;
using kernels::Device;
using nn::Mode;

namespace {

std::unique_ptr<nn::Model> tiny_model(Device device, std::uint64_t seed) {
  const nn::ResNetConfig config{.stem_width = 4, .widths = {4, 6}, .blocks = {1, 1}};
  const nn::ModelInput input{.height = 8, .width = 8, .channels = 3, .classes = 3};
  auto model = std::make_unique<nn::ResNet>(config, input);
  model->parameters().allocate(device, seed);
  return model;
}

/// Gradients of the model's loss on a fixed batch, in place.
void backward(nn::Model& model, int batch) {
  const Device device = model.parameters().values().device();
  const engine::Shape shape{6, 8, 8, 3};
  const Tensor images =
      Tensor::from(test::random_values(shape.size(), -1, 1, batch), shape, device);
  const Tensor labels = Tensor::from(test::random_labels(6, 3, batch), {6}, device);
  const Tensor loss = engine::soft_target_loss(model.forward(images, Mode::train), labels);
  model.parameters().zero_grad();
  loss.backward();
}

}  // namespace

TEST_CASE("multi-step schedule") {
  const nn::Schedule schedule{.base = 0.1f, .milestones = {50, 100}, .factor = 0.1f};
  CHECK(schedule.at(0) == 0.1f);
  CHECK(schedule.at(49) == 0.1f);
  CHECK(schedule.at(50) == Approx(0.01));
  CHECK(schedule.at(99) == Approx(0.01));
  CHECK(schedule.at(100) == Approx(0.001));
  CHECK(schedule.at(10'000) == Approx(0.001));

  CHECK(nn::Schedule{.base = 0.5f}.at(7) == 0.5f);
  const nn::Schedule unsorted{.base = 1, .milestones = {20, 10}, .factor = 0.5f};
  CHECK(unsorted.at(15) == 0.5f);
  CHECK(unsorted.at(20) == 0.25f);
}

TEST_CASE("cosine schedule") {
  const nn::Schedule schedule{.kind = nn::Schedule::Kind::cosine, .base = 0.2f, .epochs = 60};
  CHECK(schedule.at(0) == 0.2f);
  CHECK(schedule.at(20) == Approx(0.15));
  CHECK(schedule.at(30) == Approx(0.1));
  CHECK(schedule.at(40) == Approx(0.05));
  CHECK(schedule.at(60) == Approx(0).margin(1e-8));
}

TEST_CASE("the decay of the EMA grows from a half to its limit") {
  CHECK(nn::ema_decay(0) == 0.5f);
  CHECK(nn::ema_decay(1) == Approx(2.0 / 3));
  CHECK(nn::ema_decay(997) == Approx(1 - 1.0 / 999).epsilon(1e-7));
  CHECK(nn::ema_decay(5000) == 0.999f);
  CHECK(nn::ema_decay(0xFFFFFFFFu) == 0.999f);
  CHECK(nn::ema_decay(100, 0.9f) == 0.9f);
}

TEST_CASE("the optimizer is PyTorch's SGD, and an EMA model follows") {
  const Device device = GENERATE(from_range(test::devices()));
  const test::ThreadCount scope(1);
  const nn::OptimizerOptions options{.momentum = 0.9f, .weight_decay = 0.01f};
  const auto model = tiny_model(device, 1), ema = tiny_model(device, 2);
  nn::Optimizer optimizer(*model, options);
  engine::StepState state(device);
  std::vector<double> weight = test::to_double(model->parameters().values().to_host());
  std::vector<double> average = test::to_double(ema->parameters().values().to_host());
  std::vector<double> velocity(weight.size(), 0);

  for (std::uint32_t step = 0; step < 4; ++step) {
    const float rate = step < 2 ? 0.1f : 0.01f;
    state.set({.learning_rate = rate, .ema_decay = nn::ema_decay(step), .epoch = 0, .step = step});
    backward(*model, int(step));
    const std::vector<float> gradient = model->parameters().gradients().to_host();
    optimizer.step(state, step == 3 ? nullptr : ema.get());
    for (std::size_t i = 0; i < weight.size(); ++i) {
      velocity[i] =
          options.momentum * velocity[i] + (gradient[i] + options.weight_decay * weight[i]);
      weight[i] -= rate * velocity[i];
      if (step < 3) average[i] = (step + 1.0) / (step + 2) * average[i] + weight[i] / (step + 2);
    }
  }
  test::expect_close(model->parameters().values().to_host(), weight, 1e-6, 1e-6, "weights");
  test::expect_close(optimizer.memory()[0].values.to_host(), velocity, 1e-6, 1e-6, "velocity");
  test::expect_close(ema->parameters().values().to_host(), average, 1e-6, 1e-6, "EMA");
  // The average covers parameters only, and its model's own statistics stay.
  CHECK(ema->parameters().running().to_host() ==
        tiny_model(device, 2)->parameters().running().to_host());
}

TEST_CASE("running statistics are averaged on request, and the model keeps its own") {
  const Device device = GENERATE(from_range(test::devices()));
  const test::ThreadCount scope(1);
  const auto model = tiny_model(device, 1), ema = tiny_model(device, 2);
  nn::Optimizer optimizer(*model, {});
  engine::StepState state(device);
  std::vector<double> average = test::to_double(ema->parameters().running().to_host());
  for (std::uint32_t step = 0; step < 3; ++step) {
    state.set({.learning_rate = 0.1f, .ema_decay = 0.75f, .epoch = 0, .step = step});
    backward(*model, int(step));
    const std::vector<float> running = model->parameters().running().to_host();
    optimizer.step(state, ema.get(), true);
    CHECK(model->parameters().running().to_host() == running);
    for (std::size_t i = 0; i < average.size(); ++i)
      average[i] = 0.75 * average[i] + 0.25 * double(running[i]);
  }
  test::expect_close(ema->parameters().running().to_host(), average, 1e-6, 1e-6, "statistics");
}

TEST_CASE("a step without a backward pass only decays") {
  const Device device = GENERATE(from_range(test::devices()));
  const auto model = tiny_model(device, 1);
  nn::Optimizer optimizer(*model, {.momentum = 0, .weight_decay = 0.5f});
  engine::StepState state(device);
  state.set({.learning_rate = 0.5f, .ema_decay = 0, .epoch = 0, .step = 0});
  std::vector<double> weight = test::to_double(model->parameters().values().to_host());
  backward(*model, 0);  // what an earlier step left
  model->parameters().zero_grad();
  optimizer.step(state);
  for (double& w : weight) w *= 0.75;
  test::expect_close(model->parameters().values().to_host(), weight, 1e-6, 1e-12);
}

TEST_CASE("an EMA model must be like the model") {
  const auto model = tiny_model(Device::cpu, 1);
  const auto other = nn::make_model("resnet8", {}, Device::cpu, 1);
  nn::Optimizer optimizer(*model, {});
  engine::StepState state(Device::cpu);
  CHECK_THROWS_AS(optimizer.step(state, other.get()), kernels::Error);
}

TEST_CASE("the same seed gives the same bits after training") {
  const Device device = GENERATE(from_range(test::devices()));
  const int threads = GENERATE(1, 2);
  const std::string name = GENERATE("resnet", "densenet");
  CAPTURE(threads, name);
  const test::ThreadCount scope(threads);
  const auto train = [&](std::uint64_t seed) {
    const nn::ModelInput input{.height = 8, .width = 8, .channels = 3, .classes = 3};
    const auto model = name == "resnet" ? tiny_model(device, seed)
                                        : nn::make_model("densenet-bc-16-3", input, device, seed);
    nn::Optimizer optimizer(*model, {});
    engine::StepState state(device);
    for (std::uint32_t step = 0; step < 5; ++step) {
      state.set({.learning_rate = 0.1f, .ema_decay = 0, .epoch = 0, .step = step});
      backward(*model, int(step));
      optimizer.step(state);
    }
    std::vector<float> all = model->parameters().values().to_host();
    for (const float r : model->parameters().running().to_host()) all.push_back(r);
    return all;
  };
  const std::vector<float> first = train(1);
  for (const float value : first) REQUIRE(std::isfinite(value));
  CHECK(train(1) == first);
  CHECK(train(2) != first);
}

TEST_CASE("with a frozen body the head alone learns, as a linear layer on its features would") {
  const Device device = GENERATE(from_range(test::devices()));
  const engine::DType type = GENERATE_COPY(from_range(test::activation_types(device)));
  const nn::ResNetConfig config{.stem_width = 16, .widths = {16, 32}, .blocks = {1, 1}};
  const nn::ModelInput input{.height = 8, .width = 8, .channels = 3, .classes = 3, .type = type};
  nn::ResNet model(config, input);
  nn::Parameters& parameters = model.parameters();
  parameters.allocate(device, 1, type);
  nn::freeze_body(model);
  const auto head = [&] { return parameters.learned(parameters.values()).to_host(); };
  const std::vector<float> values = parameters.values().to_host(), start = head();
  REQUIRE(start.size() == 96 + 16);  // 32 x 3, and 3 on a cache line of their own

  Tensor images = Tensor::from(test::random_values(6 * 8 * 8 * 3, -1, 1, 1), {6, 8, 8, 3}, device);
  if (type != images.dtype()) {
    const Tensor exact = images;
    images = Tensor::empty(exact.shape(), device, type);
    engine::convert(exact, images);
  }
  const Tensor labels = Tensor::from(test::random_labels(6, 3, 1), {6}, device);
  nn::Optimizer optimizer(model, {.momentum = 0, .weight_decay = 0.5f});
  engine::StepState step(device);
  step.set({.learning_rate = 0.1f});
  const Tensor logits = model.forward(images, Mode::eval);
  const Tensor loss = engine::soft_target_loss(logits, labels);
  parameters.zero_grad();
  loss.backward();
  // d loss / d bias_k is the mean of p_k - y_k.
  const std::vector<float> z = logits.to_host(), gradient = parameters.gradients().to_host();
  const std::vector<std::int32_t> y = labels.to_host<std::int32_t>();
  std::vector<double> want(3);
  for (int row = 0; row < 6; ++row) {
    double sum = 0;
    for (int k = 0; k < 3; ++k) sum += std::exp(double(z[row * 3 + k]));
    for (int k = 0; k < 3; ++k)
      want[k] += (std::exp(double(z[row * 3 + k])) / sum - (k == y[row])) / 6;
  }
  test::expect_close({gradient.end() - 16, gradient.end() - 13}, want, 1e-5, 1e-6);
  optimizer.step(step);
  const std::vector<float> after = parameters.values().to_host(), learned = head();
  const std::size_t body = after.size() - start.size();
  CHECK(std::equal(after.begin(), after.begin() + std::ptrdiff_t(body), values.begin()));
  for (std::size_t i = 0; i < start.size(); ++i) {
    const float by_hand = start[i] - 0.1f * (gradient[body + i] + 0.5f * start[i]);
    CHECK(learned[i] == Approx(by_hand).margin(1e-7));
  }
}

TEST_CASE("a network without a head of its own cannot have its body frozen") {
  class Headless : public nn::Model {
   public:
    Headless() { parameters_.parameter("conv1.weight", {4, 3, 3, 3}, nn::Init::constant(1)); }
    Tensor forward(const Tensor& images, Mode) override { return images; }
  } model;
  CHECK_THROWS_AS(nn::freeze_body(model), kernels::Error);
}
