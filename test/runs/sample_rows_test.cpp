// SPDX-License-Identifier: MIT
#include "experiments/runs/samples/sample_rows.h"

#include <sys/stat.h>
#include <cmath>
#include <limits>

#include "experiments/runs/samples/data_identity.h"
#include "kernels/runtime/device.h"
#include "test/support/data_pictures.h"
#include "test/support/error_of.h"
#include "test/support/npy_bytes.h"
#include "test/support/tiny_dataset.h"

using namespace experiments;
using Catch::Matchers::Contains;
using nn::FileTensor;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t images = 80, classes = 10;

const TrainingData& clothes() {
  static const test::TinyDataset files;
  static const TrainingData data("fashion-mnist", files.dir(), data::Device::cpu);
  return data;
}

/// Rows that differ, and sum to 1.
std::vector<float> some_probabilities() {
  std::vector<float> values = test::random_values(images * classes, 0.1f, 1, 1);
  for (std::size_t row = 0; row < images; ++row) {
    float sum = 0;
    for (std::size_t c = 0; c < classes; ++c) sum += values[row * classes + c];
    for (std::size_t c = 0; c < classes; ++c) values[row * classes + c] /= sum;
  }
  return values;
}

nn::TensorFile file_of(const std::vector<float>& values) {
  nn::TensorFile file;
  file.tensors["probabilities"] = FileTensor::f32({images, classes}, values);
  return file;
}

SampleRows read(const nn::TensorFile& file, RowKind kind = RowKind::probabilities) {
  const test::TemporaryDirectory directory;
  const fs::path path = directory.path() / "labels.safetensors";
  nn::write_safetensors(path, file);
  check_sample_rows(path, kind);
  return read_sample_rows(path, kind, clothes());
}

SampleRows read(const std::string& bytes, RowKind kind = RowKind::probabilities) {
  const test::TemporaryDirectory directory;
  return read_sample_rows(directory.write("labels.npy", bytes), kind, clothes());
}

/// The message without the file's name, which it has.
template <class File>
std::string refused(const File& file, RowKind kind = RowKind::probabilities) {
  std::string message = test::error_of([&] { read(file, kind); });
  CHECK(message.find('\n') == message.npos);
  const std::size_t name = message.find("/labels.");
  CHECK(name != message.npos);
  return name == message.npos ? message : message.substr(message.find_first_of(": ", name));
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(double(a[i]) - b[i]));
  return most;
}

}  // namespace

TEST_CASE("probabilities come from safetensors and NPY in any width") {
  const std::vector<float> values = some_probabilities();
  const SampleRows rows = read(file_of(values));
  CHECK(largest_difference(rows.values, values) < 1e-7);
  for (std::size_t i = 0; i < images; ++i) CHECK(rows.row_of[i] == std::int32_t(i));

  nn::TensorFile unnamed;
  unnamed.tensors["p"] = file_of(values).tensors["probabilities"];
  unnamed.tensors["something"] = FileTensor::f32({3}, {1, 2, 3});
  CHECK(read(unnamed).values == rows.values);
  CHECK(read(test::npy("<f4", "80, 10", test::bytes_of(values))).values == rows.values);
  CHECK(largest_difference(
            read(test::npy("<f8", "80, 10",
                           test::bytes_of(std::vector<double>(values.begin(), values.end()))))
                .values,
            values) < 1e-7);
}

TEST_CASE("rounding to 16 bits is no sum beside 1, and is divided out") {
  std::vector<std::uint16_t> eleventh(images * classes, 0x3dbb);  // bfloat16: 0.09131
  for (std::size_t row = 0; row < images; ++row) eleventh[row * classes] = 0x3e37;  // 0.1787
  nn::TensorFile file;
  FileTensor& p = file.tensors["probabilities"];
  p = {"BF16", {images, classes}, std::vector<std::uint8_t>(2 * images * classes)};
  std::memcpy(p.bytes.data(), eleventh.data(), p.bytes.size());
  const SampleRows rows = read(file);
  double sum = 0;
  for (std::size_t c = 0; c < classes; ++c) sum += double(rows.values[c]);
  CHECK(sum == Approx(1).epsilon(1e-6));
  CHECK(double(rows.values[0]) == Approx(2.0 / 11).epsilon(0.02));
}

