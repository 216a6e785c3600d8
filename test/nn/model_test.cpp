// SPDX-License-Identifier: MIT
#include "nn/model.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "engine/autograd.h"
#include "engine/ops.h"
#include "nn/densenet.h"
#include "nn/resnet.h"
#include "test/support/support.h"
#include "test/support/thread_count.h"

using Catch::Matchers::Contains;
using engine::Shape;
using engine::Tensor;
using kernels::Device;
using nn::Mode;

namespace {

std::unique_ptr<nn::Model> make(const std::string& name, const nn::ModelInput& input = {},
                                std::uint64_t seed = 1) {
  return nn::make_model(name, input, Device::cpu, seed);
}

const nn::NamedTensor& find(const nn::Model& model, const std::string& name) {
  const auto& all = model.parameters().parameters();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&name](const nn::NamedTensor& n) { return n.name == name; });
  INFO(name);
  REQUIRE(found != all.end());
  return *found;
}

std::set<std::string> names_under(const nn::Model& model, const std::string& prefix) {
  std::set<std::string> names;
  for (const auto* group : {&model.parameters().parameters(), &model.parameters().statistics()}) {
    for (const nn::NamedTensor& named : *group) {
      if (named.name.starts_with(prefix)) names.insert(named.name.substr(prefix.size()));
    }
  }
  return names;
}

Tensor random_images(const Shape& shape, Device device, std::uint64_t seed = 1) {
  return Tensor::from(test::random_values(shape.size(), -1, 1, seed), shape, device);
}

}  // namespace

