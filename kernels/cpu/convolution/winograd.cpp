// SPDX-License-Identifier: MIT
#include "kernels/cpu/convolution/winograd.h"

#include <omp.h>
#include <oneapi/dnnl/dnnl.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "kernels/runtime/error.h"
#include "kernels/runtime/scratchpad.h"

// Channels last: the transforms are over pixels, so that neighbouring channels fill a register, and
// what they give is, for each point, a matrix [tiles, channels]. The tiles are taken in groups that
// stay in the cache between the transforms and the products.
namespace kernels::winograd {
namespace {

constexpr int lanes = 16, points = 36;
using Lanes = float __attribute__((vector_size(lanes * sizeof(float))));

using Bits = std::uint32_t __attribute__((vector_size(lanes * sizeof(std::uint32_t))));
using HalfBits = std::uint16_t __attribute__((vector_size(lanes * sizeof(std::uint16_t))));

// By reference, since what a function returns in registers depends on the processor it is for.
void load(const float* from, Lanes& l) { std::memcpy(&l, from, sizeof l); }
void store(float* to, const Lanes& l) { std::memcpy(to, &l, sizeof l); }

// A bf16 is the upper half of a float, rounded to nearest even; a NaN stays one.
void load(const bf16* from, Lanes& l) {
  HalfBits half;
  std::memcpy(&half, from, sizeof half);
  const Bits bits = __builtin_convertvector(half, Bits) << 16;
  std::memcpy(&l, &bits, sizeof l);
}
void store(bf16* to, const Lanes& l) {
  Bits bits;
  std::memcpy(&bits, &l, sizeof bits);
  const Bits rounded = bits + 0x7fff + (bits >> 16 & 1);
  bits = l == l ? rounded : bits | 0x400000;
  const HalfBits half = __builtin_convertvector(bits >> 16, HalfBits);
  std::memcpy(static_cast<void*>(to), &half, sizeof half);
}

// The polynomials are taken at 0, a, -a, b, -b and infinity. Of simple numbers, these a and b round
// least: half as much as the usual 1 and 2. All products of them here are exact in float.
constexpr float a = 0.625f, b = 1.5f, aa = a * a, bb = b * b;

// B^T of the paper.
void image_to_points(const Lanes* d, Lanes* out) {
  const Lanes even_a = d[4] - bb * d[2], odd_a = a * (d[3] - bb * d[1]);
  const Lanes even_b = d[4] - aa * d[2], odd_b = b * (d[3] - aa * d[1]);
  out[0] = d[4] - (aa + bb) * d[2] + (aa * bb) * d[0];
  out[1] = even_a + odd_a;
  out[2] = even_a - odd_a;
  out[3] = even_b + odd_b;
  out[4] = even_b - odd_b;
  out[5] = d[5] - (aa + bb) * d[3] + (aa * bb) * d[1];
}

// A^T.
void result_from_points(const Lanes* m, Lanes* out) {
  const Lanes even_a = m[1] + m[2], odd_a = m[1] - m[2];
  const Lanes even_b = m[3] + m[4], odd_b = m[3] - m[4];
  out[0] = m[0] + even_a + even_b;
  out[1] = a * odd_a + b * odd_b;
  out[2] = aa * even_a + bb * even_b;
  out[3] = (a * aa) * odd_a + (b * bb) * odd_b + m[5];
}

// A.
void gradient_to_points(const Lanes* y, Lanes* out) {
  const Lanes even_a = y[0] + aa * y[2], odd_a = a * (y[1] + aa * y[3]);
  const Lanes even_b = y[0] + bb * y[2], odd_b = b * (y[1] + bb * y[3]);
  out[0] = y[0];
  out[1] = even_a + odd_a;
  out[2] = even_a - odd_a;
  out[3] = even_b + odd_b;
  out[4] = even_b - odd_b;
  out[5] = y[3];
}

constexpr float at_0 = 1 / (aa * bb), at_a = 1 / (2 * aa * (aa - bb)),
                at_b = 1 / (2 * bb * (bb - aa));

// G.
void filter_to_points(const Lanes* g, Lanes* out) {
  const Lanes even_a = at_a * (g[0] + aa * g[2]), odd_a = (at_a * a) * g[1];
  const Lanes even_b = at_b * (g[0] + bb * g[2]), odd_b = (at_b * b) * g[1];
  out[0] = at_0 * g[0];
  out[1] = even_a + odd_a;
  out[2] = even_a - odd_a;
  out[3] = even_b + odd_b;
  out[4] = even_b - odd_b;
  out[5] = g[2];
}

// G^T.
void filter_from_points(const Lanes* m, Lanes* out) {
  const Lanes even_a = at_a * (m[1] + m[2]), odd_a = (at_a * a) * (m[1] - m[2]);
  const Lanes even_b = at_b * (m[3] + m[4]), odd_b = (at_b * b) * (m[3] - m[4]);
  out[0] = at_0 * m[0] + even_a + even_b;
  out[1] = odd_a + odd_b;
  out[2] = aa * even_a + bb * even_b + m[5];
}

// A transform of [in, in] numbers to [out, out], along columns and then along rows.
template <auto transform, int in, int out, class From, class To>
void both_ways(From from, To to) {
  Lanes half[out][in];
  for (int j = 0; j < in; ++j) {
    Lanes column[in], result[out];
    for (int i = 0; i < in; ++i) from(i, j, column[i]);
    transform(column, result);
    for (int i = 0; i < out; ++i) half[i][j] = result[i];
  }
  for (int i = 0; i < out; ++i) {
    Lanes result[out];
    transform(half[i], result);
    for (int j = 0; j < out; ++j) to(i, j, result[j]);
  }
}

// A matrix [rows, columns] for each of the 36 points.
struct Matrices {
  float* data;
  std::size_t rows, columns;

