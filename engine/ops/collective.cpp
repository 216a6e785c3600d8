// SPDX-License-Identifier: MIT
#include "kernels/collective.h"

#include "engine/ops.h"
#include "engine/ops/expect.h"
#include "kernels/ranks/ranks.h"
#include "kernels/runtime/run.h"

namespace engine {

void all_reduce(const Tensor& x) {
  require(x && (x.dtype() == DType::f32 || x.dtype() == DType::i32),
          "all_reduce: takes a tensor of f32 or i32");
  kernels::run(x.device(),
               kernels::AllReduce{.data = x.raw(), .type = x.dtype(), .size = x.size()});
}

void begin_sum(const Tensor& x) {
  require(x && (x.dtype() == DType::f32 || x.dtype() == DType::i32),
          "begin_sum: takes a tensor of f32 or i32");
  kernels::run(x.device(),
               kernels::BeginSum{{.data = x.raw(), .type = x.dtype(), .size = x.size()}});
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
