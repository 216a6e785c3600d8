// SPDX-License-Identifier: MIT
#include "engine/system/files.h"
#include "engine/system/values.h"
#include "nn/files/safetensors.h"
#include "nn/weights.h"
#include "test/support/process.h"
#include "test/support/support.h"
#include "test/support/tiny_dataset.h"

using namespace test;
using Catch::Matchers::Contains;
using experiments::Json;
namespace fs = std::filesystem;

namespace {

/// A finished run on the tiny data set, and what export says about its best weights.
struct TrainedRun {
  explicit TrainedRun(const std::string& model) {
    const Outcome trained =
        run(tiny("train", data.dir(),
                 {"--model", model, "--epochs", "1", "--max-steps", "2", "--out", out}));
    INFO(trained.err);
    REQUIRE(trained.status == 0);
  }
  Outcome exported(std::vector<std::string> more, const Surroundings& surroundings = {}) const {
    more.insert(more.begin(), {"export", "--weights", best});
    return run(more, surroundings);
  }
  fs::path file(const std::string& name) const { return root.path() / name; }
  std::string predicted(const fs::path& weights) const {
    const Outcome outcome = run({"predict", "--weights", weights, "--format", "json", "--top", "10",
                                 "--threads", "1", file("picture.ppm")});
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
    return outcome.out;
  }

  const TinyDataset data;
  const TemporaryDirectory root;
  const fs::path out = root.path() / "run", best = out / "best.safetensors";
};

void refused(const Outcome& outcome, int status, const std::string& text) {
  INFO(outcome.err);
  CHECK(outcome.status == status);
  CHECK(outcome.out.empty());
  CHECK_THAT(outcome.err, Contains(text));
  CHECK(is_one_line(outcome.err));
}

}  // namespace

TEST_CASE("exported weights hold all that predict needs, and the temperature") {
  const TrainedRun trained("resnet8");
  trained.root.write("picture.ppm", "P6\n4 4\n255\n" + std::string(48, '\x77'));
  nn::TensorFile best = nn::read_safetensors(trained.best);
  best.metadata["softlabel.temperature"] = "2.5";
  nn::write_safetensors(trained.best, best);
  const std::string before = trained.predicted(trained.best);

  const fs::path weights = trained.file("w.safetensors"), folder = trained.file("folder");
  const fs::path onnx = trained.file("a.onnx");
  const Outcome outcome =
      trained.exported({"--output", weights, "--onnx", onnx, "--huggingface", folder});
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  CHECK(outcome.out == weights.string() + "\n" + onnx.string() + "\n" + folder.string() + "\n");
  CHECK(nn::read_safetensors(weights).metadata.at("softlabel.temperature") == "2.5");
  CHECK(trained.predicted(weights) == before);
  CHECK(trained.predicted(folder / "model.safetensors") == before);

  const Json config = experiments::read_json(folder / "config.json");
  CHECK(config.at("id2label").at("9") == "Ankle boot");
  CHECK(config.at("label2id").at("Ankle boot") == 9);
  CHECK(config.at("image_size") == 28);
  CHECK(config.at("temperature") == 2.5);
  CHECK_FALSE(config.contains("architecture"));
  const std::string card = experiments::read_file(folder / "README.md");
  CHECK_THAT(card, Contains("name: \"fashion-mnist\"") && Contains("| accuracy |"));
  CHECK_THAT(experiments::read_file(folder / "softlabel_torch.py"), Contains("def load(path"));

  // What is there is not replaced unless that is said, and the weights are not in any case.
  refused(trained.exported({"--onnx", onnx}), 1, "is there already");
  refused(trained.exported({"--output", weights}), 1, "is there already");
  refused(trained.exported({"--huggingface", folder}), 1, "is there already");
  refused(trained.exported({"--output", trained.best, "--force"}), 1, "is the weight file itself");
  refused(trained.exported({"--huggingface", trained.out, "--force"}), 1, "a run's directory");
  const std::string old = experiments::read_file(onnx);
  const Outcome full = trained.exported({"--onnx", onnx, "--force"}, {.largest_file = 4096});
  INFO(full.err);
  CHECK(full.status == 1);
  CHECK(is_one_line(full.err));
  CHECK_THAT(full.err, Contains("a.onnx"));
  CHECK(experiments::read_file(onnx) == old);
  CHECK(trained.exported({"--onnx", onnx, "--softmax", "--force"}).status == 0);
  CHECK(experiments::read_file(onnx) != old);
  CHECK(trained.exported({"--huggingface", folder, "--force"}).status == 0);
  CHECK(fs::exists(trained.out / "result.json"));

  refused(trained.exported({"--names", "torchvision", "--output", trained.file("t")}), 1,
          "torchvision has no resnet8");
  refused(trained.exported({}), 2, "nothing to write");
  refused(trained.exported({"--names", "torchvision", "--onnx", trained.file("b.onnx")}), 2,
          "--names is for --output");
  refused(trained.exported({"--softmax", "--output", trained.file("t")}), 2, "are for --onnx");
  refused(trained.exported({"--onnx", trained.file("t"), "--output", trained.file("./t")}), 2,
          "is named twice for what is written");
  refused(trained.exported({"--onnx", trained.file("no/where.onnx")}), 1, "where.onnx");
  CHECK_FALSE(fs::exists(trained.file("t")));

  nn::TensorFile nameless = nn::read_safetensors(trained.best);
  nameless.metadata.clear();
  nn::write_safetensors(trained.best, nameless);
  refused(trained.exported({"--onnx", trained.file("c.onnx")}), 1, "does not say which network");
}

TEST_CASE("networks that torchvision and timm have go to them under their names") {
  const TrainedRun trained("resnet18");
  const fs::path weights = trained.file("w.safetensors");
  REQUIRE(trained.exported({"--names", "torchvision", "--output", weights}).status == 0);
  const nn::TensorFile file = nn::read_safetensors(weights);
  const nn::TensorFile ours = nn::read_safetensors(trained.best);
  CHECK(file.tensors.size() == ours.tensors.size());
  CHECK(file.tensors.at("fc.bias").bytes == ours.tensors.at("linear.bias").bytes);
  CHECK(file.tensors.at("layer2.0.downsample.1.num_batches_tracked").bytes ==
        ours.tensors.at("layer2.0.shortcut.1.num_batches_tracked").bytes);
  trained.root.write("picture.ppm", "P6\n4 4\n255\n" + std::string(48, '\x77'));
  CHECK(trained.predicted(weights) == trained.predicted(trained.best));
}
