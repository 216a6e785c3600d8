// SPDX-License-Identifier: MIT
#include "nn/weights.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <string_view>

#include "engine/system/shown.h"

namespace nn {

namespace {

constexpr std::size_t most_problems_named = 4;

/// A copy of [outer, rows, columns] with the two inner axes swapped.
std::vector<float> swap_inner_axes(const std::vector<float>& x, int outer, int rows, int columns) {
  std::vector<float> y(x.size());
  std::size_t at = 0;
  for (int i = 0; i < outer; ++i) {
    for (int column = 0; column < columns; ++column) {
      for (int row = 0; row < rows; ++row) {
        y[at++] = x[(std::size_t(i) * rows + row) * columns + column];
      }
    }
  }
  return y;
}

/// Filters are [k,r,s,c] here and [k,c,r,s] in files; everything else is the same.
std::vector<std::int64_t> file_shape(const Shape& shape) {
  if (shape.rank() == 4) return {shape[0], shape[3], shape[1], shape[2]};
  std::vector<std::int64_t> same(shape.rank());
  for (int axis = 0; axis < shape.rank(); ++axis) same[axis] = shape[axis];
  return same;
}

FileTensor to_file(const Tensor& tensor) {
  const Shape& shape = tensor.shape();
  std::vector<float> values = tensor.to_host();
  if (shape.rank() == 4) {
    values = swap_inner_axes(values, shape[0], shape[1] * shape[2], shape[3]);
  }
  return FileTensor::f32(file_shape(shape), values);
}

/// Sets a tensor from values in the file's layout.
void from_file(std::vector<float> values, Tensor& tensor) {
  const Shape& shape = tensor.shape();
  if (shape.rank() == 4) {
    values = swap_inner_axes(values, shape[0], shape[3], shape[1] * shape[2]);
  }
  tensor.copy_from(Tensor::from(values, shape, tensor.device()));
}

/// "bn1.num_batches_tracked" for the statistic "bn1.running_mean"; empty for others.
std::string counter_name(const std::string& statistic) {
  constexpr std::string_view mean = "running_mean";
  if (!statistic.ends_with(mean)) return {};
  return statistic.substr(0, statistic.size() - mean.size()) + "num_batches_tracked";
}

std::vector<const NamedTensor*> all_tensors(const Model& model) {
  std::vector<const NamedTensor*> all;
  for (const NamedTensor& named : model.parameters().parameters()) all.push_back(&named);
  for (const NamedTensor& named : model.parameters().statistics()) all.push_back(&named);
  return all;
}

/// Ours, and the counter of PyTorch's AveragedModel.
bool of_training_state(const std::string& name) {
  return name.starts_with("optimizer.") || name.starts_with("ema.") || name == "soft_labels" ||
         name == "n_averaged";
}

/// A tensor's name without what wraps a module: DataParallel's and AveragedModel's "module.",
/// torch.compile's "_orig_mod.", a training program's "model.".
std::string unwrapped(std::string_view name) {
  constexpr std::array<std::string_view, 3> wrappers{"module", "_orig_mod", "model"};
  std::string left;
  while (!name.empty()) {
    const std::string_view part = name.substr(0, name.find('.'));
    if (std::find(wrappers.begin(), wrappers.end(), part) == wrappers.end())
      left.append(left.empty() ? "" : ".").append(part);
    name.remove_prefix(std::min(name.size(), part.size() + 1));
  }
  return left;
}

// What our ResNets call "layer2.0.shortcut.0.weight" and "linear.bias" is there "downsample", "fc".
constexpr std::string_view their_branch = ".downsample.", our_branch = ".shortcut.",
                           their_classifier = "fc.", our_classifier = "linear.";

std::string renamed(std::string name, std::string_view branch, std::string_view other_branch,
                    std::string_view classifier, std::string_view other_classifier) {
  if (const auto at = name.find(branch); at != std::string::npos)
    name.replace(at, branch.size(), other_branch);
  if (name.starts_with(classifier)) name.replace(0, classifier.size(), other_classifier);
  return name;
}

/// The model's name for a tensor that a file calls `name`; `name` itself if it has none.
std::string name_in_model(const std::string& name, const std::set<std::string>& known) {
  if (known.contains(name)) return name;
  std::string other = unwrapped(name);
  if (known.contains(other)) return other;
  other = renamed(other, their_branch, our_branch, their_classifier, our_classifier);
  return known.contains(other) ? other : name;
}

/// How many batches a counter says: any number will do. One that was made floating point with the
/// weights may have overflowed, and says nothing then.
std::int64_t batches_in(const FileTensor& counter) {
  engine::require(byte_count(counter.dtype, counter.shape) * 8 == bits_of(counter.dtype),
                  "a counter of shape {}, should be one number", shown(counter.shape));
  if (counter.dtype.find('F') == std::string::npos) return counter.to_i64().front();
  constexpr float too_many = 0x1p62f;
  const float batches = counter.to_f32().front();
  return std::abs(batches) < too_many ? std::int64_t(batches) : 0;
}

/// What a file holds for a model.
struct State {
  // In the file's layout, of each tensor.
  std::vector<std::pair<const NamedTensor*, std::vector<float>>> values;
  std::int64_t batches = 0;
};

/// Looks at names, shapes and types alone, so the model's tensors need no memory yet. Throws Error
/// as take_state does.
State state_for(const TensorFile& file, const Model& model, const std::string& source,
                const std::string& prefix, bool with_head = true) {
  std::set<std::string> known;
  for (const NamedTensor* named : all_tensors(model)) {
    known.insert(named->name);
    if (const std::string counter = counter_name(named->name); !counter.empty())
      known.insert(counter);
  }

  using Entry = TensorFile::Tensors::value_type;
  std::map<std::string, const Entry*> found;  // by name in the model
  std::vector<std::string> problems, left_over;
  for (const Entry& entry : file.tensors) {
    const std::string& name = entry.first;
    if (!name.starts_with(prefix)) continue;
    const std::string own = name_in_model(name.substr(prefix.size()), known);
    if (known.contains(own)) {
      const auto [other, is_first] = found.try_emplace(own, &entry);
      if (!is_first)
        problems.push_back(fmt::format("{} and {} are both {}", shown(other->second->first),
                                       shown(name), in_quotes(own)));
    } else if (!of_training_state(own)) {
      left_over.push_back(fmt::format("{} is left over", shown(name)));
    }
  }

  State state;
  const auto take = [&problems](const std::string& name, const auto& convert) {
    try {
      convert();
    } catch (const engine::Error& error) {
      problems.push_back(fmt::format("{}: {}", shown(name), error.what()));
    }
  };
  for (const NamedTensor* named : all_tensors(model)) {
    if (!with_head && is_of_head(named->name)) continue;
    const auto shape = file_shape(named->shape);
    if (const auto at = found.find(named->name); at == found.end()) {
      problems.push_back(fmt::format("{} is missing", in_quotes(prefix + named->name)));
    } else if (const auto& [name, tensor] = *at->second; tensor.shape != shape) {
      problems.push_back(
          fmt::format("{} is {}, should be {}", shown(name), shown(tensor.shape), shown(shape)));
    } else {
      take(name, [&, &held = tensor] { state.values.emplace_back(named, held.to_f32()); });
    }
    if (const auto at = found.find(counter_name(named->name)); at != found.end()) {
      const auto& [name, counter] = *at->second;
      take(name,
           [&, &held = counter] { state.batches = std::max(state.batches, batches_in(held)); });
    }
  }
  problems.insert(problems.end(), left_over.begin(), left_over.end());

  if (!problems.empty()) {
    const std::size_t named = std::min(problems.size(), most_problems_named);
    const std::size_t others = problems.size() - named;
    engine::fail("{} does not fit the model: {}{}", source,
                 fmt::join(problems.begin(), problems.begin() + std::ptrdiff_t(named), ", "),
                 others > 0 ? fmt::format(", and {} more differences", others) : "");
  }
  return state;
}

void set(Model& model, State&& state) {
  for (auto& [named, values] : state.values) {
    Tensor value = named->value;
    from_file(std::move(values), value);
  }
  model.parameters().values_set();
  model.batches_tracked = state.batches;
}

}  // namespace

std::string torchvision_name(const std::string& name) {
  return renamed(name, our_branch, their_branch, our_classifier, their_classifier);
}

void put_state(TensorFile& file, const Model& model, const std::string& prefix) {
  for (const NamedTensor* named : all_tensors(model)) {
    file.tensors[prefix + named->name] = to_file(named->value);
    if (const std::string counter = counter_name(named->name); !counter.empty()) {
      file.tensors[prefix + counter] = FileTensor::i64({}, {model.batches_tracked});
    }
  }
}

std::unique_ptr<Model> make_model_of(const TensorFile& file, const std::string& name,
                                     const ModelInput& input, Device device,
                                     const std::string& source) {
  std::unique_ptr<Model> model;
  try {
    model = declare_model(name, input);
  } catch (const engine::Error& e) {
    engine::fail("{}: {}", source, e.what());
  }
  State state = state_for(file, *model, source, "");
  model->parameters().allocate(device, 0, input.type);
  set(*model, std::move(state));
  return model;
}

void take_state(const TensorFile& file, Model& model, const std::string& source,
                const std::string& prefix) {
  set(model, state_for(file, model, source, prefix));
}

void take_body(const TensorFile& file, Model& model, const std::string& source) {
  set(model, state_for(file, model, source, "", /*with_head=*/false));
}

void reorder_classes(Model& model, const std::vector<int>& order) {
  for (const NamedTensor& named : model.parameters().parameters()) {
    if (!is_of_head(named.name)) continue;
    const auto rows = std::size_t(named.shape[0]), row = named.shape.size() / rows;
    std::vector<int> sorted = order;
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t i = 0; i < rows; ++i)
      engine::require(sorted.size() == rows && sorted[i] == int(i),
                      "an order of {} classes is no permutation of {}", order.size(), rows);
    const std::vector<float> old = named.value.to_host();
    std::vector<float> reordered;
    for (const int from : order) {
      const auto begin = old.begin() + std::ptrdiff_t(std::size_t(from) * row);
      reordered.insert(reordered.end(), begin, begin + std::ptrdiff_t(row));
    }
    Tensor value = named.value;
    value.copy_from(Tensor::from(reordered, named.shape, value.device()));
  }
  model.parameters().values_set();
}

void save_weights(const std::filesystem::path& path, const Model& model) {
  TensorFile file;
  file.metadata["format"] = "pt";
  put_state(file, model);
  write_safetensors(path, file);
}

void load_weights(const std::filesystem::path& path, Model& model) {
  take_state(read_safetensors(path), model, path.string());
}

}  // namespace nn
