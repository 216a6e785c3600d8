// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "engine/system/files.h"
#include "engine/system/values.h"
#include "kernels/runtime/precision.h"
#include "nn/files/safetensors.h"
#include "test/support/data_pictures.h"
#include "test/support/process.h"
#include "test/support/saved_logits.h"
#include "test/support/tiny_dataset.h"

using namespace test;
using Catch::Matchers::Contains;
using experiments::Json;
namespace fs = std::filesystem;

namespace {

/// Noise, brighter for higher labels; no two are alike.
std::vector<std::uint8_t> noise(int size, int label, int number) {
  const std::vector<float> x =
      random_values(std::size_t(size), 0, 80, std::uint64_t(100 * label + number));
  std::vector<std::uint8_t> pixels;
  for (const float value : x) pixels.push_back(std::uint8_t(value + 60.f * float(label)));
  return pixels;
}

std::vector<Json> lines_of(const std::string& text) {
  std::vector<Json> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(Json::parse(line));
  return lines;
}

bool has_bf16() { return kernels::why_unavailable(Device::cpu, kernels::Precision::bf16).empty(); }

/// That predict gives the pictures of a folder, in order, what evaluate measured of the test set.
void check_same(const fs::path& run_directory, const fs::path& data, const fs::path& pictures,
                const std::vector<std::string>& classes, const std::string& precision = "exact") {
  const fs::path best = run_directory / "best.safetensors", logits = run_directory / "logits";
  const Outcome evaluated = run({"evaluate", "--weights", best, "--data-dir", data, "--save-logits",
                                 logits, "--threads", "1", "--precision", precision});
  INFO(evaluated.err);
  REQUIRE(evaluated.status == 0);
  const auto want = probabilities_in(logits, classes.size());
  const Outcome outcome =
      run({"predict", "--weights", best, "--format", "json", "--top", "100", "--temperature", "1",
           "--threads", "1", "--precision", precision, pictures});
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  const std::vector<Json> got = lines_of(outcome.out);
  REQUIRE(got.size() == want.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    INFO(got[i].dump());
    REQUIRE(got[i].at("top").size() == classes.size());
    double before = 1;
    for (const Json& one : got[i].at("top")) {
      const auto at = std::find(classes.begin(), classes.end(), one.at("class").get<std::string>());
      REQUIRE(at != classes.end());
      const double p = one.at("probability");
      CHECK(p == Approx(want[i][std::size_t(at - classes.begin())]).epsilon(1e-4).margin(1e-6));
      CHECK(p <= before);
      before = p;
    }
  }
}

}  // namespace

