// SPDX-License-Identifier: MIT
// A file that is read, written and read again is the same.
#include "nn/files/safetensors.h"

#include "test/fuzz/fuzz.h"

namespace {

bool same(const nn::TensorFile& a, const nn::TensorFile& b) {
  return a.metadata == b.metadata &&
         std::equal(a.tensors.begin(), a.tensors.end(), b.tensors.begin(), b.tensors.end(),
                    [](const auto& x, const auto& y) {
                      return x.first == y.first && x.second.dtype == y.second.dtype &&
                             x.second.shape == y.second.shape && x.second.bytes == y.second.bytes;
                    });
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  return fuzz::mutate_safetensors(data, size, most, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzz::File input;
  static const fuzz::Directory directory;
  const std::filesystem::path file = input.holding({data, size}), copy = directory.path() / "copy";
  nn::TensorFile tensors;
  if (!fuzz::accepts(file, [&] { tensors = nn::read_safetensors(file); })) return 0;
  nn::write_safetensors(copy, tensors);
  fuzz::check(same(tensors, nn::read_safetensors(copy)), "what is written is what was read");
  for (const auto& entry : tensors.tensors) {
    const nn::FileTensor& tensor = entry.second;
    fuzz::accepts("", [&] { tensor.to_f32(); });
    fuzz::accepts("", [&] { tensor.to_i64(); });
  }
  return 0;
}
