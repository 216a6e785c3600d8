// SPDX-License-Identifier: MIT
// The whole engine against PyTorch: the files in test/golden, which make_golden.py made. Values
// there are from float64, and with each comes the largest error that PyTorch made in float32
// ("noise"); ours may be four times that, and four roundings of the largest value where PyTorch was
// lucky.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>

#include "engine/autograd.h"
#include "nn/optimizer.h"
#include "nn/resnet.h"
#include "nn/weights.h"
#include "test/support/doubles.h"
#include "test/support/support.h"
#include "test/support/thread_count.h"

using engine::Tensor;
using kernels::Device;
using nn::Mode;

namespace {

constexpr nn::ModelInput input{.height = 8, .width = 10, .channels = 3, .classes = 10};
constexpr nn::ModelInput bf16_input{
    .height = 8, .width = 10, .channels = 3, .classes = 10, .type = kernels::DType::bf16};
constexpr int batch_size = 4, steps = 30;

std::filesystem::path golden_path(const std::string& name, const char* kind) {
  return test::golden() / (name + "." + kind + ".safetensors");
}

std::unique_ptr<nn::Model> build(const std::string& name, Device device,
                                 const nn::ModelInput& of = input) {
  using enum nn::ResNetConfig::Block;
  const auto resnet = [device, &of](const nn::ResNetConfig& config) {
    auto model = std::make_unique<nn::ResNet>(config, of);
    model->parameters().allocate(device, 1, of.type);
    return model;
  };
  if (name == "thin-resnet") {
    return resnet({.stem_width = 6, .widths = {6, 8, 12}, .blocks = {1, 1, 1}});
  }
  if (name == "thin-bottleneck") {
    return resnet({.block = bottleneck, .stem_width = 6, .widths = {4, 5}, .blocks = {1, 2}});
  }
  if (name == "thin-imagenet") {
    return resnet({.stem = nn::ResNetConfig::Stem::imagenet,
                   .block = bottleneck,
                   .stem_width = 6,
                   .widths = {4, 5},
                   .blocks = {1, 2}});
  }
  return nn::make_model(name, of, device, 1);
}

std::unique_ptr<nn::Model> load(const std::string& name, Device device,
                                const nn::ModelInput& of = input) {
  auto model = build(name, device, of);
  nn::load_weights(golden_path(name, "weights"), *model);
  return model;
}

class Golden {
 public:
  explicit Golden(const std::string& name)
      : file_(nn::read_safetensors(golden_path(name, "golden"))) {}

  std::vector<double> values(const std::string& key) const {
    const nn::FileTensor& tensor = file_.tensors.at(key);
    REQUIRE(tensor.dtype == "F64");
    std::vector<double> values(tensor.bytes.size() / sizeof(double));
    std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
    return values;
  }

  void expect(const std::vector<float>& got, const std::string& key) const {
    const std::vector<double> want = values(key), noise = values("noise." + key);
    double largest = 0;
    for (const double value : want) largest = std::max(largest, std::abs(value));
    const double rounding = std::ldexp(largest, -24);
    if (noise.size() == 1) {
      test::expect_close(got, want, 0, 4 * noise[0] + 4 * rounding, key);
      return;
    }
    REQUIRE(got.size() == want.size());
    for (std::size_t i = 0; i < want.size(); ++i) {
      INFO(key << " " << i << ": " << got[i] << ", should be " << want[i] << ", noise "
               << noise[i]);
      CHECK(std::abs(got[i] - want[i]) <= 4 * noise[i] + 4 * rounding);
    }
  }

  /// Rows of batch `i`.
  Tensor floats(const std::string& key, int i, engine::Shape shape, Device device) const {
    const std::vector<float> all = file_.tensors.at(key).to_f32();
    return Tensor::from(std::span(all).subspan(i * shape.size(), shape.size()), shape, device);
  }
  Tensor images(int i, Device device) const {
    return floats("images", i, {batch_size, input.height, input.width, input.channels}, device);
  }
  Tensor labels(int i, Device device) const {
    const std::vector<std::int64_t> all = file_.tensors.at("labels").to_i64();
    const std::vector<std::int32_t> batch(all.begin() + i * batch_size,
                                          all.begin() + (i + 1) * batch_size);
    return Tensor::from(batch, {batch_size}, device);
  }

