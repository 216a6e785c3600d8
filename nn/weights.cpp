// SPDX-License-Identifier: MIT
#include "nn/weights.h"

#include <algorithm>
#include <set>
#include <string_view>

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

void from_file(const FileTensor& source, Tensor& tensor) {
  const Shape& shape = tensor.shape();
  std::vector<float> values = source.to_f32();
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

std::vector<const Named*> all_tensors(const Model& model) {
  std::vector<const Named*> all;
  for (const Named& named : model.parameters().parameters()) all.push_back(&named);
  for (const Named& named : model.parameters().statistics()) all.push_back(&named);
  return all;
}

bool of_training_state(const std::string& name) {
  return name.starts_with("optimizer.") || name.starts_with("ema.");
}

}  // namespace

void put_state(TensorFile& file, const Model& model, const std::string& prefix) {
  for (const Named* named : all_tensors(model)) {
    file.tensors[prefix + named->name] = to_file(named->value);
    if (const std::string counter = counter_name(named->name); !counter.empty()) {
      file.tensors[prefix + counter] = FileTensor::i64({}, {model.batches_tracked});
    }
  }
}

void take_state(const TensorFile& file, Model& model, const std::string& source,
                const std::string& prefix) {
  std::vector<std::string> problems;
  std::set<std::string> known;
  std::vector<std::pair<Tensor, const FileTensor*>> matches;
  std::int64_t batches = 0;
  const auto find = [&](const std::string& name) -> const FileTensor* {
    const auto found = file.tensors.find(*known.insert(prefix + name).first);
    return found == file.tensors.end() ? nullptr : &found->second;
  };

  for (const Named* named : all_tensors(model)) {
    const auto shape = file_shape(named->shape);
    const FileTensor* tensor = find(named->name);
    if (!tensor) {
      problems.push_back(fmt::format("{:?} is missing", prefix + named->name));
    } else if (tensor->shape != shape) {
      problems.push_back(fmt::format("{:?} is [{}], should be [{}]", prefix + named->name,
                                     fmt::join(tensor->shape, ","), fmt::join(shape, ",")));
    } else if (tensor->dtype != "F32" && tensor->dtype != "F64") {
      problems.push_back(
          fmt::format("{:?} is {}, should be F32 or F64", prefix + named->name, tensor->dtype));
    } else {
      matches.emplace_back(named->value, tensor);
    }
    const std::string counter_of_norm = counter_name(named->name);
    const FileTensor* counter = counter_of_norm.empty() ? nullptr : find(counter_of_norm);
    if (counter && (counter->dtype != "I64" || counter->bytes.size() != sizeof batches)) {
      problems.push_back(fmt::format("{:?} is not one I64", prefix + counter_of_norm));
    } else if (counter) {
      batches = std::max(batches, counter->to_i64().front());
    }
  }
  for (const auto& [name, tensor] : file.tensors) {
    if (name.starts_with(prefix) && !known.contains(name) &&
        !of_training_state(name.substr(prefix.size()))) {
      problems.push_back(fmt::format("{:?} is left over", name));
    }
  }

  if (!problems.empty()) {
    const std::size_t named = std::min(problems.size(), most_problems_named);
    const std::size_t others = problems.size() - named;
    engine::fail("{} does not fit the model: {}{}", source,
                 fmt::join(problems.begin(), problems.begin() + std::ptrdiff_t(named), ", "),
                 others > 0 ? fmt::format(", and {} more differences", others) : "");
  }
  for (auto& [value, tensor] : matches) from_file(*tensor, value);
  model.batches_tracked = batches;
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
