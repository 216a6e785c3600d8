// SPDX-License-Identifier: MIT
// Times whole training steps on synthetic images: augmentation, forward pass, loss, backward pass
// and optimizer (and, with --loss sd, the teacher's forward pass). Prints one line of JSON; on a
// GPU it says also how many launches a step takes. With --ops it prints a table instead, of what
// each kind of op takes of a step.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "bench/timing.h"
#include "engine/autograd.h"
#include "engine/step_graph.h"
#include "experiments/command_line/command_line.h"
#include "experiments/command_line/machine.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch_counts.h"
#include "kernels/runtime/memory.h"
#include "kernels/runtime/run.h"
#include "nn/optimizer.h"

namespace {

using engine::Device;
using engine::Tensor;

struct Options {
  std::string model = "resnet20", loss = "ce";
  std::vector<int> image = {32, 32, 3};
  kernels::Precision precision = kernels::Precision::f32;
  std::optional<bool> graph;
  int classes = 100, batch_size = 128, warm_up = 3, steps = 10, in_a_row = 1;
  bool profile = false, ops = false;
};

class TrainingStep {
 public:
  TrainingStep(const Options& o, Device device)
      : model_(nn::make_model(o.model, input(o), device, 1)),
        teacher_(o.loss == "sd" ? nn::make_model(o.model, input(o), device, 2) : nullptr),
        optimizer_(*model_, {}),
        state_(device),
        as_graph_(o.graph.value_or(!o.ops)),
        graph_(device) {
    const int count = 4 * o.batch_size;
    std::mt19937 random(3);
    std::vector<std::uint8_t> pixels(std::size_t(count) * o.image[0] * o.image[1] * o.image[2]);
    for (auto& p : pixels) p = std::uint8_t(random());
    std::vector<std::int32_t> labels(count), order(o.batch_size);
    for (auto& y : labels) y = std::int32_t(random() % unsigned(o.classes));
    for (auto& i : order) i = std::int32_t(random() % unsigned(count));
    images_ = Tensor::from(pixels, {count, o.image[0], o.image[1], o.image[2]}, device);
    labels_ = Tensor::from(labels, {count}, device);
    index_ = Tensor::from(order, {o.batch_size}, device);
    loss_ = Tensor::zeros({1}, device);
    augment_.pad = 4;
    augment_.flip = true;
    augment_.mean.fill(0.5f);
    augment_.std.fill(0.25f);
    augment_.type = kernels::activation_type(o.precision);
  }

  void run() {
    state_.set({.learning_rate = 0.01f, .ema_decay = 0, .epoch = 0, .step = step_++});
    const auto work = [this] { compute(); };
    if (as_graph_)
      graph_.run(work);
    else
      work();
  }

  float loss() const { return loss_.to_host()[0]; }