 private:
  nn::TensorFile file_;
};

engine::SoftTargets targets(const std::string& method, const Golden& golden, int i, Device device) {
  using kernels::SoftTarget;
  if (method == "ls") return {.soft = SoftTarget::smoothed, .smoothing = 0.15f};
  if (method == "ls_over_all") return {.soft = SoftTarget::smoothed_over_all, .smoothing = 0.15f};
  if (method == "sd") {
    return {
        .soft = SoftTarget::teacher,
        .alpha = 0.6f,
        .teacher_temperature = 2,
        .teacher_logits = golden.floats("teacher_logits", i, {batch_size, input.classes}, device)};
  }
  if (method == "beta") {
    return {.soft = SoftTarget::beta,
            .alpha = 0.4f,
            .true_class_probability = golden.floats("b", i, {batch_size}, device)};
  }
  return {};
}

/// make_golden.py's uniform(), shifted and scaled.
std::vector<float> uniform(std::size_t count, std::uint32_t stream, double low, double high) {
  std::vector<float> values;
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t x = std::uint32_t(i) + stream * 0x9E3779B9u;
    x = (x ^ x >> 16) * 0x85EBCA6Bu;
    x = (x ^ x >> 13) * 0xC2B2AE35u;
    values.push_back(float(low + (high - low) * std::ldexp(double(x ^ x >> 16), -32)));
  }
  return values;
}

/// make_golden.py's torchvision_state(), for a model like torchvision's.
nn::TensorFile torchvision_state(const nn::Model& model) {
  nn::TensorFile ours, theirs;
  nn::put_state(ours, model);
  for (auto& [name, tensor] : ours.tensors)
    if (!name.ends_with("num_batches_tracked"))
      theirs.tensors[nn::torchvision_name(name)] = std::move(tensor);
  std::uint32_t stream = 0;
  for (auto& [name, tensor] : theirs.tensors) {
    const std::size_t count = tensor.bytes.size() / sizeof(float);
    double low = -0.2, high = 0.2;
    if (tensor.shape.size() > 1) {
      high = std::sqrt(3 / (double(count) / double(tensor.shape[0])));
      low = -high;
    } else if (name.ends_with("weight") || name.ends_with("running_var")) {
      low = 0.5, high = 1.5;
    }
    tensor = nn::FileTensor::f32(tensor.shape, uniform(count, stream++, low, high));
  }
  return theirs;
}

/// The model's tensors as they would lie in a weight file.
nn::TensorFile state_of(const nn::Model& model) {
  nn::TensorFile state;
  nn::put_state(state, model);
  return state;
}

}  // namespace

TEST_CASE("one step is PyTorch's, to float32 noise") {
  const std::string name =
      GENERATE("thin-resnet", "thin-bottleneck", "thin-imagenet", "densenet-bc-16-3");
  const Device device = GENERATE(from_range(test::devices()));
  const int threads = GENERATE(1, 2);
  CAPTURE(name, threads);
  const test::ThreadCount scope(threads);
  const Golden golden(name);
  const auto model = load(name, device);
  const Tensor images = golden.images(0, device);

  {
    const engine::NoGrad no_grad;
    golden.expect(model->forward(images, Mode::eval).to_host(), "eval.logits");
  }
  CHECK(model->batches_tracked == 0);

  const Tensor logits = model->forward(images, Mode::train);
  const Tensor loss = engine::soft_target_loss(logits, golden.labels(0, device));
  loss.backward();
  golden.expect(logits.to_host(), "train.logits");
  golden.expect(loss.to_host(), "loss");
  CHECK(model->batches_tracked == 1);

  const nn::TensorFile after = state_of(*model);
  for (const nn::NamedTensor& statistic : model->parameters().statistics()) {
    golden.expect(after.tensors.at(statistic.name).to_f32(), "running." + statistic.name);
  }
  // Gradients in place of the parameters come out in the file's layout.
  const auto holder = load(name, device);
  holder->parameters().values().copy_from(model->parameters().gradients());
  const nn::TensorFile gradients = state_of(*holder);
  for (const nn::NamedTensor& parameter : model->parameters().parameters()) {
    golden.expect(gradients.tensors.at(parameter.name).to_f32(), "grad." + parameter.name);
  }
}