TEST_CASE("whole numbers are counts, and truths one-hot labels") {
  std::vector<std::int64_t> counts(images * classes, 0);
  for (std::size_t row = 0; row < images; ++row) {
    counts[row * classes + row % classes] = 48;
    counts[row * classes + (row + 1) % classes] = 3;
  }
  const SampleRows rows = read(test::npy("<i8", "80, 10", test::bytes_of(counts)));
  CHECK(double(rows.values[0]) == Approx(48 / 51.0));
  CHECK(double(rows.values[1]) == Approx(3 / 51.0));
  CHECK(rows.values[2] == 0);

  std::string truths(images * classes, '\0');
  for (std::size_t row = 0; row < images; ++row) truths[row * classes + row % classes] = '\1';
  CHECK(read(test::npy("|b1", "80, 10", truths)).values[0] == 1);

  counts[7 * classes + 7] = counts[7 * classes + 8] = 0;
  CHECK_THAT(refused(test::npy("<i8", "80, 10", test::bytes_of(counts))),
             Contains("row 7 counts nothing"));
  counts[0] = -1;
  CHECK_THAT(refused(test::npy("<i8", "80, 10", test::bytes_of(counts))),
             Contains("row 0 holds -1 for class 0"));
  CHECK_THAT(refused(test::npy("<i8", "80, 10", test::bytes_of(counts)), RowKind::logits),
             Contains("logits are of type I64"));
}

TEST_CASE("rows that are no probabilities are refused by number") {
  const auto with = [](std::size_t row, std::size_t c, float value) {
    std::vector<float> values = some_probabilities();
    values[row * classes + c] = value;
    return file_of(values);
  };
  CHECK_THAT(refused(with(17, 3, std::nanf(""))), Contains("row 17 holds nan for class 3"));
  CHECK_THAT(refused(with(79, 9, INFINITY)), Contains("row 79 holds inf for class 9"));
  CHECK_THAT(refused(with(2, 0, -0.25f)), Contains("row 2 holds -0.25 for class 0") &&
                                              Contains("logits are given by `teacher_logits`"));
  CHECK_THAT(refused(with(5, 1, 1)), Contains("row 5 sums to 1.") && Contains("within 0.002"));
  std::vector<float> values = some_probabilities();
  std::fill_n(values.begin() + 40 * classes, classes, 0.0f);
  CHECK_THAT(refused(file_of(values)), Contains("row 40 sums to 0, should be 1"));
  CHECK_THAT(refused(with(1, 1, std::nanf("")), RowKind::logits),
             Contains("holds probabilities: give it by `labels`"));
  CHECK_THAT(refused(test::npy("<f8", "80, 10",
                               test::bytes_of(std::vector<double>(images * classes, 1e300))),
                     RowKind::logits),
             Contains("row 0") && Contains("too large for float32"));
}

TEST_CASE("files of another shape are refused with what was expected") {
  const std::vector<float> values = some_probabilities();
  const auto shaped = [&](std::vector<std::int64_t> shape) {
    std::int64_t size = 1;
    for (const std::int64_t extent : shape) size *= extent;
    std::vector<float> part = values;
    part.resize(std::size_t(size), 0.1f);
    nn::TensorFile file;
    file.tensors["p"] = FileTensor::f32(std::move(shape), part);
    return file;
  };
  CHECK_THAT(refused(shaped({79, 10})), Contains("has 79 rows, fashion-mnist 80 training images") &&
                                            Contains("also for those that are held out"));
  CHECK_THAT(refused(shaped({80, 9})),
             Contains("of shape [80,9], but fashion-mnist has 10 classes"));
  CHECK_THAT(refused(shaped({10, 80})), Contains("of shape [10,80]"));
  CHECK_THAT(refused(shaped({800})), Contains("holds F32 of shape [800]"));
  CHECK_THAT(refused(shaped({80, 10, 1})), Contains("holds F32 of shape [80,10,1]"));
  CHECK_THAT(refused(shaped({8, 1, 10, 10})), Contains("holds a network's weights"));
  CHECK_THAT(refused(shaped({0, 10})), Contains("holds no probabilities"));
  nn::TensorFile two = shaped({80, 10});
  two.tensors["q"] = two.tensors["p"];
  CHECK_THAT(refused(two), Contains("call one probabilities"));
  two.tensors["probabilities"] = two.tensors["p"];
  CHECK(read(two).values.size() == images * classes);
  CHECK_THAT(refused(nn::TensorFile{}), Contains("holds no tensor with two axes"));
  nn::TensorFile strange = shaped({80, 10});
  strange.tensors["p"] = {"F8_E4M3", {80, 10}, std::vector<std::uint8_t>(800)};
  CHECK_THAT(refused(strange), Contains("of type F8_E4M3"));
  nn::TensorFile logits = shaped({80, 10});
  logits.tensors["logits"] = logits.tensors["p"];
  logits.tensors.erase("p");
  CHECK_THAT(refused(logits), Contains("holds logits: give it by `teacher_logits`"));
  CHECK_THAT(refused(logits, RowKind::logits), Contains("all rows are probabilities, not logits"));
  std::vector<float> more = values;
  more[0] += 1;
  logits.tensors["logits"] = FileTensor::f32({80, 10}, more);
  CHECK(read(logits, RowKind::logits).values == more);
}

