// SPDX-License-Identifier: MIT
#pragma once
#include <vector>

#include "kernels/conv2d.h"

namespace test {

/// The definition of a convolution: calls `product` with the places in x, filter and y that meet.
template <class Product>
void for_each_product(const kernels::Conv2dShape& s, Product product) {
  for (int n = 0; n < s.n; ++n)
    for (int i = 0; i < s.out_h(); ++i)
      for (int j = 0; j < s.out_w(); ++j)
        for (int k = 0; k < s.k; ++k)
          for (int r = 0; r < s.r; ++r)
            for (int t = 0; t < s.s; ++t) {
              const int y = i * s.stride - s.pad + r, x = j * s.stride - s.pad + t;
              if (y < 0 || y >= s.h || x < 0 || x >= s.w) continue;
              for (int c = 0; c < s.c; ++c)
                product(((std::size_t(n) * s.h + y) * s.w + x) * s.c + c,
                        ((std::size_t(k) * s.r + r) * s.s + t) * s.c + c,
                        ((std::size_t(n) * s.out_h() + i) * s.out_w() + j) * s.k + k);
            }
}

/// A convolution and its gradients, in double.
struct Conv2dResults {
  std::vector<double> y, dx, dfilter;
};
inline Conv2dResults by_definition(const kernels::Conv2dShape& s, const std::vector<float>& x,
                                   const std::vector<float>& filter, const std::vector<float>& dy) {
  Conv2dResults all{std::vector<double>(s.y_size()), std::vector<double>(s.x_size()),
                    std::vector<double>(s.filter_size())};
  for_each_product(s, [&](std::size_t ix, std::size_t ifilter, std::size_t iy) {
    all.y[iy] += double(x[ix]) * filter[ifilter];
    all.dx[ix] += double(dy[iy]) * filter[ifilter];
    all.dfilter[ifilter] += double(dy[iy]) * x[ix];
  });
  return all;
}

}  // namespace test
