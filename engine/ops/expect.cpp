// SPDX-License-Identifier: MIT
#include "engine/ops/expect.h"

#include <limits>

namespace engine {
namespace {

const char* name_of(Device device) { return device == Device::cpu ? "the CPU" : "the GPU"; }

}  // namespace

void expect(const char* op, const char* name, const Tensor& t, DType type) {
  require(bool(t), "{}: {} is missing", op, name);
  require(t.dtype() == type, "{}: {} {} is of {}, should be of {}", op, name, t.shape(),
          kernels::name_of(t.dtype()), kernels::name_of(type));
}

void expect_activations(const char* op, const char* name, const Tensor& t) {
  require(bool(t), "{}: {} is missing", op, name);
  require(t.dtype() == DType::f32 || t.dtype() == DType::bf16,
          "{}: {} {} is of {}, should be of f32 or bf16", op, name, t.shape(),
          kernels::name_of(t.dtype()));
}

void expect(const char* op, const char* name, const Tensor& t, DType type, const Shape& shape,
            Device device) {
  expect(op, name, t, type);
  require(t.shape() == shape, "{}: {} is {}, should be {}", op, name, t.shape(), shape);
  require(t.device() == device, "{}: {} is on {}, the other tensors are on {}", op, name,
          name_of(t.device()), name_of(device));
}

void expect_step(const char* op, const StepState& step, Device device) {
  require(step.device() == device, "{}: the step state is on {}, the tensors are on {}", op,
          name_of(step.device()), name_of(device));
}

int rows_of(const char* op, const Shape& shape) {
  const std::size_t rows = shape.size() / std::size_t(shape[-1]);
  require(rows <= std::size_t(std::numeric_limits<int>::max()),
          "{}: {} has {} rows of {}, more than the {} that there can be; use smaller batches", op,
          shape, rows, shape[-1], std::numeric_limits<int>::max());
  return int(rows);
}

void expect_logits(const char* op, const Tensor& logits) {
  expect(op, "logits", logits, DType::f32);
  const Shape& shape = logits.shape();
  require(shape.rank() == 2 && shape[0] >= 1 && shape[1] >= 2,
          "{}: logits {} should be [rows, classes] with two classes or more", op, shape);
}

void expect_labels(const char* op, const Tensor& label, const Tensor& logits) {
  const int rows = logits.shape()[0], classes = logits.shape()[1];
  expect(op, "label", label, DType::i32, {rows}, logits.device());
  if (label.device() != Device::cpu) return;
  const std::int32_t* y = label.data<std::int32_t>();
  for (int i = 0; i < rows; ++i) {
    require(y[i] >= 0 && y[i] < classes, "{}: label {} of row {} is not one of {} classes", op,
            y[i], i, classes);
  }
}

}  // namespace engine
