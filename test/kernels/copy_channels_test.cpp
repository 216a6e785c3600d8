// SPDX-License-Identifier: MIT
#include "kernels/copy_channels.h"

#include <algorithm>
#include <cmath>

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

}  // namespace

TEST_CASE("channels are copied to and from wider rows") {
  const Device device = GENERATE(from_range(test::devices()));
  const DType type = GENERATE_COPY(from_range(test::activation_types(device)));
  const int rows = GENERATE(1, 2, 31, 33, 1000), channels = GENERATE(1, 12, 31, 100);
  const int x_behind = GENERATE(0, 1, 16), y_behind = GENERATE(0, 4, 31);
  CAPTURE(name_of(type), rows, channels, x_behind, y_behind);
  const Floats values =
      test::rounded(type, test::random_values(std::size_t(rows) * channels, -1, 1, 1));
  const ShiftedArray x(device, values, 0, type, {channels, channels + x_behind}),
      y(device, values.size(), 0, type, {channels, channels + y_behind});
  kernels::run(device, kernels::CopyChannels{x.in(), y.out(), rows, channels});
  CHECK((y.host() == values));
  CHECK(y.gaps_are_nan());
}

TEST_CASE("kernels refuse parts of wider rows unless they heed the pitch") {
  const kernels::ConstArray x(nullptr, DType::f32, 3);
  CHECK_THROWS_WITH(x.f32(), "this kernel takes rows without gaps here, not a part of wider rows");
  CHECK_THROWS_WITH(kernels::Array(nullptr, DType::f32, 3).f32(),
                    "this kernel takes rows without gaps here, not a part of wider rows");
  CHECK(x.rows_as<float>() == nullptr);
  CHECK(x.pitch_of(2) == 3);
  CHECK(kernels::ConstArray().pitch_of(2) == 2);
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

TEST_CASE("concat_channels writes into the room that there is, once") {
  const Device device = GENERATE(from_range(test::devices()));
  const auto tensor = [&](int channels, std::uint64_t seed) {
    return Tensor::from(test::random_values(std::size_t(30) * channels, -1, 1, seed),
                        {2, 3, 5, channels}, device);
  };
  const Tensor x = tensor(4, 1), a = tensor(3, 2), b = tensor(1, 3), c = tensor(2, 4);
  const Floats xa = joined(x.to_host(), a.to_host(), 30, 4, 3),
               xab = joined(xa, b.to_host(), 30, 7, 1);
  const Tensor reserved = engine::reserve_channels(x, 8);
  CHECK(reserved.shape() == x.shape());
  CHECK(!reserved.contiguous());
  CHECK(reserved.to_host() == x.to_host());

  const Tensor with_a = engine::concat_channels(reserved, a);
  CHECK(with_a.raw() == reserved.raw());
  CHECK(with_a.to_host() == xa);
  // The place behind x is taken, so a second one is a copy; c does not fit behind a.
  const Tensor with_b = engine::concat_channels(reserved, b),
               with_c = engine::concat_channels(with_a, c);
  CHECK(with_b.raw() != reserved.raw());
  CHECK(with_b.contiguous());
  CHECK(with_b.to_host() == joined(x.to_host(), b.to_host(), 30, 4, 1));
  CHECK(with_c.to_host() == joined(xa, c.to_host(), 30, 7, 2));

  const Tensor full = engine::concat_channels(with_a, b);
  CHECK(full.raw() == reserved.raw());
  CHECK(full.contiguous());
  CHECK(full.to_host() == xab);
  CHECK(with_a.to_host() == xa);
  CHECK(reserved.to_host() == x.to_host());
  // A part of a tensor that is whole has no room: what is behind it is not free.
  CHECK(engine::concat_channels(full.narrow(0, 4), b).raw() != full.raw());
  CHECK(full.to_host() == xab);
}

TEST_CASE("gradients through channels that were written in place are those of copies in float") {
  const Device device = GENERATE(from_range(test::devices()));
  const DType type = GENERATE_COPY(from_range(test::activation_types(device)));
  const int order = GENERATE(0, 1, 2);  // in which the block and its readers are made
  const auto tensor = [&](engine::Shape shape, std::uint64_t seed) {
    return Tensor::from(test::random_values(shape.size(), -1, 1, seed), shape, device);
  };
  const auto cast = [&](const Tensor& t, DType as) {  // values that all types have
    const ShiftedArray array(device, test::rounded(DType::bf16, t.to_host()), 0, as);
    const Tensor y = Tensor::empty(t.shape(), device, as);
    kernels::run(device, kernels::CopyChannels{array.in(), y.out(), 30, t.shape()[-1]});
    return y;
  };
  const auto gradients = [&](bool in_place, DType as) {
    Tensor x = cast(tensor({2, 3, 5, 4}, 1), as), b = cast(tensor({2, 3, 5, 2}, 2), as);
    x.require_grad();
    b.require_grad();
    const auto norm = [&](const Tensor& t, std::uint64_t seed) {
      const engine::Shape c{t.shape()[-1]};
      return engine::batch_norm(t, tensor(c, seed), tensor(c, seed + 1), Tensor::zeros(c, device),
                                Tensor::zeros(c, device), {.relu = true});
    };
    const Tensor first = in_place ? engine::reserve_channels(x, 6) : x;
    Tensor of_first, all;
    if (order == 0) of_first = norm(first, 3);
    all = engine::concat_channels(first, b);
    if (order == 1) of_first = norm(first, 3);
    if (order == 2) of_first = engine::concat_channels(norm(first, 3), norm(first, 5));
    const Tensor of_all = engine::concat_channels(norm(all, 7), of_first);
    const auto pooled = engine::global_avg_pool(of_all);
    engine::soft_target_loss(pooled, Tensor::from(std::vector<std::int32_t>{1, 2}, {2}, device))
        .backward();
    const auto host = [](const Tensor& t) {
      const ShiftedArray array(t.device(), t.size(), 0, t.dtype());
      kernels::run(t.device(), kernels::CopyChannels{t.in(), array.out(), 30, t.shape()[-1]});
      return array.host();
    };
    return std::pair(host(x.grad()), host(b.grad()));
  };
  const auto [x, b] = gradients(true, type);
  const auto [x_copied, b_copied] = gradients(false, DType::f32);
  // A gradient is rounded each time that something is added to it, three times here.
  const auto check = [&](const Floats& got, const Floats& want, const char* name) {
    float largest = 0;
    for (const float value : want) largest = std::max(largest, std::abs(value));
    test::expect_close(got, test::to_double(want), 0, (1e-6 + 3 * test::rounding(type)) * largest,
                       name);
  };
  check(x, x_copied, "x");
  check(b, b_copied, "b");
}

TEST_CASE("parts of rows are copied, and refused where nobody knows of the gaps") {
  const Device device = GENERATE(from_range(test::devices()));
  const Tensor t = Tensor::from(Floats{1, 2, 3, 4, 5, 6}, {2, 3}, device);
  const Tensor part = t.narrow(1, 2);
  CHECK(part.shape() == engine::Shape{2, 2});
  CHECK(part.to_host() == Floats{2, 3, 5, 6});
  CHECK(part.narrow(1, 1).to_host() == Floats{3, 6});
  CHECK(part.clone().contiguous());
  CHECK(part.to(Device::cpu).to_host() == Floats{2, 3, 5, 6});
  CHECK(t.narrow(0, 3).contiguous());
  part.copy_from(Tensor::from(Floats{7, 8, 9, 10}, {2, 2}, device));
  CHECK(t.to_host() == Floats{1, 7, 8, 4, 9, 10});
  CHECK_THROWS_WITH(t.narrow(2, 2), "narrow: channels 2 to 4 of a tensor of [2, 3]");
  CHECK_THROWS_WITH(part.data(),
                    "data: the rows of [2, 2] are parts of wider ones; clone() it first");
  CHECK_THROWS_WITH(part.view({4}),
                    "slice: the rows of [2, 2] are parts of wider ones; clone() it first");
  CHECK_THROWS_WITH(engine::add(part, part),
                    "this kernel takes rows without gaps here, not a part of wider rows");
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

TEST_CASE("reserve_channels names the shapes that do not fit") {
  CHECK_THROWS_WITH(engine::reserve_channels(Tensor::empty({2, 8, 8, 3}, Device::cpu), 2),
                    "reserve_channels: [2, 8, 8, 3] is not [n, h, w, c] with one element or more, "
                    "c at most 2");
}
