// SPDX-License-Identifier: MIT
#include "experiments/runs/logs/epoch_log.h"

#include <cmath>

#include "test/support/catch.h"
#include "test/support/temporary_directory.h"

using namespace experiments;

TEST_CASE("rows of epochs.csv are read as they were written, whatever the order of the columns") {
  const test::TemporaryDirectory root;
  const std::filesystem::path path = root.path() / "run";
  const RunDirectory run(path, {}, Json::object());
  EpochRecord one{1, 0.1, 2.5, 0.25, 0.5, 1.75, 3, 100}, two{.epoch = 2, .train_loss = 2};
  RunLogs logs(run, 0, 0, false);
  logs.add(one, 5, {});
  logs.add(two, 10, {});
  const std::vector<EpochRecord> read = read_epochs(path);
  REQUIRE(read.size() == 2);
  CHECK(read[0].epoch == 1);
  CHECK(read[0].learning_rate == 0.1);
  CHECK(read[0].train_loss == 2.5);
  CHECK(read[0].val_accuracy == 0.5);
  CHECK(read[0].images_per_second == 100);
  CHECK(read[1].train_loss == 2);
  CHECK(std::isnan(read[1].val_nll));

  root.write("other/epochs.csv", "train_loss,epoch,new\n3,2,x\nx,3,1\n1,,1\n1,3,1\n1,nan,1\n");
  const std::vector<EpochRecord> other = read_epochs(root.path() / "other");
  REQUIRE(other.size() == 2);
  CHECK(other[0].epoch == 2);
  CHECK(other[0].train_loss == 3);
  CHECK(std::isnan(other[1].train_loss));
  CHECK(read_epochs(root.path() / "none").empty());
}
