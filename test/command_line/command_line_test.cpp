// SPDX-License-Identifier: MIT
#include "experiments/command_line/command_line.h"

#include "experiments/command_line/settings.h"
#include "test/support/catch.h"
#include "test/support/error_of.h"
#include "test/support/temporary_directory.h"

#include <sys/stat.h>

using namespace experiments;

namespace {

/// All settings of a program with run options, and a list as experiments have.
Json parse_line(const std::string& arguments) {
  CLI::App app;
  Settings settings;
  settings.add_config_file(app);
  settings.add_fields(app, {"Training", "Loss"}, {"max-steps"});
  settings.add<std::vector<std::string>>(app, "--dataset,--datasets", "datasets", "");
  app.parse(arguments);
  return settings.all();
}

RunConfig config_of(const std::string& arguments) { return make_config(parse_line(arguments)); }

std::string usage_error(const std::string& arguments) {
  try {
    parse_line(arguments);
  } catch (const CLI::ParseError& e) {
    return e.what();
  }
  return "";
}

std::string file_error(const test::TemporaryDirectory& root, const std::string& content) {
  const std::string file = root.write("options.json", content).string();
  std::string error = test::error_of([&] { parse_line("--config " + file); });
  if (error.empty()) return error;
  REQUIRE(error.starts_with(file));
  return error.substr(file.size() + 2);
}

}  // namespace

TEST_CASE(
    "alpha on the command line is the hard label's weight, or the authors' the soft label's") {
  CHECK(config_of("--loss sd --alpha 0.75").alpha == 0.75);
  CHECK(config_of("--loss sd --alpha 0.75 --protocol paper").alpha == 0.75);
  CHECK(config_of("--loss sd --alpha 0.75 --protocol authors").alpha == 0.25);
  CHECK(config_of("--protocol authors --loss sd").alpha == 0.6);
  CHECK(ece_bins(config_of("--protocol authors").protocol) == 20);
  CHECK(ece_bins(config_of("").protocol) == 15);
}

TEST_CASE("an option has one value, and the last one counts") {
  CHECK(config_of("--epochs 3 --epochs 5").epochs == 5);
  CHECK(config_of("--epochs=010").epochs == 10);
  CHECK(config_of("--milestones 1,2").milestones == std::vector{1, 2});
  CHECK(config_of("--omega --no-omega").omega == false);
  CHECK(config_of("--no-omega --omega --omega").omega == true);
  CHECK(config_of("--entropy-weight -0.5").entropy_weight == -0.5);
  CHECK(parse_line("--dataset a,b").at("datasets") == Json::array({"a", "b"}));
  CHECK(parse_line("--datasets a").at("datasets") == Json::array({"a"}));
  CHECK(usage_error("--epochs 1.5") ==
        "--epochs is 1.5, should be a whole number from 1 to 2147483647");
  CHECK(usage_error("--seed -1") ==
        "--seed is -1, should be a whole number from 0 to 18446744073709551615");
  CHECK(usage_error("--lr 1e-46").find("too near 0 for float32") != std::string::npos);
  CHECK(usage_error("--milestones 1 2") != "");  // no blanks in lists
  CHECK(usage_error("--loss mse") ==
        "--loss is mse, should be one of ce, ls, sd, beta, ema, soft, pskd, ols, zipf");
  CHECK(usage_error("--epochs --lr 0.1") == "--epochs has no value: --lr comes next");
}

TEST_CASE("options may stand in a file, a run's config.json say, under those of the command line") {
  const test::TemporaryDirectory root;
  RunConfig made =
      config_of("--loss beta --protocol authors --epochs 7 --seed 18446744073709551615");
  made.dataset = "cifar10";
  made.alpha = 0.3;
  const std::string file =
      root.write("config.json",
                 to_text({{"run", to_json(made)}, {"inputs", {{"data", "1"}}}, {"other", 5}}))
          .string();
  const Json read = parse_line("--config " + file);
  CHECK(read.at("datasets") == Json::array({"cifar10"}));
  CHECK_FALSE(read.contains("model"));      // no option here
  CHECK_FALSE(read.contains("max_steps"));  // nor this
  Json rest = read;
  rest.erase("datasets");
  RunConfig again = make_config(rest);
  again.dataset = "cifar10";
  CHECK(to_json(again) == to_json(made));
  // In files alpha is the hard label's weight, on the command line whose protocol says.
  CHECK(read.at("alpha") == 0.3);
  CHECK(parse_line("--alpha 0.75 --config " + file).at("alpha") == 0.25);
  CHECK(parse_line("--config " + file + " --epochs 3").at("epochs") == 3);
  CHECK(parse_line("--epochs 3 --config " + file).at("epochs") == 3);

  CHECK(file_error(root, R"({"epochs": 3, "batch-size": 5, "datasets": "x", "loss": "sd"})") == "");
}

TEST_CASE("a file of options that is none is refused with what is wrong") {
  const test::TemporaryDirectory root;
  CHECK(file_error(root, R"({"epoch": 3})") ==
        "epoch is no option that a file can have (did you mean epochs?)");
  CHECK(file_error(root, R"({"run": {"epoch": 3}})") ==
        "epoch is no option that a file can have (did you mean epochs?)");
  CHECK(file_error(root, R"({"max_steps": 3})") ==
        "max_steps is no option of this program, which decides it itself");
  CHECK(file_error(root, R"({"epochs": true})") ==
        "epochs is true, should be a whole number from 1 to 2147483647");
  for (const char* value :
       {"4294967297", "-5", "1.5", "\"3\"", "null", "[3]", "{}", "1e400", "0"}) {
    INFO(value);
    CHECK(file_error(root, fmt::format("{{\"epochs\": {}}}", value)) != "");
  }
  CHECK(file_error(root, R"({"loss": "mse"})") ==
        "loss is mse, should be one of ce, ls, sd, beta, ema, soft, pskd, ols, zipf");
  CHECK(file_error(root, R"({"batch_size": 3, "batch-size": 4})") ==
        "batch-size stands there twice");
  CHECK(file_error(root, "[]") == "it should be an object of options");
  CHECK(file_error(root, R"({"run": 5})") == "run should be an object of options");
  CHECK(file_error(root, R"({"run": {"epochs": 3}, "lr": 1})") ==
        "lr stands beside run: put it into that");
  CHECK(file_error(root, "") != "");
  CHECK(file_error(root, "{\"epochs\": 3") != "");
  CHECK(file_error(root, "{\"run\": {\"lr\": " + std::string(100000, '[')) != "");
  CHECK(test::error_of([] { parse_line("--config /nowhere.json"); }) ==
        "cannot read /nowhere.json: No such file or directory");
  const std::string fifo = (root.path() / "fifo").string();
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  for (const std::string& other : {fifo, std::string("/dev/zero"), root.path().string()})
    CHECK(test::error_of([&] {
            parse_line("--config " + other);
          }).starts_with("cannot read " + other));
}

TEST_CASE("what is wrong with what the user asks for is an error of usage, and a stop is none") {
  CHECK_THROWS_AS(asked_for([]() -> int { throw kernels::Error("bad"); }), UsageError);
  CHECK_THROWS_AS(asked_for([]() -> int { throw Interrupted("stopped"); }), Interrupted);
}
