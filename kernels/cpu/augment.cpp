// SPDX-License-Identifier: MIT
#include "kernels/augment.h"

#include <array>

#include "kernels/cpu/image_batch.h"
#include "kernels/image_view.h"

namespace kernels {
namespace {

template <class T>
void make_views(const Augment& op) {
  // A byte has 256 values, so normalisation is a look-up.
  std::array<std::array<T, 256>, 4> of_byte;
  for (int c = 0; c < op.c; ++c)
    for (int byte = 0; byte < 256; ++byte)
      of_byte[c][byte] = T(normalised(op, float(byte), unsigned(c)));
  constexpr std::uint8_t outside[4] = {};
  const auto make = [&](const std::uint8_t* image, std::int32_t sample, T* out) {
    const ShiftedView view = shifted_view(op, sample);
    for (int y = 0; y < op.h; ++y) {
      const int from_y = y + view.dy;
      for (int x = 0; x < op.w; ++x) {
        const int from_x = (view.flipped ? op.w - 1 - x : x) + view.dx;
        const bool inside = from_y >= 0 && from_y < op.h && from_x >= 0 && from_x < op.w;
        const std::uint8_t* pixel =
            inside ? image + (std::size_t(from_y) * op.w + from_x) * op.c : outside;
        for (int c = 0; c < op.c; ++c) *out++ = of_byte[c][pixel[c]];
      }
    }
  };
  for_each_view<T>(op, std::size_t(op.h) * op.w * op.c, make);
}

}  // namespace

void run(Cpu, const Augment& op) {
  with_type(op.out.type, [&](auto type) { make_views<decltype(type)>(op); });
}

}  // namespace kernels
