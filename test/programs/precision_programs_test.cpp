// SPDX-License-Identifier: MIT
#include "engine/system/files.h"
#include "experiments/runs/config.h"
#include "test/support/process.h"
#include "test/support/tiny_dataset.h"

using Catch::Matchers::Contains;
using experiments::Json;
using experiments::read_file;
using test::Outcome;
using test::run;
using test::tiny;
namespace fs = std::filesystem;

TEST_CASE("train and evaluate in bf16, and the run says so") {
  if (!kernels::why_unavailable(test::Device::cpu, kernels::Precision::bf16).empty()) return;
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  const std::string out = (root.path() / "run").string(), best = out + "/best.safetensors";
  const auto train = [&](const char* precision) {
    return run(tiny("train", data.dir(),
                    {"--epochs", "2", "--device", "cpu", "--precision", precision, "--out", out}));
  };
  const Outcome trained = train("bf16");
  INFO(trained.err);
  REQUIRE(trained.status == 0);
  CHECK_THAT(trained.err.substr(0, trained.err.find('\n')),
             Catch::Matchers::EndsWith("precision bf16"));
  CHECK(Json::parse(read_file(out + "/config.json")).at("run").at("precision") == "bf16");
  CHECK(train("bf16").status == 0);
  const Outcome other = train("exact");
  CHECK(other.status == 1);
  CHECK_THAT(other.err,
             Contains("holds another run (precision is \"bf16\" there, \"exact\" here)"));

  const auto evaluated = [&](std::vector<std::string> more) {
    more.insert(more.begin(),
                {"evaluate", "--json", "--weights", best, "--data-dir", data.dir().string()});
    const Outcome outcome = run(more);
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
    return Json::parse(outcome.out);
  };
  const Json want = Json::parse(read_file(out + "/result.json")).at("test");
  const Json as_trained = evaluated({"--precision", "bf16", "--device", "cpu"});
  for (const auto& [key, value] : want.items()) CHECK(as_trained.at(key) == value);
  const Json exactly = evaluated({"--device", "cpu"});
  CHECK(exactly.at("nll") != want.at("nll"));
  CHECK(exactly.at("nll").get<double>() == Approx(want.at("nll").get<double>()).epsilon(0.05));
  CHECK(exactly.contains("temperature_scaled") ==
        want.contains("temperature_scaled"));  // the same samples are held out
}

TEST_CASE("what was begun in a precision goes on in it unless another is given") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  for (const std::string program : {"train", "figure1_sequential"}) {
    const fs::path out = root.path() / program;
    const auto command = [&](std::vector<std::string> more) {
      more.insert(more.end(), {"--epochs", "1", "--device", "cpu", "--out", out.string()});
      if (program != "train")
        more.insert(more.end(), {"--generations", "1", "--seeds", "2", "--train-limit", "40",
                                 "--val-limit", "20"});
      return run(tiny(program, data.dir(), more));
    };
    REQUIRE(command({"--precision", "exact"}).status == 0);
    // As from before there was a choice.
    for (const auto& entry : fs::recursive_directory_iterator(out)) {
      if (entry.path().filename() != "config.json") continue;
      Json config = Json::parse(read_file(entry.path()));
      config.at("run").erase("precision");
      experiments::write_file(entry.path(), config.dump());
    }
    const Outcome again = command({});
    INFO(again.err);
    CHECK(again.status == 0);
    const Outcome other = command({"--precision", "f32"});
    CHECK(other.status == 1);
    CHECK_THAT(other.err, Contains("(precision is \"exact\" there, \"f32\" here)"));
  }
}

TEST_CASE("a precision that the device does not have is refused before any work, in one line") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  const fs::path out = root.path() / "run";
  const auto refused = [&](const char* precision, const test::Surroundings& around) {
    const Outcome outcome =
        run(tiny("train", data.dir(),
                 {"--device", "cpu", "--precision", precision, "--out", out.string()}),
            around);
    CHECK_FALSE(fs::exists(out));
    CHECK(test::is_one_line(outcome.err));
    return outcome;
  };
  // oneDNN as on a processor without AVX-512; before version 2.5 it knows the second name alone.
  const Outcome old_processor =
      refused("bf16", {{{"ONEDNN_MAX_CPU_ISA", "AVX2"}, {"DNNL_MAX_CPU_ISA", "AVX2"}}});
  CHECK(old_processor.status == 1);
  CHECK(old_processor.err ==
        "train: --precision bf16 on the cpu (as asked): oneDNN has no bf16 convolution for this "
        "processor, which lacks AVX-512; use --precision f32\n");
  const Outcome unknown = refused("fp16", {});
  CHECK(unknown.status == 2);
  CHECK_THAT(unknown.err, Contains("--precision is fp16, should be one of exact, f32, tf32, bf16"));
}
