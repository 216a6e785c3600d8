// SPDX-License-Identifier: MIT
#include "kernels/resized_crop.h"

#include <algorithm>
#include <vector>

#include "kernels/cpu/image_batch.h"
#include "kernels/image_view.h"

namespace kernels {
namespace {

/// The taps of every pixel of an axis, with weights that add up to 1.
class Axis {
 public:
  void resize(int length, int size) {
    taps_.clear();
    weights_.clear();
    for (int at = 0; at < size; ++at) {
      const Taps taps = taps_of(at, length, size);
      taps_.push_back({taps.first, taps.last, weights_.size()});
      float sum = 0;
      for (int j = taps.first; j < taps.last; ++j) sum += taps.weight(j);
      for (int j = taps.first; j < taps.last; ++j) weights_.push_back(taps.weight(j) / sum);
    }
  }

  struct Pixel {
    int first, last;
    std::size_t weights;  // the place of the first one's
  };
  const Pixel& operator[](int at) const { return taps_[std::size_t(at)]; }
  const float* weights(const Pixel& pixel) const { return weights_.data() + pixel.weights; }

 private:
  std::vector<Pixel> taps_;
  std::vector<float> weights_;
};

/// What a thread works with; grows to what its largest box needs and then stays.
struct Scratch {
  Axis rows, columns;
  std::vector<float> line;  // a row of the view, as wide as the box
};

template <class T>
void make_view(const ResizedCrop& op, const std::uint8_t* image, const CropView& view, T* out,
               Scratch& scratch) {
  const Box& box = view.box;
  scratch.rows.resize(box.height, op.size);
  scratch.columns.resize(box.width, op.size);
  const std::size_t pitch = std::size_t(op.w) * op.c, width = std::size_t(box.width) * op.c;
  scratch.line.resize(width);
  float* const line = scratch.line.data();
  const std::uint8_t* const corner = image + box.top * pitch + std::size_t(box.left) * op.c;
  for (int y = 0; y < op.size; ++y) {
    const Axis::Pixel& rows = scratch.rows[y];
    const float* weight = scratch.rows.weights(rows);
    std::fill_n(line, width, 0.f);
    for (int j = rows.first; j < rows.last; ++j, ++weight) {
      const std::uint8_t* row = corner + j * pitch;
      for (std::size_t i = 0; i < width; ++i) line[i] += *weight * float(row[i]);
    }
    for (int x = 0; x < op.size; ++x) {
      const Axis::Pixel& columns = scratch.columns[view.flipped ? op.size - 1 - x : x];
      const float* const weights = scratch.columns.weights(columns);
      for (int c = 0; c < op.c; ++c) {
        float sum = 0;
        for (int k = columns.first; k < columns.last; ++k) {
          sum += weights[k - columns.first] * line[k * op.c + c];
        }
        *out++ = T(normalised(op, sum, unsigned(c)));
      }
    }
  }
}

}  // namespace

void run(Cpu, const ResizedCrop& op) {
  with_type(op.out.type, [&](auto type) {
    using T = decltype(type);
    const auto make = [&op](const std::uint8_t* image, std::int32_t sample, auto* out) {
      static thread_local Scratch scratch;
      make_view(op, image, crop_view(op, sample), out, scratch);
    };
    if (op.mixing.any())
      for_each_mixed_view<T>(op, op.size, op.size, make);
    else
      for_each_view<T>(op, std::size_t(op.size) * op.size * op.c, make);
  });
}

}  // namespace kernels
