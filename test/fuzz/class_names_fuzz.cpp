// SPDX-License-Identifier: MIT
#include "data/sets/cifar.h"
#include "test/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzz::File input;
  const std::filesystem::path file = input.holding({data, size});
  for (const int classes : {2, 10}) {
    fuzz::accepts(file, [&] {
      for (const std::string& name : data::read_class_names(file, classes))
        fuzz::check(!name.empty() && name.find('\n') == std::string::npos, "names are lines");
    });
  }
  return 0;
}
