// SPDX-License-Identifier: MIT
#include "nn/onnx.h"

#include <cstring>
#include <map>
#include <set>

#include "engine/ops.h"
#include "nn/layers.h"
#include "nn/weights.h"
#include "test/support/support.h"

using Catch::Matchers::Contains;
using kernels::Device;
using nn::Tensor;

namespace {

/// The fields of a message of Protocol Buffers, in order.
class Fields {
 public:
  explicit Fields(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::uint64_t tag = varint(bytes);
      if ((tag & 7) == 0) {
        numbers_[tag >> 3].push_back(varint(bytes));
        continue;
      }
      const std::size_t size = (tag & 7) == 5 ? 4 : varint(bytes);
      REQUIRE(((tag & 7) == 5 || (tag & 7) == 2));
      REQUIRE(size <= bytes.size());
      texts_[tag >> 3].emplace_back(bytes.substr(0, size));
      bytes.remove_prefix(size);
    }
  }
  std::vector<std::uint64_t> numbers(std::uint64_t field) const {
    const auto at = numbers_.find(field);
    return at == numbers_.end() ? std::vector<std::uint64_t>{} : at->second;
  }
  std::vector<std::string> texts(std::uint64_t field) const {
    const auto at = texts_.find(field);
    return at == texts_.end() ? std::vector<std::string>{} : at->second;
  }
  std::vector<Fields> messages(std::uint64_t field) const {
    std::vector<Fields> all;
    for (const std::string& text : texts(field)) all.emplace_back(text);
    return all;
  }
  std::string text(std::uint64_t field) const {
    REQUIRE(texts(field).size() == 1);
    return texts(field).front();
  }

