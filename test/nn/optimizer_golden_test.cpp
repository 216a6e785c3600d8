// SPDX-License-Identifier: MIT
// Optimizers and schedules against PyTorch's: optimizers.golden.safetensors in test/golden, which
// make_optimizer_golden.py made in float64.
#include <cstring>
#include <filesystem>

#include "engine/ops.h"
#include "nn/files/safetensors.h"
#include "nn/layers.h"
#include "nn/optimizer.h"
#include "test/support/support.h"

using engine::Tensor;
using kernels::Device;
using Rule = nn::OptimizerOptions::Rule;
using Kind = nn::Schedule::Kind;

namespace {

constexpr int samples = 16, features = 7, classes = 5, steps = 12, steps_in_epoch = 3, epochs = 4;

class LogisticRegression : public nn::Model {
 public:
  explicit LogisticRegression(Device device)
      : linear_(parameters_, "linear", features, classes, nn::Init::constant(0)) {
    parameters_.allocate(device, 1);
  }
  Tensor forward(const Tensor& images, nn::Mode) override { return linear_(images); }
  const Tensor& weight() const { return parameters_.parameters()[0].value; }
  const Tensor& bias() const { return parameters_.parameters()[1].value; }

 private:
  nn::Linear linear_;
};

struct Setting {
  const char* name;
  nn::OptimizerOptions optimizer;
  nn::Schedule schedule;
};

const Setting settings[] = {
    {"nesterov", {.weight_decay = 1e-2f, .nesterov = true}, {}},
    {"clipped", {.weight_decay = 1e-2f, .clip_norm = 0.625f}, {}},
    {"warm multi-step", {.weight_decay = 1e-2f}, {.milestones = {1, 3}, .warmup_steps = 5}},
    {"warm cosine",
     {.weight_decay = 1e-2f, .nesterov = true},
     {.kind = Kind::cosine, .epochs = epochs, .warmup_steps = 4}},
    {"adamw", {.weight_decay = 0.1f, .rule = Rule::adamw}, {.base = 0.05f}},
    {"adamw with all",
     {.weight_decay = 0.1f,
      .rule = Rule::adamw,
      .beta1 = 0.8,
      .beta2 = 0.95,
      .epsilon = 1e-3f,
      .clip_norm = 0.625f},
     {.kind = Kind::cosine, .base = 0.05f, .epochs = epochs, .warmup_steps = 4}},
};

}  // namespace

TEST_CASE("twelve steps of each optimizer and schedule are PyTorch's, to float32 noise") {
  const Device device = GENERATE(from_range(test::devices()));
  const Setting setting = GENERATE(from_range(std::begin(settings), std::end(settings)));
  CAPTURE(setting.name);
  const nn::TensorFile golden =
      nn::read_safetensors(test::golden() / "optimizers.golden.safetensors");
  const auto floats = [&](const std::string& key, const engine::Shape& shape) {
    return Tensor::from(golden.tensors.at(key).to_f32(), shape, device);
  };
  const auto wanted = [&](const char* key) {
    const nn::FileTensor& tensor = golden.tensors.at(std::string(setting.name) + "." + key);
    REQUIRE(tensor.dtype == "F64");
    std::vector<double> values(tensor.bytes.size() / sizeof(double));
    std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
    return values;
  };
  const Tensor images = floats("images", {samples, features});
  const std::vector<std::int64_t> numbers = golden.tensors.at("labels").to_i64();
  const Tensor labels =
      Tensor::from(std::vector<std::int32_t>(numbers.begin(), numbers.end()), {samples}, device);

  LogisticRegression model(device);
  model.weight().copy_from(floats("weight", {classes, features}));
  model.bias().copy_from(floats("bias", {classes}));
  nn::Optimizer optimizer(model, setting.optimizer);
  engine::StepState state(device);
  std::vector<float> rates, losses;
  for (std::uint32_t step = 0; step < steps; ++step) {
    rates.push_back(setting.schedule.at(int(step) / steps_in_epoch, step));
    state.set({.learning_rate = rates.back(), .ema_decay = 0, .epoch = 0, .step = step});
    const Tensor loss = engine::soft_target_loss(model.forward(images, nn::Mode::train), labels);
    model.parameters().zero_grad();
    loss.backward();
    optimizer.step(state);
    losses.push_back(loss.to_host().front());
  }
  test::expect_close(rates, wanted("rates"), 2e-7, 0, "rates");
  test::expect_close(losses, wanted("losses"), 2e-6, 0, "losses");
  test::expect_close(model.weight().to_host(), wanted("weight"), 2e-6, 2e-6, "weight");
  test::expect_close(model.bias().to_host(), wanted("bias"), 2e-6, 2e-6, "bias");
}
