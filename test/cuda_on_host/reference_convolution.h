// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace cuda_on_host {

enum class ConvolutionPass { forward, input_grad, filter_grad };

/// Sizes of a cross-correlation: images [n, h, w, c], filters [k, r, s, c], results [n, p, q, k].
/// Pairs are for h and w.
struct Convolution {
  std::int64_t n, h, w, c, k, r, s, p, q;
  std::array<std::int64_t, 2> padding, stride, dilation;

  std::size_t images() const { return std::size_t(n * h * w * c); }
  std::size_t filter() const { return std::size_t(k * r * s * c); }
  std::size_t results() const { return std::size_t(n * p * q * k); }
};

/// What the pass gives for the two arrays that it reads, in the order images, filter, results.
/// Factors are rounded to so many bits of mantissa, products are added up in double.
std::vector<double> convolve(ConvolutionPass, const Convolution&, const std::vector<float>& first,
                             const std::vector<float>& second, int mantissa_bits);

}  // namespace cuda_on_host
