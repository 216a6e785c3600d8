// SPDX-License-Identifier: MIT
#include "nn/onnx.h"

#include <set>
#include <string_view>
#include <utility>

#include "engine/autograd.h"
#include "engine/system/protobuf.h"
#include "engine/trace.h"
#include "nn/weights.h"

namespace nn {

namespace {

using Message = ProtobufMessage;

// The numbers of fields and of types are those of onnx.proto.

Message attribute(std::string_view name, std::int64_t value) {
  return Message().text(1, name).number(3, std::uint64_t(value)).number(20, 2);  // INT
}
Message attribute(std::string_view name, float value) {
  return Message().text(1, name).real(2, value).number(20, 1);  // FLOAT
}
Message attribute(std::string_view name, const std::vector<int>& values) {
  Message ints = Message().text(1, name);
  for (const int value : values) ints.number(8, std::uint64_t(value));
  return ints.number(20, 7);  // INTS
}

Message tensor(std::string_view name, const FileTensor& values) {
  Message m;
  for (const std::int64_t extent : values.shape) m.number(1, std::uint64_t(extent));
  m.number(2, 1).text(8, name);  // FLOAT
  m.text(9, {reinterpret_cast<const char*>(values.bytes.data()), values.bytes.size()});
  return m;
}

/// A tensor of f32 whose first extent is free.
Message value_info(std::string_view name, const std::vector<int>& extents) {
  Message shape = Message().message(1, Message().text(2, "N"));
  for (const int extent : extents) shape.message(1, Message().number(1, std::uint64_t(extent)));
  return Message().text(1, name).message(
      2, Message().message(1, Message().number(1, 1).message(2, shape)));
}

std::vector<int> both(int extent) { return {extent, extent}; }
std::vector<int> all_sides(int pad) { return {pad, pad, pad, pad}; }

/// "layer1.0.conv1" of "layer1.0.conv1.weight".
std::string module_of(const std::string& parameter) {
  return parameter.substr(0, parameter.rfind('.'));
}

constexpr const char *image_name = "images", *mean_name = "input.mean", *std_name = "input.std",
                     *temperature_name = "output.temperature", *logits_name = "logits",
                     *probabilities_name = "probabilities";

class Graph {
 public:
  explicit Graph(const Model& model) {
    put_state(state_, model);
    for (const auto& [name, values] : state_.tensors) taken_.insert(name);
    for (const auto* group : {&model.parameters().parameters(), &model.parameters().statistics()})
      for (const NamedTensor& named : *group) values_[named.value.raw()] = {named.name, {}};
  }

  /// A node with one result, whose name it returns: like `wanted`, as long as that is free.
  std::string node(std::string_view type, const std::vector<std::string>& inputs,
                   const std::string& wanted, const std::vector<Message>& attributes = {}) {
    std::string name = wanted;
    for (int i = 2; !taken_.insert(name).second; ++i) name = fmt::format("{}_{}", wanted, i);
    put(type, inputs, name, attributes);
    return name;
  }
  /// A node whose result has a name of its own.
  void put(std::string_view type, const std::vector<std::string>& inputs, std::string_view result,
           const std::vector<Message>& attributes = {}) {
    Message m;
    for (const std::string& input : inputs) m.text(1, input);
    m.text(2, result).text(3, result).text(4, type);
    for (const Message& a : attributes) m.message(5, a);
    graph_.message(1, m);
  }
  std::string constant(const char* name, std::vector<std::int64_t> shape,
                       const std::vector<float>& values) {
    state_.tensors[name] = FileTensor::f32(std::move(shape), values);
    used_.insert(name);
    return name;
  }

  void name(const Tensor& tensor, const std::string& name) {
    values_[tensor.raw()] = {name, tensor.shape()};
  }
  std::string name_of(std::string_view op, const Tensor& tensor) {
    const auto value = values_.find(tensor.raw());
    const bool is_parameter = value != values_.end() && value->second.second.rank() == 0;
    engine::require(
        is_parameter || (value != values_.end() && value->second.second == tensor.shape()),
        "ONNX: {} takes a tensor of {} that is neither a parameter nor the result of "
        "conv2d, batch_norm, linear, a pooling, concat_channels or add",
        op, tensor.shape());
    if (is_parameter) used_.insert(value->second.first);
    return value->second.first;
  }

  void add(const engine::OpCall& call);

