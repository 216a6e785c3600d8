// SPDX-License-Identifier: MIT
// The methods of docs/methods.md, each recomputed from its paper's definition by plain loops.
#include <cmath>

#include "engine/autograd.h"
#include "engine/system/files.h"
#include "experiments/runs/checkpoint.h"
#include "experiments/training/evaluation.h"
#include "experiments/training/soft_labels/soft_labels.h"
#include "kernels/runtime/philox.h"
#include "test/support/error_of.h"
#include "test/training/tiny_training.h"

using namespace experiments;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using test::tiny_config;
using test::tiny_data;

namespace {

constexpr int classes = 10, batch_size = 20;

double softmax(const float* z, int c, double temperature = 1) {
  double sum = 0;
  for (int k = 0; k < classes; ++k) sum += std::exp((double(z[k]) - double(z[c])) / temperature);
  return 1 / sum;
}

int label_of(int image) { return tiny_data().about().train.labels[std::size_t(image)]; }

/// What a network says of the images in an epoch, made up: [images, classes], about half right.
std::vector<float> made_up(int epoch) {
  std::vector<float> z = test::random_values(80 * classes, -2, 2, std::uint64_t(epoch) + 5);
  for (int i = 0; i < 80; ++i)
    if (label_of(i) != 3)
      z[std::size_t(i * classes + label_of(i))] += 1;  // class 3 is seldom right
  for (int i = 0; i < 80 && epoch == 1; ++i)
    if (label_of(i) == 3) z[std::size_t(i * classes + 3)] = -9;  // and in epoch 1 never
  return z;
}

struct Target {
  int image;
  std::vector<float> logits, gradient;
  double loss, true_label_mean;  // of its batch; of its epoch
};

/// Walks through epochs as a Trainer does; what the network says is made up. The loss, the mean of
/// its batch, and its gradient are those of the trainer's ops.
std::vector<std::vector<Target>> walk(const RunConfig& config, int epochs,
                                      const RunInputs& inputs = {}) {
  const data::Split split = split_for(config, tiny_data().about());
  const auto student = nn::make_model("resnet8", tiny_data().model_input(), data::Device::cpu, 1);
  SoftLabels labels(config, tiny_data(), *student, split.train, inputs);
  const engine::StepState step(data::Device::cpu);
  std::vector<std::vector<Target>> all;
  for (int epoch = 0; epoch < epochs; ++epoch) {
    const auto order = data::epoch_order(split.train, data::Order::shuffled, 5, epoch);
    const data::Batches batches(tiny_data().train(), order, batch_size,
                                tiny_data().train().normalise_only(), step);
    const std::vector<float> says = made_up(epoch);
    std::vector<Target>& targets = all.emplace_back();
    labels.start_epoch(order, std::uint32_t(epoch));
    for (int b = 0; b < batches.count(); ++b) {
      const engine::Batch batch = batches.at(b);
      const int rows = batch.labels.shape()[0];
      std::vector<float> z;
      for (int i = 0; i < rows; ++i) {
        const int image = order[std::size_t(b * batch_size + i)];
        z.insert(z.end(), &says[std::size_t(image * classes)],
                 &says[std::size_t(image * classes)] + classes);
      }
      engine::Tensor logits = engine::Tensor::from(z, {rows, classes}, data::Device::cpu);
      const engine::Tensor gradient = engine::Tensor::zeros(logits.shape(), data::Device::cpu);
      logits.require_grad(gradient);
      labels.start_batch(std::size_t(b) * batch_size, rows);
      const engine::Tensor loss = engine::soft_target_loss(
          logits, batch.labels, labels.targets(batch, {0, rows, rows}, step));
      labels.hear(logits.detach());
      loss.backward();
      labels.end_batch(std::size_t(b) * batch_size, rows);
      for (int i = 0; i < rows; ++i)
        targets.push_back({order[std::size_t(b * batch_size + i)],
                           {&z[std::size_t(i * classes)], &z[std::size_t(i * classes)] + classes},
                           gradient.slice(std::size_t(i * classes), {classes}).to_host(),
                           loss.to_host()[0],
                           0});
    }
    const double mean = labels.true_label_sum(int(order.size())) / double(order.size());
    for (Target& t : targets) t.true_label_mean = mean;
    labels.end_epoch(std::uint32_t(epoch));
  }
  return all;
}

/// That an epoch's losses and gradients are those of cross entropy with the targets t(image,
/// class).
template <class T>
void check_epoch(const std::vector<Target>& epoch, T t, double want_label_mean = 0) {
  double label_mean = want_label_mean;
  for (std::size_t first = 0; first < epoch.size(); first += batch_size) {
    double loss = 0;
    for (std::size_t i = first; i < first + batch_size; ++i) {
      const Target& got = epoch[i];
      if (want_label_mean == 0)
        label_mean += t(got.image, label_of(got.image)) / double(epoch.size());
      double sum = 0;  // 1 but for weights
      for (int c = 0; c < classes; ++c) sum += t(got.image, c);
      for (int c = 0; c < classes; ++c) {
        const double p = softmax(got.logits.data(), c), target = t(got.image, c);
        loss -= target * std::log(p) / batch_size;
        CHECK(got.gradient[std::size_t(c)] ==
              Approx((sum * p - target) / batch_size).margin(1e-7).epsilon(1e-5));
      }
    }
    CHECK(epoch[first].loss == Approx(loss).epsilon(1e-5));
  }
  CHECK(epoch.front().true_label_mean == Approx(label_mean).epsilon(1e-6));
}

}  // namespace

