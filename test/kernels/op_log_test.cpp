// SPDX-License-Identifier: MIT
#include "kernels/runtime/op_log.h"

#include <memory>

#include "engine/ops.h"
#include "kernels/elementwise.h"
#include "kernels/matmul.h"
#include "kernels/runtime/run.h"
#include "test/support/support.h"

using engine::Tensor;

TEST_CASE("A log has the calls, bytes and arithmetic of each kind of op while it lives") {
  for (const auto device : test::devices()) {
    const Tensor a = Tensor::zeros({2, 3}, device), b = Tensor::zeros({3, 5}, device),
                 y = Tensor::zeros({2, 5}, device);
    const kernels::MatMul product{.a = a.in(), .b = b.in(), .y = y.data(), .m = 2, .n = 5, .k = 3};
    kernels::run(device, product);
    const auto log = std::make_unique<kernels::OpLog>();
    CHECK(log->costs().empty());
    CHECK_THROWS_AS(kernels::OpLog(), kernels::Error);
    kernels::run(device, product);
    kernels::run(device, product);
    engine::fill(a, 1);
    REQUIRE(log->costs().size() == 2);
    const kernels::OpCost products = log->costs().at("MatMul"), fills = log->costs().at("Fill");
    CHECK(products.calls == 2);
    CHECK(products.bytes == 2 * 4 * (6 + 15 + 10));
    CHECK(products.flops == 2 * 2 * 2 * 5 * 3);
    CHECK(products.seconds > 0);
    CHECK(fills.calls == 1);
    CHECK(fills.bytes == 4 * 6);
    CHECK(fills.flops == 0);
  }
  CHECK(kernels::OpLog::kept() == nullptr);
}