 private:
  void compute() {
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

  static nn::ModelInput input(const Options& o) {
    return {o.image[0], o.image[1], o.image[2], o.classes, kernels::activation_type(o.precision)};
  }

  std::unique_ptr<nn::Model> model_, teacher_;
  nn::Optimizer optimizer_;
  engine::StepState state_;
  engine::Augment augment_;
  Tensor images_, labels_, index_, loss_;
  std::uint32_t step_ = 0;
  bool as_graph_;
  engine::StepGraph graph_;
};

// Means over `steps` of what was asked of the GPU between `from` and `to`.
nlohmann::ordered_json launches_per_step(const kernels::LaunchCounts& from,
                                         const kernels::LaunchCounts& to, int steps) {
  const auto mean = [&](auto of) { return double(to.*of - from.*of) / steps; };
  return {{"kernels", mean(&kernels::LaunchCounts::kernels)},
          {"convolutions", mean(&kernels::LaunchCounts::convolutions)},
          {"products", mean(&kernels::LaunchCounts::products)},
          {"copies", mean(&kernels::LaunchCounts::copies)},
          {"graphs", mean(&kernels::LaunchCounts::graphs)}};
}

// For a profiler that waits for the steps that are timed.
void record_profile(bool on) {
  if constexpr (kernels::has_cuda) kernels::record_profile(kernels::Cuda{}, on);
}

// What ops of a kind take of a step.
void print_row(const std::string& name, const kernels::OpCost& cost, double step,
               double copy_rate) {
  const auto number = [](double value, int digits) {
    return value > 0 ? fmt::format("{:.{}f}", value, digits) : std::string("-");
  };
  const double copying = cost.flops > 0 ? 0 : cost.bytes / copy_rate;
  fmt::print("{:<20} {:>5} {:>9.3f} {:>6.1f} {:>9} {:>7} {:>8} {:>8}\n", name, cost.calls,
             1e3 * cost.seconds, 100 * cost.seconds / step, number(1e-6 * cost.bytes, 1),
             number(1e-9 * cost.bytes / cost.seconds, 1),
             number(1e-9 * cost.flops / cost.seconds, 1), number(copying / cost.seconds, 2));
}

// A line for each kind of op, what takes most first, of one step by the means of all.
void measure_ops(const Options& o, TrainingStep& step, Device device) {
  std::vector<std::pair<std::string, kernels::OpCost>> rows;
  kernels::OpCost calculating, others;
  double seconds = 0;
  {
    const kernels::OpLog log;
    seconds = bench::seconds_per_run(
        device, [&] { step.run(); }, o.steps);
    rows.assign(log.costs().begin(), log.costs().end());
  }
  for (auto& [name, cost] : rows) {
    cost.calls /= std::uint64_t(o.steps);
    for (double* sum : {&cost.seconds, &cost.bytes, &cost.flops}) *sum /= o.steps;
    kernels::OpCost& sum = cost.flops > 0 ? calculating : others;
    sum.calls += cost.calls;
    sum.seconds += cost.seconds;
    sum.bytes += cost.bytes;
    sum.flops += cost.flops;
  }
  constexpr std::size_t much = std::size_t{256} << 20;  // in memory, whatever caches hold
  const double copy_rate = double(much) / bench::copy_seconds(device, much);
  std::ranges::sort(rows, std::greater{}, [](const auto& row) { return row.second.seconds; });
  fmt::print("{:<20} {:>5} {:>9} {:>6} {:>9} {:>7} {:>8} {:>8}\n", "op", "calls", "ms", "%", "MB",
             "GB/s", "GFLOP/s", "of copy");
  for (const auto& [name, cost] : rows) print_row(name, cost, seconds, copy_rate);
  print_row("convolution, product", calculating, seconds, copy_rate);
  print_row("all others", others, seconds, copy_rate);
  const double outside = seconds - calculating.seconds - others.seconds;
  fmt::print("{:<20} {:>5} {:>9.3f} {:>6.1f}\n", "outside of ops", "", 1e3 * outside,
             100 * outside / seconds);
  fmt::print("{:<20} {:>5} {:>9.3f}\n", "a step", "", 1e3 * seconds);
  fmt::print("of copy: of the speed of copying memory, {:.1f} GB/s\n", 1e-9 * copy_rate);
}

void measure(const Options& o, experiments::Machine& machine) {
  const Device device = machine.start(o.precision);
  kernels::require(!o.profile || device == Device::cuda, "--profile is for --device cuda");
  kernels::require(!o.ops || !o.graph.value_or(false), "--ops times each op: a graph hides them");
  TrainingStep step(o, device);
  for (int i = 0; i < o.warm_up; ++i) step.run();
  if (o.ops) return measure_ops(o, step, device);
  const engine::Pool& pool = engine::pool(device);
  const auto before = pool.stats();
  const kernels::LaunchCounts launches = kernels::launch_counts();
  std::vector<double> seconds;
  if (o.profile) record_profile(true);
  for (int i = 0; i < o.steps; ++i) {
    seconds.push_back(bench::seconds_per_run(
        device, [&] { step.run(); }, o.in_a_row));
  }
  if (o.profile) record_profile(false);
  const auto after = pool.stats();
  const int steps = o.steps * o.in_a_row;
  nlohmann::ordered_json line = {{"model", o.model},
                                 {"loss", o.loss},
                                 {"batch_size", o.batch_size},
                                 {"precision", experiments::name_of(o.precision)},
                                 {"device", machine.provenance().at("device")},
                                 {"threads", kernels::threads()},
                                 {"steps", steps}};
  if (device == Device::cuda) {
    line["launches_per_step"] = launches_per_step(launches, kernels::launch_counts(), steps);
  }
  kernels::require(std::isfinite(step.loss()), "the loss is {}", step.loss());
  std::sort(seconds.begin(), seconds.end());
  const auto rate = [&](double s) { return std::round(10 * o.batch_size / s) / 10; };
  line["images_per_s_median"] = rate(seconds[seconds.size() / 2]);
  line["images_per_s_best"] = rate(seconds.front());
  line["system_allocations"] = after.system_calls - before.system_calls;
  line["pool_requests_per_step"] = (after.requests - before.requests) / std::size_t(steps);
  line["pool_peak_bytes"] = after.peak;
  line["pool_reserved_bytes"] = after.reserved;
  std::cout << line.dump() << std::endl;
  kernels::require(after.system_calls == before.system_calls,
                   "{} allocations went to the system in {} steps; there should be none",
                   after.system_calls - before.system_calls, steps);
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
  app.add_option("--loss", o.loss, "ce: cross entropy, sd: distillation from a teacher")
      ->check(CLI::IsMember({"ce", "sd"}));
  experiments::add_graph(app, o.graph);
  app.add_option("--warm-up", o.warm_up, "steps before those that are timed")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--steps", o.steps, "times that are taken")->check(CLI::PositiveNumber);
  app.add_option("--in-a-row", o.in_a_row,
                 "steps in each time, queued on a GPU without waiting, as in training")
      ->check(CLI::PositiveNumber);
  app.add_flag("--profile", o.profile,
               "a profiler that waits for it records the steps that are timed");
  app.add_flag("--ops", o.ops,
               "print what each kind of op takes of a step, in place of the line of JSON; each is "
               "waited for");
  experiments::add_precision(app, o.precision);
  experiments::Machine machine;
  machine.add_options(app);
  for (const char* of_data :
       {"--data-dir", "--cache-dir", "--data-memory"})  // the images are synthetic
    app.remove_option(app.get_option_no_throw(of_data));
  return experiments::run_program(app, argc, argv, [&] { measure(o, machine); });
}
