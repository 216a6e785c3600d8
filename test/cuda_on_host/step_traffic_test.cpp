// SPDX-License-Identifier: MIT
// What our kernels move in a training step, but for the optimizer: the table of docs/kernels.md.
#include "engine/autograd.h"
#include "engine/ops.h"
#include "nn/model.h"
#include "test/cuda_on_host/cuda_on_host.h"
#include "test/support/support.h"

using engine::Tensor;
using test::Device;
using test::DType;

namespace {

/// Bytes that forward pass, loss and backward pass read and write; the stand-ins for cuDNN and
/// cuBLAS are not counted.
double traffic_of(const std::string& name, DType type, int batch_size, int side) {
  constexpr int classes = 100;
  const auto model = nn::make_model(name, {side, side, 3, classes, type}, Device::cuda, 1);
  const Tensor images = Tensor::zeros({batch_size, side, side, 3}, Device::cuda, type),
               labels = Tensor::zeros({batch_size}, Device::cuda, DType::i32);
  kernels::synchronize(Device::cuda);  // what has made these is not counted
  const cuda_on_host::Recording recording;
  const Tensor loss = engine::soft_target_loss(model->forward(images, nn::Mode::train), labels);
  model->parameters().zero_grad();
  loss.backward();
  kernels::synchronize(Device::cuda);
  return double(recording.loads().bytes + recording.stores().bytes);
}

/// The same of 64 images of 32x32, in gigabytes: what there is once, and as often as there are
/// pixels what a pixel adds.
double gigabytes(const std::string& name, DType type = DType::f32) {
  const double of_one = traffic_of(name, type, 1, 16), of_three = traffic_of(name, type, 3, 16);
  return 1e-9 * (of_one + (of_three - of_one) / 2 * (64 * 4 - 1));
}

}  // namespace

TEST_CASE("a step moves no more than the table says") {
  if (!cuda_on_host::checked) return;
  CHECK(gigabytes("resnet20") < 0.495);
  CHECK(gigabytes("resnet34") < 2.875);
  CHECK(gigabytes("densenet-bc-100-12") < 8.785);
  CHECK(gigabytes("resnet34", DType::bf16) < 1.505);
  CHECK(gigabytes("densenet-bc-100-12", DType::bf16) < 4.755);
}