TEST_CASE("PS-KD learns from what the network said of the image an epoch before") {
  const auto epochs = walk(tiny_config({{"loss", "pskd"}, {"epochs", 4}, {"alpha", 0.3}}), 4);
  for (int epoch = 0; epoch < 4; ++epoch) {
    const double alpha_t = 0.7 * (epoch + 1) / 4;  // alpha_T t / T, t from 1
    const std::vector<float> before = epoch > 0 ? made_up(epoch - 1) : std::vector<float>{};
    check_epoch(epochs[std::size_t(epoch)], [&](int image, int c) {
      const double hard = label_of(image) == c;
      const double soft = epoch == 0 ? hard : softmax(&before[std::size_t(image * classes)], c);
      return (1 - alpha_t) * hard + alpha_t * soft;
    });
  }
}

TEST_CASE("online label smoothing learns from the mean of a class's correct predictions") {
  const auto epochs = walk(tiny_config({{"loss", "ols"}, {"epochs", 3}}), 3);
  for (int epoch = 0; epoch < 3; ++epoch) {
    // S of the epoch before, over the images that were trained on.
    double sum[classes][classes] = {}, count[classes] = {};
    for (const Target& t : epoch > 0 ? epochs[std::size_t(epoch - 1)] : std::vector<Target>{}) {
      const int y = label_of(t.image);
      bool right = true;
      for (int c = 0; c < classes; ++c)
        if (c != y && t.logits[std::size_t(c)] >= t.logits[std::size_t(y)]) right = false;
      if (!right) continue;
      for (int c = 0; c < classes; ++c) sum[y][c] += softmax(t.logits.data(), c);
      count[y] += 1;
    }
    if (epoch == 2) REQUIRE(count[3] == 0);  // a class of which nothing was right
    if (epoch > 0) REQUIRE(count[4] > 0);
    check_epoch(epochs[std::size_t(epoch)], [&](int image, int c) {
      const int y = label_of(image);
      const double s = count[y] > 0 ? sum[y][c] / count[y] : 1.0 / classes;
      return 0.5 * (y == c) + 0.5 * s;
    });
  }
}

TEST_CASE("WTTM weighs a teacher's labels by the power sum of its probabilities") {
  const test::TemporaryDirectory root;
  const fs::path weights = test::train_teacher(root, {{"epochs", 6}});
  const double temperature = 2.5, alpha = 0.3;
  const RunConfig config = tiny_config({{"loss", "sd"},
                                        {"teacher_labels", "weighted"},
                                        {"temperature", temperature},
                                        {"alpha", alpha}});
  const auto epochs = walk(config, 1, {.teacher = weights});

  const auto teacher = load_model(weights, "", tiny_data());
  const std::vector<float> u = logits_of(*teacher, tiny_data().train(), all_indices(80));
  std::vector<double> sums(80);
  double mean = 0, smallest = 1e9, largest = 0, label_mean = 0;
  for (const Target& t : epochs[0]) {
    const float* z = &u[std::size_t(t.image * classes)];
    double& sum = sums[std::size_t(t.image)];
    for (int c = 0; c < classes; ++c) sum += std::pow(softmax(z, c), 1 / temperature);
    mean += sum / 60;
    smallest = std::min(smallest, sum);
    largest = std::max(largest, sum);
    label_mean += (alpha + (1 - alpha) * softmax(z, label_of(t.image), temperature)) / 60;
  }
  REQUIRE(largest > 1.02 * smallest);
  check_epoch(
      epochs[0],
      [&](int image, int c) {
        const double s = softmax(&u[std::size_t(image * classes)], c, temperature);
        return alpha * (label_of(image) == c) + (1 - alpha) * sums[std::size_t(image)] / mean * s;
      },
      label_mean);
}

