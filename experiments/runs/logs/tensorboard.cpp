// SPDX-License-Identifier: MIT
#include "experiments/runs/logs/tensorboard.h"

#include <unistd.h>

#include <chrono>
#include <cmath>
#include <fstream>

#include "engine/system/protobuf.h"
#include "kernels/runtime/system_error.h"

namespace experiments {

namespace fs = std::filesystem;

namespace {

constexpr const char* file_prefix = "events.out.tfevents.";

/// CRC-32 of Castagnoli, reflected, of some bytes; few and short ones.
std::uint32_t crc32c(const std::string& bytes) {
  std::uint32_t crc = ~0U;
  for (const char byte : bytes) {
    crc ^= std::uint8_t(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78 : 0);
  }
  return ~crc;
}

std::string masked_crc(const std::string& bytes) {
  const std::uint32_t crc = crc32c(bytes);
  return nn::little_endian((crc >> 15 | crc << 17) + 0xA282EAD8, 4);
}

double seconds_since_1970() {
  using namespace std::chrono;
  return duration<double>(system_clock::now().time_since_epoch()).count();
}

// The numbers of fields are those of TensorFlow's event.proto and summary.proto.
nn::ProtobufMessage event_now() { return nn::ProtobufMessage().real(1, seconds_since_1970()); }

std::string epoch_event(const EpochRecord& record) {
  nn::ProtobufMessage summary;
  const auto value = [&](const char* tag, double number) {
    if (std::isnan(number)) return;
    summary.message(1, nn::ProtobufMessage().text(1, tag).real(2, float(number)));
  };
  value("loss/train", record.train_loss);
  value("accuracy/train", record.train_accuracy);
  value("accuracy/validation", record.val_accuracy);
  value("nll/validation", record.val_nll);
  value("learning rate", record.learning_rate);
  value("images per second", record.images_per_second);
  return event_now().number(2, std::uint64_t(record.epoch)).message(5, summary).bytes();
}

bool has_log(const fs::path& run) {
  std::error_code unreadable;
  for (const auto& entry : fs::directory_iterator(run, unreadable))
    if (entry.path().filename().string().starts_with(file_prefix)) return true;
  return false;
}

}  // namespace

std::string tf_record(const std::string& data) {
  const std::string length = nn::little_endian(data.size(), 8);
  return length + masked_crc(length) + data + masked_crc(data);
}

TensorBoardLog::TensorBoardLog(const fs::path& run)
    : path_(run /
            fmt::format("{}{}.{}", file_prefix, std::uint64_t(seconds_since_1970()), getpid())) {
  const bool is_first = !has_log(run);
  append(event_now().text(3, "brain.Event:2").bytes());
  if (!is_first) return;
  for (const EpochRecord& record : read_epochs(run)) add(record);
}

void TensorBoardLog::add(const EpochRecord& record) { append(epoch_event(record)); }

void TensorBoardLog::append(const std::string& event) const {
  std::ofstream file(path_, std::ios::binary | std::ios::app);
  file << tf_record(event) << std::flush;
  kernels::require_system(bool(file), "cannot write {}", path_.string());
}

}  // namespace experiments
