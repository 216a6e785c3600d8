// SPDX-License-Identifier: MIT
#include "experiments/runs/logs/tensorboard.h"

#include "engine/system/files.h"
#include "test/support/error_of.h"
#include "test/support/support.h"
#include "test/support/temporary_directory.h"

using namespace experiments;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> logs_in(const fs::path& run) {
  std::vector<std::string> logs;
  for (const auto& entry : fs::directory_iterator(run))
    if (entry.path().filename().string().starts_with("events.out.tfevents."))
      logs.push_back(read_file(entry.path()));
  return logs;
}

}  // namespace

TEST_CASE("a record has TensorFlow's checksums") {
  // CRC-32C of "123456789" is E3069283 (RFC 3720, and every list of test values).
  const std::string record = tf_record("123456789");
  REQUIRE(record.size() == 8 + 4 + 9 + 4);
  const auto u32 = [&](std::size_t at) {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value |= std::uint32_t(std::uint8_t(record[at + i])) << (8 * i);
    return value;
  };
  const std::uint32_t crc = 0xE3069283;
  CHECK(u32(21) == (crc >> 15 | crc << 17) + 0xA282EAD8);
  CHECK(u32(0) == 9);
  CHECK(record.substr(12, 9) == "123456789");
}

TEST_CASE("a log has the epochs from before, and is added to") {
  const test::TemporaryDirectory root;
  const fs::path run = root.path();
  write_file(run / "epochs.csv", "epoch,lr,train_loss\n1,0.5,2\n2,0.5,1\n");
  TensorBoardLog log(run);
  REQUIRE(logs_in(run).size() == 1);
  const std::string before = logs_in(run).front();
  CHECK(before.find("brain.Event:2") != std::string::npos);
  const auto times = [](const std::string& text, const std::string& part) {
    int count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
  };
  CHECK(times(before, "loss/train") == 2);
  CHECK(times(before, "accuracy") == 0);  // no such values
  log.add({.epoch = 3, .train_loss = 0.5});
  const std::string after = logs_in(run).front();
  CHECK(after.starts_with(before));
  CHECK(times(after, "loss/train") == 3);
}

TEST_CASE("a log that cannot be written says so") {
  CHECK(test::error_of([] { TensorBoardLog("/proc/self/none"); }).find("cannot write /proc") == 0);
}
