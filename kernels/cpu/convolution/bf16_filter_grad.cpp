// SPDX-License-Identifier: MIT
#include "kernels/cpu/convolution/bf16_filter_grad.h"

#include "kernels/runtime/error.h"

#ifdef __AVX512BF16__
#include <immintrin.h>
#include <omp.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "kernels/runtime/memory.h"
#include "kernels/runtime/scratchpad.h"

namespace kernels::bf16_filter_grad {
namespace {

constexpr int lanes = 16, taps = 3, most_gradients = 8, cache_line = 64;

using Pair = std::uint32_t;  // of one channel, the left pixel in the lower half
using Pairs = Pair __attribute__((vector_size(lanes * sizeof(Pair))));
using Halves = std::uint16_t __attribute__((vector_size(lanes * sizeof(std::uint16_t))));

std::size_t whole_registers(std::size_t count) { return (count + lanes - 1) / lanes * lanes; }

__mmask16 first_lanes(int count) {
  return count >= lanes ? 0xffff : __mmask16((1u << std::max(count, 0)) - 1);
}

// For each j below `count`, pixels first + 2j and first + 2j + 1 of a row [width, channels], zeros
// where there are none. A pair of pixels has whole registers.
void pair_up(const bf16* row, int width, int channels, int first, int count, Pair* to) {
  const auto load = [&](int pixel, int c) {
    const bool inside = pixel >= 0 && pixel < width;
    const auto halves = reinterpret_cast<Halves>(
        _mm256_maskz_loadu_epi16(inside ? first_lanes(channels - c) : __mmask16(0),
                                 row + std::ptrdiff_t(pixel) * channels + c));
    return __builtin_convertvector(halves, Pairs);
  };
  for (int pixel = first; pixel < first + 2 * count; pixel += 2)
    for (int c = 0; c < channels; c += lanes, to += lanes) {
      const Pairs pairs = load(pixel, c) | load(pixel + 1, c) << 16;
      std::memcpy(to, &pairs, sizeof pairs);
    }
}

// Memory that is wanted soon, fetched a little at a time.
struct Ahead {
  const char* at;
  std::size_t bytes_at_once;

  void fetch() {
    for (const char* const end = at + bytes_at_once; at < end; at += cache_line)
      __builtin_prefetch(at, 0, 2);
  }
};

// Rows of pairs of gradients, and of the pixels under each of three taps, of 16 channels.
struct Rows {
  int images, rows, pairs;
  const Pair* dy;
  const Pair* x[taps];
};

// In pairs of channels, from one image, row or pair of pixels to the next.
struct Strides {
  std::size_t image, row, pair;
};

// Where the sums are added: for each gradient and tap, 16 channels.
struct Sums {
  float* at;
  std::size_t gradient, tap;  // strides
  __mmask16 channels;
};

template <int gradients>
void add_up(const Rows& rows, const Strides& dy_strides, const Strides& x_strides, const Sums& to,
            Ahead (&ahead)[2]) {
  __m512 sums[gradients][taps];
  for (auto& of_gradient : sums)
    for (__m512& sum : of_gradient) sum = _mm512_setzero_ps();
  const auto add_row = [&](const Pair* dy, std::size_t at) __attribute__((always_inline)) {
    for (Ahead& array : ahead) array.fetch();
    for (int j = 0; j < rows.pairs; ++j, dy += dy_strides.pair, at += x_strides.pair) {
      __m512bh x[taps];
#pragma GCC unroll 3
      for (int tap = 0; tap < taps; ++tap) x[tap] = (__m512bh)_mm512_loadu_si512(rows.x[tap] + at);
#pragma GCC unroll 8
      for (int k = 0; k < gradients; ++k) {
        const auto of_dy = (__m512bh)_mm512_set1_epi32(int(dy[k]));
#pragma GCC unroll 3
        for (int tap = 0; tap < taps; ++tap)
          sums[k][tap] = _mm512_dpbf16_ps(sums[k][tap], x[tap], of_dy);
      }
    }
  };
  for (int image = 0; image < rows.images; ++image)
    for (int row = 0; row < rows.rows; ++row)
      add_row(rows.dy + image * dy_strides.image + row * dy_strides.row,
              image * x_strides.image + row * x_strides.row);
#pragma GCC unroll 8
  for (int k = 0; k < gradients; ++k)
#pragma GCC unroll 3
    for (int tap = 0; tap < taps; ++tap) {
      float* const at = to.at + k * to.gradient + tap * to.tap;
      const __m512 so_far = _mm512_maskz_loadu_ps(to.channels, at);
      _mm512_mask_storeu_ps(at, to.channels, _mm512_add_ps(so_far, sums[k][tap]));
    }
}

using AddUp = void (*)(const Rows&, const Strides&, const Strides&, const Sums&, Ahead (&)[2]);

template <int... below>
AddUp add_up_for(int gradients, std::integer_sequence<int, below...>) {
  static constexpr AddUp of_count[] = {&add_up<below + 1>...};
  return of_count[gradients - 1];
}

// Images cut into strips whose pairs stay in the cache: several images, or so many rows of one.
struct Strips {
  Conv2dShape shape;
  int pairs;  // of dy's pixels in a row; of x's one more begin at odd pixels
  int images, rows, per_image;
  Strides x, dy;