  Message finish(const Message& input, const Message& output) {
    graph_.text(2, "softlabel");
    for (const std::string& name : used_) graph_.message(5, tensor(name, state_.tensors.at(name)));
    return std::move(graph_.message(11, input).message(12, output));
  }

 private:
  Message graph_;
  TensorFile state_;
  std::map<const void*, std::pair<std::string, Shape>> values_;  // no shape: a parameter
  std::set<std::string> taken_{image_name,       mean_name,   std_name,
                               temperature_name, logits_name, probabilities_name};
  std::set<std::string> used_;  // initialisers
};

void Graph::add(const engine::OpCall& call) {
  std::vector<std::string> in;
  for (const Tensor& input : call.inputs)
    if (input) in.push_back(name_of(call.op, input));
  std::string result;
  if (call.op == "conv2d") {
    const auto& conv = std::get<engine::Conv2d>(call.options);
    const Shape& filter = call.inputs[1].shape();
    result =
        node("Conv", in, module_of(in[1]),
             {attribute("kernel_shape", {filter[1], filter[2]}),
              attribute("strides", both(conv.stride)), attribute("pads", all_sides(conv.pad))});
  } else if (call.op == "batch_norm") {
    const auto& norm = std::get<engine::BatchNorm>(call.options);
    const std::string module = module_of(in[1]);
    result = node("BatchNormalization", {in.begin(), in.begin() + 5}, module,
                  {attribute("epsilon", norm.eps)});
    if (in.size() > 5) result = node("Add", {result, in[5]}, module + ".add");
    if (norm.relu) result = node("Relu", {result}, module + ".relu");
  } else if (call.op == "linear") {
    result = node("Gemm", in, module_of(in[1]), {attribute("transB", std::int64_t{1})});
  } else if (call.op == "global_avg_pool") {
    result = node("Flatten", {node("GlobalAveragePool", in, "global_avg_pool")}, "flat");
  } else if (call.op == "avg_pool" || call.op == "max_pool") {
    const auto& pool = std::get<engine::Pool2d>(call.options);
    result =
        node(call.op == "max_pool" ? "MaxPool" : "AveragePool", in, std::string(call.op),
             {attribute("kernel_shape", both(pool.window)), attribute("strides", both(pool.stride)),
              attribute("pads", all_sides(pool.pad))});
  } else if (call.op == "reserve_channels") {
    result = in[0];
  } else if (call.op == "concat_channels") {
    result = node("Concat", in, "concat", {attribute("axis", std::int64_t{1})});
  } else {
    result = node("Add", in, "add");
  }
  name(call.output, result);
}

}  // namespace

std::string to_onnx(Model& model, const ModelInput& input, const OnnxOptions& options) {
  engine::require(input.type == DType::f32, "ONNX: a network of bf16; build it for f32");
  const auto [height, width, channels, classes, type] = input;
  const engine::NoGrad no_grad;
  const engine::Trace trace;
  const Tensor images =
      Tensor::zeros({1, height, width, channels}, model.parameters().values().device());
  const Tensor logits = model.forward(images, Mode::eval);

  Graph graph(model);
  std::string x = image_name;
  if (!options.mean.empty()) {
    const std::vector<std::int64_t> by_channel{1, channels, 1, 1};
    x = graph.node("Sub", {x, graph.constant(mean_name, by_channel, options.mean)}, "centred");
    x = graph.node("Div", {x, graph.constant(std_name, by_channel, options.std)}, "normalised");
  }
  graph.name(images, x);
  for (const engine::OpCall& call : trace.calls()) graph.add(call);
  std::string y = graph.name_of("the network's result", logits);
  const char* result = options.temperature ? probabilities_name : logits_name;
  if (options.temperature) {
    y = graph.node("Div", {y, graph.constant(temperature_name, {}, {*options.temperature})},
                   "scaled");
    graph.put("Softmax", {y}, result, {attribute("axis", std::int64_t{1})});
  } else {
    graph.put("Identity", {y}, result);
  }

  Message file;
  file.number(1, 8).text(2, "softlabel");  // IR version 8
  file.message(7, graph.finish(value_info(image_name, {channels, height, width}),
                               value_info(result, {classes})));
  file.message(8, Message().text(1, "").number(2, 17));  // opset
  for (const auto& [key, value] : options.metadata)
    file.message(14, Message().text(1, key).text(2, value));
  return file.bytes();
}

}  // namespace nn
