// SPDX-License-Identifier: MIT
#include "kernels/augment.h"

#include <array>

#include "kernels/cpu/image_batch.h"
#include "kernels/image_view.h"

namespace kernels {
namespace {

/// Makes views of type T.
template <class T>
class ViewMaker {
 public:
  explicit ViewMaker(const Augment& op) : op_(op) {
    for (int c = 0; c < op.c; ++c)
      for (int byte = 0; byte < 256; ++byte)
        of_byte_[c][byte] = T(normalised(op, float(byte), unsigned(c)));
  }

  void operator()(const std::uint8_t* image, std::int32_t sample, T* out) const {
    constexpr std::uint8_t outside[4] = {};
    const ShiftedView view = shifted_view(op_, sample);
    for (int y = 0; y < op_.h; ++y) {
      const int from_y = y + view.dy;
      for (int x = 0; x < op_.w; ++x) {
        const int from_x = (view.flipped ? op_.w - 1 - x : x) + view.dx;
        const bool inside = from_y >= 0 && from_y < op_.h && from_x >= 0 && from_x < op_.w;
        const std::uint8_t* pixel =
            inside ? image + (std::size_t(from_y) * op_.w + from_x) * op_.c : outside;
        for (int c = 0; c < op_.c; ++c) *out++ = of_byte_[c][pixel[c]];
      }
    }
  }

 private:
  const Augment& op_;
  // A byte has 256 values, so normalisation is a look-up.
  std::array<std::array<T, 256>, 4> of_byte_;
};

}  // namespace

void run(Cpu, const Augment& op) {
  with_type(op.out.type, [&](auto type) {
    using T = decltype(type);
    if (op.mixing.any())
      for_each_mixed_view<T>(op, op.h, op.w, ViewMaker<float>(op));
    else
      for_each_view<T>(op, std::size_t(op.h) * op.w * op.c, ViewMaker<T>(op));
  });
}

}  // namespace kernels
