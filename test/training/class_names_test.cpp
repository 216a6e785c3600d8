// SPDX-License-Identifier: MIT
// Classes keep their names from the data set through weight files to whoever reads those.
#include <sys/stat.h>

#include "engine/process/stop_signal.h"
#include "engine/system/files.h"
#include "engine/system/fingerprint.h"
#include "experiments/runs/checkpoint.h"
#include "experiments/training/evaluation.h"
#include "experiments/training/soft_labels/soft_labels.h"
#include "experiments/training/training.h"
#include "kernels/runtime/device.h"
#include "test/support/data_pictures.h"
#include "test/support/error_of.h"
#include "test/support/process.h"
#include "test/training/tiny_training.h"

using namespace experiments;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using test::error_of;
using test::tiny_data;

namespace {

/// Of one epoch unless it says otherwise.
RunConfig config_of(Json settings) {
  if (!settings.contains("epochs")) settings["epochs"] = 1;
  return test::tiny_config(settings);
}

/// A trained network's file, and the same network with its classes in another order.
struct Files {
  Files() {
    train_run(config_of({{"epochs", 3}}), tiny_data(), {}, root.path() / "run");
    best = root.path() / "run" / "best.safetensors";
    nn::TensorFile file = nn::read_safetensors(best);
    Json names = tiny_data().about().class_names;
    std::reverse(names.begin(), names.end());
    file.metadata["softlabel.classes"] = names.dump();
    for (const char* name : {"linear.weight", "linear.bias"}) {
      nn::FileTensor& tensor = file.tensors.at(name);
      const std::vector<float> old = tensor.to_f32();
      const std::size_t row = old.size() / 10;
      std::vector<float> reversed;
      for (std::size_t i = 10; i-- > 0;)
        reversed.insert(reversed.end(), old.begin() + std::ptrdiff_t(i * row),
                        old.begin() + std::ptrdiff_t((i + 1) * row));
      tensor = nn::FileTensor::f32(tensor.shape, reversed);
    }
    other_order = root.path() / "other-order.safetensors";
    nn::write_safetensors(other_order, file);
  }
  /// The trained file with other metadata.
  fs::path with(const std::string& key, const std::string& value) const {
    nn::TensorFile file = nn::read_safetensors(best);
    file.metadata[key] = value;
    nn::write_safetensors(root.path() / "changed.safetensors", file);
    return root.path() / "changed.safetensors";
  }
  test::TemporaryDirectory root;
  fs::path best, other_order;
};

std::vector<float> logits(const fs::path& weights) {
  return logits_of(*load_model(weights, "", tiny_data()), tiny_data().test(), all_indices(40));
}

/// Grey pictures in a folder for each class, as bright as its place says.
void write_pictures(const fs::path& root, const std::vector<std::string>& classes) {
  for (std::size_t c = 0; c < classes.size(); ++c) {
    for (int i = 0; i < 16; ++i) {
      const fs::path folder = root / (i < 12 ? "train" : "test") / classes[c];
      fs::create_directories(folder);
      write_file(folder / (std::to_string(i) + ".jpg"),
                 test::plain_jpeg(16, std::uint8_t(30 + 60 * c + std::size_t(i))));
    }
  }
}

}  // namespace

TEST_CASE("weight files and run directories say what a network knows") {
  const Files files;
  const DataIdentity here = data_identity(tiny_data().about());
  CHECK(here.classes.size() == 10);
  CHECK(here.classes.front() == "T-shirt/top");
  for (const char* name : {"best.safetensors", "last.safetensors"}) {
    const nn::TensorFile file = nn::read_safetensors(files.best.parent_path() / name);
    CHECK(data_identity_in(file, name) == here);
  }
  for (const char* name : {"config.json", "result.json"}) {
    const Json json = Json::parse(read_file(files.best.parent_path() / name));
    CHECK(json.at("data") == to_json(here));
  }
}

TEST_CASE("a network with its classes in another order says the same") {
  const Files files;
  const std::vector<float> want = logits(files.best);
  CHECK(logits(files.other_order) == want);

  // As the start of training, and as a teacher.
  const auto start = nn::make_model("resnet8", tiny_data().model_input(), data::Device::cpu, 1);
  load_weights(files.other_order, *start, tiny_data().about());
  CHECK(logits_of(*start, tiny_data().test(), all_indices(40)) == want);
  const auto student = [&](const fs::path& teacher, const char* name) {
    train_run(config_of({{"loss", "sd"}}), tiny_data(), {.teacher = teacher},
              files.root.path() / name);
    return read_file(files.root.path() / name / "best.safetensors");
  };
  CHECK(student(files.best, "a") == student(files.other_order, "b"));
}

TEST_CASE("other classes are refused wherever weights are read, before anything is written") {
  const Files files;
  Json names = tiny_data().about().class_names;
  names[9] = "Boot";
  const std::string file = files.with("softlabel.classes", names.dump()).string();
  const std::string want = file +
                           " is for other classes than those of fashion-mnist: only the file has "
                           "\"Boot\", only fashion-mnist has \"Ankle boot\"";
  CHECK(error_of([&] { load_model(file, "", tiny_data()); }) == want);
  const fs::path out = files.root.path() / "refused";
  const auto run_with = [&](const Json& settings, const RunInputs& inputs) {
    return error_of([&] { train_run(config_of(settings), tiny_data(), inputs, out); });
  };
  CHECK(run_with({{"loss", "sd"}}, {.teacher = file}) == want);
  CHECK(run_with(Json::object(), {.weights = file}) ==
        want + "; `new_head` takes the rest of the network and learns these classes");
  CHECK_FALSE(fs::exists(out));
  names.erase(9);
  CHECK_THAT(
      error_of([&] { load_model(files.with("softlabel.classes", names.dump()), "", tiny_data()); }),
      Contains("only fashion-mnist has \"Ankle boot\""));
}

