// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string>

#include "data/dataset.h"
#include "test/support/support.h"
#include "test/support/temporary_directory.h"

namespace test {

/// A data set in the files of Fashion-MNIST, small enough to train on in a test: noise with bright
/// stripes whose width and direction are the class; or the first images of the real one.
class TinyDataset {
 public:
  explicit TinyDataset(int train = 80, int test = 40) {
    write("train", striped_noise(train, 1));
    write("t10k", striped_noise(test, 2));
  }
  TinyDataset(const data::Dataset& whole, int train, int test) {
    write("train", first(whole.train, train));
    write("t10k", first(whole.test, test));
  }
  std::filesystem::path dir() const { return directory_.path(); }

 private:
  static std::string big_endian(std::uint32_t x) {
    return {char(x >> 24), char(x >> 16), char(x >> 8), char(x)};
  }

  struct Part {
    std::string pixels, labels;
  };

  static Part striped_noise(int count, std::uint64_t seed) {
    const std::vector<float> noise = random_values(std::size_t(count) * side * side, 0, 60, seed);
    Part part;
    for (int i = 0; i < count; ++i) {
      const int label = i % 10, width = 1 + label % 5;
      for (int y = 0; y < side; ++y) {
        for (int x = 0; x < side; ++x) {
          const bool bright = (label < 5 ? x : y) / width % 2 == 0;
          part.pixels += char(noise[part.pixels.size()] + (bright ? 190 : 0));
        }
      }
      part.labels += char(label);
    }
    return part;
  }

  static Part first(const data::Images& images, int count) {
    const auto begin = images.pixels.begin();
    return {std::string(begin, begin + std::ptrdiff_t(count) * side * side),
            std::string(images.labels.begin(), images.labels.begin() + count)};
  }

  void write(const std::string& name, const Part& part) {
    const std::string count = big_endian(std::uint32_t(part.labels.size()));
    directory_.write(
        name + "-images-idx3-ubyte",
        std::string("\0\0\x08\x03", 4) + count + big_endian(side) + big_endian(side) + part.pixels);
    directory_.write(name + "-labels-idx1-ubyte",
                     std::string("\0\0\x08\x01", 4) + count + part.labels);
  }

  static constexpr int side = 28;
  TemporaryDirectory directory_;
};

/// The first images of the real Fashion-MNIST; noise where that is not installed.
inline TinyDataset real_images(int train, int test) {
  if (!std::filesystem::exists(data::default_data_dir("fashion-mnist"))) {
    WARN("the package dataset-fashion-mnist is not installed: noise stands in for its images");
    return TinyDataset(train, test);
  }
  static const data::Dataset whole = data::load_dataset("fashion-mnist");
  return TinyDataset(whole, train, test);
}

}  // namespace test
