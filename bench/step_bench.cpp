// SPDX-License-Identifier: MIT
// Times whole training steps on synthetic images: augmentation, forward pass, loss, backward pass
// and optimizer (and, with --loss sd, the teacher's forward pass). Prints one line of JSON.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>

#include "engine/autograd.h"
#include "experiments/command_line.h"
#include "kernels/error.h"
#include "kernels/memory.h"
#include "nn/optimizer.h"

namespace {

using engine::Device;
using engine::Tensor;

struct Options {
  std::string model = "resnet20", loss = "ce";
  std::vector<int> image = {32, 32, 3};
  int classes = 100, batch_size = 128, threads = 2, warm_up = 3, steps = 10;
};

class TrainingStep {
 public:
  explicit TrainingStep(const Options& o)
      : model_(nn::make_model(o.model, input(o), Device::cpu, 1)),
        teacher_(o.loss == "sd" ? nn::make_model(o.model, input(o), Device::cpu, 2) : nullptr),
        optimizer_(*model_, {}),
        state_(Device::cpu) {
    const int count = 4 * o.batch_size;
    std::mt19937 random(3);
    std::vector<std::uint8_t> pixels(std::size_t(count) * o.image[0] * o.image[1] * o.image[2]);
    for (auto& p : pixels) p = std::uint8_t(random());
    std::vector<std::int32_t> labels(count), order(o.batch_size);
    for (auto& y : labels) y = std::int32_t(random() % unsigned(o.classes));
    for (auto& i : order) i = std::int32_t(random() % unsigned(count));
    images_ = Tensor::from(pixels, {count, o.image[0], o.image[1], o.image[2]}, Device::cpu);
    labels_ = Tensor::from(labels, {count}, Device::cpu);
    index_ = Tensor::from(order, {o.batch_size}, Device::cpu);
    loss_ = Tensor::zeros({1}, Device::cpu);
    augment_.pad = 4;
    augment_.flip = true;
    augment_.mean.fill(0.5f);
    augment_.std.fill(0.25f);
  }

  void run() {
    state_.set({.learning_rate = 0.01f, .ema_decay = 0, .epoch = 0, .step = step_++});
    const engine::Batch batch = engine::augment(images_, labels_, index_, augment_, state_);
    engine::SoftTargets targets;
    if (teacher_) {
      const engine::NoGrad no_grad;
      targets.soft = kernels::SoftTarget::teacher;
      targets.teacher_logits = teacher_->forward(batch.images, nn::Mode::eval);
    }
    const Tensor logits = model_->forward(batch.images, nn::Mode::train);
    const Tensor loss = engine::soft_target_loss(logits, batch.labels, targets);
    model_->parameters().zero_grad();
    loss.backward();
    optimizer_.step(state_);
    loss_.copy_from(loss);
  }

  float loss() const { return loss_.to_host()[0]; }

 private:
  static nn::ModelInput input(const Options& o) {
    return {o.image[0], o.image[1], o.image[2], o.classes};
  }

  std::unique_ptr<nn::Model> model_, teacher_;
  nn::Optimizer optimizer_;
  engine::StepState state_;
  engine::Augment augment_;
  Tensor images_, labels_, index_, loss_;
  std::uint32_t step_ = 0;
};

void measure(const Options& o) {
  kernels::set_threads(o.threads);
  TrainingStep step(o);
  for (int i = 0; i < o.warm_up; ++i) step.run();
  const auto before = engine::pool(Device::cpu).stats();
  std::vector<double> seconds;
  for (int i = 0; i < o.steps; ++i) {
    const auto start = std::chrono::steady_clock::now();
    step.run();
    kernels::synchronize(Device::cpu);
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    seconds.push_back(time.count());
  }
  const auto after = engine::pool(Device::cpu).stats();
  kernels::require(std::isfinite(step.loss()), "the loss is {}", step.loss());
  std::sort(seconds.begin(), seconds.end());
  const auto rate = [&](double s) { return std::round(10 * o.batch_size / s) / 10; };
  const nlohmann::ordered_json line = {
      {"model", o.model},
      {"loss", o.loss},
      {"batch_size", o.batch_size},
      {"threads", o.threads},
      {"steps", o.steps},
      {"images_per_s_median", rate(seconds[seconds.size() / 2])},
      {"images_per_s_best", rate(seconds.front())},
      {"system_allocations", after.system_calls - before.system_calls},
      {"pool_requests_per_step", (after.requests - before.requests) / std::size_t(o.steps)},
      {"pool_peak_bytes", after.peak},
      {"pool_reserved_bytes", after.reserved}};
  std::cout << line.dump() << std::endl;
  kernels::require(after.system_calls == before.system_calls,
                   "{} allocations went to the system in {} steps; there should be none",
                   after.system_calls - before.system_calls, o.steps);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Times whole training steps on synthetic images.", "step_bench");
  app.option_defaults()->always_capture_default();
  Options o;
  app.add_option("--model", o.model, "network, by the names of `train`");
  app.add_option("--batch-size", o.batch_size, "images in a step")->check(CLI::PositiveNumber);
  app.add_option("--image", o.image, "height, width and channels")
      ->delimiter('x')
      ->expected(3)
      ->type_name("HxWxC")
      ->default_str("32x32x3");
  app.add_option("--classes", o.classes, "classes")->check(CLI::PositiveNumber);
  app.add_option("--threads", o.threads, "threads to compute with")->check(CLI::PositiveNumber);
  app.add_option("--loss", o.loss, "ce: cross entropy, sd: distillation from a teacher")
      ->check(CLI::IsMember({"ce", "sd"}));
  app.add_option("--warm-up", o.warm_up, "steps before those that are timed")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--steps", o.steps, "steps that are timed")->check(CLI::PositiveNumber);
  return experiments::run_program(app, argc, argv, [&] { measure(o); });
}
