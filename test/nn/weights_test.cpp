// SPDX-License-Identifier: MIT
#include "nn/weights.h"

#include <functional>

#include "engine/ops.h"
#include "nn/resnet.h"
#include "test/support/support.h"
#include "test/support/temporary_directory.h"

using Catch::Matchers::Contains;
using kernels::Device;

namespace {

std::unique_ptr<nn::Model> tiny_model(std::uint64_t seed, int classes = 3,
                                      Device device = Device::cpu) {
  const nn::ResNetConfig config{.stem_width = 4, .widths = {4, 6}, .blocks = {1, 1}};
  auto model = std::make_unique<nn::ResNet>(
      config, nn::ModelInput{.height = 8, .width = 8, .classes = classes});
  model->parameters().allocate(device, seed);
  return model;
}

nn::TensorFile state_of(const nn::Model& model) {
  nn::TensorFile file;
  nn::put_state(file, model);
  return file;
}

std::vector<float> everything(const nn::Model& model) {
  std::vector<float> all = model.parameters().values().to_host();
  for (const float r : model.parameters().running().to_host()) all.push_back(r);
  return all;
}

nn::FileTensor as_f64(const nn::FileTensor& tensor) {
  nn::FileTensor wide{"F64", tensor.shape, {}};
  for (const float value : tensor.to_f32()) {
    const double v = value;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&v);
    wide.bytes.insert(wide.bytes.end(), bytes, bytes + sizeof v);
  }
  return wide;
}

}  // namespace

TEST_CASE("a state holds every tensor in PyTorch's layout") {
  const Device device = GENERATE(from_range(test::devices()));
  const auto model = tiny_model(1, 3, device);
  model->batches_tracked = 7;
  const nn::TensorFile file = state_of(*model);

  const nn::FileTensor& written = file.tensors.at("layer2.0.conv1.weight");
  CHECK(written.shape == std::vector<std::int64_t>{6, 4, 3, 3});
  const std::vector<float> krsc = [&] {
    for (const nn::NamedTensor& named : model->parameters().parameters()) {
      if (named.name == "layer2.0.conv1.weight") return named.value.to_host();
    }
    return std::vector<float>{};
  }();
  const std::vector<float> kcrs = written.to_f32();
  REQUIRE(krsc.size() == kcrs.size());
  std::size_t differing = 0;
  for (int k = 0; k < 6; ++k) {
    for (int c = 0; c < 4; ++c) {
      for (int r = 0; r < 3; ++r) {
        for (int s = 0; s < 3; ++s) {
          differing += kcrs[((k * 4 + c) * 3 + r) * 3 + s] != krsc[((k * 3 + r) * 3 + s) * 4 + c];
        }
      }
    }
  }
  CHECK(differing == 0);

  CHECK(file.tensors.at("linear.weight").shape == std::vector<std::int64_t>{3, 6});
  CHECK(file.tensors.at("bn1.running_var").to_f32() == std::vector<float>(4, 1));
  const nn::FileTensor& counter = file.tensors.at("layer2.0.shortcut.1.num_batches_tracked");
  CHECK(counter.shape.empty());
  CHECK(counter.to_i64() == std::vector<std::int64_t>{7});
}

TEST_CASE("weights go to a file and back") {
  const Device device = GENERATE(from_range(test::devices()));
  const test::TemporaryDirectory directory;
  const auto path = directory.path() / "weights.safetensors";
  const auto saved = tiny_model(1, 3, device), loaded = tiny_model(2, 3, device);
  for (const nn::NamedTensor& s : saved->parameters().statistics()) engine::fill(s.value, 0.25f);
  saved->batches_tracked = 5;
  REQUIRE(everything(*saved) != everything(*loaded));
  nn::save_weights(path, *saved);
  nn::load_weights(path, *loaded);
  CHECK(everything(*loaded) == everything(*saved));
  CHECK(loaded->batches_tracked == 5);
  CHECK(nn::read_safetensors(path).metadata.at("format") == "pt");
}

TEST_CASE("float64 and files without batch counters are taken") {
  const auto saved = tiny_model(1), loaded = tiny_model(2);
  nn::TensorFile file;
  for (const auto& [name, tensor] : state_of(*saved).tensors) {
    if (!name.ends_with("num_batches_tracked")) file.tensors[name] = as_f64(tensor);
  }
  nn::take_state(file, *loaded, "test");
  CHECK(everything(*loaded) == everything(*saved));
  CHECK(loaded->batches_tracked == 0);
}

