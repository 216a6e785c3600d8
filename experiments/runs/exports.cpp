// SPDX-License-Identifier: MIT
#include "experiments/runs/exports.h"

#include <fmt/ranges.h>

#include "engine/system/files.h"
#include "experiments/metrics/metrics_table.h"
#include "kernels/runtime/error.h"
#include "nn/onnx.h"

namespace experiments {

extern const char* const softlabel_torch;  // nn/softlabel_torch.py, by CMake

namespace {

constexpr std::string_view imagenet = "-imagenet";

/// "resnet18" for "resnet18-imagenet"; empty for networks that timm and torchvision do not have.
std::string timm_name(const std::string& model) {
  if (!model.ends_with(imagenet)) return {};
  return model.substr(0, model.size() - imagenet.size());
}

/// What transformers' and timm's configurations have in common, and what neither knows.
Json hugging_face_config(const Classifier& c) {
  const DataIdentity& data = c.data;
  Json json = {{"model_type", "softlabel"}, {"architectures", {c.config.model}}};
  for (std::size_t i = 0; i < data.classes.size(); ++i) {
    json["id2label"][std::to_string(i)] = data.classes[i];
    json["label2id"][data.classes[i]] = i;
  }
  json["num_channels"] = c.view.channels;
  json["image_size"] = c.view.size;
  json["image_mean"] = data.mean;
  json["image_std"] = data.std;
  json["resize"] = data.resize;
  json["exif_orientation"] = c.view.exif_orientation;
  if (c.temperature) json["temperature"] = *c.temperature;
  if (const std::string name = timm_name(c.config.model); !name.empty()) {
    json["architecture"] = name;
    json["num_classes"] = data.classes.size();
    json["label_names"] = data.classes;
    const double side = c.view.stored_side > 0 ? c.view.stored_side : c.view.size;
    json["pretrained_cfg"] = {{"input_size", {c.view.channels, c.view.size, c.view.size}},
                              {"interpolation", "bilinear"},
                              {"crop_pct", c.view.size / side},
                              {"mean", data.mean},
                              {"std", data.std},
                              {"num_classes", data.classes.size()},
                              {"first_conv", "conv1"},
                              {"classifier", "fc"}};
  }
  return json;
}

std::string metrics_rows(const Metrics& metrics) {
  std::string rows = "| on the test images | |\n|---|--:|\n";
  for (const MetricRow& row : metric_rows()) {
    const std::optional<double> value = row.get(metrics);
    const bool shown = row.section == MetricRow::Section::general || row.json == "ece";
    if (!shown || row.label.empty() || !value) continue;
    const std::string label =
        fmt::format(fmt::runtime(row.label), metrics.calibration ? metrics.calibration->bins : 15);
    rows += fmt::format("| {} | {} |\n", label, metric_text(*value, row.unit));
  }
  return rows;
}

/// A model card. Names in its head are quoted as JSON, which YAML takes.
std::string model_card(const Classifier& c, const std::optional<Metrics>& measured) {
  const std::string &model = c.config.model, &dataset = c.config.dataset;
  const std::string quoted = Json(dataset).dump();
  std::string text =
      "---\npipeline_tag: image-classification\ntags:\n- image-classification\n- softlabel\n";
  if (const std::string name = timm_name(model); !name.empty()) text += "library_name: timm\n";
  if (measured)
    text += fmt::format(
        "model-index:\n- name: {}\n  results:\n  - task:\n      type: image-classification\n"
        "    dataset:\n      name: {}\n      type: {}\n      split: test\n    metrics:\n"
        "    - type: accuracy\n      value: {}\n",
        Json(model).dump(), quoted, quoted, measured->accuracy);
  text += fmt::format(
      "---\n\n# {} for {}\n\nAn image classifier that softlabel trained: a `{}` that sees {} x {} "
      "pixels and knows the {} classes that `config.json` names. The metadata of "
      "`model.safetensors` hold the whole configuration of the run.\n\n",
      model, dataset, model, c.view.size, c.view.size, c.data.classes.size());
  if (measured) text += metrics_rows(*measured) + "\n";
  if (nn::is_registered_model(model))
    return text +
           "The network's code is its makers' own: PyTorch has no class for these weights.\n";
  text +=
      R"(With PyTorch, the package `safetensors` and the file `softlabel_torch.py` beside this one:

```python
import PIL.Image, torch, softlabel_torch
model = softlabel_torch.load(".")
images = model.preprocess(PIL.Image.open("picture.jpg"))[None]
with torch.inference_mode():
    probabilities = model(images).div(model.temperature).softmax(1)[0]
print(model.classes[probabilities.argmax()], float(probabilities.max()))
```
)";
  if (const std::string name = timm_name(model); !name.empty())
    text +=
        "\ntimm takes the directory as it is: "
        "`timm.create_model(\"local-dir:.\", pretrained=True)`.\n";
  return text;
}

}  // namespace

nn::TensorFile portable_weights(const std::filesystem::path& path, const Classifier& classifier,
                                Names names) {
  nn::TensorFile state, file;
  nn::put_state(state, *classifier.model);
  file.metadata = nn::read_safetensors_header(path).metadata;
  file.metadata.erase("softlabel.training_state");
  if (classifier.temperature) put_temperature(file, *classifier.temperature);
  if (names == Names::torchvision)  // its ResNets have four stages
    kernels::require(state.tensors.contains("layer4.0.conv1.weight"),
                     "torchvision has no {}, only networks like resnet18, resnet34 and resnet50, "
                     "with ImageNet's stem or another: {}ONNX needs no names",
                     classifier.config.model,
                     nn::is_registered_model(classifier.config.model)
                         ? ""
                         : "softlabel_torch.py takes its own, and ");
  for (auto& [name, tensor] : state.tensors)
    file.tensors[names == Names::torchvision ? nn::torchvision_name(name) : name] =
        std::move(tensor);
  return file;
}

std::string onnx_file(Classifier& classifier, bool normalised_input, bool softmax) {
  const DataIdentity& data = classifier.data;
  nn::OnnxOptions options;
  nn::TensorFile told;
  put_data_identity(told, data);
  if (classifier.temperature) put_temperature(told, *classifier.temperature);
  options.metadata = told.metadata;
  options.metadata["softlabel.model"] = classifier.config.model;
  options.metadata["softlabel.input"] = normalised_input ? "normalised" : "pixels in [0, 1]";
  if (!normalised_input) {
    options.mean.assign(data.mean.begin(), data.mean.end());
    options.std.assign(data.std.begin(), data.std.end());
  }
  if (softmax) options.temperature = float(classifier.temperature.value_or(1));
  return nn::to_onnx(*classifier.model,
                     {.height = data.height,
                      .width = data.width,
                      .channels = classifier.view.channels,
                      .classes = int(data.classes.size())},
                     options);
}

void write_hugging_face(const std::filesystem::path& directory,
                        const std::filesystem::path& weights, const Classifier& classifier,
                        const std::optional<Metrics>& measured) {
  const bool for_timm = !timm_name(classifier.config.model).empty();
  const nn::TensorFile file =
      portable_weights(weights, classifier, for_timm ? Names::torchvision : Names::softlabel);
  make_writable_directory(directory);
  nn::write_safetensors(directory / "model.safetensors", file);
  if (!nn::is_registered_model(classifier.config.model))
    write_file(directory / "softlabel_torch.py", softlabel_torch);
  write_file(directory / "README.md", model_card(classifier, measured));
  write_file(directory / "config.json", to_text(hugging_face_config(classifier), 2) + "\n");
}

}  // namespace experiments
