// SPDX-License-Identifier: MIT
#include "kernels/concat_channels.h"

#include "engine/ops.h"
#include "kernels/runtime/run.h"
#include "test/support/support.h"

using engine::Tensor;
using test::Device;
using test::DType;
using test::ShiftedArray;
using Floats = std::vector<float>;

namespace {

Floats joined(const Floats& a, const Floats& b, int rows, int a_channels, int b_channels) {
  Floats y;
  for (int i = 0; i < rows; ++i) {
    for (int c = 0; c < a_channels; ++c) y.push_back(a[std::size_t(i) * a_channels + c]);
    for (int c = 0; c < b_channels; ++c) y.push_back(b[std::size_t(i) * b_channels + c]);
  }
  return y;
}

void check_both_ways(Device device, int rows, int a_channels, int b_channels) {
  const DType type = GENERATE_COPY(from_range(test::activation_types(device)));
  CAPTURE(name_of(type), rows, a_channels, b_channels);
  const auto values = [&](int channels, std::uint64_t seed) {
    return test::rounded(type, test::random_values(std::size_t(rows) * channels, -1, 1, seed));
  };
  const Floats a = values(a_channels, 1), b = values(b_channels, 2);
  const Floats want = joined(a, b, rows, a_channels, b_channels);
  const ShiftedArray device_a(device, a, 0, type), device_b(device, b, 0, type),
      y(device, want.size(), 0, type);
  kernels::run(device, kernels::ConcatChannels{device_a.in(), device_b.in(), y.out(), rows,
                                               a_channels, b_channels});
  CHECK((y.host() == want));

  for (const auto& [wants_a, wants_b] : {std::pair{true, true}, {true, false}, {false, true}}) {
    const ShiftedArray da(device, wants_a ? a.size() : 0, 0, type),
        db(device, wants_b ? b.size() : 0, 0, type);
    kernels::run(device, kernels::SplitChannels{.dy = y.in(),
                                                .da = wants_a ? da.out() : kernels::Array(),
                                                .db = wants_b ? db.out() : kernels::Array(),
                                                .rows = rows,
                                                .a_channels = a_channels,
                                                .b_channels = b_channels});
    if (wants_a) CHECK((da.host() == a));
    if (wants_b) CHECK((db.host() == b));
  }
}

}  // namespace

TEST_CASE("concat_channels puts channels side by side, split_channels takes them apart") {
  const Device device = GENERATE(from_range(test::devices()));
  const int rows = GENERATE(1, 2, 31, 33, 1000);
  const int a_channels = GENERATE(1, 12, 31, 33, 100), b_channels = GENERATE(1, 12, 16);
  check_both_ways(device, rows, a_channels, b_channels);
}

TEST_CASE("concat_channels of more than the cache holds") {
  const Device device = GENERATE(from_range(test::devices()));
  // Rows that begin at multiples of 16 bytes in both types, in f32, and in none.
  const auto [a_channels, b_channels] =
      GENERATE(std::pair(88, 8), std::pair(84, 12), std::pair(83, 12));
  check_both_ways(device, device == Device::cpu ? 100000 : 2000, a_channels, b_channels);
}

TEST_CASE("concat_channels through autograd") {
  const Device device = GENERATE(from_range(test::devices()));
  const bool wants_a = GENERATE(true, false);
  const Floats values_a = test::random_values(2 * 3 * 5 * 4, -1, 1, 1),
               values_b = test::random_values(2 * 3 * 5 * 2, -1, 1, 2);
  Tensor a = Tensor::from(values_a, {2, 3, 5, 4}, device),
         b = Tensor::from(values_b, {2, 3, 5, 2}, device);
  if (wants_a) a.require_grad();
  b.require_grad();
  // The same input on both sides receives the sum of both gradients.
  const Tensor y = engine::concat_channels(engine::concat_channels(a, b), b);
  CHECK(y.shape() == engine::Shape{2, 3, 5, 8});
  CHECK(y.to_host() == joined(joined(values_a, values_b, 30, 4, 2), values_b, 30, 6, 2));
  engine::mean(y).backward();
  const float each = 1 / float(y.size());
  if (wants_a) CHECK(a.grad().to_host() == Floats(values_a.size(), each));
  CHECK(b.grad().to_host() == Floats(values_b.size(), 2 * each));
}

TEST_CASE("concat_channels names the shapes that do not fit") {
  const auto empty = [](engine::Shape shape) { return Tensor::empty(shape, Device::cpu); };
  CHECK_THROWS_WITH(
      engine::concat_channels(empty({2, 8, 8, 3}), empty({2, 8, 4, 3})),
      "concat_channels: [2, 8, 8, 3] and [2, 8, 4, 3] are not [n, h, w, c] of the same images");
  CHECK_THROWS_WITH(engine::concat_channels(empty({2, 3}), empty({2, 3})),
                    "concat_channels: [2, 3] and [2, 3] are not [n, h, w, c] of the same images");
  CHECK_THROWS_WITH(engine::concat_channels(empty({2, 8, 8, 3}), empty({2, 8, 8, 0})),
                    "concat_channels: [2, 8, 8, 3] or [2, 8, 8, 0] is empty");
  CHECK_THROWS_WITH(engine::concat_channels(empty({2, 8, 8, 3}), {}),
                    "concat_channels: b is missing");
}