 private:
  static std::uint64_t varint(std::string_view& bytes) {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      REQUIRE(!bytes.empty());
      const auto byte = static_cast<unsigned char>(bytes.front());
      bytes.remove_prefix(1);
      value |= std::uint64_t(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

  std::map<std::uint64_t, std::vector<std::uint64_t>> numbers_;
  std::map<std::uint64_t, std::vector<std::string>> texts_;
};

struct Onnx {
  explicit Onnx(const std::string& bytes) : file(bytes), graph(file.text(7)) {}
  std::vector<std::string> types() const {
    std::vector<std::string> all;
    for (const Fields& node : graph.messages(1)) all.push_back(node.text(4));
    return all;
  }
  Fields file, graph;
};

std::string to_onnx(const std::string& name, const nn::ModelInput& input,
                    const nn::OnnxOptions& options = {}) {
  return nn::to_onnx(*nn::make_model(name, input, Device::cpu, 1), input, options);
}

/// Whatever `pass` computes from images of 4x4 with two channels.
template <class Pass>
class Odd : public nn::Model {
 public:
  explicit Odd(Pass pass, const std::string& name = "classifier") : pass_(pass) {
    linear_ = nn::Linear(parameters_, name, 2, 3, nn::Init::constant(0));
    parameters_.allocate(Device::cpu, 1);
  }
  Tensor forward(const Tensor& images, nn::Mode) override { return pass_(linear_, images); }

 private:
  Pass pass_;
  nn::Linear linear_;
};
constexpr nn::ModelInput small{.height = 4, .width = 4, .channels = 2, .classes = 3};

}  // namespace

TEST_CASE("an ONNX graph is sound and holds the weights as weight files do") {
  const std::string name = GENERATE("resnet8", "resnet50", "resnet18-imagenet", "densenet-bc-16-3");
  CAPTURE(name);
  const nn::ModelInput input{.height = 32, .width = 40, .classes = 5};
  const auto model = nn::make_model(name, input, Device::cpu, 1);
  nn::TensorFile state;
  nn::put_state(state, *model);
  const Onnx onnx(nn::to_onnx(*model, input));
  CHECK(onnx.file.messages(8).at(0).numbers(2) == std::vector<std::uint64_t>{17});

  std::set<std::string> known{"images"};
  for (const Fields& held : onnx.graph.messages(5)) {
    const nn::FileTensor& tensor = state.tensors.at(held.text(8));
    CHECK(known.insert(held.text(8)).second);
    CHECK(held.numbers(1) == std::vector<std::uint64_t>(tensor.shape.begin(), tensor.shape.end()));
    REQUIRE(held.text(9) == std::string(tensor.bytes.begin(), tensor.bytes.end()));
  }
  for (const auto& [tensor, values] : state.tensors)
    CHECK((known.contains(tensor) || tensor.ends_with("num_batches_tracked")));

  std::size_t convolutions = 0, filters = 0;
  for (const Fields& node : onnx.graph.messages(1)) {
    for (const std::string& in : node.texts(1)) {
      INFO(in);
      REQUIRE(known.contains(in));
    }
    CHECK(known.insert(node.text(2)).second);
    convolutions += node.text(4) == "Conv";
  }
  for (const nn::NamedTensor& p : model->parameters().parameters()) filters += p.shape.rank() == 4;
  CHECK(convolutions == filters);

  const auto extents = [](const Fields& value) {
    std::vector<std::uint64_t> all;
    for (const Fields& dim : value.messages(2)[0].messages(1)[0].messages(2)[0].messages(1))
      all.push_back(dim.numbers(1).empty() ? 0 : dim.numbers(1)[0]);
    return all;
  };
  const Fields in = onnx.graph.messages(11).at(0), out = onnx.graph.messages(12).at(0);
  CHECK(in.text(1) == "images");
  CHECK(extents(in) == std::vector<std::uint64_t>{0, 3, 32, 40});
  CHECK(out.text(1) == "logits");
  CHECK(known.contains("logits"));
  CHECK(extents(out) == std::vector<std::uint64_t>{0, 5});
}

TEST_CASE("normalisation, softmax and metadata are in the file by option") {
  const nn::ModelInput input{.height = 8, .width = 8};
  const auto plain = Onnx(to_onnx("resnet8", input)).types();
  CHECK(plain.front() == "Conv");
  CHECK(plain.back() == "Identity");

  const Onnx onnx(to_onnx("resnet8", input,
                          {.mean = {1, 2, 3},
                           .std = {4, 5, 6},
                           .temperature = 2.5f,
                           .metadata = {{"classes", "[\"żaba\"]"}}}));
  std::vector<std::string> wanted{"Sub", "Div"};
  wanted.insert(wanted.end(), plain.begin(), plain.end() - 1);
  wanted.insert(wanted.end(), {"Div", "Softmax"});
  CHECK(onnx.types() == wanted);
  CHECK(onnx.graph.messages(12).at(0).text(1) == "probabilities");
  std::map<std::string, std::vector<float>> constants;
  for (const Fields& held : onnx.graph.messages(5)) {
    const std::string bytes = held.text(9);
    std::vector<float> values(bytes.size() / sizeof(float));
    std::memcpy(values.data(), bytes.data(), bytes.size());
    constants[held.text(8)] = values;
  }
  CHECK(constants.at("input.mean") == std::vector<float>{1, 2, 3});
  CHECK(constants.at("input.std") == std::vector<float>{4, 5, 6});
  CHECK(constants.at("output.temperature") == std::vector<float>{2.5f});
  const Fields entry = onnx.file.messages(14).at(0);
  CHECK(entry.text(1) == "classes");
  CHECK(entry.text(2) == "[\"żaba\"]");
}

TEST_CASE("any network of the engine's ops has a graph") {
  Odd model([](const nn::Linear& linear, const Tensor& images) {
    const Tensor sum = engine::add(images, images);
    return linear(engine::global_avg_pool(
        engine::concat_channels(engine::max_pool(sum, {.window = 3, .stride = 1, .pad = 1}), sum)
            .slice(0, {1, 4, 4, 2})));
  });
  CHECK_THROWS_WITH(nn::to_onnx(model, small),
                    Contains("ONNX: global_avg_pool takes a tensor of [1, 4, 4, 2] that is"));
  Odd sound(
      [](const nn::Linear& linear, const Tensor& images) {
        const Tensor mean = engine::avg_pool(images, {}), most = engine::max_pool(images, {});
        return linear(engine::global_avg_pool(engine::add(mean, most)));
      },
      "logits");
  const Onnx onnx(nn::to_onnx(sound, small));
  CHECK(onnx.types() == std::vector<std::string>{"AveragePool", "MaxPool", "Add",
                                                 "GlobalAveragePool", "Flatten", "Gemm",
                                                 "Identity"});
  CHECK(onnx.graph.messages(1).at(5).text(2) == "logits_2");  // "logits" is the result's name

  Odd scaled([](const nn::Linear& linear, const Tensor& images) {
    return linear(engine::scale(engine::global_avg_pool(images),
                                Tensor::from(std::vector<float>{2}, {1}, Device::cpu)));
  });
  CHECK_THROWS_WITH(nn::to_onnx(scaled, small), Contains("linear takes a tensor of [1, 2]"));
  nn::ModelInput rounded = small;
  rounded.type = nn::DType::bf16;
  CHECK_THROWS_WITH(nn::to_onnx(sound, rounded), Contains("bf16"));
}