TEST_CASE("the listed models have as many parameters as PyTorch's") {
  struct Sizes {
    int classes;
    std::size_t parameters, statistics;
  };
  const std::map<std::string, Sizes> wanted{
      {"resnet8", {10, 78'042, 672}},
      {"resnet20", {10, 272'474, 1'568}},
      {"resnet32", {10, 466'906, 2'464}},
      {"resnet56", {10, 855'770, 4'256}},
      {"resnet18", {100, 11'220'132, 9'600}},
      {"resnet34", {100, 21'328'292, 17'024}},
      {"resnet50", {100, 23'705'252, 53'120}},
      {"resnet18-imagenet", {1000, 11'689'512, 9'600}},  // as torchvision's documentation has them
      {"resnet34-imagenet", {1000, 21'797'672, 17'024}},
      {"resnet50-imagenet", {1000, 25'557'032, 53'120}},
      {"densenet-bc-40-12", {10, 176'122, 5'088}},
      {"densenet-bc-100-12", {100, 800'032, 23'988}},
  };
  for (const std::string& name : nn::model_names()) {
    INFO(name);
    const auto sizes = wanted.find(name);
    REQUIRE(sizes != wanted.end());
    const auto model = make(name, {.classes = sizes->second.classes});
    CHECK(model->parameters().count() == sizes->second.parameters);
    std::size_t statistics = 0;
    for (const nn::NamedTensor& s : model->parameters().statistics()) statistics += s.shape.size();
    CHECK(statistics == sizes->second.statistics);
  }
  CHECK(nn::model_names().size() == wanted.size());
}

TEST_CASE("parameters have the names of the authors' modules") {
  const auto basic = make("resnet8");
  CHECK(find(*basic, "conv1.weight").shape == Shape{16, 3, 3, 3});
  CHECK(find(*basic, "layer2.0.shortcut.0.weight").shape == Shape{32, 1, 1, 16});
  CHECK(find(*basic, "linear.weight").shape == Shape{10, 64});
  CHECK(names_under(*basic, "layer1.0.") ==
        std::set<std::string>{"conv1.weight", "bn1.weight", "bn1.bias", "bn1.running_mean",
                              "bn1.running_var", "conv2.weight", "bn2.weight", "bn2.bias",
                              "bn2.running_mean", "bn2.running_var"});
  CHECK(names_under(*basic, "layer3.0.shortcut.") ==
        std::set<std::string>{"0.weight", "1.weight", "1.bias", "1.running_mean", "1.running_var"});
  CHECK(names_under(*basic, "layer4.").empty());

  const auto bottleneck = make("resnet50");
  CHECK(find(*bottleneck, "layer1.0.shortcut.0.weight").shape == Shape{256, 1, 1, 64});
  CHECK(find(*bottleneck, "layer4.2.conv2.weight").shape == Shape{512, 3, 3, 512});
  CHECK(find(*bottleneck, "layer4.2.conv3.weight").shape == Shape{2048, 1, 1, 512});
  CHECK(names_under(*bottleneck, "layer2.1.shortcut").empty());

  const auto imagenet = make("resnet50-imagenet");
  CHECK(find(*imagenet, "conv1.weight").shape == Shape{64, 7, 7, 3});
  CHECK(names_under(*imagenet, "") == names_under(*bottleneck, ""));

  const auto dense = make("densenet-bc-16-4");
  CHECK(find(*dense, "conv1.weight").shape == Shape{8, 3, 3, 3});
  CHECK(find(*dense, "dense1.1.conv1.weight").shape == Shape{16, 1, 1, 12});
  CHECK(find(*dense, "dense3.0.conv2.weight").shape == Shape{4, 3, 3, 16});
  CHECK(find(*dense, "trans1.conv1.weight").shape == Shape{8, 1, 1, 16});
  CHECK(find(*dense, "bn1.weight").shape == Shape{16});
  CHECK(find(*dense, "fc.weight").shape == Shape{10, 16});
  CHECK(names_under(*dense, "trans2.") == std::set<std::string>{"bn1.weight", "bn1.bias",
                                                                "bn1.running_mean",
                                                                "bn1.running_var", "conv1.weight"});
  CHECK(names_under(*dense, "dense4.").empty());
}

TEST_CASE("ResNet starts as PyTorch starts layers") {
  const auto model = make("resnet20", {.classes = 100});
  double count = 0, sum = 0, squares = 0, largest = 0;  // of values over their bound
  for (const nn::NamedTensor& named : model->parameters().parameters()) {
    INFO(named.name);
    const std::vector<float> values = named.value.to_host();
    const engine::Shape& shape = named.shape;
    if (shape.rank() == 1 && named.name != "linear.bias") {
      REQUIRE(values == std::vector<float>(values.size(), named.name.ends_with("weight") ? 1 : 0));
      continue;
    }
    const int fan_in = shape.rank() == 4 ? shape[1] * shape[2] * shape[3] : 64;
    for (const float value : values) {
      const double v = value * std::sqrt(double(fan_in));
      ++count, sum += v, squares += v * v, largest = std::max(largest, std::abs(v));
    }
  }
  CHECK(largest <= 1 + 1e-6);
  CHECK(largest >= 1 - 10 / count);
  CHECK(std::abs(sum / count) < 5 * std::sqrt(1 / (3 * count)));  // five standard errors
  CHECK(squares / count == Approx(1.0 / 3).margin(5 * std::sqrt(4 / (45 * count))));
}

TEST_CASE("DenseNet starts with normal filters and no bias") {
  const auto model = make("densenet-bc-40-12", {.classes = 100});
  double count = 0, sum = 0, squares = 0, fourth = 0;  // of values over their standard deviation
  for (const nn::NamedTensor& named : model->parameters().parameters()) {
    INFO(named.name);
    const std::vector<float> values = named.value.to_host();
    const engine::Shape& shape = named.shape;
    if (named.name == "fc.weight") {
      const auto [low, high] = std::minmax_element(values.begin(), values.end());
      CHECK(*low == Approx(-1 / std::sqrt(132.0)).epsilon(1e-3));
      CHECK(*high == Approx(1 / std::sqrt(132.0)).epsilon(1e-3));
    } else if (shape.rank() == 1) {
      const bool scale = named.name.ends_with("weight");
      REQUIRE(values == std::vector<float>(values.size(), scale ? 1 : 0));
    } else {
      for (const float value : values) {
        const double v = value / std::sqrt(2.0 / (shape[0] * shape[1] * shape[2]));
        ++count, sum += v, squares += v * v, fourth += v * v * v * v;
      }
    }
  }
  CHECK(std::abs(sum / count) < 5 / std::sqrt(count));  // five standard errors, as below
  CHECK(squares / count == Approx(1).margin(5 * std::sqrt(2 / count)));
  CHECK(fourth / count == Approx(3).margin(5 * std::sqrt(96 / count)));
  for (const nn::NamedTensor& statistic : model->parameters().statistics()) {
    const float wanted = statistic.name.ends_with("running_var") ? 1 : 0;
    CHECK(statistic.value.to_host() == std::vector<float>(statistic.shape.size(), wanted));
  }
}

TEST_CASE("every parameter begins on a cache line, and what lies between is 0") {
  const auto model = make("densenet-bc-10-3", {.classes = 7});
  for (const auto* group : {&model->parameters().parameters(), &model->parameters().statistics()}) {
    for (const nn::NamedTensor& named : *group) {
      INFO(named.name);
      CHECK(reinterpret_cast<std::uintptr_t>(named.value.raw()) % 64 == 0);
    }
  }
  for (const nn::NamedTensor& named : model->parameters().parameters())
    engine::fill(named.value, 0);
  const std::vector<float> values = model->parameters().values().to_host();
  CHECK(values.size() > model->parameters().count());
  CHECK(values == std::vector<float>(values.size(), 0));
}

TEST_CASE("initial weights are a function of the seed") {
  const auto values = [](std::uint64_t seed) {
    return make("densenet-bc-10-4", {}, seed)->parameters().values().to_host();
  };
  CHECK(values(1) == values(1));
  CHECK(values(1) != values(2));
  CHECK(values(1) != values(1 + (std::uint64_t{1} << 32)));

  // Layers of the same shape do not start alike.
  const auto model = make("resnet8");
  CHECK(find(*model, "layer1.0.conv1.weight").value.to_host() !=
        find(*model, "layer1.0.conv2.weight").value.to_host());
}

TEST_CASE("models take any image size that fits, and any number of channels", "[numbers]") {
  const Device device = GENERATE(from_range(test::devices()));
  const std::string name = GENERATE("resnet8", "resnet18", "densenet-bc-10-4");
  const auto [height, width, channels] =
      GENERATE(table<int, int, int>({{8, 8, 1}, {28, 28, 1}, {9, 13, 3}, {17, 8, 5}}));
  CAPTURE(name, height, width, channels);
  const test::ThreadCount scope(1);
  const auto model = nn::make_model(
      name, {.height = height, .width = width, .channels = channels, .classes = 7}, device, 1);
  const Tensor images = random_images({3, height, width, channels}, device);

  const Tensor logits = model->forward(images, Mode::train);
  REQUIRE(logits.shape() == Shape{3, 7});
  engine::soft_target_loss(logits, Tensor::from(std::vector{0, 3, 6}, {3}, device)).backward();
  model->parameters().complete_grad();
  double size = 0;
  for (const float g : model->parameters().gradients().to_host()) size += std::abs(double(g));
  CHECK(std::isfinite(size));
  CHECK(size > 0);
}

TEST_CASE("the mode chooses the statistics, and training is counted") {
  const Device device = GENERATE(from_range(test::devices()));
  const std::string name = GENERATE("resnet8", "densenet-bc-10-4");
  const test::ThreadCount scope(1);
  const auto model = nn::make_model(name, {.height = 8, .width = 8}, device, 1);
  const Tensor images = random_images({4, 8, 8, 3}, device);
  const auto running = [&model] { return model->parameters().running().to_host(); };
  const engine::NoGrad no_grad;

  const std::vector<float> initial = running();
  const auto evaluated = model->forward(images, Mode::eval).to_host();
  CHECK(model->batches_tracked == 0);
  CHECK(running() == initial);

  const auto trained = model->forward(images, Mode::train).to_host();
  CHECK(model->batches_tracked == 1);
  CHECK(trained != evaluated);
  for (const nn::NamedTensor& statistic : model->parameters().statistics()) {
    INFO(statistic.name);
    const float start = statistic.name.ends_with("running_var") ? 1 : 0;
    for (const float value : statistic.value.to_host()) REQUIRE(value != start);
  }

  // Statistics of the batch do not depend on the running ones; evaluation does.
  CHECK(model->forward(images, Mode::train).to_host() == trained);
  CHECK(model->forward(images, Mode::eval).to_host() != evaluated);
  CHECK(model->batches_tracked == 2);
}

TEST_CASE("a sample is evaluated alike in any batch") {
  const Device device = GENERATE(from_range(test::devices()));
  const test::ThreadCount scope(1);
  const auto model = nn::make_model("densenet-bc-10-4", {.height = 8, .width = 8}, device, 1);
  const engine::NoGrad no_grad;
  const Tensor images = random_images({3, 8, 8, 3}, device);
  const auto together = model->forward(images, Mode::eval).to_host();
  const auto alone = model->forward(images.slice(8 * 8 * 3, {1, 8, 8, 3}), Mode::eval).to_host();
  const std::vector<float> second(together.begin() + 10, together.begin() + 20);
  test::expect_close(alone, test::to_double(second), 1e-5, 1e-6);
}

TEST_CASE("what cannot be a model is refused in one line") {
  CHECK_THROWS_WITH(make("resnet19"), Contains("\"resnet19\"") && Contains("resnet20") &&
                                          Contains("densenet-bc-DEPTH-GROWTH"));
  CHECK_THROWS_WITH(make(""), Contains("there is no model"));
  CHECK_THROWS_WITH(make("resnet8 "), Contains("there is no model"));
  CHECK_THROWS_WITH(make("densenet-bc-40"), Contains("there is no model"));
  CHECK_THROWS_WITH(make("densenet-bc-40-12-3"), Contains("there is no model"));
  CHECK_THROWS_WITH(make("densenet-bc-040-12"), Contains("there is no model"));
  CHECK_THROWS_WITH(make("densenet-bc-40--1"), Contains("growth -1"));
  CHECK_THROWS_WITH(make("densenet-bc-99999999999-12"), Contains("there is no model"));
  CHECK_THROWS_WITH(make("densenet-bc-41-12"), Contains("depth 41"));
  CHECK_THROWS_WITH(make("densenet-bc-4-12"), Contains("depth 4"));
  CHECK_THROWS_WITH(make("densenet-bc-40-0"), Contains("growth 0"));

  CHECK_THROWS_WITH(make("resnet18", {.height = 32, .width = 7}), Contains("8x8"));
  CHECK_THROWS_WITH(make("resnet18-imagenet", {.height = 31, .width = 32}), Contains("32x32"));
  CHECK_THROWS_WITH(make("resnet8", {.height = 3, .width = 32}), Contains("4x4"));
  CHECK_THROWS_WITH(make("densenet-bc-10-4", {.height = 3, .width = 3}), Contains("4x4"));
  CHECK_NOTHROW(make("resnet8", {.height = 4, .width = 4}));
  CHECK_NOTHROW(make("densenet-bc-10-4", {.height = 4, .width = 4}));
  CHECK_THROWS_WITH(make("resnet8", {.channels = 0}), Contains("0 channels"));
  CHECK_THROWS_WITH(make("resnet8", {.classes = 1}), Contains("at least 2 classes"));
  const nn::ResNetConfig config{.widths = {8, 16}, .blocks = {1}};
  CHECK_THROWS_WITH(nn::ResNet(config, {}), Contains("2 stage widths"));
}
