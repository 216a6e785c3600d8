// SPDX-License-Identifier: MIT
// A weight file fits the network or changes nothing of it.
#include "nn/weights.h"

#include "experiments/runs/checkpoint.h"
#include "experiments/runs/samples/data_identity.h"
#include "test/fuzz/fuzz.h"

namespace {

bool same(const nn::TensorFile& a, const nn::TensorFile& b) {
  return std::equal(a.tensors.begin(), a.tensors.end(), b.tensors.begin(), b.tensors.end(),
                    [](const auto& x, const auto& y) { return x.second.bytes == y.second.bytes; });
}

nn::TensorFile state_of(const nn::Model& model) {
  nn::TensorFile state;
  nn::put_state(state, model);
  return state;
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  return fuzz::mutate_safetensors(data, size, most, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzz::File input;
  static const auto model =
      nn::make_model("densenet-bc-10-1", {.height = 28, .width = 28, .channels = 1, .classes = 10},
                     nn::Device::cpu, 0);
  const std::filesystem::path file = input.holding({data, size});
  nn::TensorFile tensors;
  if (!fuzz::accepts(file, [&] { tensors = nn::read_safetensors(file); })) return 0;
  fuzz::accepts(file, [&] { experiments::config_in(tensors, file); });
  experiments::DataIdentity identity;
  fuzz::accepts(file, [&] { identity = experiments::data_identity_in(tensors, file); });
  nn::TensorFile written;
  experiments::put_data_identity(written, identity);
  fuzz::check(experiments::data_identity_in(written, file) == identity, "classes are as written");
  const nn::TensorFile before = state_of(*model);
  const bool taken = fuzz::accepts(file, [&] { nn::take_state(tensors, *model, file); });
  fuzz::check(taken || same(before, state_of(*model)), "what is refused changes nothing");
  return 0;
}