  // Points apart by no power of two, or their lines would all want the same places in the cache.
  static std::size_t stride(std::size_t rows, std::size_t columns) {
    return rows * columns + lanes;
  }
  static std::size_t size(std::size_t rows, std::size_t columns) {
    return points * stride(rows, columns);
  }
  float* at(int point) const { return data + point * stride(rows, columns); }
  float* at(int i, int j, std::size_t row, std::size_t column) const {
    return at(6 * i + j) + row * columns + column;
  }
};

// Images [n, h, w, channels], cut into squares whose corners are 4 pixels apart.
template <class T>
struct Squares {
  T* images;
  int h, w, channels;
  int above;         // pixels of padding above and left of the image
  int down, across;  // tiles in an image

  // Of a tile, where the channels of each pixel are; `outside` for those that are not in the image.
  template <int size>
  void places(int tile, T* outside, T* (&at)[size][size]) const {
    const int n = tile / (down * across), top = tile / across % down * 4 - above,
              left = tile % across * 4 - above;
    for (int i = 0; i < size; ++i)
      for (int j = 0; j < size; ++j) {
        const int y = top + i, x = left + j;
        const bool inside = y >= 0 && y < h && x >= 0 && x < w;
        at[i][j] = inside ? images + ((std::size_t(n) * h + y) * w + x) * channels : outside;
      }
  }
};

int tiles_along(int pixels) { return (pixels + 3) / 4; }

// What a convolution reads and, with no padding, what it writes.
template <class T>
Squares<T> read_by(const Conv2dShape& s, T* x) {
  return {x, s.h, s.w, s.c, s.pad, tiles_along(s.out_h()), tiles_along(s.out_w())};
}
template <class T>
Squares<T> written_by(const Conv2dShape& s, T* y) {
  return {y, s.out_h(), s.out_w(), s.k, 0, tiles_along(s.out_h()), tiles_along(s.out_w())};
}

template <auto transform, int size, class T>
void to_points(const Squares<const T>& from, int tile, const T* zeros, const Matrices& to,
               int row) {
  const T* at[size][size];
  from.places(tile, zeros, at);
  for (int c = 0; c < from.channels; c += lanes)
    both_ways<transform, size, 6>(
        [&](int i, int j, Lanes& l) { load(at[i][j] + c, l); },
        [&](int i, int j, const Lanes& l) { store(to.at(i, j, row, c), l); });
}

template <class T>
void from_points(const Matrices& from, int row, const Squares<T>& to, int tile) {
  T* at[4][4];
  to.places(tile, static_cast<T*>(nullptr), at);
  for (int k = 0; k < to.channels; k += lanes)
    both_ways<result_from_points, 6, 4>(
        [&](int i, int j, Lanes& l) { load(from.at(i, j, row, k), l); },
        [&](int i, int j, const Lanes& l) {
          if (at[i][j]) store(at[i][j] + k, l);
        });
}

// Of filters [k, 3, 3, c], matrices [k, c]; turned by 180 degrees for the gradient of the input.
template <class T>
void filters_to_points(const Conv2dShape& s, const T* filter, bool turned, const Matrices& to) {
#pragma omp parallel for schedule(static)
  for (int k = 0; k < s.k; ++k)
    for (int c = 0; c < s.c; c += lanes)
      both_ways<filter_to_points, 3, 6>(
          [&](int i, int j, Lanes& l) {
            const int tap = 3 * i + j;
            load(filter + (std::size_t(k) * 9 + (turned ? 8 - tap : tap)) * s.c + c, l);
          },
          [&](int i, int j, const Lanes& l) { store(to.at(i, j, k, c), l); });
}

// Terms of a sum in one go: adding up parts rounds less.
constexpr int most_terms = 128;

// y[m,n] = x z + beta y, with x[m,k] and z[k,n] or, where `t` says 'T', their transposes; on the
// calling thread where several run. Returns oneDNN's status, since an exception does not leave a
// parallel region.
int multiply(const char (&t)[3], int m, int n, int k, const float* x, const float* z, float beta,
             float* y) {
  const int ldx = t[0] == 'T' ? m : k, ldz = t[1] == 'T' ? k : n;
  for (int from = 0; from < k; from += most_terms) {
    const dnnl_status_t status =
        dnnl_sgemm(t[0], t[1], m, n, std::min(most_terms, k - from), 1,
                   x + std::size_t(from) * (t[0] == 'T' ? m : 1), ldx,
                   z + std::size_t(from) * (t[1] == 'T' ? 1 : n), ldz, from > 0 ? 1 : beta, y, n);
    if (status != dnnl_success) return status;
  }
  return dnnl_success;
}

void check(int status) {
  require(status == dnnl_success, "conv2d: oneDNN refuses a matrix product: status {}", status);
}

// Parts of a work space, one behind the other. All are whole registers, so all are aligned.
class Parts {
 public:
  explicit Parts(float* at) : at_(at) {}
  float* take(std::size_t floats) { return std::exchange(at_, at_ + floats); }
  Matrices matrices(std::size_t rows, std::size_t columns) {
    return {take(Matrices::size(rows, columns)), rows, columns};
  }

