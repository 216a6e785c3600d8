// SPDX-License-Identifier: MIT
// Steps that are recorded once and repeated give the bits of steps that are run one kernel after
// the other, whatever becomes of the memory between them.
#include "engine/step_graph.h"

#include "engine/autograd.h"
#include "kernels/cuda/workspace.h"
#include "kernels/runtime/launch_counts.h"
#include "kernels/runtime/scratchpad.h"
#include "nn/optimizer.h"
#include "test/support/support.h"
#include "test/support/with_math_mode.h"

using engine::DType;
using engine::Tensor;
using kernels::SoftTarget;
using test::Device;
using Floats = std::vector<float>;

namespace {

bool no_graphs() { return test::devices().size() == 1 || !kernels::records_graphs(Device::cuda); }

constexpr int rows = 2, side = 8, channels = 3, classes = 10, steps = 30;
constexpr Device device = Device::cuda;

struct Case {
  std::string model, loss;
  DType type = DType::f32;
  nn::OptimizerOptions optimizer = {};
};

/// Training a network, each step on images of its own, which stand in the same tensors.
class Trainee {
 public:
  explicit Trainee(const Case& what)
      : case_(what),
        model_(nn::make_model(what.model, input(), device, 1)),
        ema_(nn::make_model(what.model, input(), device, 2)),
        optimizer_(*model_, what.optimizer),
        step_(device),
        pixels_(Tensor::zeros({rows, side, side, channels}, device, DType::u8)),
        labels_(Tensor::zeros({rows}, device, DType::i32)),
        places_(Tensor::from(std::vector<std::int32_t>{1, 0}, {rows}, device)),
        rows_of_table_(Tensor::zeros({rows, classes}, device)),
        correct_(Tensor::zeros({1}, device, DType::i32)),
        losses_(Tensor::zeros({steps}, device)),
        graph_(device, {&model_->batches_tracked, &ema_->batches_tracked}) {}

  void step(int i, bool as_graph) {
    const auto seed = std::uint64_t(i);
    std::vector<std::uint8_t> pixels;
    for (const float x : test::random_values(pixels_.size(), 0, 255, seed))
      pixels.push_back(std::uint8_t(x));
    pixels_.copy_from(Tensor::from(pixels, pixels_.shape(), device));
    labels_.copy_from(Tensor::from(test::random_labels(rows, classes, seed), {rows}, device));
    Floats table(rows * classes, 0.1f);
    if (case_.loss == "sd") table = test::random_values(table.size(), -4, 4, seed);
    rows_of_table_.copy_from(Tensor::from(table, {rows, classes}, device));
    step_.set({.learning_rate = 0.1f / float(i + 1),
               .ema_decay = nn::ema_decay(std::uint32_t(i)),
               .epoch = std::uint32_t(i / 7),
               .step = std::uint32_t(i),
               .batch = std::uint32_t(i)});
    const auto work = [this] { compute(); };
    if (as_graph)
      graph_.run(work);
    else
      work();
  }

  /// All that steps have changed, bit by bit.
  std::vector<Floats> state() const {
    std::vector<Floats> all{losses_.to_host(), {float(correct_.to_host<std::int32_t>()[0])}};
    for (const nn::Model* model : {model_.get(), ema_.get()}) {
      const nn::Parameters& p = model->parameters();
      for (const Tensor& t : {p.values(), p.running(), p.gradients()}) all.push_back(t.to_host());
      all.push_back({float(model->batches_tracked)});
    }
    for (const auto& memory : optimizer_.memory()) all.push_back(memory.values.to_host());
    return all;
  }

 private:
  nn::ModelInput input() const { return {side, side, channels, classes, case_.type}; }

