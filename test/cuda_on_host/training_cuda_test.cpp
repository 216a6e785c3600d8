// SPDX-License-Identifier: MIT
// Training on cuda: what keeps a GPU waiting, and what becomes of a run when memory ends.
#include <cuda_runtime_api.h>

#include "engine/pool.h"
#include "engine/process/stop_signal.h"
#include "engine/system/files.h"
#include "experiments/training/evaluation.h"
#include "experiments/training/training.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch_counts.h"
#include "nn/weights.h"
#include "test/cuda_on_host/cuda_on_host.h"
#include "test/support/tiny_dataset.h"

using namespace experiments;
using Catch::Matchers::Contains;
using cuda_on_host::options;
using engine::Tensor;
using test::Device;
namespace fs = std::filesystem;

namespace {

RunConfig small_config(const Json& settings) {
  Json all = {{"dataset", "fashion-mnist"},
              {"model", "densenet-bc-10-4"},
              {"batch_size", 4},
              {"lr", 0.05},
              {"val_fraction", 0},
              {"epochs", 2}};
  all.update(settings);
  return make_config(all);
}

/// What a whole epoch, the second one, asks of the runtime.
struct Calls {
  std::uint64_t allocations, waits, host_copies, graph_launches, requests;
  bool operator==(const Calls&) const = default;
};

Calls calls_of_an_epoch(RunConfig config, const TrainingData& data, const RunInputs& inputs,
                        int steps) {
  const test::TemporaryDirectory root;
  config.train_limit = steps * config.batch_size;
  cuda_on_host::Statistics first, second;
  std::uint64_t requests[2] = {};
  RunOptions options;
  options.after_epoch = [&](const EpochRecord& r) {
    (r.epoch == 1 ? first : second) = cuda_on_host::statistics();
    requests[r.epoch - 1] = kernels::launch_counts().all();
    return true;
  };
  CHECK(train_run(config, data, inputs, root.path() / "run", options).steps ==
        std::uint32_t(2 * steps));
  return {second.allocations - first.allocations, second.waits - first.waits,
          second.host_copies - first.host_copies, second.graph_launches - first.graph_launches,
          requests[1] - requests[0]};
}

/// A teacher or soft labels, in files of `root`, if the loss wants them.
RunInputs inputs_for(const RunConfig& config, const TrainingData& data,
                     const test::TemporaryDirectory& root, int images) {
  RunInputs inputs;
  if (config.loss == Loss::sd) {
    inputs.teacher = root.path() / "teacher.safetensors";
    nn::save_weights(inputs.teacher,
                     *nn::make_model(config.model, data.model_input(), Device::cuda, 7));
  }
  if (config.loss == Loss::soft) {
    nn::TensorFile file;
    file.tensors["p"] =
        nn::FileTensor::f32({images, 10}, std::vector<float>(std::size_t(images) * 10, 0.1f));
    inputs.labels = root.path() / "labels.safetensors";
    nn::write_safetensors(inputs.labels, file);
  }
  return inputs;
}

/// `settings` for 26 images to train on: an epoch has six whole batches, and a last one of two.
RunConfig three_epochs(Json settings) {
  settings.update({{"val_fraction", 0.35}, {"epochs", 3}});
  return small_config(settings);
}

/// What a run leaves is what another one left, whose directory stands beside it.
void check_same_bits(const fs::path& run, const fs::path& other) {
  for (const char* file : {"steps.csv", "best.safetensors", "last.safetensors"}) {
    INFO(run.filename() << '/' << file);
    CHECK(read_file(run / file) == read_file(other / file));
  }
}

}  // namespace

// Calls are counted, which no order of threads and no sanitizer changes.
TEST_CASE("steps wait for nothing, allocate nothing and copy nothing from or to the host",
          "[numbers]") {
  const Json settings = GENERATE(
      Json{{"loss", "ce"}, {"model", "resnet8"}}, Json{{"loss", "ls"}}, Json{{"loss", "beta"}},
      Json{{"loss", "ema"}}, Json{{"loss", "sd"}, {"augment", "none"}}, Json{{"loss", "sd"}},
      Json{{"loss", "soft"}}, Json{{"loss", "pskd"}}, Json{{"loss", "ols"}, {"evaluate_ema", true}},
      Json{{"loss", "zipf"}},
      Json{{"optimizer", "adamw"},
           {"clip_norm", 0.1},
           {"warmup_epochs", 1.5},
           {"mixup", 1},
           {"cutmix", 1}},
      Json{{"loss", "soft"}, {"nesterov", true}, {"mixup", 1}});
  CAPTURE(settings.dump());
  const RunConfig config = small_config(settings);
  const test::TinyDataset images(80, 10);
  const test::TemporaryDirectory root;
  const TrainingData data("fashion-mnist", images.dir(), Device::cuda);
  const RunInputs inputs = inputs_for(config, data, root, 80);
  // What an epoch asks once (its order, its losses, two checkpoints) is the same for both.
  const Calls few = calls_of_an_epoch(config, data, inputs, 3);
  const Calls many = calls_of_an_epoch(config, data, inputs, 9);
  CHECK(few.allocations == 0);
  CHECK(many.allocations == 0);
  CHECK(many.waits == few.waits);
  CHECK(many.host_copies == few.host_copies);
  CHECK(few.waits > 0);
  CHECK(few.graph_launches == 3);  // all of them: what is between epochs moves nothing
  CHECK(many.graph_launches == 9);
  // The graph, the scalars, the order; rows of a table, where soft labels are one; and rows of the
  // network's own, or labels that come with the views.
  const bool own = learns_from_last_epoch(config);
  const bool table = own || config.loss == Loss::soft ||
                     (config.loss == Loss::sd && config.augment == data::Augmentation::none);
  const bool views = !table && (config.loss == Loss::sd || uses_ema(config));
  CHECK(many.requests - few.requests == (3u + table + (own || views)) * (9 - 3));
}