TEST_CASE("a prefix keeps several models in one file") {
  const auto model = tiny_model(1), ema = tiny_model(2);
  const auto model_again = tiny_model(3), ema_again = tiny_model(4);
  nn::TensorFile file = state_of(*model);
  nn::put_state(file, *ema, "ema.");
  file.tensors["optimizer.velocity"] = nn::FileTensor::f32({2}, {1, 2});
  nn::take_state(file, *model_again, "test");
  nn::take_state(file, *ema_again, "test", "ema.");
  CHECK(everything(*model_again) == everything(*model));
  CHECK(everything(*ema_again) == everything(*ema));

  file.tensors["ema.more"] = nn::FileTensor::f32({}, {1});
  CHECK_THROWS_WITH(nn::take_state(file, *ema_again, "test", "ema."),
                    Contains("\"ema.more\" is left over"));
}

TEST_CASE("a file for another model names what differs and changes nothing") {
  const auto model = tiny_model(1);
  model->batches_tracked = 3;
  const std::vector<float> before = everything(*model);
  const auto refused = [&](const nn::TensorFile& file) -> std::string {
    try {
      nn::take_state(file, *model, "weights.safetensors");
    } catch (const kernels::Error& error) {
      CHECK(everything(*model) == before);
      CHECK(model->batches_tracked == 3);
      CHECK_THAT(error.what(), Contains("weights.safetensors does not fit"));
      CHECK_THAT(error.what(), !Contains("\n"));
      return error.what();
    }
    return "taken";
  };

  const std::string other_classes = refused(state_of(*tiny_model(2, 5)));
  CHECK_THAT(other_classes, Contains("\"linear.weight\" is [5,6], should be [3,6]"));
  CHECK_THAT(other_classes, Contains("\"linear.bias\" is [5], should be [3]"));
  CHECK_THAT(other_classes, !Contains("more"));

  const auto dense = nn::make_model("densenet-bc-10-4", {}, Device::cpu, 1);
  const std::string other_family = refused(state_of(*dense));
  CHECK_THAT(other_family, Contains("\"conv1.weight\" is [8,3,3,3], should be [4,3,3,3]"));
  CHECK_THAT(other_family, Contains("\"layer1.0.conv1.weight\" is missing"));
  CHECK_THAT(other_family, Contains("more differences"));
  CHECK(other_family.size() < 500);

  nn::TensorFile file = state_of(*tiny_model(2));
  file.tensors["new\nline"] = nn::FileTensor::f32({1}, {0});
  CHECK_THAT(refused(file), Contains("left over"));

  file = state_of(*tiny_model(2));
  file.tensors.at("bn1.weight") = nn::FileTensor{"F8_E4M3", {4}, {1, 2, 3, 4}};
  CHECK_THAT(refused(file), Contains("\"bn1.weight\": a tensor of type F8_E4M3"));

  file = state_of(*tiny_model(2));
  file.tensors.at("bn1.num_batches_tracked") = nn::FileTensor::i64({2}, {1, 2});
  CHECK_THAT(refused(file), Contains("\"bn1.num_batches_tracked\": a counter of shape [2]"));

  file = state_of(*tiny_model(2));
  file.tensors.erase("bn1.bias");
  CHECK_THAT(refused(file), Contains("\"bn1.bias\" is missing"));
  CHECK(refused({}) != "taken");
}

TEST_CASE("names of wrappers and of other libraries are understood") {
  const auto saved = tiny_model(1), loaded = tiny_model(2);
  saved->batches_tracked = 9;
  const auto renamed = [&](const std::function<std::string(std::string)>& rename) {
    nn::TensorFile file;
    for (const auto& [name, tensor] : state_of(*saved).tensors) file.tensors[rename(name)] = tensor;
    return file;
  };
  const auto theirs = [](std::string name) {
    if (const auto at = name.find("shortcut"); at != std::string::npos)
      name.replace(at, 8, "downsample");
    if (name.starts_with("linear.")) name.replace(0, 6, "fc");
    return name;
  };
  const std::string prefix = GENERATE("", "module.", "_orig_mod.", "model.", "module._orig_mod.",
                                      "_orig_mod.module.", "model.module._orig_mod.");
  const bool of_torchvision = GENERATE(false, true);
  INFO(prefix << (of_torchvision ? ", torchvision" : ""));
  const nn::TensorFile file = renamed(
      [&](const std::string& name) { return prefix + (of_torchvision ? theirs(name) : name); });
  REQUIRE(file.tensors.contains(prefix + (of_torchvision ? "fc.bias" : "linear.bias")));
  nn::take_state(file, *loaded, "test");
  CHECK(everything(*loaded) == everything(*saved));
  CHECK(loaded->batches_tracked == 9);

  // Some tensors of one kind and some of the other are one network still; two for one are not.
  nn::TensorFile twice = file;
  const std::string name = prefix + theirs("linear.bias");
  twice.tensors[name] = twice.tensors["module.module.linear.bias"] = file.tensors.begin()->second;
  CHECK_THROWS_WITH(nn::take_state(twice, *loaded, "test"),
                    Contains("\"" + name + "\"") && Contains("are both \"linear.bias\""));
  twice = file;
  twice.tensors["teacher.linear.bias"] = file.tensors.begin()->second;
  CHECK_THROWS_WITH(nn::take_state(twice, *loaded, "test"),
                    Contains("\"teacher.linear.bias\" is left over"));
}

