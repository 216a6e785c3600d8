// SPDX-License-Identifier: MIT
#include "engine/autograd.h"

#include "engine/ops.h"
#include "kernels/elementwise.h"
#include "kernels/runtime/run.h"
#include "test/support/support.h"

using engine::InputGrads;
using engine::Tensor;
using test::Device;

namespace {

Tensor number(float value, Device device) {
  return Tensor::from(std::span<const float>(&value, 1), {1}, device);
}

// One-element product: enough to build any graph whose derivatives are known by heart.
Tensor multiply(const Tensor& a, const Tensor& b) {
  const auto product = [](const Tensor& p, const Tensor& q, const Tensor& y) {
    kernels::run(p.device(), kernels::Scale{p.in(), q.data(), y.out(), 1});
  };
  const Tensor y = Tensor::empty({1}, a.device());
  product(a, b, y);
  return engine::record(
      "multiply", y, {a, b},
      [a = a.detach(), b = b.detach(), product](const Tensor& dy, InputGrads& grads) {
        if (grads.wanted(0)) product(dy, b, grads.out(0));
        if (grads.wanted(1)) product(dy, a, grads.out(1));
      });
}

float value(const Tensor& t) { return t.to_host()[0]; }

}  // namespace

TEST_CASE("a diamond adds up the gradients of both paths") {
  const Device device = GENERATE(from_range(test::devices()));
  Tensor x = number(3, device);
  const Tensor c = number(2, device);
  x.require_grad();
  const Tensor a = multiply(x, x), b = multiply(a, c);
  multiply(a, b).backward();  // y = 2 x^4
  CHECK(value(x.grad()) == 8 * 27);
  CHECK_FALSE(c.grad());
}

TEST_CASE("a tensor that is used many times gets the sum") {
  Tensor x = number(5, Device::cpu);
  x.require_grad();
  Tensor y = x;
  for (int i = 0; i < 9; ++i) y = engine::add(y, x);
  y.backward();
  CHECK(value(x.grad()) == 10);
}

TEST_CASE("gradients accumulate until zero_grad") {
  Tensor x = number(3, Device::cpu);
  x.require_grad();
  multiply(x, x).backward();
  multiply(x, x).backward();
  CHECK(value(x.grad()) == 12);
  x.zero_grad();
  multiply(x, x).backward();
  CHECK(value(x.grad()) == 6);
}

TEST_CASE("a leaf with a gradient buffer gets its gradient there") {
  const Device device = GENERATE(from_range(test::devices()));
  const Tensor flat = Tensor::from(std::vector<float>{-1, -2, -3}, {3}, device);
  Tensor x = number(3, device);
  x.require_grad(flat.slice(1, {1}));
  SECTION("written directly") {
    multiply(x, number(7, device)).backward();
    CHECK(flat.to_host() == std::vector<float>{-1, 7, -3});
  }
  SECTION("both inputs of one op") {
    multiply(x, x).backward();
    CHECK(flat.to_host() == std::vector<float>{-1, 6, -3});
  }
  SECTION("given by an op that passes its gradient on") {
    engine::add(x, number(1, device)).backward();
    CHECK(flat.to_host() == std::vector<float>{-1, 1, -3});
  }
  SECTION("several uses and several passes") {
    engine::add(multiply(x, x), x).backward();
    engine::add(multiply(x, x), x).backward();
    CHECK(flat.to_host() == std::vector<float>{-1, 14, -3});
    x.zero_grad();
    engine::add(x, multiply(x, x)).backward();
    CHECK(flat.to_host() == std::vector<float>{-1, 7, -3});
  }
}

TEST_CASE("a gradient with a buffer is told of once, when nothing more is added to it") {
  const Device device = GENERATE(from_range(test::devices()));
  const Tensor flat = Tensor::from(std::vector<float>{-1, -2, -3}, {3}, device);
  Tensor a = number(2, device), b = number(3, device), c = number(5, device), x = number(1, device);
  a.require_grad(flat.slice(0, {1}));
  b.require_grad(flat.slice(1, {1}));
  c.require_grad(flat.slice(2, {1}));
  x.require_grad();  // without a buffer
  std::vector<std::pair<int, float>> told;
  // b is used three times, of which the last to be computed is before a's.
  const Tensor early = multiply(a, multiply(b, x));
  engine::backward(multiply(c, multiply(early, multiply(b, b))), [&](const Tensor& gradient) {
    told.emplace_back(int(gradient.data() - flat.data()), value(gradient));
  });
  CHECK(told == std::vector<std::pair<int, float>>{{2, 54}, {0, 135}, {1, 270}});
}

