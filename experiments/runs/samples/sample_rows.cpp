// SPDX-License-Identifier: MIT
#include "experiments/runs/samples/sample_rows.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "engine/process/progress.h"
#include "engine/system/json.h"
#include "engine/system/shown.h"
#include "experiments/runs/samples/data_identity.h"
#include "kernels/runtime/error.h"
#include "nn/files/npy.h"

namespace experiments {

using kernels::fail;
using kernels::require;
using nn::FileTensor;
using nn::TensorFile;

namespace {

constexpr const char *data_key = "softlabel.data", *samples_key = "softlabel.samples";

bool has_axes(const FileTensor& tensor, std::size_t axes) { return tensor.shape.size() == axes; }

bool is_fraction(const FileTensor& tensor) {
  return tensor.dtype == "F16" || tensor.dtype == "BF16" || tensor.dtype == "F32" ||
         tensor.dtype == "F64";
}

bool is_count(const FileTensor& tensor) {
  return tensor.dtype == "BOOL" || tensor.dtype.starts_with('I') || tensor.dtype.starts_with('U');
}

/// An array has no name: it is the only one.
TensorFile read_file_of_rows(const std::filesystem::path& path, bool with_values) {
  if (nn::is_npy(path)) {
    TensorFile file;
    file.tensors[""] = with_values ? nn::read_npy(path) : nn::read_npy_header(path);
    return file;
  }
  try {
    return with_values ? nn::read_safetensors(path) : nn::read_safetensors_header(path);
  } catch (const kernels::Error& e) {
    fail("{} (read are safetensors, and NPY as numpy.save writes it)", e.what());
  }
}

const FileTensor& find_rows(const TensorFile& file, RowKind kind, const std::string& source) {
  const std::string name = name_of(kind);
  const auto named = file.tensors.find(name);
  std::vector<std::string> matrices;
  for (const auto& [other, tensor] : file.tensors) {
    require(!has_axes(tensor, 4),
            "{} holds a network's weights, not {}: those of a teacher are given by `teacher`",
            source, name);
    if (has_axes(tensor, 2)) matrices.push_back(other);
  }
  if (named == file.tensors.end()) {
    if (file.tensors.size() == 1 && matrices.empty()) {
      const FileTensor& only = file.tensors.begin()->second;
      fail("{} holds {} of shape {}: {} have two axes, samples and classes", source, only.dtype,
           nn::shown(only.shape), name);
    }
    require(!matrices.empty(), "{} holds no tensor with two axes, which {} have", source, name);
    require(matrices.size() == 1, "{} holds {} and other tensors with two axes: call one {}",
            source, nn::shown(matrices.front()), name);
    for (const RowKind other : {RowKind::probabilities, RowKind::logits})
      require(other == kind || matrices.front() != name_of(other), "{} holds {}: give it by `{}`",
              source, name_of(other), other == RowKind::logits ? "teacher_logits" : "labels");
  }
  const FileTensor& rows =
      named == file.tensors.end() ? file.tensors.at(matrices.front()) : named->second;
  require(has_axes(rows, 2), "{}: {} are of shape {}, should have two axes, samples and classes",
          source, name, nn::shown(rows.shape));
  require(is_fraction(rows) || (kind == RowKind::probabilities && is_count(rows)),
          "{}: {} are of type {}, should be floats of 16, 32 or 64 bits{}", source, name,
          rows.dtype, kind == RowKind::probabilities ? ", or whole numbers: counts" : "");
  return rows;
}

/// A row's values in double: counts and their sums may be beyond float32's whole numbers.
std::vector<double> row_of(const FileTensor& rows, std::size_t row, const std::string& source) try {
  const std::size_t bytes = rows.bytes.size() / std::size_t(rows.shape[0]);
  const auto begin = rows.bytes.begin() + std::ptrdiff_t(row * bytes);
  const FileTensor one{rows.dtype, {rows.shape[1]}, {begin, begin + std::ptrdiff_t(bytes)}};
  if (!is_fraction(rows)) {
    const std::vector<std::int64_t> values = one.to_i64();
    return {values.begin(), values.end()};
  }
  const std::vector<float> values = one.to_f32();
  return {values.begin(), values.end()};
} catch (const kernels::Error& e) {  // a value that is too large
  fail("{}: row {}: {}", source, row, e.what());
}

/// Whether and how values become what the loss takes.
struct Reading {
  RowKind kind;
  bool counts;
  std::vector<int> order;  // class_order's
};

bool is_distribution(const std::vector<double>& row) {
  const double sum = std::accumulate(row.begin(), row.end(), 0.0);
  return *std::min_element(row.begin(), row.end()) >= 0 && std::abs(sum - 1) <= sum_tolerance;
}

/// Checks a row and puts it into `to`.
void take_row(const std::vector<double>& from, std::span<float> to, const Reading& as) {
  const bool sums = as.kind == RowKind::probabilities;
  double sum = 0;
  for (std::size_t c = 0; c < from.size(); ++c) {
    require(std::isfinite(from[c]), "holds {} for class {}", from[c], c);
    require(
        !sums || from[c] >= 0,
        "holds {:.6g} for class {}: probabilities and counts are 0 or more (logits are given by "
        "`teacher_logits`)",
        from[c], c);
    sum += from[c];
  }
  if (sums && as.counts) require(sum > 0, "counts nothing");
  if (sums && !as.counts)
    require(std::abs(sum - 1) <= sum_tolerance,
            "sums to {:.6g}, should be 1 within {} (whole numbers would be counts)", sum,
            sum_tolerance);
  for (std::size_t c = 0; c < from.size(); ++c) {
    const double value = from[as.order.empty() ? c : std::size_t(as.order[c])];
    to[c] = float(sums ? value / sum : value);
  }
}

std::vector<std::int64_t> column_of(const FileTensor& tensor, const char* name, std::int64_t rows,
                                    const std::string& source) {
  require(has_axes(tensor, 1) && tensor.shape[0] == rows && is_count(tensor),
          "{}: {} is {} of shape {}, should be a whole number for each of {} rows", source, name,
          tensor.dtype, nn::shown(tensor.shape), rows);
  try {
    return tensor.to_i64();
  } catch (const kernels::Error& e) {
    fail("{}: {} {}", source, name, e.what());
  }
}

std::vector<std::int64_t> samples_by_place(const FileTensor& index, std::int64_t rows,
                                           const data::Dataset& about, const std::string& source) {
  std::vector<std::int64_t> samples = column_of(index, "index", rows, source);
  for (std::size_t row = 0; row < samples.size(); ++row)
    require(samples[row] >= 0 && samples[row] < about.train.count,
            "{}: row {} is for image {}, but {} has {} training images", source, row, samples[row],
            about.name, about.train.count);
  return samples;
}

/// `list` is a JSON array of pictures' names; those of other sets are nobody's here.
std::vector<std::int64_t> samples_by_name(const std::string& list, std::int64_t rows,
                                          const data::Dataset& about, const std::string& source) {
  std::vector<std::string> names;
  try {
    names = nn::parse_json<Json>(list).get<std::vector<std::string>>();
  } catch (const std::exception&) {
    fail("{}: {} in its metadata is damaged", source, samples_key);
  }
  require(std::int64_t(names.size()) == rows, "{}: {} names {} images, but there are {} rows",
          source, samples_key, names.size(), rows);
  require(!about.train.names.empty(),
          "{} names its images, which {} does not: say by a tensor `index` which they are", source,
          about.name);
  std::unordered_map<std::string, std::int64_t> places;
  for (const std::string& name : about.train.names)
    places.emplace(portable(name), std::int64_t(places.size()));
  std::vector<std::int64_t> samples;
  for (const std::string& name : names) {
    const auto found = places.find(name);
    samples.push_back(found == places.end() ? -1 : found->second);
  }
  require(std::any_of(samples.begin(), samples.end(), [](std::int64_t at) { return at >= 0; }),
          "{} names no training image of {}: its first is {}, theirs {}", source, about.name,
          nn::shown(names.front()), nn::shown(about.train.names.front()));
  return samples;
}

/// The sample of each row; -1 for a row of another picture.
std::vector<std::int64_t> samples_in(const TensorFile& file, std::int64_t rows,
                                     const data::Dataset& about, const std::string& source) {
  const auto index = file.tensors.find("index");
  if (index != file.tensors.end()) return samples_by_place(index->second, rows, about, source);
  const auto names = file.metadata.find(samples_key);
  if (names != file.metadata.end()) return samples_by_name(names->second, rows, about, source);
  const std::string without =
      about.validation > 0
          ? fmt::format(" ({} without its validation set)", about.train.count - about.validation)
          : "";
  require(rows == about.train.count || rows == about.train.count - about.validation,
          "{} has {} rows, {} {} training images{}: there is one for each, in its order, also for "
          "those that are held out; or the file says which they are for (docs/soft_labels.md)",
          source, rows, about.name, about.train.count, without);
  std::vector<std::int64_t> samples(static_cast<std::size_t>(rows));
  for (std::size_t row = 0; row < samples.size(); ++row) samples[row] = std::int64_t(row);
  return samples;
}

std::string class_text(const std::vector<std::string>& names, std::int64_t label) {
  const bool named = label >= 0 && std::size_t(label) < names.size();
  return named ? fmt::format("{} ({})", label, nn::shown(names[std::size_t(label)]))
               : std::to_string(label);
}

/// Compares what a file says of its data set.
void check_data_set(const TensorFile& file, const DataIdentity& there, const TrainingData& data,
                    const std::string& source) {
  const auto text = [&](const char* key) {
    const auto found = file.metadata.find(key);
    return found == file.metadata.end() ? std::string() : found->second;
  };
  require(text(set_key) != "test",
          "{} is of a test set: evaluate `split` train writes what is of training images", source);
  const DataIdentity here = data_identity(data.about());
  const bool same_view = there.height == 0 ||  // it does not say
                         (there.height == here.height && there.width == here.width);
  require(text(data_key).empty() || !same_view || text(data_key) == data.fingerprint(),
          "{} was written for other images or labels than {} has now: write it anew", source,
          data.about().name);
}

/// Compares the hard labels that a file has of its samples; `order` is class_order's.
void check_labels(const TensorFile& file, const std::vector<std::string>& classes_there,
                  const std::vector<std::int64_t>& samples, const std::vector<int>& order,
                  const data::Dataset& about, const std::string& source) {
  const auto found = file.tensors.find("labels");
  if (found == file.tensors.end()) return;
  const auto labels = column_of(found->second, "labels", std::int64_t(samples.size()), source);
  for (std::size_t row = 0; row < samples.size(); ++row) {
    if (samples[row] < 0) continue;
    const std::int32_t here = about.train.labels[std::size_t(samples[row])];
    require(labels[row] == (order.empty() ? here : order[std::size_t(here)]),
            "{} is of another data set or order: its label of image {} is {}, in {} it is {}",
            source, samples[row], class_text(classes_there, labels[row]), about.name,
            class_text(about.class_names, here));
  }
}

}  // namespace

SampleRows read_sample_rows(const std::filesystem::path& path, RowKind kind,
                            const TrainingData& data) {
  const std::string source = path.string();
  const data::Dataset& about = data.about();
  const TensorFile file = read_file_of_rows(path, true);
  const FileTensor& tensor = find_rows(file, kind, source);
  // Other facts of a teacher's input are its own: what it said is written down.
  const DataIdentity there = data_identity_in(file, source);
  const DataIdentity classes_there{.classes = there.classes}, here = data_identity(about);
  const std::vector<int> order = class_order(classes_there, here, source, about.name);
  const std::int64_t rows = tensor.shape[0];
  require(rows > 0, "{} holds no {}", source, name_of(kind));
  require(tensor.shape[1] == about.classes, "{}: {} are of shape {}, but {} has {} classes", source,
          name_of(kind), nn::shown(tensor.shape), about.name, about.classes);
  check_data_set(file, there, data, source);
  const std::vector<std::int64_t> samples = samples_in(file, rows, about, source);

  SampleRows result{std::vector<float>(std::size_t(rows) * std::size_t(about.classes)),
                    std::vector<std::int32_t>(std::size_t(about.train.count), -1)};
  for (std::size_t row = 0; row < samples.size(); ++row) {
    if (samples[row] < 0) continue;
    std::int32_t& place = result.row_of[std::size_t(samples[row])];
    require(place < 0, "{}: rows {} and {} are both for image {}", source, place, row,
            samples[row]);
    place = std::int32_t(row);
  }
  check_labels(file, there.classes, samples, order, about, source);

  const Reading reading{kind, is_count(tensor), order};
  const auto classes = std::size_t(about.classes);
  std::size_t used = 0, agreeing = 0, distributions = 0;
  for (std::size_t row = 0; row < samples.size(); ++row) {
    const std::span<float> to(result.values.data() + row * classes, classes);
    const std::vector<double> values = row_of(tensor, row, source);
    distributions += is_distribution(values) ? 1 : 0;
    try {
      take_row(values, to, reading);
    } catch (const kernels::Error& e) {
      fail("{}: row {} {}", source, row, e.what());
    }
    if (samples[row] < 0) continue;
    ++used;
    const auto largest = std::max_element(to.begin(), to.end()) - to.begin();
    agreeing += largest == about.train.labels[std::size_t(samples[row])] ? 1 : 0;
  }
  require(kind == RowKind::probabilities || distributions < samples.size(),
          "{}: all rows are probabilities, not logits: give it by `labels`, or the logarithms",
          source);
  for (const std::string& line : remarks(classes_there, here, source, about.name)) note(line);
  const std::string others =
      used < samples.size()
          ? fmt::format(" ({} more are of no training images)", samples.size() - used)
          : "";
  note(fmt::format("{}: {} of {} images{}; the largest is at the image's label in {:.1f} %", source,
                   name_of(kind), used, others, 100.0 * double(agreeing) / double(used)));
  return result;
}

void check_sample_rows(const std::filesystem::path& path, RowKind kind) {
  find_rows(read_file_of_rows(path, false), kind, path.string());
}

std::vector<float> rows_of(const SampleRows& rows, const std::vector<std::int32_t>& samples,
                           int classes, const std::string& source) {
  std::vector<float> chosen(samples.size() * std::size_t(classes));
  auto to = chosen.begin();
  const auto has_none = [&](std::int32_t sample) { return rows.row_of[std::size_t(sample)] < 0; };
  const auto missing = std::count_if(samples.begin(), samples.end(), has_none);
  require(missing == 0,
          "{} has no row for {} of the {} images to train on, as for image {}: it is of another "
          "split (evaluate `split` train with `val_fraction` 0 writes all)",
          source, missing, samples.size(),
          missing == 0 ? 0 : *std::find_if(samples.begin(), samples.end(), has_none));
  for (const std::int32_t sample : samples)
    to = std::copy_n(
        rows.values.begin() + std::ptrdiff_t(rows.row_of[std::size_t(sample)]) * classes, classes,
        to);
  return chosen;
}

void put_samples(TensorFile& file, const TrainingData& data, bool of_test_set,
                 const std::vector<std::int32_t>& indices) {
  const auto& labels = (of_test_set ? data.about().test : data.about().train).labels;
  const auto rows = std::int64_t(indices.size());
  std::vector<std::int64_t> hard;
  for (const std::int32_t at : indices) hard.push_back(labels[std::size_t(at)]);
  put_data_identity(file, data_identity(data.about()));
  file.metadata[data_key] = data.fingerprint();
  file.metadata[set_key] = of_test_set ? "test" : "train";
  file.tensors["labels"] = FileTensor::i64({rows}, hard);
  file.tensors["index"] = FileTensor::i64({rows}, {indices.begin(), indices.end()});
}

}  // namespace experiments
