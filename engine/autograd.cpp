// SPDX-License-Identifier: MIT
#include "engine/autograd.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <unordered_map>
#include <utility>

#include "kernels/elementwise.h"
#include "kernels/runtime/run.h"

namespace engine {

Tensor side_by_side(const Tensor& t) { return t.contiguous() ? t : t.clone(); }

Tensor attach(Tensor t, std::shared_ptr<Node> node) {
  t.node_ = std::move(node);
  return t;
}

namespace {

std::atomic<std::uint64_t> next_id{0};
thread_local bool recording_on = true;

// Never freed: it may be on a device that is gone first.
const Tensor& one_on(Device device) {
  static auto& ones = *new std::array<Tensor, 2>;
  Tensor& one = ones[std::size_t(device)];
  if (!one) {
    one = Tensor::empty({1}, device);
    kernels::run(device, kernels::Fill{.y = one.data(), .size = 1, .value = 1});
  }
  return one;
}

void add_into(const Tensor& sum, const Tensor& a, const Tensor& b) {
  const Tensor x = side_by_side(a), y = side_by_side(b);
  kernels::run(a.device(),
               kernels::Add{.a = x.in(), .b = y.in(), .y = sum.out(), .size = a.size()});
}

}  // namespace

Node::~Node() {
  // A chain of a hundred thousand nodes must not become as many nested destructor calls.
  std::vector<std::shared_ptr<Node>> doomed;
  const auto take_inputs = [&doomed](Node& node) {
    for (auto& input : node.inputs) {
      if (input && input.use_count() == 1) doomed.push_back(std::move(input));
    }
    node.inputs.clear();
  };
  take_inputs(*this);
  while (!doomed.empty()) {
    const std::shared_ptr<Node> node = std::move(doomed.back());
    doomed.pop_back();
    take_inputs(*node);
  }
}

InputGrads::InputGrads(std::span<const std::shared_ptr<Node>> inputs, bool own_dy)
    : inputs_(inputs), grads_(inputs.size()), own_(inputs.size()), own_dy_(own_dy) {}

Tensor InputGrads::out(int input) {
  const Node& node = *inputs_[input];
  const bool already_given =  // the same parameter twice in one op
      std::any_of(grads_.begin(), grads_.end(), [&node](const Tensor& g) {
        return g && node.buffer && g.raw() == node.buffer.raw();
      });
  const bool direct = node.buffer && !node.grad && !already_given;
  grads_[input] = direct ? node.buffer : Tensor::empty(node.shape, node.device, node.type);
  own_[input] = !direct;
  return grads_[input];
}

Tensor InputGrads::take_so_far(int input) {
  Node* node = inputs_[input].get();
  return node && !node->buffer ? std::exchange(node->grad, {}) : Tensor{};
}

Tensor InputGrads::take_own(int input) {
  const Node* node = inputs_[input].get();
  if (!node || !node->backward || !node->own_grad) return {};  // a leaf's may be read by anybody
  grads_[input] = take_so_far(input);
  own_[input] = bool(grads_[input]);
  return grads_[input];
}

void InputGrads::give(int input, Tensor grad) {
  if (!wanted(input)) return;
  grads_[input] = std::move(grad);
  own_[input] = false;
}

void InputGrads::pass_on(int input, Tensor dy) {
  give(input, std::move(dy));
  own_[input] = own_dy_;
}

/// Hands the gradients of one closure on to the nodes they belong to.
class BackwardPass {
 public:
  static void run(Node& node) {
    InputGrads grads(node.inputs, node.own_grad);
    node.backward(node.grad, grads);
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (!node.inputs[i]) continue;
      require(bool(grads.grads_[i]), "{}: the backward pass left out the gradient of input {}",
              node.op, i);
      const Tensor& grad = grads.grads_[i];
      Node& input = *node.inputs[i];
      require(grad.shape() == input.shape, "{}: the gradient of input {} is {}, the input {}",
              node.op, i, grad.shape(), input.shape);
      require(grad.dtype() == input.type, "{}: the gradient of input {} is of {}, should be of {}",
              node.op, i, name_of(grad.dtype()), name_of(input.type));
      arrive(input, grad, grads.own_[i]);
    }
  }

