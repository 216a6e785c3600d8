// SPDX-License-Identifier: MIT
#include <algorithm>

#include "kernels/batch_norm.h"
#include "kernels/concat_channels.h"
#include "kernels/pool.h"
#include "kernels/random_fill.h"
#include "test/support.h"

using test::Device;
using test::DeviceArray;
using Floats = std::vector<float>;

// Arrays may begin at any element, such as a parameter in a flat buffer or a part of a batch;
// results are the same to the last bit, or the last but one where the order of a sum changes.
namespace {

/// An array that begins `offset` elements after an aligned address.
class Shifted {
 public:
  Shifted(Device device, const Floats& values, int offset)
      : offset_(offset), array_(device, padded(values, offset)) {}
  float* data() const { return array_.data() + offset_; }
  Floats host() const {
    const Floats all = array_.host();
    return Floats(all.begin() + offset_, all.end());
  }

 private:
  static Floats padded(const Floats& values, int offset) {
    Floats all(values.size() + std::size_t(offset));
    std::copy(values.begin(), values.end(), all.begin() + offset);
    return all;
  }
  int offset_;
  DeviceArray<float> array_;
};

Floats values(std::size_t size, std::uint64_t seed) {
  return test::random_values(size, -1, 1, seed);
}

}  // namespace

TEST_CASE("alignment: batch_norm") {
  const Device device = GENERATE(from_range(test::devices()));
  constexpr int rows = 300, channels = 12;
  constexpr std::size_t size = rows * channels;
  const auto results = [&](int of_arrays, int of_parameters) {
    const auto array = [&](std::uint64_t seed) {
      return Shifted(device, values(size, seed), of_arrays);
    };
    const auto parameter = [&](std::uint64_t seed) {
      return Shifted(device, values(channels, seed), of_parameters);
    };
    const Shifted x = array(1), y = array(2), dy = array(3), dx = array(4);
    const Shifted gamma = parameter(5), beta = parameter(6), mean = parameter(7),
                  rstd = parameter(8), running_mean = parameter(9),
                  running_var(device, test::random_values(channels, 0.5f, 1, 10), of_parameters),
                  dgamma = parameter(11), dbeta = parameter(12);
    kernels::run(device, kernels::BatchNorm{.x = x.data(),
                                            .residual = nullptr,
                                            .gamma = gamma.data(),
                                            .beta = beta.data(),
                                            .y = y.data(),
                                            .mean = mean.data(),
                                            .rstd = rstd.data(),
                                            .running_mean = running_mean.data(),
                                            .running_var = running_var.data(),
                                            .rows = rows,
                                            .channels = channels});
    kernels::run(device, kernels::BatchNormBackward{.x = x.data(),
                                                    .y = nullptr,
                                                    .dy = dy.data(),
                                                    .gamma = gamma.data(),
                                                    .beta = beta.data(),
                                                    .mean = mean.data(),
                                                    .rstd = rstd.data(),
                                                    .dx = dx.data(),
                                                    .dresidual = nullptr,
                                                    .dgamma = dgamma.data(),
                                                    .dbeta = dbeta.data(),
                                                    .rows = rows,
                                                    .channels = channels});
    Floats all;
    for (const Shifted* a : {&y, &dx, &mean, &rstd, &running_mean, &running_var, &dgamma, &dbeta}) {
      const Floats one = a->host();
      all.insert(all.end(), one.begin(), one.end());
    }
    return all;
  };
  const Floats aligned = results(0, 0);
  for (const auto& [of_arrays, of_parameters] : {std::pair{0, 1}, {1, 0}, {1, 2}}) {
    test::expect_close(results(of_arrays, of_parameters), test::to_double(aligned), 1e-6,
                       1e-8 * rows);
  }
}

TEST_CASE("alignment: pooling and concatenation") {
  const Device device = GENERATE(from_range(test::devices()));
  const kernels::PoolShape s{
      .n = 2, .h = 4, .w = 4, .c = 12, .window_h = 2, .window_w = 2, .stride = 2};
  const auto results = [&](int offset) {
    const Shifted x(device, values(s.x_size(), 1), offset),
        y(device, values(s.y_size(), 2), offset), dx(device, values(s.x_size(), 3), offset),
        both(device, values(2 * s.x_size(), 4), offset);
    kernels::run(device, kernels::AvgPool{x.data(), y.data(), s});
    kernels::run(device, kernels::AvgPoolGrad{y.data(), dx.data(), s});
    const int pixels = s.n * s.h * s.w;
    kernels::run(device,
                 kernels::ConcatChannels{x.data(), dx.data(), both.data(), pixels, s.c, s.c});
    return both.host();
  };
  CHECK(results(1) == results(0));
}

TEST_CASE("alignment: random fills") {
  const Device device = GENERATE(from_range(test::devices()));
  const auto results = [&](int offset) {
    const Shifted y(device, Floats(10), offset);
    kernels::run(device, kernels::RandomNormal{y.data(), 10, 0, 1, 1, 0});
    return y.host();
  };
  CHECK(results(1) == results(0));
}