TEST_CASE("the columns of soft labels are matched with classes by name") {
  const std::vector<float> values = some_probabilities();
  Json names = clothes().about().class_names;
  std::vector<float> reversed;
  for (std::size_t row = 0; row < images; ++row)
    for (std::size_t c = classes; c-- > 0;) reversed.push_back(values[row * classes + c]);
  nn::TensorFile file = file_of(reversed);
  std::reverse(names.begin(), names.end());
  file.metadata["softlabel.classes"] = names.dump();
  std::vector<std::int64_t> labels;
  for (const std::int32_t label : clothes().about().train.labels) labels.push_back(9 - label);
  file.tensors["labels"] = FileTensor::i64({images}, labels);
  CHECK(read(file).values == read(file_of(values)).values);
  names[0] = "Boot";
  file.metadata["softlabel.classes"] = names.dump();
  CHECK_THAT(refused(file), Contains("only the file has \"Boot\", only fashion-mnist has "
                                     "\"Ankle boot\""));
}

TEST_CASE("`index` says which images rows are for, and `labels` that they are the same") {
  const std::vector<float> values = some_probabilities();
  const std::vector<std::int32_t> chosen = {70, 3, 41};
  nn::TensorFile file;
  put_samples(file, clothes(), false, chosen);
  file.tensors["probabilities"] =
      FileTensor::f32({3, classes}, {values.begin(), values.begin() + std::ptrdiff_t(3 * classes)});
  const SampleRows rows = read(file);
  CHECK(rows.row_of[70] == 0);
  CHECK(rows.row_of[41] == 2);
  CHECK(rows.row_of[0] == -1);
  const std::vector<float> two = rows_of(rows, {41, 70}, classes, "x");
  CHECK(std::equal(two.begin(), two.begin() + classes, rows.values.begin() + 2 * classes));
  CHECK(std::equal(two.begin() + classes, two.end(), rows.values.begin()));
  CHECK_THAT(test::error_of([&] {
               rows_of(rows, {41, 5, 6}, classes, "x");
             }),
             Contains("x has no row for 2 of the 3 images to train on, as for image 5"));

  const auto with = [&](const char* name, FileTensor tensor) {
    nn::TensorFile changed = file;
    changed.tensors[name] = std::move(tensor);
    return refused(changed);
  };
  CHECK_THAT(with("index", FileTensor::i64({3}, {70, 3, 80})),
             Contains("row 2 is for image 80, but fashion-mnist has 80"));
  CHECK_THAT(with("index", FileTensor::i64({3}, {-1, 3, 41})), Contains("row 0 is for image -1"));
  CHECK_THAT(with("index", FileTensor::i64({3}, {3, 70, 3})),
             Contains("rows 0 and 2 are both for image 3"));
  CHECK_THAT(with("index", FileTensor::i64({2}, {3, 70})), Contains("index is I64 of shape [2]"));
  CHECK_THAT(with("index", FileTensor::f32({3}, {3, 70, 1})), Contains("index is F32"));
  CHECK_THAT(with("labels", FileTensor::i64({3}, {0, 3, 2})),
             Contains("of another data set or order: its label of image 41 is 2 (\"Pullover\"), in "
                      "fashion-mnist it is 1 (\"Trouser\")"));
}

TEST_CASE("files of other images, or of a test set, are refused") {
  const std::vector<float> values = some_probabilities();
  nn::TensorFile file = file_of(values);
  std::vector<std::int32_t> all(images);
  for (std::size_t i = 0; i < images; ++i) all[i] = std::int32_t(i);
  put_samples(file, clothes(), false, all);
  CHECK(read(file).values.size() == values.size());
  nn::TensorFile other = file;
  other.metadata["softlabel.data"] = "0123456789abcdef";
  CHECK_THAT(refused(other), Contains("other images or labels than fashion-mnist has now"));
  other.metadata.erase("softlabel.image_size");
  CHECK_THAT(refused(other), Contains("other images or labels than fashion-mnist has now"));
  other.metadata["softlabel.image_size"] = "[56,56]";  // a teacher may see them in another size
  CHECK(read(other).values.size() == values.size());
  file.metadata["softlabel.set"] = "test";
  CHECK_THAT(refused(file), Contains("is of a test set"));
}