  static void arrive(Node& node, const Tensor& grad, bool own) {
    if (node.buffer) {
      if (!node.grad && grad.raw() != node.buffer.raw()) node.buffer.copy_from(grad);
      if (node.grad) add_into(node.buffer, node.buffer, grad);
      node.grad = node.buffer;
    } else if (!node.grad) {
      node.grad = grad;
      node.own_grad = own;
    } else {
      // Not in place: the tensor that came first may be shared.
      const Tensor sum = Tensor::empty(node.shape, node.device, node.type);
      add_into(sum, node.grad, grad);
      node.grad = sum;
      node.own_grad = true;
    }
  }
};

Tensor record(const char* op, Tensor y, std::initializer_list<Tensor> inputs, Backward backward) {
  if (!recording(inputs)) return y;
  one_on(y.device());  // now, so that the first backward pass allocates no more than others do
  auto node = std::make_shared<Node>();
  node->id = next_id++;
  node->op = op;
  node->shape = y.shape();
  node->type = y.dtype();
  node->device = y.device();
  node->backward = std::move(backward);
  for (const Tensor& input : inputs) node->inputs.push_back(input.node());
  return attach(std::move(y), std::move(node));
}

bool recording(std::initializer_list<Tensor> inputs) {
  return recording_on && std::any_of(inputs.begin(), inputs.end(),
                                     [](const Tensor& t) { return t.requires_grad(); });
}

bool is_one(const Tensor& dy) { return dy.raw() == one_on(dy.device()).raw(); }

NoGrad::NoGrad() : before_(recording_on) { recording_on = false; }
NoGrad::~NoGrad() { recording_on = before_; }

Tensor& Tensor::require_grad() { return require_grad(Tensor{}); }

Tensor& Tensor::require_grad(const Tensor& grad) {
  require(dtype() == DType::f32 || dtype() == DType::bf16,
          "only a tensor of f32 or bf16 has a gradient");
  require(!grad || grad.shape() == shape_, "a gradient buffer of {} for a tensor of {}",
          grad.shape(), shape_);
  auto node = std::make_shared<Node>();
  node->id = next_id++;
  node->op = "leaf";
  node->shape = shape_;
  node->type = grad ? grad.dtype() : dtype();
  node->device = device();
  node->buffer = grad.detach();
  node_ = std::move(node);
  return *this;
}

Tensor& Tensor::share_grad(const Tensor& leaf) {
  require(leaf.requires_grad() && !leaf.node()->backward && leaf.shape() == shape_,
          "share_grad: {} is no copy of a leaf of {}", shape_, leaf.shape());
  node_ = leaf.node();
  return *this;
}

Tensor Tensor::grad() const { return node_ ? node_->grad : Tensor{}; }

void Tensor::zero_grad() const {
  if (node_) node_->grad = {};
}

void Tensor::backward() const { engine::backward(*this, {}); }

void backward(const Tensor& loss, const std::function<void(const Tensor&)>& complete) {
  require(loss.size() == 1, "backward() starts from one element, not from {}", loss.shape());
  const std::shared_ptr<Node>& last = loss.node();
  require(last != nullptr, "backward(): nothing that leads here requires a gradient");

  std::vector<std::shared_ptr<Node>> order{last};
  std::unordered_map<const Node*, int> uses{{last.get(), 0}};  // that give it a gradient yet
  for (std::size_t next = 0; next < order.size(); ++next) {
    const Node& node = *order[next];
    require(!node.has_run,
            "backward(): {} has had its backward pass, which frees the graph behind it; add the "
            "losses first, or run the forward pass again",
            node.op);
    for (const auto& input : node.inputs) {
      if (input && uses[input.get()]++ == 0) order.push_back(input);
    }
  }
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a->id > b->id; });

  last->grad = one_on(loss.device()).slice(0, loss.shape());
  for (const auto& node : order) {
    if (!node->backward) continue;  // a leaf keeps its gradient
    node->has_run = true;           // first: half a pass cannot be repeated either
    BackwardPass::run(*node);
    for (const auto& input : node->inputs)
      if (input && --uses[input.get()] == 0 && input->buffer && complete) complete(input->grad);
    node->backward = {};
    node->inputs.clear();
    node->grad = {};
  }
}

}  // namespace engine