TEST_CASE("a network that a file names and does not hold takes no memory") {
  const Files files;
  Json config = Json::parse(nn::read_safetensors(files.best).metadata.at("softlabel.config"));
  config["model"] = "densenet-bc-9994-999";  // more parameters than any buffer holds
  const fs::path file = files.with("softlabel.config", config.dump());
  const std::string want = file.string() + " does not fit the model: \"conv1.weight\" is ";
  CHECK_THAT(error_of([&] { load_model(file, "", tiny_data()); }), StartsWith(want));
  CHECK_THAT(error_of([&] { load_classifier(file, data::Device::cpu, kernels::DType::f32); }),
             StartsWith(want));
}

TEST_CASE("a run goes on only with the classes it began with") {
  const test::TemporaryDirectory root, caches;
  const auto load = [&] {
    return TrainingData("image-folder", root.path() / "data", data::Device::cpu, 8, caches.path());
  };
  write_pictures(root.path() / "data", {"cat", "dog"});
  const RunConfig config = config_of(
      {{"dataset", "image-folder"}, {"image_size", 8}, {"epochs", 2}, {"batch_size", 10}});
  RunOptions stop;
  stop.after_epoch = [](const EpochRecord&) { return false; };
  const fs::path out = root.path() / "run";
  CHECK_THROWS_AS(train_run(config, load(), {}, out, stop), Interrupted);
  for (const char* part : {"train", "test"})
    fs::rename(root.path() / "data" / part / "cat", root.path() / "data" / part / "Kitten");
  CHECK(error_of([&] { train_run(config, load(), {}, out); }) ==
        out.string() +
            " holds another run (class 0 is \"cat\" there, \"Kitten\" here): choose another "
            "directory, or remove it");

  // A directory of earlier times does not say them, and goes on.
  Json early = Json::parse(read_file(out / "config.json"));
  early.erase("data");
  write_file(out / "config.json", early.dump());
  CHECK(train_run(config, load(), {}, out).epochs == 2);
}

TEST_CASE("programs match classes by name, and say so") {
  const test::TemporaryDirectory root, caches;
  const fs::path data = root.path() / "data";
  const std::string a = (root.path() / "a").string(), best = a + "/best.safetensors";
  write_pictures(data, {"cat", "dog", "eel"});
  const auto command = [&](std::vector<std::string> all) {
    for (const std::string& more : {std::string("--data-dir"), data.string(),
                                    std::string("--cache-dir"), caches.path().string()})
      all.push_back(more);
    return test::run(all);
  };
  const auto train = [&](const std::vector<std::string>& more) {
    std::vector<std::string> all{
        "train",   "--dataset",    "image-folder", "--image-size", "8", "--model",
        "resnet8", "--batch-size", "10",           "--epochs",     "4", "--threads",
        "1"};
    all.insert(all.end(), more.begin(), more.end());
    return command(all);
  };
  const auto evaluate = [&](const std::string& weights) {
    return command({"evaluate", "--json", "--weights", weights});
  };
  REQUIRE(train({"--out", a}).status == 0);
  const test::Outcome before = evaluate(best);
  REQUIRE(before.status == 0);
  CHECK_THAT(before.err, !Contains("classes"));

  nn::TensorFile unnamed = nn::read_safetensors(best);
  unnamed.metadata.erase("softlabel.classes");
  const std::string unnamed_path = (root.path() / "unnamed.safetensors").string();
  nn::write_safetensors(unnamed_path, unnamed);
  const test::Outcome as_before = evaluate(unnamed_path);
  CHECK(as_before.status == 0);
  CHECK(Json::parse(as_before.out).at("nll") == Json::parse(before.out).at("nll"));
  CHECK_THAT(as_before.err, Contains(unnamed_path + " does not name its classes: they are taken "
                                                    "in the order of image-folder's\n"));

  for (const char* part : {"train", "test"}) {
    fs::rename(data / part / "cat", data / part / "zebra");
    fs::rename(data / part / "dog", data / part / "yak");
  }
  const std::string words = best +
                            " is for other classes than those of image-folder: only the file has "
                            "\"cat\", \"dog\", only image-folder has \"yak\", \"zebra\"";
  const std::string out = (root.path() / "b").string();
  for (const test::Outcome& refused :
       {evaluate(best), train({"--out", out, "--loss", "sd", "--teacher", best}),
        train({"--out", out, "--weights", best})}) {
    CHECK(refused.status == 1);
    CHECK(refused.out.empty());
    const std::string said = test::last_line(refused.err);
    CHECK_THAT(said,
               Contains(": " + words + "\n") || Contains(": " + words + "; --new-head takes"));
  }
  CHECK_FALSE(fs::exists(out));
}

TEST_CASE("a pipe in the place of weights is refused at once") {
  const test::TemporaryDirectory root;
  const std::string pipe = (root.path() / "pipe").string();
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  const test::TinyDataset data;
  for (const std::vector<std::string>& command :
       {test::tiny("train", data.dir(), {"--loss", "sd", "--teacher", pipe}),
        test::tiny("train", data.dir(), {"--weights", pipe}),
        std::vector<std::string>{"evaluate", "--weights", pipe},
        std::vector<std::string>{"evaluate", "--weights", "none", "--save-logits", pipe}}) {
    const test::Outcome outcome = test::run(command);
    CHECK(outcome.status == 1);
    CHECK_THAT(test::last_line(outcome.err), Contains("pipe"));
  }
  CHECK_THAT(error_of([&] { file_fingerprint(pipe); }), Contains("it is a pipe"));
  CHECK_THAT(error_of([&] { read_file(pipe); }), Contains("it is a pipe"));
}
