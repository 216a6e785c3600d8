// SPDX-License-Identifier: MIT
// A teacher's answers, kept for other students.
#include <fstream>
#include <span>

#include "engine/system/fingerprint.h"
#include "experiments/runs/checkpoint.h"
#include "test/support/error_of.h"
#include "test/training/tiny_training.h"

using namespace experiments;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using test::same_tensors;
using test::tiny_config;
using test::tiny_data;
using test::train_teacher;

namespace {

const Json student{{"loss", "sd"}, {"augment", "standard"}, {"temperature", 2}};

/// A student's last weights.
nn::TensorFile train_student(const fs::path& out, const RunInputs& inputs,
                             const Json& settings = Json::object()) {
  Json all = student;
  all.update(settings);
  train_run(tiny_config(all), tiny_data(), inputs, out);
  return nn::read_safetensors(out / "last.safetensors");
}

std::vector<fs::path> files_in(const fs::path& root, const std::string& ending) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(root))
    if (entry.path().extension() == ending) files.push_back(entry.path());
  return files;
}

}  // namespace

TEST_CASE("students have the same bits with a store that is empty or full, and without one") {
  const test::TemporaryDirectory root;
  const fs::path teacher = train_teacher(root, {{"epochs", 1}}), kept = root.path() / "kept";
  const Json mixing = GENERATE(Json::object(), Json{{"mixup", 0.4}});
  const RunInputs alone{.teacher = teacher},
      with_store{.teacher = teacher, .kept_answers = {kept, 1e9}};
  const nn::TensorFile want = train_student(root.path() / "alone", alone, mixing);
  CHECK(same_tensors(train_student(root.path() / "first", with_store, mixing), want));
  REQUIRE(files_in(kept, ".safetensors").size() == 3);  // one for each epoch
  CHECK(same_tensors(train_student(root.path() / "second", with_store, mixing), want));

  // That the second did not ask the teacher is seen where its answers have been changed.
  for (const fs::path& file : files_in(kept, ".safetensors")) {
    nn::TensorFile logits = nn::read_safetensors(file);
    nn::FileTensor& held = logits.tensors.at("logits");
    CHECK(held.shape == std::vector<std::int64_t>{60, 10});
    const std::vector<float> zeros(600, 0);
    held = nn::FileTensor::f32(held.shape, zeros);
    logits.metadata.at("softlabel.fingerprint") = fingerprint(std::as_bytes(std::span(zeros)));
    nn::write_safetensors(file, logits);
  }
  CHECK_FALSE(same_tensors(train_student(root.path() / "third", with_store, mixing), want));

  // Answers that are not those that were kept are asked for again.
  for (const fs::path& file : files_in(kept, ".safetensors")) {
    nn::TensorFile logits = nn::read_safetensors(file);
    logits.tensors.at("logits") = nn::FileTensor::f32({60, 10}, std::vector<float>(600, 1));
    nn::write_safetensors(file, logits);
  }
  CHECK(same_tensors(train_student(root.path() / "once more", with_store, mixing), want));

  // Files that are damaged are made again.
  for (const fs::path& file : files_in(kept, ".safetensors")) std::ofstream(file) << "damaged";
  CHECK(same_tensors(train_student(root.path() / "fourth", with_store, mixing), want));
  CHECK(nn::read_safetensors(files_in(kept, ".safetensors").front()).tensors.contains("logits"));
}

TEST_CASE("answers about other views lie elsewhere") {
  const test::TemporaryDirectory root;
  const fs::path teacher = train_teacher(root, {{"epochs", 1}}), kept = root.path() / "kept";
  const RunInputs inputs{.teacher = teacher, .kept_answers = {kept, 1e9}};
  train_student(root.path() / "a", inputs);
  train_student(root.path() / "b", inputs, {{"temperature", 3}, {"lr", 0.01}});  // the same views
  CHECK(files_in(kept, ".json").size() == 1);
  int folders = 1;
  for (const Json& other : {Json{{"seed", 1}}, Json{{"batch_size", 30}}, Json{{"mixup", 0.2}},
                            Json{{"train_limit", 40}}, Json{{"order", "sequential"}}}) {
    Json settings{{"epochs", 1}};
    settings.update(other);
    train_student(root.path() / "other" / std::to_string(folders), inputs, settings);
    CHECK(int(files_in(kept, ".json").size()) == ++folders);
  }
}

TEST_CASE("a store that is full or cannot be written costs a run nothing") {
  const test::TemporaryDirectory root;
  const fs::path teacher = train_teacher(root, {{"epochs", 1}});
  const nn::TensorFile want = train_student(root.path() / "alone", {.teacher = teacher});
  const fs::path full = root.path() / "full";  // room for two epochs of 60 x 10 floats
  CHECK(same_tensors(
      train_student(root.path() / "a", {.teacher = teacher, .kept_answers = {full, 7000}}), want));
  CHECK(files_in(full, ".safetensors").size() == 2);
  const fs::path file = root.path() / "file";
  std::ofstream(file) << "no directory";
  CHECK(same_tensors(
      train_student(root.path() / "b", {.teacher = teacher, .kept_answers = {file, 1e9}}), want));
}

TEST_CASE("a store is for a teacher") {
  const test::TemporaryDirectory root;
  CHECK_THAT(test::error_of([&] {
               train_run(tiny_config(), tiny_data(), {.kept_answers = {root.path() / "kept", 1}},
                         root.path() / "run");
             }),
             Contains("`keep_teacher_logits` keeps what a `teacher` says"));
}