// The loss itself is recomputed in test/kernels/zipf_loss_test.cpp.
TEST_CASE("Zipf's label smoothing trains, and is cross entropy without its weight") {
  const test::TemporaryDirectory root;
  const auto first_loss = [&](const char* name, const Json& settings) {
    train_run(tiny_config(settings), tiny_data(), {}, root.path() / name, {.log_steps = true});
    const std::string steps = read_file(root.path() / name / "steps.csv");
    return std::stod(steps.substr(steps.find(',', steps.find('\n')) + 1));
  };
  const double ce = first_loss("ce", {{"loss", "ce"}, {"epochs", 1}});
  CHECK(first_loss("none", {{"loss", "zipf"}, {"zipf_weight", 0}, {"epochs", 1}}) ==
        Approx(ce).epsilon(1e-5));
  // Logits of a new network are nearly equal: its divergence is that of 1 / rank from 1 / 9.
  double sum = 0, divergence = 0;
  for (int r = 1; r < classes; ++r) sum += 1.0 / r;
  for (int r = 1; r < classes; ++r) divergence += std::log((classes - 1) / (r * sum)) / (r * sum);
  CHECK(first_loss("zipf", {{"loss", "zipf"}, {"zipf_weight", 2}, {"epochs", 1}}) ==
        Approx(ce + 2 * divergence).epsilon(0.15));
  const Json result = read_json(root.path() / "zipf/result.json");
  CHECK_FALSE(result.contains("effective_label"));
}

TEST_CASE("Zipf's label smoothing refuses what it does not know") {
  const auto why = [](const Json& more) {
    Json settings = {{"loss", "zipf"}};
    settings.update(more);
    return test::error_of([&] {
      const RunConfig config = tiny_config(settings);
      validate(config);
      refuse_unused(more, {&config, 1});
    });
  };
  CHECK_THAT(why({{"mixup", 1}}), Contains("mixed ones have two: leave out `mixup`"));
  CHECK_THAT(why({{"gamma", 1.1}}), Contains("`gamma` is not for `loss` zipf"));
  CHECK_THAT(why({{"alpha", 0.5}}), Contains("`alpha` is for `loss` "));
  CHECK(why({{"zipf_weight", 1}}).empty());
}

TEST_CASE("mixed images have no history") {
  const std::string loss = GENERATE("pskd", "ols");
  CHECK_THAT(test::error_of([&] {
               validate(tiny_config({{"loss", loss}, {"mixup", 1}}));
             }),
             Contains("`loss` " + loss + " learns from what the network said of an image") &&
                 Contains("leave out `mixup`"));
}

