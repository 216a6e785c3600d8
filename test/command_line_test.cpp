// SPDX-License-Identifier: MIT
#include "experiments/command_line.h"

#include "test/catch.h"

using namespace experiments;

namespace {

RunConfig parse(const std::string& arguments) {
  CLI::App app;
  Json settings = Json::object();
  add_config_options(app, settings, {"Training", "Loss"});
  app.parse(arguments);
  return make_config(settings);
}

}  // namespace

TEST_CASE(
    "alpha on the command line is the hard label's weight, or the authors' the soft label's") {
  CHECK(parse("--loss sd --alpha 0.75").alpha == 0.75);
  CHECK(parse("--loss sd --alpha 0.75 --protocol paper").alpha == 0.75);
  CHECK(parse("--loss sd --alpha 0.75 --protocol authors").alpha == 0.25);
  CHECK(parse("--protocol authors --loss sd").alpha == 0.6);
  CHECK(ece_bins(parse("--protocol authors").protocol) == 20);
  CHECK(ece_bins(parse("").protocol) == 15);
}