TEST_CASE("a DenseNet's fc is its own name") {
  const auto saved = nn::make_model("densenet-bc-10-4", {}, Device::cpu, 1),
             loaded = nn::make_model("densenet-bc-10-4", {}, Device::cpu, 2);
  nn::TensorFile file;
  for (const auto& [name, tensor] : state_of(*saved).tensors)
    file.tensors["module." + name] = tensor;
  file.tensors["n_averaged"] = nn::FileTensor::i64({}, {3});  // as AveragedModel has it
  nn::take_state(file, *loaded, "test");
  CHECK(everything(*loaded) == everything(*saved));
}

TEST_CASE("counters of any width and type are taken, and do without") {
  const auto saved = tiny_model(1), loaded = tiny_model(2);
  saved->batches_tracked = 5;
  const auto with_counter = [&](const nn::FileTensor& counter) {
    nn::TensorFile file = state_of(*saved);
    for (auto& [name, tensor] : file.tensors)
      if (name.ends_with("num_batches_tracked")) tensor = counter;
    nn::take_state(file, *loaded, "test");
    CHECK(everything(*loaded) == everything(*saved));
    return loaded->batches_tracked;
  };
  CHECK(with_counter({"I32", {}, {7, 1, 0, 0}}) == 263);
  CHECK(with_counter({"U8", {}, {200}}) == 200);
  CHECK(with_counter({"I16", {1}, {7, 0}}) == 7);
  CHECK(with_counter(nn::FileTensor::f32({}, {12})) == 12);
  CHECK(with_counter({"F16", {}, {0x00, 0x7c}}) == 0);  // infinite: it was more than 65504
  CHECK(with_counter({"BF16", {}, {0x80, 0x3f}}) == 1);
}

TEST_CASE("classes change places with all that is theirs") {
  const Device device = GENERATE(from_range(test::devices()));
  const auto model = tiny_model(1, 3, device);
  const auto images =
      nn::Tensor::from(test::random_values(2 * 8 * 8 * 3, -1, 1, 3), {2, 8, 8, 3}, device);
  const auto logits = [&] { return model->forward(images, nn::Mode::eval).to_host(); };
  const std::vector<float> before = logits();
  nn::reorder_classes(*model, {2, 0, 1});
  CHECK(logits() == std::vector{before[2], before[0], before[1], before[5], before[3], before[4]});
  for (const std::vector<int>& order : {std::vector{0, 1}, {0, 1, 1}, {0, 1, 3}, {-1, 0, 1}, {}})
    CHECK_THROWS_WITH(nn::reorder_classes(*model, order), Contains("no permutation"));
}

TEST_CASE("state dicts saved by PyTorch load") {
  // thin-resnet is in PyTorch's order; golden_test.cpp loads it. This one is float64, in reverse.
  const auto path = test::golden() / "densenet-bc-16-3.weights.safetensors";
  const auto model = nn::make_model("densenet-bc-16-3", {}, Device::cpu, 1);
  nn::load_weights(path, *model);
  const nn::TensorFile file = nn::read_safetensors(path);
  CHECK(file.tensors.at("dense2.1.bn1.running_var").dtype == "F64");
  const nn::TensorFile again = state_of(*model);
  REQUIRE(again.tensors.size() == file.tensors.size());
  for (const auto& [name, tensor] : file.tensors) {
    INFO(name);
    CHECK(again.tensors.at(name).shape == tensor.shape);
    if (tensor.dtype == "F64") CHECK(again.tensors.at(name).to_f32() == tensor.to_f32());
  }
}
