// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string>

#include "test/support.h"
#include "test/temporary_directory.h"

namespace test {

/// A data set in the files of Fashion-MNIST, small enough to train on in a test: noise with a
/// bright square whose place is the class.
class TinyDataset {
 public:
  explicit TinyDataset(int train = 80, int test = 40) {
    write("train", train, 1);
    write("t10k", test, 2);
  }
  std::filesystem::path dir() const { return directory_.path(); }

 private:
  static std::string big_endian(std::uint32_t x) {
    return {char(x >> 24), char(x >> 16), char(x >> 8), char(x)};
  }

  void write(const std::string& part, int count, std::uint64_t seed) {
    const std::vector<float> noise = random_values(std::size_t(count) * 28 * 28, 0, 60, seed);
    const std::uint32_t n = std::uint32_t(count);
    std::string images =
        std::string("\0\0\x08\x03", 4) + big_endian(n) + big_endian(28) + big_endian(28);
    std::string labels = std::string("\0\0\x08\x01", 4) + big_endian(n);
    for (int i = 0; i < count; ++i) {
      const int label = i % 10, width = 1 + label % 5;
      for (int y = 0; y < 28; ++y) {
        for (int x = 0; x < 28; ++x) {
          const bool bright = (label < 5 ? x : y) / width % 2 == 0;
          images += char(noise[std::size_t((i * 28 + y) * 28 + x)] + (bright ? 190 : 0));
        }
      }
      labels += char(label);
    }
    directory_.write(part + "-images-idx3-ubyte", images);
    directory_.write(part + "-labels-idx1-ubyte", labels);
  }

  TemporaryDirectory directory_;
};

}  // namespace test