TEST_CASE("a run whose steps are graphs leaves the bits of one whose steps are not", "[numbers]") {
  const Json settings = GENERATE(
      Json{{"loss", "ce"}, {"precision", "bf16"}}, Json{{"loss", "beta"}, {"model", "resnet8"}},
      Json{{"loss", "ema"}, {"optimizer", "adamw"}, {"clip_norm", 0.1}},
      Json{{"loss", "sd"}, {"model", "resnet8"}, {"mixup", 1}}, Json{{"loss", "sd"}},
      Json{{"loss", "sd"}, {"augment", "none"}, {"omega", true}},
      Json{{"loss", "soft"}, {"nesterov", true}, {"cutmix", 1}},
      Json{{"loss", "pskd"}, {"evaluate_ema", true}}, Json{{"loss", "ols"}},
      Json{{"loss", "zipf"}});
  CAPTURE(settings.dump());
  const RunConfig config = three_epochs(settings);
  const test::TinyDataset images(40, 10);
  const test::TemporaryDirectory root;
  const TrainingData data(config, images.dir().string(), Device::cuda, "");
  RunInputs inputs = inputs_for(config, data, root, 40);
  const auto train = [&](const char* name, bool graph) {
    if (!inputs.teacher.empty() && config.augment != data::Augmentation::none)
      inputs.kept_answers = {root.path() / name / "kept", 1e9};
    RunOptions options{.log_steps = true, .graph = graph};
    options.after_epoch = [](const EpochRecord&) {
      engine::pool(Device::cuda).poison();
      return true;
    };
    const auto before = cuda_on_host::statistics().graph_launches;
    train_run(config, data, inputs, root.path() / name, options);
    return cuda_on_host::statistics().graph_launches - before;
  };
  CHECK(train("eager", false) == 0);
  CHECK(train("graph", true) == 3 * 6 - 2);
  // Once more where the teacher's answers are there, and it is not asked.
  if (!inputs.kept_answers.root.empty()) {
    inputs.kept_answers.root = root.path() / "graph" / "kept";
    RunOptions options{.log_steps = true, .graph = true};
    train_run(config, data, inputs, root.path() / "again", options);
  }
  check_same_bits(root.path() / "graph", root.path() / "eager");
  if (!inputs.kept_answers.root.empty())
    check_same_bits(root.path() / "again", root.path() / "eager");
}

TEST_CASE("a run whose images are not on the GPU leaves the bits of one whose images are",
          "[numbers]") {
  const Json settings = GENERATE(Json{{"loss", "beta"}}, Json{{"loss", "sd"}, {"mixup", 1}},
                                 Json{{"loss", "ce"}, {"max_steps", 16}});
  CAPTURE(settings.dump());
  const RunConfig config = three_epochs(settings);
  const test::TinyDataset images(40, 10);
  const test::TemporaryDirectory root;
  const TrainingData within(config, images.dir(), Device::cuda);
  const TrainingData without(config, images.dir(), Device::cuda, {}, 0);
  REQUIRE_FALSE(without.train().on_device());
  const RunInputs inputs = inputs_for(config, within, root, 40);
  const auto launches = [] { return cuda_on_host::statistics().graph_launches; };
  const auto train = [&](const TrainingData& data, const char* name, bool graph, bool stops) {
    RunOptions options{.log_steps = true, .graph = graph};
    options.after_epoch = [&](const EpochRecord& r) {
      engine::pool(Device::cuda).poison();
      return !stops || r.epoch != 1;
    };
    if (!stops) return train_run(config, data, inputs, root.path() / name, options);
    CHECK_THROWS_AS(train_run(config, data, inputs, root.path() / name, options), Interrupted);
    stops = false;
    return train_run(config, data, inputs, root.path() / name, options);
  };
  train(within, "within", true, false);
  const auto before = launches();
  train(without, "graph", true, false);
  CHECK(launches() - before == (config.max_steps > 0 ? 12u : 3u * 6 - 2));
  train(without, "eager", false, false);
  train(without, "resumed", true, true);
  for (const char* name : {"graph", "eager", "resumed"})
    check_same_bits(root.path() / name, root.path() / "within");
}

