// SPDX-License-Identifier: MIT
#include "experiments/training/soft_labels/teacher_store.h"

#include <span>

#include "engine/process/progress.h"
#include "engine/system/files.h"
#include "engine/system/fingerprint.h"
#include "engine/system/json.h"
#include "kernels/runtime/error.h"
#include "nn/files/safetensors.h"

namespace experiments {

namespace fs = std::filesystem;

namespace {

double bytes_below(const fs::path& root) {
  double bytes = 0;
  std::error_code ignored;  // others write and remove there
  for (const auto& entry : fs::recursive_directory_iterator(root, ignored))
    if (entry.is_regular_file(ignored)) bytes += double(entry.file_size(ignored));
  return bytes;
}

constexpr const char* print_key = "softlabel.fingerprint";

std::string print_of(const std::vector<float>& logits) {
  return fingerprint(std::as_bytes(std::span(logits)));
}

}  // namespace

TeacherStore::TeacherStore(const KeptAnswers& where, const Json& asked)
    : where_(where), asked_(to_text(asked, 2)) {
  folder_ = where.root / fingerprint(std::as_bytes(std::span(asked_)));
}

fs::path TeacherStore::file_of(std::uint32_t epoch) const {
  return folder_ / fmt::format("epoch-{}.safetensors", epoch + 1);
}

std::optional<std::vector<float>> TeacherStore::find(std::uint32_t epoch, std::size_t size) {
  const fs::path file = file_of(epoch);
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return std::nullopt;
  try {
    const nn::TensorFile kept = nn::read_safetensors(file);
    std::vector<float> logits = kept.tensors.at("logits").to_f32();
    kernels::require(logits.size() == size, "{}: {} logits, should be {}", file.string(),
                     logits.size(), size);
    const auto print = kept.metadata.find(print_key);
    kernels::require(print != kept.metadata.end() && print->second == print_of(logits),
                     "{}: the logits are not those that were kept", file.string());
    return logits;
  } catch (const std::exception& e) {
    note(fmt::format("{}; the teacher is asked again", e.what()));
    return std::nullopt;
  }
}

void TeacherStore::keep(std::uint32_t epoch, const std::vector<float>& logits, int classes) {
  if (is_full_) return;
  const auto rows = std::int64_t(logits.size()) / classes;
  const auto stop = [&](const std::string& why) {
    is_full_ = true;
    note(fmt::format("{}; no more of the teacher's answers are kept", why));
  };
  try {
    make_writable_directory(folder_);
    if (bytes_below(where_.root) + 4 * double(logits.size()) > where_.most_bytes)
      return stop(fmt::format("{} has as much as it may", where_.root.string()));
    if (!fs::exists(folder_ / "asked.json")) write_file(folder_ / "asked.json", asked_ + "\n");
    nn::TensorFile file;
    file.tensors["logits"] = nn::FileTensor::f32({rows, classes}, logits);
    file.metadata[print_key] = print_of(logits);
    nn::write_safetensors(file_of(epoch), file);
  } catch (const std::exception& e) {
    stop(e.what());
  }
}

}  // namespace experiments
