// SPDX-License-Identifier: MIT
#include "kernels/collective.h"

#include "engine/ops.h"
#include "engine/ops/expect.h"
#include "kernels/ranks/ranks.h"
#include "kernels/runtime/run.h"

namespace engine {

namespace {

kernels::AllReduce sum_of(const Tensor& x, const char* op) {
  require(x && (x.dtype() == DType::f32 || x.dtype() == DType::i32),
          "{}: takes a tensor of f32 or i32", op);
  return {.data = x.raw(), .type = x.dtype(), .size = x.size()};
}

}  // namespace

void all_reduce(const Tensor& x) { kernels::run(x.device(), sum_of(x, "all_reduce")); }

void begin_sum(const Tensor& x) {
  kernels::run(x.device(), kernels::BeginSum{sum_of(x, "begin_sum")});
}

void finish_sums(Device device) { kernels::run(device, kernels::FinishSums{}); }

Tensor all_gather(const Tensor& x) {
  require(bool(x), "all_gather: a tensor is missing");
  Tensor all = Tensor::empty({kernels::ranks().count, int(x.size())}, x.device(), x.dtype());
  kernels::run(x.device(),
               kernels::AllGather{.mine = x.raw(), .all = all.raw(), .size = x.bytes()});
  return all;
}

void broadcast(const Tensor& x) {
  require(bool(x), "broadcast: a tensor is missing");
  kernels::run(x.device(), kernels::Broadcast{.data = x.raw(), .size = x.bytes()});
}

Tensor with_other_ranks(const Tensor& x, int first, int rows) {
  require(x && x.shape().rank() >= 1 && first >= 0 && first + x.shape()[0] <= rows,
          "with_other_ranks: rows {} on of {} of {}", first, x.shape(), rows);
  const std::size_t row = x.size() / std::size_t(x.shape()[0]);
  const Shape shape = x.shape().rank() == 1 ? Shape{rows} : Shape{rows, int(row)};
  const Tensor all = Tensor::zeros(shape, x.device(), x.dtype());
  all.slice(std::size_t(first) * row, x.shape()).copy_from(x.detach());
  all_reduce(all);
  return all;
}

}  // namespace engine