TEST_CASE("a moving average that is measured is that of the weights that were trained") {
  // A step an epoch, so that the weights of each step are in a file.
  const test::TemporaryDirectory root;
  Json settings = {{"batch_size", 60}, {"epochs", 4}, {"ema_decay", 0.7}, {"loss", "ls"}};
  const auto last = [&](const char* run) {
    return nn::read_safetensors(root.path() / run / "last.safetensors");
  };
  settings["val_fraction"] = 0.25;
  std::map<std::string, std::vector<double>> average;
  const auto start = nn::make_model("resnet8", tiny_data().model_input(), data::Device::cpu, 0);
  nn::TensorFile first;
  nn::put_state(first, *start);
  const auto is_counter = [](const std::string& name) {
    return name.ends_with("num_batches_tracked");
  };
  for (const auto& [name, tensor] : first.tensors)
    if (!is_counter(name)) average[name] = test::to_double(tensor.to_f32());
  RunOptions options;
  options.after_epoch = [&](const EpochRecord& record) {
    const double decay = std::min(1 - 1 / (record.epoch + 1.0), 0.7);
    const nn::TensorFile now = last("plain");
    for (auto& [name, values] : average) {
      const std::vector<float> w = now.tensors.at(name).to_f32();
      for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = decay * values[i] + (1 - decay) * double(w[i]);
    }
    return true;
  };
  Json plain = settings;
  plain.erase("ema_decay");
  train_run(tiny_config(plain), tiny_data(), {}, root.path() / "plain", options);
  settings.update({{"evaluate_ema", true}, {"ema_init", "copy"}});
  const RunResult result =
      train_run(tiny_config(settings), tiny_data(), {}, root.path() / "averaged");
  for (const auto& [name, values] : average) {
    INFO(name);
    test::expect_close(last("averaged").tensors.at(name).to_f32(), values, 1e-4, 1e-6);
  }
  const auto best = load_model(root.path() / "averaged" / "best.safetensors", "", tiny_data());
  const auto& labels = tiny_data().about().test.labels;
  CHECK(measure({logits_of(*best, tiny_data().test(), all_indices(labels.size())), labels, classes})
            .nll == result.test.nll);
}

TEST_CASE("the mean label is that of the views that the student saw") {
  const test::TemporaryDirectory root;
  const fs::path weights = test::train_teacher(root, {{"epochs", 6}});
  const Json changes = GENERATE(Json{{"augment", "standard"}}, Json{{"augment", "none"}});
  Json settings = {{"loss", "sd"}, {"temperature", 2}, {"epochs", 2}, {"batch_size", 25}};
  settings.update(changes);
  const RunConfig config = tiny_config(settings);
  const RunResult result =
      train_run(config, tiny_data(), {.teacher = weights}, root.path() / "run");

  const auto teacher = load_model(weights, "", tiny_data());
  const data::Split split = split_for(config, tiny_data().about());
  engine::StepState step(data::Device::cpu);
  double sum = 0;
  for (int epoch = 0; epoch < 2; ++epoch) {
    step.set({.learning_rate = 0, .ema_decay = 0, .epoch = std::uint32_t(epoch), .step = 0});
    const auto order = data::epoch_order(split.train, data::Order::shuffled, config.seed, epoch);
    const bool views = config.augment == data::Augmentation::standard;
    const data::Batches batches(
        tiny_data().train(), order, config.batch_size,
        views ? tiny_data().train().standard(config.seed) : tiny_data().train().normalise_only(),
        step);
    for (int b = 0; b < batches.count(); ++b) {
      const engine::NoGrad no_grad;
      const std::vector<float> u = teacher->forward(batches.at(b).images, nn::Mode::eval).to_host();
      for (std::size_t i = 0; i * classes < u.size(); ++i)
        sum += softmax(&u[i * classes], label_of(order[std::size_t(b) * 25 + i]), 2);
    }
  }
  REQUIRE(result.effective_label);
  CHECK(*result.effective_label == Approx(0.6 + 0.4 * sum / 120).epsilon(1e-6));
  const bool same_as_clean =
      std::abs(*result.effective_label - (0.6 + 0.4 * result.teacher->mean_p_true)) < 1e-6;
  CHECK(same_as_clean == (config.augment == data::Augmentation::none));
}

TEST_CASE("the mean label of Beta smoothing is that of its draws, up to the last step") {
  const test::TemporaryDirectory root;
  const RunConfig config = tiny_config(
      {{"loss", "beta"}, {"beta_a", 3}, {"seed", 4}, {"max_steps", 5}});  // of 3 an epoch
  const RunResult result = train_run(config, tiny_data(), {}, root.path());
  double sum = 0;
  for (std::uint32_t s = 0; s < 5; ++s)
    for (std::uint64_t j = 0; j < 20; ++j)
      sum += std::pow(
          kernels::to_unit(kernels::random_words(4, kernels::Purpose::beta_labels, s, j)[0]),
          1.0 / 3);
  REQUIRE(result.effective_label);
  CHECK(*result.effective_label == Approx(0.4 + 0.6 * sum / 100).epsilon(1e-6));
  CHECK_FALSE(
      train_run(tiny_config({{"epochs", 1}}), tiny_data(), {}, root.path() / "ce").effective_label);
}