TEST_CASE("predict sees pictures of any size as training did") {
  const TemporaryDirectory photos, runs;
  const std::vector<std::string> classes{"Bäume, \"alt\"", "cat", "dog"};
  for (int label = 0; label < 3; ++label)
    for (int i = 0; i < 8; ++i) {
      const int w = 20 + 3 * i, h = 31 - 2 * i;
      photos.write(
          fmt::format("{}/{}/{}.png", i < 5 ? "train" : "test", classes[std::size_t(label)], i),
          picture_file(PictureKind::png, w, h, 3, noise(w * h * 3, label, i)));
    }
  const fs::path out = runs.path() / "run", best = out / "best.safetensors";
  const Outcome trained = run({"train", "--data-dir", photos.path(), "--dataset", "image-folder",
                               "--model", "resnet8", "--epochs", "2", "--image-size", "16",
                               "--batch-size", "4", "--threads", "1", "--out", out});
  INFO(trained.err);
  REQUIRE(trained.status == 0);
  check_same(out, photos.path(), photos.path() / "test", classes);
  if (has_bf16()) check_same(out, photos.path(), photos.path() / "test", classes, "bf16");

  const fs::path broken = photos.write("broken.png", "\x89PNG\r\n\x1a\n");
  const std::string good = (photos.path() / "test/cat/5.png").string();
  const Outcome csv = run({"predict", "--weights", best, "--format", "csv", "--top", "3",
                           "--threads", "1", good, broken, (photos.path() / "no,where").string()});
  CHECK(csv.status == 1);
  CHECK_THAT(csv.out, Contains("picture,class_1,probability_1,class_2,probability_2,class_3,"
                               "probability_3,error\n" +
                               good + ",") &&
                          Contains("\"Bäume, \"\"alt\"\"\",0.") &&
                          Contains("\n" + broken.string() + ",,,,,,,") &&
                          Contains("no,where\",,,,,,,cannot be read: No such file or directory\n"));
  CHECK(last_line(csv.err) == "predict: 2 of 3 pictures cannot be read\n");

  const std::string list =
      runs.write("list", "\xEF\xBB\xBF" + good + "\r\n\n" + photos.path().string() +
                             "/test/dog\n");  // as a list made on Windows is
  const Outcome listed =
      run({"/bin/sh", "-c", "\"$0\" --weights \"$1\" - <\"$2\"", program("predict"), best, list});
  INFO(listed.err);
  CHECK(listed.status == 0);
  CHECK(std::count(listed.out.begin(), listed.out.end(), '\n') == 4);
  CHECK_THAT(listed.out, Catch::Matchers::StartsWith(good + ":  ") && Contains(" %\n"));

  // Whatever the names of classes, a line is a line; and a name that is none spoils no other.
  nn::TensorFile file = nn::read_safetensors(best);
  file.metadata["softlabel.classes"] = R"(["new\nline","\u001b[2J","tab\t"])";
  const fs::path odd = runs.path() / "odd.safetensors";
  nn::write_safetensors(odd, file);
  const Outcome shown =
      run({"predict", "--weights", odd, "--top", "3", std::string(5000, 'x'), good});
  CHECK(shown.status == 1);
  CHECK(std::count(shown.out.begin(), shown.out.end(), '\n') == 2);
  CHECK_THAT(shown.out, Contains("File name too long\n" + good + ":  ") &&
                            Contains("new\\nline ") && Contains("\\x1b[2J ") &&
                            Contains("tab\\t "));
}

TEST_CASE("predict takes the temperature that the run fitted") {
  const TinyDataset data;
  const TemporaryDirectory root;
  const fs::path out = root.path() / "run", best = out / "best.safetensors";
  REQUIRE(run(tiny("train", data.dir(), {"--epochs", "3", "--out", out})).status == 0);
  const data::Dataset set = data::load_dataset("fashion-mnist", data.dir());
  for (int i = 0; i < set.test.count; ++i) {
    const auto first = set.test.pixels.begin() + std::ptrdiff_t(i) * 784;
    root.write(fmt::format("pictures/{:02}.png", i),
               picture_file(PictureKind::png, 28, 28, 1, {first, first + 784}));
  }
  check_same(out, data.dir(), root.path() / "pictures", set.class_names);

  const auto predict = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"predict", "--weights", best, "--format", "json", "--top", "10"});
    more.push_back((root.path() / "pictures/00.png").string());
    return run(more);
  };
  // What the file carries is what the run fitted.
  Json result = experiments::read_json(out / "result.json");
  Json& fitted = result["test"]["temperature_scaled"]["temperature"];
  nn::TensorFile file = nn::read_safetensors(best);
  CHECK(Json::parse(file.metadata.at("softlabel.temperature")) == fitted);
  const auto check_temperature = [&](const std::string& value) {
    const Outcome automatic = predict({});
    CHECK_THAT(automatic.err,
               Contains("temperature " + value + ", fitted on the validation images"));
    CHECK(automatic.out == predict({"--temperature", value}).out);
    CHECK(automatic.out != predict({"--temperature", "1"}).out);
  };
  file.metadata["softlabel.temperature"] = "2.5";
  nn::write_safetensors(best, file);
  check_temperature("2.5");
  // Files of earlier versions carry none, and have their result beside them.
  file.metadata.erase("softlabel.temperature");
  nn::write_safetensors(best, file);
  fitted = 3.5;
  experiments::write_file(out / "result.json", result.dump());
  check_temperature("3.5");
  fitted = "x";
  experiments::write_file(out / "result.json", result.dump());
  const Outcome damaged = predict({});
  CHECK(damaged.status == 1);
  CHECK_THAT(damaged.err, Contains((out / "result.json").string() + " is damaged (") &&
                              Contains("temperature is \"x\"") && Contains("move it away"));
  fs::remove(out / "result.json");
  CHECK_THAT(predict({}).err,
             Contains("temperature 1: " + best.string() + " has no result of its"));

  const Outcome usage = predict({"--temperature", "0"});
  CHECK(usage.status == 2);
  CHECK_THAT(usage.err, Contains("--temperature is 0"));
  file = nn::read_safetensors(best);
  nn::FileTensor& weight = file.tensors.at("linear.weight");
  const nn::FileTensor sound = weight;
  weight = nn::FileTensor::f32(weight.shape, std::vector<float>(weight.to_f32().size(), 3e38f));
  nn::write_safetensors(best, file);
  const Outcome overflown = predict({});
  CHECK(overflown.status == 1);
  CHECK(overflown.out.empty());
  CHECK_THAT(last_line(overflown.err), Contains("the network's outputs are not finite"));
  weight = sound;
  file.metadata.erase("softlabel.classes");
  nn::write_safetensors(best, file);
  const Outcome unnamed = predict({});
  CHECK(unnamed.status == 1);
  CHECK_THAT(last_line(unnamed.err),
             Contains(best.string() + " does not say which classes that knows, as files of train"));
}