  Strips(const Conv2dShape& s, int threads) : shape(s), pairs((s.w + 1) / 2) {
    x.pair = whole_registers(s.c);
    x.row = (pairs + 1) * x.pair;
    dy.pair = whole_registers(s.k);
    dy.row = pairs * dy.pair;
    constexpr std::size_t budget = std::size_t{256} << 10;
    const auto fit = int(budget / (sizeof(Pair) * (2 * x.row + dy.row)));
    const int wanted = (threads + s.n - 1) / s.n;  // strips of an image, for no thread to be idle
    rows = std::clamp(fit, 1, (s.h + wanted - 1) / wanted);
    per_image = (s.h + rows - 1) / rows;
    // Half as much of several: their first sweep waits for all.
    images = per_image > 1 ? 1 : std::clamp(fit / 2 / s.h, 1, (s.n + threads - 1) / threads);
    x.image = (rows + 2) * x.row;  // a row above and one below
    dy.image = rows * dy.row;
  }

  int count() const { return (shape.n + images - 1) / images * per_image; }
  std::size_t room() const { return images * (2 * x.image + dy.image); }
};

// Adds what a strip gives to the gradient to `to` [k, 3, 3, c].
void add_strip(const Strips& t, int strip, const bf16* x, const bf16* dy, Pair* room, float* to) {
  const Conv2dShape& s = t.shape;
  const int first = strip / t.per_image * t.images, images = std::min(t.images, s.n - first),
            begin = strip % t.per_image * t.rows, end = std::min(begin + t.rows, s.h),
            x_begin = std::max(begin - 1, 0), x_end = std::min(end + 1, s.h);
  const auto x_at = [&](int n, int y) { return x + (std::size_t(n) * s.h + y) * s.w * s.c; };
  const auto dy_at = [&](int n, int y) { return dy + (std::size_t(n) * s.h + y) * s.w * s.k; };
  Pair *const even = room, *const odd = even + t.images * t.x.image,
              *const of_dy = odd + t.images * t.x.image;
  for (int i = 0; i < images; ++i) {
    for (int y = x_begin; y < x_end; ++y) {
      const std::size_t at = i * t.x.image + (y - x_begin) * t.x.row;
      pair_up(x_at(first + i, y), s.w, s.c, 0, t.pairs, even + at);
      pair_up(x_at(first + i, y), s.w, s.c, -1, t.pairs + 1, odd + at);
    }
    for (int y = begin; y < end; ++y)
      pair_up(dy_at(first + i, y), s.w, s.k, 0, t.pairs,
              of_dy + i * t.dy.image + (y - begin) * t.dy.row);
  }

  // The next strip, which lies behind this one: some of it with each row of each sweep.
  const int parts = (s.k + most_gradients - 1) / most_gradients,
            sweeps = int(t.x.pair) / lanes * taps * parts;
  const auto share = [&](int channels) {
    const std::size_t lines = sizeof(bf16) * s.w * channels / cache_line + 1;
    return (lines + sweeps - 1) / sweeps * cache_line;
  };
  Ahead ahead[] = {{reinterpret_cast<const char*>(x_at(first + images - 1, x_end)), share(s.c)},
                   {reinterpret_cast<const char*>(dy_at(first + images - 1, end)), share(s.k)}};
  for (int c = 0; c < s.c; c += lanes)
    for (int r = 0; r < taps; ++r) {
      const int from = std::max(begin, 1 - r), until = std::min(end, s.h + 1 - r);
      if (from >= until) continue;
      const std::size_t x_row = (from + r - 1 - x_begin) * t.x.row + c;
      for (int part = 0; part < parts; ++part) {
        const int k = s.k * part / parts, gradients = s.k * (part + 1) / parts - k;
        const Rows rows{.images = images,
                        .rows = until - from,
                        .pairs = t.pairs,
                        .dy = of_dy + (from - begin) * t.dy.row + k,
                        .x = {odd + x_row, even + x_row, odd + x_row + t.x.pair}};
        const Sums sums{.at = to + (std::size_t(k) * taps + r) * taps * s.c + c,
                        .gradient = std::size_t(taps) * taps * s.c,
                        .tap = std::size_t(s.c),
                        .channels = first_lanes(s.c - c)};
        add_up_for(gradients, std::make_integer_sequence<int, most_gradients>())(rows, t.dy, t.x,
                                                                                 sums, ahead);
      }
    }
}

}  // namespace

bool serves(const Conv2dShape& s) {
  return s.r == taps && s.s == taps && s.stride == 1 && s.pad == 1;
}

void run(const Conv2dShape& s, const bf16* x, const bf16* dy, float* dfilter) {
  const Strips strips(s, threads());
  const std::size_t room = strips.room(), filter = whole_registers(s.filter_size());
  static Scratchpad scratchpad(Device::cpu);  // convolutions run one after the other
  auto* const rooms = static_cast<Pair*>(
      scratchpad.at_least(threads() * (sizeof(Pair) * room + sizeof(float) * filter)));
  auto* const parts = reinterpret_cast<float*>(rooms + threads() * room);
#pragma omp parallel
  {
    const int thread = omp_get_thread_num(), team = omp_get_num_threads();
    float* const mine = parts + thread * filter;
    std::fill_n(mine, filter, 0.0f);
#pragma omp for schedule(static)
    for (int strip = 0; strip < strips.count(); ++strip)
      add_strip(strips, strip, x, dy, rooms + thread * room, mine);
#pragma omp for schedule(static)
    for (std::size_t i = 0; i < s.filter_size(); ++i) {
      float sum = 0;
      for (int t = 0; t < team; ++t) sum += parts[t * filter + i];
      dfilter[i] = sum;
    }
  }
}

}  // namespace kernels::bf16_filter_grad

#else
namespace kernels::bf16_filter_grad {

bool serves(const Conv2dShape&) { return false; }
void run(const Conv2dShape&, const bf16*, const bf16*, float*) {
  fail("conv2d: this build has no products of bf16");
}

}  // namespace kernels::bf16_filter_grad
#endif
