// SPDX-License-Identifier: MIT
#include "experiments/runs/samples/shown_data.h"

#include <algorithm>

#include "data/pictures/png_writer.h"
#include "experiments/runs/samples/data_identity.h"

namespace experiments {

namespace {

constexpr int most_side = 128;

/// Every n-th pixel of every n-th row.
struct Thinned {
  int height, width;
  std::vector<std::uint8_t> pixels;
};
Thinned thin(const std::vector<std::uint8_t>& pixels, const engine::Shape& shape) {
  const int height = int(shape[0]), width = int(shape[1]), channels = int(shape[2]);
  const int n = (std::max(height, width) + most_side - 1) / most_side;
  Thinned thinned{(height + n - 1) / n, (width + n - 1) / n, {}};
  for (int y = 0; y < height; y += n)
    for (int x = 0; x < width; x += n)
      for (int c = 0; c < channels; ++c)
        thinned.pixels.push_back(pixels[(std::size_t(y) * width + x) * channels + c]);
  return thinned;
}

}  // namespace

std::vector<std::string> shown_classes(const data::Dataset& about) {
  std::vector<std::string> names = data_identity(about).classes;
  for (int c = int(names.size()); c < about.classes; ++c) names.push_back(std::to_string(c));
  return names;
}

std::string image_name(const data::Dataset& about, DataPart part, std::int32_t index) {
  const bool of_test = part == DataPart::test;
  const std::vector<std::string>& names = (of_test ? about.test : about.train).names;
  if (!names.empty()) return names[std::size_t(index)];
  return fmt::format("{} image {}", of_test ? "test" : "training", index);
}

std::string image_png(const TrainingData& data, DataPart part, std::int32_t index) {
  const data::DeviceImages& all = part == DataPart::test ? data.test() : data.train();
  const engine::Shape& shape = all.shape();
  const Thinned image = thin(all.image(index), shape);
  return data::png_of(image.pixels, image.height, image.width, int(shape[2]));
}

}  // namespace experiments
