// SPDX-License-Identifier: MIT
#include "test/cuda_on_host/reference_convolution.h"

#include "test/cuda_on_host/library.h"

namespace cuda_on_host {
namespace {

std::vector<double> rounded(const std::vector<float>& values, int mantissa_bits) {
  std::vector<double> all(values.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = round_to(mantissa_bits, values[i]);
  return all;
}

// visit(image, tap, result) for each tap of the filter that meets the image: the places of the
// first channel of a pixel of the image, of the tap in the filter of result channel 0, and of the
// first channel of a pixel of the result.
template <class Visit>
void for_each_meeting(const Convolution& o, Visit visit) {
  for (std::int64_t n = 0; n < o.n; ++n)
    for (std::int64_t p = 0; p < o.p; ++p)
      for (std::int64_t q = 0; q < o.q; ++q)
        for (std::int64_t r = 0; r < o.r; ++r)
          for (std::int64_t s = 0; s < o.s; ++s) {
            const std::int64_t y = p * o.stride[0] - o.padding[0] + r * o.dilation[0];
            const std::int64_t x = q * o.stride[1] - o.padding[1] + s * o.dilation[1];
            if (y >= 0 && y < o.h && x >= 0 && x < o.w)
              visit(((n * o.h + y) * o.w + x) * o.c, (r * o.s + s) * o.c,
                    ((n * o.p + p) * o.q + q) * o.k);
          }
}

}  // namespace

// The innermost loop runs along the channels of one array, so that a compiler can vectorise it.
std::vector<double> convolve(ConvolutionPass pass, const Convolution& o,
                             const std::vector<float>& first, const std::vector<float>& second,
                             int mantissa_bits) {
  const std::int64_t per_k = o.r * o.s * o.c;
  std::vector<double> sums;
  switch (pass) {
    case ConvolutionPass::forward: {
      const auto images = rounded(first, mantissa_bits);
      const auto filter = rounded(second, mantissa_bits);
      std::vector<double> k_last(filter.size());  // [r, s, c, k]
      for (std::int64_t i = 0; i < per_k; ++i)
        for (std::int64_t k = 0; k < o.k; ++k) k_last[i * o.k + k] = filter[k * per_k + i];
      sums.resize(o.results());
      for_each_meeting(o, [&](auto image, auto tap, auto result) {
        for (std::int64_t c = 0; c < o.c; ++c)
          for (std::int64_t k = 0; k < o.k; ++k)
            sums[result + k] += images[image + c] * k_last[(tap + c) * o.k + k];
      });
      break;
    }
    case ConvolutionPass::input_grad: {
      const auto filter = rounded(first, mantissa_bits);
      const auto results = rounded(second, mantissa_bits);
      sums.resize(o.images());
      for_each_meeting(o, [&](auto image, auto tap, auto result) {
        for (std::int64_t k = 0; k < o.k; ++k)
          for (std::int64_t c = 0; c < o.c; ++c)
            sums[image + c] += results[result + k] * filter[k * per_k + tap + c];
      });
      break;
    }
    case ConvolutionPass::filter_grad: {
      const auto images = rounded(first, mantissa_bits);
      const auto results = rounded(second, mantissa_bits);
      sums.resize(o.filter());
      for_each_meeting(o, [&](auto image, auto tap, auto result) {
        for (std::int64_t k = 0; k < o.k; ++k)
          for (std::int64_t c = 0; c < o.c; ++c)
            sums[k * per_k + tap + c] += results[result + k] * images[image + c];
      });
      break;
    }
  }
  return sums;
}

}  // namespace cuda_on_host