  void compute() {
    const engine::Augment view{.pad = 2,
                               .flip = true,
                               .mean = {0.5f, 0.5f, 0.5f},
                               .std = {0.25f, 0.25f, 0.25f},
                               .type = case_.type,
                               .mixing = {.mixup = case_.loss == "mixed" ? 1.0 : 0.0,
                                          .cutmix = case_.loss == "mixed" ? 1.0 : 0.0,
                                          .partners = places_}};
    const engine::Batch batch = engine::augment(pixels_, labels_, places_, view, step_);
    const Tensor logits = model_->forward(batch.images, nn::Mode::train);
    const Tensor loss = engine::soft_target_loss(logits, batch.labels, targets(batch));
    model_->parameters().zero_grad();
    loss.backward();
    optimizer_.step(step_, ema_.get(), case_.loss == "ema");
    engine::count_correct(logits.detach(), batch.labels, correct_,
                          {.loss = loss.detach(), .losses = losses_, .step = &step_});
  }

  engine::SoftTargets targets(const engine::Batch& batch) {
    if (case_.loss == "ls") return {.soft = SoftTarget::smoothed, .smoothing = 0.1f};
    if (case_.loss == "sd")
      return {.soft = SoftTarget::teacher,
              .alpha = 0.6f,
              .teacher_temperature = 2,
              .omega = true,
              .teacher_logits = rows_of_table_};
    if (case_.loss == "soft")
      return {.soft = SoftTarget::probabilities, .alpha = 0.4f, .probabilities = rows_of_table_};
    if (case_.loss == "mixed") return {.other_label = batch.other_labels, .share = batch.share};
    if (case_.loss == "ce") return {};
    const engine::NoGrad no_grad;
    const Tensor logits = ema_->forward(batch.images, nn::Mode::train);
    if (case_.loss == "ema")
      return {.soft = SoftTarget::teacher, .alpha = 0.4f, .teacher_logits = logits};
    return {.soft = SoftTarget::beta,
            .alpha = 0.4f,
            .true_class_probability = engine::beta_labels(
                logits, batch.labels, step_, 3, kernels::BetaRanking::largest_probability, 1)};
  }

  Case case_;
  std::unique_ptr<nn::Model> model_, ema_;
  nn::Optimizer optimizer_;
  engine::StepState step_;
  Tensor pixels_, labels_, places_, rows_of_table_, correct_, losses_;
  engine::StepGraph graph_;
};

/// NaN in all memory that nobody holds.
void poison() {
  engine::pool(device).poison();
  constexpr std::size_t some = 1 << 16;
  kernels::fill_bytes(device, kernels::workspace(some), 0xFF, some);
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const char* model : {"resnet8", "densenet-bc-10-4"})
    for (const char* loss : {"ce", "ls", "sd", "beta", "ema", "soft", "mixed"})
      all.push_back({model, loss});
  const nn::OptimizerOptions adamw{.rule = nn::OptimizerOptions::Rule::adamw, .clip_norm = 0.5f},
      nesterov{.nesterov = true, .clip_norm = 0.5f};
  all.push_back({"resnet8", "sd", DType::f32, adamw});
  all.push_back({"densenet-bc-10-4", "beta", DType::f32, nesterov});
  all.push_back({"resnet8", "ema", DType::bf16, adamw});
  all.push_back({"densenet-bc-10-4", "mixed", DType::bf16});
  return all;
}

std::uint64_t graphs() { return kernels::launch_counts().graphs; }

}  // namespace

TEST_CASE("step graph: 30 steps have the bits of eager ones, with every loss and network",
          "[numbers]") {
  if (no_graphs()) return;
  for (const Case& what : cases()) {
    CAPTURE(what.model, what.loss, name_of(what.type), what.optimizer.clip_norm);
    Trainee eager(what), recorded(what);
    const std::uint64_t before = graphs();
    for (int i = 0; i < steps; ++i) {
      eager.step(i, false);
      recorded.step(i, true);
      poison();
    }
    CHECK(graphs() - before == steps - 2);
    CHECK(eager.state() == recorded.state());
  }
}

TEST_CASE("step graph: math modes have graphs too") {
  if (no_graphs()) return;
  for (const kernels::MathMode mode :
       {kernels::MathMode{.allow_winograd = true}, kernels::MathMode{.allow_tf32 = true}}) {
    const test::WithMathMode set(mode);
    Trainee eager({"resnet8", "ce"}), recorded({"resnet8", "ce"});
    for (int i = 0; i < 5; ++i) {
      eager.step(i, false);
      recorded.step(i, true);
      poison();
    }
    CHECK(eager.state() == recorded.state());
  }
}

