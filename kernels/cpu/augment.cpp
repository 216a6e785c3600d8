// SPDX-License-Identifier: MIT
#include "kernels/augment.h"

#include <array>

#include "kernels/cpu/parallel.h"
#include "kernels/philox.h"

namespace kernels {
namespace {

struct View {
  int dy = 0, dx = 0;
  bool flipped = false;
};

View view_of(const Augment& op, std::int32_t sample) {
  if (op.pad == 0 && !op.flip) return {};
  const Philox4 words = random_words(op.seed, Purpose::augmentation, op.step->epoch, sample);
  const auto shift = [&op](std::uint32_t word) {
    return int(to_range(word, 2 * std::uint32_t(op.pad) + 1)) - op.pad;
  };
  return {shift(words.v[0]), shift(words.v[1]), op.flip && words.v[2] >> 31};
}

}  // namespace

void run(Cpu, const Augment& op) {
  // A byte has 256 values, so normalisation is a look-up; rounded as in PyTorch.
  std::array<std::array<float, 256>, 4> normalised;
  for (int c = 0; c < op.c; ++c) {
    for (int byte = 0; byte < 256; ++byte) {
      normalised[c][byte] = (float(byte) / 255 - op.mean[c]) / op.std[c];
    }
  }
  constexpr std::uint8_t outside[4] = {};
  const std::size_t image_size = std::size_t(op.h) * op.w * op.c;
  float* const batch = op.out.f32();
#pragma omp parallel for schedule(static) if (op.n * image_size >= parallel_from)
  for (int i = 0; i < op.n; ++i) {
    const std::int32_t sample = op.index[i];
    const View view = view_of(op, sample);
    const std::uint8_t* image = op.images + sample * image_size;
    float* out = batch + i * image_size;
    for (int y = 0; y < op.h; ++y) {
      const int from_y = y + view.dy;
      for (int x = 0; x < op.w; ++x) {
        const int from_x = (view.flipped ? op.w - 1 - x : x) + view.dx;
        const bool inside = from_y >= 0 && from_y < op.h && from_x >= 0 && from_x < op.w;
        const std::uint8_t* pixel =
            inside ? image + (std::size_t(from_y) * op.w + from_x) * op.c : outside;
        for (int c = 0; c < op.c; ++c) *out++ = normalised[c][pixel[c]];
      }
    }
    op.out_labels[i] = op.labels[sample];
  }
}

}  // namespace kernels
