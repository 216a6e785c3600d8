// A data set of one's own in train. This one is made up, pictures of stripes in three directions;
// one that is read from files differs in what its function does with the directory.
#include <cmath>
#include <random>

#include "data/sets/source.h"
#include "experiments/programs/programs.h"

constexpr int side = 16, classes = 3;

data::Images stripes(int count, unsigned seed) {
  data::Images images{.count = count, .height = side, .width = side, .channels = 1};
  std::mt19937 random(seed);
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < count; ++i) {
    const int label = i % classes;  // 0, 60 and 120 degrees
    const double angle = label * M_PI / classes, start = random() % 8;
    for (int y = 0; y < side; ++y)
      for (int x = 0; x < side; ++x) {
        const double wave = std::sin(start + x * std::cos(angle) + y * std::sin(angle));
        pixels.push_back(std::uint8_t(128 + 60 * wave + int(random() % 64) - 32));
      }
    images.labels.push_back(label);
  }
  images.pixels = std::move(pixels);
  return images;
}

int main(int argc, char** argv) {
  const auto read = [](const std::filesystem::path&) {
    return data::Dataset{.name = "stripes",
                         .train = stripes(300, 1),
                         .test = stripes(90, 2),
                         .classes = classes,
                         .class_names = {"across", "rising", "falling"},
                         .mean = {.5f},
                         .std = {.18f},
                         .crop_padding = 2};
  };
  data::register_data_set(
      {.name = "stripes", .size = {side, side, side}, .read = read, .has_files = false});
  return experiments::train_main(argc, argv);
}