TEST_CASE("in bf16 logits are as near to the true ones as those by PyTorch's autocast") {
  const std::string name =
      GENERATE("thin-resnet", "thin-bottleneck", "thin-imagenet", "densenet-bc-16-3");
  const Device device = GENERATE(from_range(test::devices()));
  if (test::activation_types(device).size() == 1) return;  // it has no bf16
  const Golden golden(name), by_autocast("bf16");
  const auto model = load(name, device, bf16_input);
  const Tensor exact = golden.images(0, device),
               images = Tensor::empty(exact.shape(), device, kernels::DType::bf16);
  engine::convert(exact, images);
  const engine::NoGrad no_grad;
  for (const auto& [mode, key] :
       {std::pair(Mode::eval, "eval.logits"), {Mode::train, "train.logits"}}) {
    const std::vector<float> logits = model->forward(images, mode).to_host();
    const std::vector<double> want = golden.values(key);
    const double ours = test::relative_error(logits, want),
                 theirs = test::relative_error(by_autocast.values(name + "." + key), want);
    CAPTURE(name, key, ours, theirs);
    CHECK(ours < 2 * theirs);
  }
}

TEST_CASE("torchvision's networks give what its own code gives with the same state", "[numbers]") {
  const std::string name = GENERATE("resnet18", "resnet34", "resnet50");
  CAPTURE(name);
  const Golden golden("torchvision");
  const auto model =
      nn::make_model(name + "-imagenet", {.height = 64, .width = 64}, Device::cpu, 1);
  nn::take_state(torchvision_state(*model), *model, "torchvision's state");
  const Tensor images =
      Tensor::from(uniform(2 * 64 * 64 * 3, 1000, -2, 2), {2, 64, 64, 3}, Device::cpu);
  {
    const engine::NoGrad no_grad;
    golden.expect(model->forward(images, Mode::eval).to_host(), name + ".eval.logits");
  }
  if (name != "resnet18") return;
  const Tensor logits = model->forward(images, Mode::train);
  engine::soft_target_loss(logits, Tensor::from(std::vector{3, 7}, {2}, Device::cpu)).backward();
  golden.expect(logits.to_host(), name + ".train.logits");
  for (const nn::NamedTensor& parameter : model->parameters().parameters())
    if (parameter.name.starts_with("bn1."))
      golden.expect(parameter.value.grad().to_host(), name + ".grad." + parameter.name);
}

TEST_CASE("thirty steps of training are PyTorch's, to float32 noise", "[numbers]") {
  const std::string name = GENERATE("thin-resnet", "densenet-bc-16-3");
  const std::string method = GENERATE("ce", "ls", "ls_over_all", "sd", "beta");
  const Device device = GENERATE(from_range(test::devices()));
  CAPTURE(name, method);
  const test::ThreadCount scope(1);  // so small a network gains nothing from more
  const Golden golden(name);
  const auto model = load(name, device);
  nn::Optimizer optimizer(*model, {.momentum = 0.9f, .weight_decay = 1e-4f});
  engine::StepState state(device);
  state.set({.learning_rate = name == "thin-resnet" ? 0.05f : 0.01f,
             .ema_decay = 0,
             .epoch = 0,
             .step = 0});

  std::vector<float> losses;
  for (int step = 0; step < steps; ++step) {
    const int i = step % 3;
    const Tensor logits = model->forward(golden.images(i, device), Mode::train);
    const Tensor loss = engine::soft_target_loss(logits, golden.labels(i, device),
                                                 targets(method, golden, i, device));
    model->parameters().zero_grad();
    loss.backward();
    optimizer.step(state);
    losses.push_back(loss.to_host().front());
  }
  golden.expect(losses, method + ".losses");

  const engine::NoGrad no_grad;
  golden.expect(model->forward(golden.images(0, device), Mode::eval).to_host(),
                method + ".eval.logits");
  const std::string classifier = name == "thin-resnet" ? "linear.weight" : "fc.weight";
  const nn::TensorFile after = state_of(*model);
  for (const char* key : {"conv1.weight", "bn1.weight", "bn1.running_var", classifier.c_str()}) {
    golden.expect(after.tensors.at(key).to_f32(), method + ".final." + key);
  }
}
