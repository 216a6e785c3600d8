// SPDX-License-Identifier: MIT
#include "engine/ops/expect.h"

namespace engine {
namespace {

const char* name_of(Device device) { return device == Device::cpu ? "the CPU" : "the GPU"; }

}  // namespace

void expect(const char* op, const char* name, const Tensor& t, DType type) {
  require(bool(t), "{}: {} is missing", op, name);
  require(t.dtype() == type, "{}: {} {} is of {}, should be of {}", op, name, t.shape(),
          kernels::name_of(t.dtype()), kernels::name_of(type));
}

void expect(const char* op, const char* name, const Tensor& t, DType type, const Shape& shape,
            Device device) {
  expect(op, name, t, type);
  require(t.shape() == shape, "{}: {} is {}, should be {}", op, name, t.shape(), shape);
  require(t.device() == device, "{}: {} is on {}, the other tensors are on {}", op, name,
          name_of(t.device()), name_of(device));
}

}  // namespace engine
