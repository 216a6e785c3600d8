// SPDX-License-Identifier: MIT
// Runs a harness without libFuzzer, as an ordinary test: on each file of a corpus, and on some
// damaged copies of each, the same ones every time.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

#include "test/fuzz/fuzz.h"

extern "C" __attribute__((weak)) std::size_t LLVMFuzzerCustomMutator(std::uint8_t*, std::size_t,
                                                                     std::size_t, unsigned);

namespace {

namespace fs = std::filesystem;

constexpr int copies = 20;
constexpr std::size_t most_added = 4096;

std::mt19937& random_bits() {
  static std::mt19937 bits;
  return bits;
}

/// Below `limit`; the same with every standard library, as its distributions are not.
std::size_t random_below(std::size_t limit) { return random_bits()() % limit; }

std::size_t mutate(std::vector<std::uint8_t>& bytes, std::size_t size) {
  const auto seed = unsigned(random_bits()());
  return LLVMFuzzerCustomMutator ? LLVMFuzzerCustomMutator(bytes.data(), size, bytes.size(), seed)
                                 : LLVMFuzzerMutate(bytes.data(), size, bytes.size());
}

void run(const fs::path& file) {
  random_bits().seed(1);  // a new file changes nothing for the others
  std::ifstream in(file, std::ios::binary);
  std::vector<std::uint8_t> seed{std::istreambuf_iterator<char>(in), {}};
  fuzz::check(in.good() || in.eof(), "the file can be read");
  LLVMFuzzerTestOneInput(seed.data(), seed.size());
  for (int copy = 0; copy < copies; ++copy) {
    std::vector<std::uint8_t> bytes = seed;
    bytes.resize(seed.size() + most_added);
    bytes.resize(mutate(bytes, seed.size()));
    bytes.shrink_to_fit();  // AddressSanitizer sees what is read behind the last byte
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  }
}

}  // namespace

/// Changes a few bytes, and sometimes cuts some out or doubles them.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most) {
  constexpr std::uint8_t telling[] = {0, 1, 0x7F, 0x80, 0xFF, '\n', ' ', '"', '-', '9'};
  for (std::size_t changes = 1 + random_below(4); size > 0 && changes > 0; --changes) {
    const std::size_t at = random_below(size), length = 1 + random_below(std::min(size - at, most));
    switch (random_below(5)) {
      case 0: data[at] ^= std::uint8_t(1u << random_below(8)); break;
      case 1: data[at] = telling[random_below(std::size(telling))]; break;
      case 2: data[at] = std::uint8_t(random_below(256)); break;
      case 3:
        std::copy(data + at + length, data + size, data + at);
        size -= length;
        break;
      case 4:
        if (size + length > most) break;
        std::copy_backward(data + at, data + size, data + size + length);
        size += length;
        break;
    }
  }
  return size;
}

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: %s CORPUS\n", argv[0]), 2;
  std::vector<fs::path> files;
  if (fs::is_directory(argv[1])) {
    for (const auto& entry : fs::directory_iterator(argv[1])) files.push_back(entry.path());
  } else {
    files.emplace_back(argv[1]);
  }
  std::sort(files.begin(), files.end());
  fuzz::check(!files.empty(), "the corpus has files");
  for (const fs::path& file : files) {
    std::printf("%s\n", file.c_str());
    std::fflush(stdout);  // the last one is the one that crashes
    run(file);
  }
  fuzz::check(fuzz::times_accepted() > 0, "a file of the corpus is sound");
}