 private:
  float* at_;
};

// So many zeros of a type whose bits of 0 are those of a float.
template <class T>
const T* zeros_in(float* room, int count) {
  std::fill_n(room, count, 0.0f);
  return reinterpret_cast<const T*>(room);
}

float* work_space(std::size_t floats) {
  static Scratchpad scratchpad(Device::cpu);  // convolutions run one after the other
  return static_cast<float*>(scratchpad.at_least(floats * sizeof(float)));
}

// As many tiles as fit the cache of a processor, and no thread idle for the last group; but not so
// few that a matrix is read for a row or two.
int group_size(const Conv2dShape& s, int threads) {
  constexpr std::size_t budget = std::size_t{8} << 20;
  constexpr int least = 8, most = 256;
  const std::size_t bytes = points * sizeof(float) * (std::size_t(s.c) + s.k);
  const int tiles = tile_count(s), fit = std::clamp(int(budget / bytes), 2 * least, most) * threads,
            rounds = (tiles + fit - 1) / fit;
  return std::clamp((tiles + rounds * threads - 1) / (rounds * threads), std::min(least, tiles),
                    tiles);
}

// Convolves with the filters of another convolution, the same or the one whose gradient this is.
template <class T>
void convolve(const Conv2dShape& s, const T* x, const Conv2dShape& of_filter, const T* filter,
              bool gradient, T* y) {
  const int tiles = tile_count(s), group = group_size(s, threads()),
            groups = (tiles + group - 1) / group;
  const std::size_t for_filters = Matrices::size(of_filter.k, of_filter.c),
                    for_images = Matrices::size(group, s.c),
                    for_results = Matrices::size(group, s.k);
  Parts parts(work_space(for_filters + s.c + threads() * (for_images + for_results)));
  const Matrices filters = parts.matrices(of_filter.k, of_filter.c);
  const T* const zeros = zeros_in<T>(parts.take(s.c), s.c);
  filters_to_points(of_filter, filter, gradient, filters);
  float* const own = parts.take(threads() * (for_images + for_results));
  const auto from = read_by(s, x);
  const auto to = written_by(s, y);
  int status = dnnl_success;
#pragma omp parallel reduction(max : status)
  {
    Parts mine(own + omp_get_thread_num() * (for_images + for_results));
    const Matrices images = mine.matrices(group, s.c), results = mine.matrices(group, s.k);
#pragma omp for schedule(static)
    for (int g = 0; g < groups; ++g) {
      const int first = g * group, count = std::min(group, tiles - first);
      for (int t = 0; t < count; ++t)
        to_points<image_to_points, 6>(from, first + t, zeros, images, t);
      for (int p = 0; p < points; ++p)
        status = std::max(status, multiply(gradient ? "NN" : "NT", count, s.k, s.c, images.at(p),
                                           filters.at(p), 0, results.at(p)));
      for (int t = 0; t < count; ++t) from_points(results, t, to, first + t);
    }
  }
  check(status);
}

}  // namespace

bool serves(const Conv2dShape& s) {
  return s.r == 3 && s.s == 3 && s.stride == 1 && s.pad <= 2 && s.c % lanes == 0 &&
         s.k % lanes == 0;
}

int tile_count(const Conv2dShape& s) {
  return s.n * tiles_along(s.out_h()) * tiles_along(s.out_w());
}

template <class T>
void forward(const Conv2dShape& s, const T* x, const T* filter, T* y) {
  convolve(s, x, s, filter, false, y);
}

// A convolution of dy with the filters turned, channels in and out exchanged.
template <class T>
void input_grad(const Conv2dShape& s, const T* dy, const T* filter, T* dx) {
  const Conv2dShape back{.n = s.n,
                         .h = s.out_h(),
                         .w = s.out_w(),
                         .c = s.k,
                         .k = s.c,
                         .r = 3,
                         .s = 3,
                         .stride = 1,
                         .pad = 2 - s.pad};
  convolve(back, dy, s, filter, true, dx);
}

template <class T>
void filter_grad(const Conv2dShape& s, const T* x, const T* dy, float* dfilter) {
  const int tiles = tile_count(s), group = std::min(tiles, group_size(s, threads()) * threads());
  const std::size_t widest = std::max(s.c, s.k);
  Parts parts(work_space(Matrices::size(s.k, s.c) + Matrices::size(group, s.c) +
                         Matrices::size(group, s.k) + widest));
  const Matrices filters = parts.matrices(s.k, s.c), images = parts.matrices(group, s.c),
                 gradients = parts.matrices(group, s.k);
  const T* const zeros = zeros_in<T>(parts.take(widest), int(widest));
  const auto from = read_by(s, x);
  const auto back = written_by(s, dy);
  int status = dnnl_success;
#pragma omp parallel reduction(max : status)
  for (int first = 0; first < tiles; first += group) {
    const int count = std::min(group, tiles - first);
#pragma omp for schedule(static)
    for (int t = 0; t < count; ++t) {
      to_points<image_to_points, 6>(from, first + t, zeros, images, t);
      to_points<gradient_to_points, 4>(back, first + t, zeros, gradients, t);
    }
#pragma omp for schedule(static)
    for (int p = 0; p < points; ++p)
      status = std::max(status, multiply("TN", s.k, s.c, count, gradients.at(p), images.at(p),
                                         first > 0 ? 1 : 0, filters.at(p)));
  }
  check(status);
#pragma omp parallel for schedule(static)
  for (int k = 0; k < s.k; ++k)
    for (int c = 0; c < s.c; c += lanes)
      both_ways<filter_from_points, 6, 3>(
          [&](int i, int j, Lanes& l) { load(filters.at(i, j, k, c), l); },
          [&](int i, int j, const Lanes& l) {
            store(dfilter + (std::size_t(k) * 9 + 3 * i + j) * s.c + c, l);
          });
}

template void forward(const Conv2dShape&, const float*, const float*, float*);
template void forward(const Conv2dShape&, const bf16*, const bf16*, bf16*);
template void input_grad(const Conv2dShape&, const float*, const float*, float*);
template void input_grad(const Conv2dShape&, const bf16*, const bf16*, bf16*);
template void filter_grad(const Conv2dShape&, const float*, const float*, float*);
template void filter_grad(const Conv2dShape&, const bf16*, const bf16*, float*);

}  // namespace kernels::winograd
