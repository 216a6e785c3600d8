// SPDX-License-Identifier: MIT
#include "kernels/elementwise.h"
#include "kernels/sgd.h"
#include "kernels/soft_target_loss.h"
#include "test/support.h"

using test::Device;
using test::devices;

namespace {

/// `size` floats that begin `offset` floats behind a 16-byte boundary.
class Shifted {
 public:
  Shifted(Device device, const std::vector<float>& values, std::size_t offset)
      : array_(device, shifted(values, offset)), offset_(offset) {}

  float* data() const { return array_.data() + offset_; }
  std::vector<float> host() const {
    const std::vector<float> all = array_.host();
    return {all.begin() + std::ptrdiff_t(offset_), all.end()};
  }

 private:
  static std::vector<float> shifted(std::vector<float> values, std::size_t offset) {
    values.insert(values.begin(), offset, 0);
    return values;
  }

  test::DeviceArray<float> array_;
  std::size_t offset_;
};

constexpr std::size_t size = 1029;
const std::vector<float> a = test::random_values(size, -1, 1, 1);
const std::vector<float> b = test::random_values(size, -1, 1, 2);

}  // namespace

TEST_CASE(
    "unaligned arrays: elementwise ops take arrays that begin anywhere, with the same result") {
  const Device device = GENERATE(from_range(devices()));
  const auto sums = [&](std::size_t of_a, std::size_t of_y) {
    const Shifted x(device, a, of_a), y(device, b, of_y), factor(device, {3}, 1);
    std::vector<std::vector<float>> results;
    run(device, kernels::Add{x.data(), y.data(), y.data(), size});
    results.push_back(y.host());
    run(device, kernels::Scale{x.data(), factor.data(), y.data(), size});
    results.push_back(y.host());
    run(device, kernels::Fill{y.data(), size, 7});
    results.push_back(y.host());
    return results;
  };
  const auto aligned = sums(0, 0);
  CHECK(sums(1, 0) == aligned);
  CHECK(sums(0, 2) == aligned);
  CHECK(sums(3, 3) == aligned);
}

TEST_CASE("unaligned arrays: sgd takes arrays that begin anywhere, with the same result") {
  const Device device = GENERATE(from_range(devices()));
  const bool with_ema = GENERATE(false, true);
  const kernels::StepScalars scalars{
      .learning_rate = 0.1f, .ema_decay = 0.9f, .epoch = 0, .step = 0};
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(&scalars);
  const test::DeviceArray<std::uint8_t> step(device, {bytes, bytes + sizeof scalars});
  const auto after_step = [&](std::size_t offset) {
    const Shifted weight(device, a, offset), grad(device, b, 0), velocity(device, a, 0),
        ema(device, b, 0);
    run(device, kernels::Sgd{.weight = weight.data(),
                             .grad = grad.data(),
                             .velocity = velocity.data(),
                             .ema = with_ema ? ema.data() : nullptr,
                             .size = size,
                             .momentum = 0.9f,
                             .weight_decay = 0.01f,
                             .step = reinterpret_cast<const kernels::StepScalars*>(step.data())});
    return std::vector{weight.host(), velocity.host(), ema.host()};
  };
  CHECK(after_step(1) == after_step(0));
}

TEST_CASE("unaligned arrays: the soft-target loss takes rows that begin anywhere") {
  const Device device = GENERATE(from_range(devices()));
  const int classes = GENERATE(100, 260, 1028);
  const std::vector<float> z = test::random_values(std::size_t(classes), -4, 4, 3);
  const test::DeviceArray<std::int32_t> label(device, std::vector<std::int32_t>{17});
  const auto loss_and_grad = [&](std::size_t offset) {
    const Shifted logits(device, z, offset), grad(device, z, 0), loss(device, {0}, 0);
    run(device, kernels::SoftTargetLoss{.logits = logits.data(),
                                        .label = label.data(),
                                        .loss = loss.data(),
                                        .grad = grad.data(),
                                        .rows = 1,
                                        .classes = classes,
                                        .soft = kernels::SoftTarget::smoothed,
                                        .smoothing = 0.1f});
    std::vector<float> all = grad.host();
    all.push_back(loss.host()[0]);
    return all;
  };
  // The order of the sums differs.
  test::expect_close(loss_and_grad(1), test::to_double(loss_and_grad(0)), 1e-5, 1e-8);
}

TEST_CASE("unaligned arrays: more classes than a block's shared memory holds are refused on cuda") {
  if (devices().size() == 1) return;
  const test::DeviceArray<float> nothing(Device::cuda, 1);
  const test::DeviceArray<std::int32_t> label(Device::cuda, std::vector<std::int32_t>{0});
  CHECK_THROWS_WITH(run(Device::cuda, kernels::SoftTargetLoss{.logits = nothing.data(),
                                                              .label = label.data(),
                                                              .loss = nothing.data(),
                                                              .grad = nullptr,
                                                              .rows = 1,
                                                              .classes = 100000}),
                    Catch::Matchers::Contains("soft_target_loss: a row of 100000 classes"));
}