TEST_CASE(
    "where no graph can be made steps are launched one by one, unless a graph was asked for") {
  const auto before = options();
  const RunConfig config = small_config({{"loss", "ema"}, {"epochs", 1}});
  const test::TinyDataset images(24, 10);
  const test::TemporaryDirectory root;
  const TrainingData data("fashion-mnist", images.dir(), Device::cuda);
  train_run(config, data, {}, root.path() / "eager", {.graph = false});
  options().captures = false;
  const auto launches = cuda_on_host::statistics().graph_launches;
  train_run(config, data, {}, root.path() / "usual");
  CHECK(cuda_on_host::statistics().graph_launches == launches);
  CHECK_THROWS_WITH(train_run(config, data, {}, root.path() / "asked", {.graph = true}),
                    Contains("operation not supported"));
  options() = before;
  CHECK(read_file(root.path() / "usual" / "last.safetensors") ==
        read_file(root.path() / "eager" / "last.safetensors"));
}

TEST_CASE("memory that ends within an epoch leaves the checkpoints, and the run goes on later") {
  const auto before = options();
  const RunConfig config = small_config({{"epochs", 3}});
  const test::TinyDataset images(40, 10);
  const test::TemporaryDirectory root;
  const fs::path whole = root.path() / "whole", parts = root.path() / "parts";
  const TrainingData data("fashion-mnist", images.dir(), Device::cuda);
  train_run(config, data, {}, whole, {.log_steps = true});

  std::string best, last;
  RunOptions memory_ends{.log_steps = true};
  memory_ends.after_epoch = [&](const EpochRecord& r) {
    if (r.epoch == 1) return true;
    best = read_file(parts / "best.safetensors");
    last = read_file(parts / "last.safetensors");
    engine::pool(Device::cuda).trim();  // as if another process had taken what is free
    options().device_memory = cuda_on_host::allocated_bytes() + (std::size_t{256} << 10);
    return true;
  };
  std::string message;
  try {
    train_run(config, data, {}, parts, memory_ends);
  } catch (const kernels::Error& error) {
    message = error.what();
  }
  options() = before;
  CHECK_THAT(message, Contains("out of memory: 1 MiB were asked for, 0 of the GPU's"));
  CHECK_THAT(message, Contains("a smaller batch or network needs less"));
  CHECK(message.find('\n') == message.npos);
  CHECK(read_file(parts / "best.safetensors") == best);
  CHECK(read_file(parts / "last.safetensors") == last);
  CHECK_FALSE(fs::exists(parts / "result.json"));

  train_run(config, data, {}, parts, {.log_steps = true});
  check_same_bits(parts, whole);
}

TEST_CASE("where memory ends in the usual batches, smaller ones are measured") {
  const auto before = options();
  const test::TinyDataset images(300, 10);
  const TrainingData data("fashion-mnist", images.dir(), Device::cuda);
  const auto model = nn::make_model("densenet-bc-10-4", data.model_input(), Device::cuda, 3);
  const std::vector<std::int32_t> all = all_indices(300);
  const std::vector<float> want = logits_of(*model, data.train(), all);
  engine::pool(Device::cuda).trim();
  options().device_memory = cuda_on_host::allocated_bytes() + (std::size_t{8} << 20);
  const auto allocations = cuda_on_host::statistics().allocations;
  const std::vector<float> got = logits_of(*model, data.train(), all);
  CHECK(cuda_on_host::statistics().allocations > allocations);
  options().device_memory = cuda_on_host::allocated_bytes();
  engine::pool(Device::cuda).trim();
  options().device_memory = cuda_on_host::allocated_bytes() + (std::size_t{64} << 10);
  CHECK_THROWS_AS(logits_of(*model, data.train(), all), kernels::OutOfMemory);  // nor one image
  options() = before;
  test::expect_close(got, test::to_double(want), 1e-5, 1e-5);
}

TEST_CASE("tensors of two devices in one op, and batches of nothing, are refused by name") {
  const nn::ModelInput input{28, 28, 1, 10};
  const auto model = nn::make_model("resnet8", input, Device::cuda, 1);
  CHECK_THROWS_WITH(model->forward(Tensor::zeros({2, 28, 28, 1}, Device::cpu), nn::Mode::train),
                    Contains("conv2d") && Contains("on the CPU") && Contains("on the GPU"));
  CHECK_THROWS_WITH(model->forward(Tensor::zeros({0, 28, 28, 1}, Device::cuda), nn::Mode::train),
                    Contains("[0, 28, 28, 1]"));
  const Tensor logits = Tensor::zeros({2, 10}, Device::cuda);
  const Tensor labels = Tensor::zeros({2}, Device::cpu, engine::DType::i32);
  CHECK_THROWS_WITH(engine::soft_target_loss(logits, labels),
                    Contains("soft_target_loss: label is on the CPU, the other tensors are on the "
                             "GPU"));
  const Tensor weight = Tensor::zeros({4}, Device::cuda);
  CHECK_THROWS_WITH(engine::sgd(weight, weight, weight, {}, {}, engine::StepState(Device::cpu)),
                    Contains("sgd: the step state is on the CPU, the tensors are on the GPU"));
}