TEST_CASE("what is no file of rows is refused with the reason") {
  const test::TemporaryDirectory directory;
  const auto message = [&](const fs::path& path) {
    const std::string text = test::error_of([&] { check_sample_rows(path, RowKind::logits); });
    CHECK(text == test::error_of([&] { read_sample_rows(path, RowKind::logits, clothes()); }));
    CHECK_THAT(text, Contains(path.string()));
    return text;
  };
  CHECK_THAT(message(directory.path() / "none"), Contains("No such file"));
  CHECK_THAT(message(directory.path()), Contains("it is a directory"));
  CHECK_THAT(message(directory.write("empty", "")), Contains("it is empty"));
  CHECK_THAT(message(directory.write("a.npz", "PK\3\4 and so on")), Contains("a zip archive"));
  CHECK_THAT(message(directory.write("a.csv", "0.5,0.5\n0.1,0.9\n")), Contains("it is text"));
  const std::string sound = test::npy("<f4", "80, 10", test::bytes_of(some_probabilities()));
  CHECK_THAT(message(directory.write("cut.npy", sound.substr(0, 2000))), Contains("truncated"));
  const fs::path pipe = directory.path() / "pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  CHECK_THAT(message(pipe), Contains("it is a pipe"));
}

TEST_CASE("pictures are found by their names, whichever of them are held out") {
  const test::TemporaryDirectory root, caches;
  std::vector<std::string> names;
  for (const std::string folder : {"cat", "dog", "eel \xc3\xa4", "bad \xff"}) {
    for (int i = 0; i < 8; ++i) {
      names.push_back(folder + "/" + std::to_string(i) + ".jpg");
      root.write(names.back(), test::plain_jpeg(8, std::uint8_t(20 * i)));
    }
  }
  const TrainingData data("image-folder", root.path(), data::Device::cpu, 8, caches.path());
  const auto& about = data.about();
  REQUIRE(about.train.count < 32);
  const auto read_named = [&](const Json& list) {
    const test::TemporaryDirectory directory;
    nn::TensorFile file;
    const auto rows = std::int64_t(names.size());
    std::vector<float> values;
    for (std::size_t row = 0; row < names.size(); ++row)
      for (std::size_t c = 0; c < 4; ++c) values.push_back(float(row * 4 + c));
    file.tensors["logits"] = FileTensor::f32({rows, 4}, values);
    file.metadata["softlabel.samples"] = list.is_string() ? list.get<std::string>() : list.dump();
    const fs::path path = directory.path() / "labels.safetensors";
    nn::write_safetensors(path, file);
    return read_sample_rows(path, RowKind::logits, data);
  };
  std::vector<std::string> portable_names;
  std::reverse(names.begin(), names.end());
  for (const std::string& name : names) portable_names.push_back(portable(name));
  const SampleRows rows = read_named(portable_names);
  for (std::size_t i = 0; i < about.train.names.size(); ++i)
    CHECK(names.at(std::size_t(rows.row_of[i])) == about.train.names[i]);

  const auto refused_with = [&](const Json& list) {
    return test::error_of([&] { read_named(list); });
  };
  CHECK_THAT(refused_with("[\"cat/0.jpg\","),
             Contains("softlabel.samples in its metadata is damaged"));
  CHECK_THAT(refused_with({"cat/0.jpg"}), Contains("names 1 images, but there are 32 rows"));
  CHECK_THAT(refused_with(std::vector<std::string>(32, "x")),
             Contains("names no training image of image-folder: its first is \"x\", theirs "));
  CHECK_THAT(refused_with(std::vector<std::string>(32, portable(about.train.names[3]))),
             Contains("rows 0 and 1 are both for image 3"));
}

TEST_CASE("names are for data sets of pictures") {
  nn::TensorFile file = file_of(some_probabilities());
  file.metadata["softlabel.samples"] = Json(std::vector<std::string>(images, "a")).dump();
  CHECK_THAT(refused(file), Contains("names its images, which fashion-mnist does not"));
}