TEST_CASE("an op adds its gradient to the one that has come so far") {
  const Device device = GENERATE(from_range(test::devices()));
  int added = 0;
  const auto twice = [&added](const Tensor& x) {
    return engine::record("twice", engine::add(x.detach(), x.detach()), {x},
                          [&added](const Tensor& dy, InputGrads& grads) {
                            Tensor dx = engine::add(dy, dy);
                            if (const Tensor so_far = grads.take_so_far(0)) {
                              dx = engine::add(dx, so_far);
                              ++added;
                            }
                            grads.give(0, dx);
                          });
  };
  Tensor x = number(3, device);
  SECTION("of a leaf, pass after pass") {
    x.require_grad();
    engine::add(twice(x), x).backward();
    CHECK(value(x.grad()) == 3);
    twice(x).backward();
    CHECK(value(x.grad()) == 5);
    CHECK(added == 2);
  }
  SECTION("in the middle") {
    x.require_grad();
    const Tensor y = multiply(x, x);
    engine::add(twice(y), y).backward();
    CHECK(value(x.grad()) == 18);
    CHECK(added == 1);
  }
  SECTION("not of a leaf with a buffer") {
    const Tensor buffer = number(-1, device);
    x.require_grad(buffer);
    engine::add(twice(x), x).backward();
    CHECK(value(buffer) == 3);
    CHECK(added == 0);
  }
}

TEST_CASE("chains of a hundred thousand ops neither recurse forwards nor when dropped") {
  Tensor x = number(1, Device::cpu);
  x.require_grad();
  const Tensor one = number(1, Device::cpu);
  Tensor y = x;
  for (int i = 0; i < 100000; ++i) y = multiply(y, one);
  SECTION("run") {
    y.backward();
    CHECK(value(x.grad()) == 1);
  }
  SECTION("dropped") { y = Tensor{}; }
}

TEST_CASE("nothing is recorded under NoGrad, which nests") {
  Tensor x = number(1, Device::cpu);
  x.require_grad();
  {
    const engine::NoGrad outer;
    { const engine::NoGrad inner; }
    CHECK_FALSE(multiply(x, x).requires_grad());
  }
  CHECK(multiply(x, x).requires_grad());
  CHECK_FALSE(multiply(x.detach(), x.detach()).requires_grad());
}

TEST_CASE("what passes no gradient on refuses a tensor that has one, unless nothing is recorded") {
  using Catch::Matchers::Equals;
  Tensor x = number(3, Device::cpu);
  x.require_grad();
  const auto message = [](const char* what) {
    return Equals(
        fmt::format("{}: the gradient of a tensor of [1] would be lost; detach() it first", what));
  };
  CHECK_THROWS_WITH(x.to(Device::cpu), message("to"));
  CHECK_THROWS_WITH(x.clone(), message("clone"));
  CHECK_THROWS_WITH(x.view({1, 1}), message("view"));
  CHECK_THROWS_WITH(x.slice(0, {1}), message("slice"));
  CHECK(value(x.detach().view({1, 1})) == 3);
  const engine::NoGrad no_grad;
  CHECK(value(x.clone()) == 3);
  CHECK(value(x.slice(0, {1}).view({1, 1}).to(Device::cpu)) == 3);
}

TEST_CASE("a closure is freed once it has run") {
  Tensor x = number(2, Device::cpu);
  x.require_grad();
  Tensor y = multiply(x, x);
  const auto before = engine::pool(Device::cpu).stats().in_use;
  std::weak_ptr<engine::Node> inner;
  {
    const Tensor middle = multiply(x, x);
    inner = middle.node();
    y = multiply(middle, middle);
  }
  CHECK_FALSE(inner.expired());
  y.backward();
  CHECK(inner.expired());
  y = Tensor{};
  CHECK(engine::pool(Device::cpu).stats().in_use <= before);
}

TEST_CASE("a graph runs once; others over the same leaves are their own") {
  using Catch::Matchers::Equals;
  Tensor x = number(3, Device::cpu);
  x.require_grad();
  const Tensor shared = multiply(x, x), first = multiply(shared, x), second = multiply(shared, x);
  const Tensor other = multiply(x, x);
  first.backward();
  CHECK(value(x.grad()) == 27);
  const std::string refusal =
      "backward(): multiply has had its backward pass, which frees the graph behind it; add the "
      "losses first, or run the forward pass again";
  CHECK_THROWS_WITH(first.backward(), Equals(refusal));
  CHECK_THROWS_WITH(second.backward(), Equals(refusal));
  CHECK(value(x.grad()) == 27);
  other.backward();
  CHECK(value(x.grad()) == 27 + 6);
}

TEST_CASE("misuse of the graph is refused with one line") {
  using Catch::Matchers::Contains;
  Tensor x = number(1, Device::cpu);
  CHECK_THROWS_WITH(x.backward(), Contains("requires a gradient"));
  Tensor wide = Tensor::zeros({2}, Device::cpu);
  wide.require_grad();
  CHECK_THROWS_WITH(wide.backward(), Contains("from one element"));
  x.require_grad();
  const Tensor forgetful =
      engine::record("forgetful", number(1, Device::cpu), {x}, [](const Tensor&, InputGrads&) {});
  CHECK_THROWS_WITH(forgetful.backward(), Contains("forgetful") && Contains("left out"));
  const Tensor wrong = engine::record("wrong", number(1, Device::cpu), {x},
                                      [wide](const Tensor&, InputGrads& g) { g.give(0, wide); });
  CHECK_THROWS_WITH(wrong.backward(), Contains("wrong: the gradient of input 0 is [2]"));
  CHECK_THROWS_WITH(Tensor::zeros({1}, Device::cpu, engine::DType::i32).require_grad(),
                    Contains("f32"));
}