TEST_CASE("step graph: a step is one launch, with what stands before it") {
  if (no_graphs()) return;
  Trainee trainee({"resnet8", "ema"});
  for (int i = 0; i < 4; ++i) trainee.step(i, true);
  const kernels::LaunchCounts before = kernels::launch_counts();
  trainee.step(4, true);
  const kernels::LaunchCounts after = kernels::launch_counts();
  CHECK(after.graphs - before.graphs == 1);
  CHECK(after.kernels - before.kernels == 1);  // the step's scalars
  CHECK(after.convolutions == before.convolutions);
  CHECK(after.products == before.products);
}

TEST_CASE("step graph: it is recorded anew where memory has moved, and nothing is lost") {
  if (no_graphs()) return;
  Trainee eager({"resnet8", "ce"}), recorded({"resnet8", "ce"});
  std::vector<bool> as_graph;
  Tensor borrowed;
  for (int i = 0; i < 20; ++i) {
    if (i == 6) engine::pool(device).trim();
    if (i == 10) {  // as the work space of ops does when one of them needs more
      kernels::Scratchpad grows(device);
      grows.at_least(1);
      grows.at_least(2);
    }
    if (i == 14) {  // some of what the graph has in use is somebody else's for now
      const std::size_t allocations = engine::pool(device).stats().system_calls;
      std::vector<Tensor> all;
      while (engine::pool(device).stats().system_calls == allocations)
        all.push_back(Tensor::empty({1}, device));
      borrowed = all.front();
      for (const Tensor& t : all) engine::fill(t, 1);
    }
    eager.step(i, false);
    const std::uint64_t before = graphs();
    recorded.step(i, true);
    as_graph.push_back(graphs() > before);
    poison();
    if (borrowed) CHECK(borrowed.to_host()[0] == 1);
  }
  // Each time two steps as they are.
  for (const int i : {0, 1, 6, 7, 10, 11}) CHECK_FALSE(as_graph[std::size_t(i)]);
  for (const int i : {2, 5, 8, 9, 12, 13, 19}) CHECK(as_graph[std::size_t(i)]);
  CHECK(eager.state() == recorded.state());
}

TEST_CASE("step graph: other addresses are other work") {
  if (no_graphs()) return;
  const Tensor one = Tensor::zeros({1}, device), two = Tensor::zeros({1}, device);
  engine::StepGraph graph(device);
  const auto add_to = [&](const Tensor& t) {
    graph.run(
        [&] {
          engine::add(t, t);
          t.copy_from(engine::add(t, one));
        },
        {t.raw()});
  };
  engine::fill(one, 1);
  for (int i = 0; i < 5; ++i) add_to(two);
  CHECK(two.to_host()[0] == 5);
  const Tensor three = Tensor::zeros({1}, device);
  for (int i = 0; i < 4; ++i) add_to(three);
  CHECK(three.to_host()[0] == 4);
  CHECK(two.to_host()[0] == 5);
}

TEST_CASE("step graph: work that waits for the device is not recorded, and can be done again") {
  if (no_graphs() || kernels::gpu().is_host) return;  // CUDA on host reports it as a mistake
  std::int64_t count = 0;
  engine::StepGraph graph(device, {&count});
  const auto step = [&] {
    graph.run([&] {
      ++count;
      kernels::synchronize(device);
    });
  };
  step();
  step();
  CHECK_THROWS_AS(step(), engine::NotRecorded);
  CHECK(count == 2);
}

TEST_CASE("step graph: what work throws ends the recording, and the next step is a step again") {
  if (no_graphs()) return;
  const Tensor sum = Tensor::zeros({1}, device), one = Tensor::zeros({1}, device);
  engine::fill(one, 1);
  engine::StepGraph graph(device);
  int calls = 0;
  const auto step = [&] {
    graph.run([&] {
      sum.copy_from(engine::add(sum, one));
      if (++calls == 3) throw std::runtime_error("not now");
    });
  };
  step();
  step();
  CHECK_THROWS_WITH(step(), "not now");
  for (int i = 0; i < 4; ++i) step();
  CHECK(sum.to_host()[0] == 6);
  CHECK(calls == 6);
}
