// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "engine/tensor.h"

/// Reverse-mode differentiation. An op records, beside its forward pass, one closure that turns the
/// gradient of its output into the gradients of its inputs.
namespace engine {

/// The gradients that an op's backward closure fills in.
class InputGrads {
 public:
  /// `own_dy`: nobody else holds the gradient of the output.
  explicit InputGrads(std::span<const std::shared_ptr<Node>> inputs, bool own_dy = false);

  bool wanted(int input) const { return inputs_[input] != nullptr; }

  /// Where to write the gradient of an input (elements are undefined): a parameter's own gradient
  /// buffer where that is still unwritten, so that nothing is copied, else a new tensor.
  Tensor out(int input);

  /// The gradient that has come to an input from its other uses so far, for a closure that adds it
  /// to its own in the same pass, as it then must. Null if there is none, or if the input has a
  /// buffer. It may be shared; nobody writes to it.
  Tensor take_so_far(int input);

  /// The same, if nobody else holds it: it is the input's gradient then, once the closure has added
  /// its own to it in place.
  Tensor take_own(int input);

  /// Gives an existing tensor as the gradient instead. It may be shared; nobody writes to it.
  void give(int input, Tensor grad);

  /// Gives the gradient of the output, or a view of it, which the closure has no more use for.
  void pass_on(int input, Tensor dy);

 private:
  friend class BackwardPass;
  std::span<const std::shared_ptr<Node>> inputs_;
  std::vector<Tensor> grads_;
  std::vector<bool> own_;  // which of them nobody else holds
  bool own_dy_;
};

/// A tensor without gaps between its rows: itself, or a copy. Null stays null.
Tensor side_by_side(const Tensor&);

/// Whether a gradient is the 1 that backward() starts from, by which nothing need be multiplied.
bool is_one(const Tensor& dy);

/// As loss.backward(), and tells of each gradient with a buffer (Tensor::require_grad) once it is
/// complete, while others are still to be computed.
void backward(const Tensor& loss, const std::function<void(const Tensor& gradient)>& complete);

/// Fills `grads` from the gradient of the output. The closure captures exactly the tensors it
/// reads, detached (Tensor::detach), so that nothing else outlives the forward pass.
using Backward = std::function<void(const Tensor& dy, InputGrads& grads)>;

/// One op in the recorded graph. Nodes are numbered as they are made, so descending `id` is already
/// a reverse topological order: backward() is a reachability walk, a sort and a loop.
struct Node {
  std::uint64_t id;
  const char* op;  // for messages
  Shape shape;     // of the output and of its gradient
  DType type;      // of the gradient
  Device device;
  std::vector<std::shared_ptr<Node>> inputs;  // null where no gradient is wanted
  Backward backward;                          // empty for a leaf; freed once run
  bool has_run = false;                       // then the graph that led here is gone
  Tensor grad;                                // null until a gradient arrives
  bool own_grad = false;                      // which nobody else holds
  Tensor buffer;                              // leaf: where its gradient is to be written, or null

  ~Node();  // frees a long chain of inputs without recursion
};

/// Links `y`, the output of `op`, to `inputs` if recording is on and any of them needs a gradient.
Tensor record(const char* op, Tensor y, std::initializer_list<Tensor> inputs, Backward);

/// Whether record() would record; ops that save something only for the backward pass may ask.
bool recording(std::initializer_list<Tensor> inputs);

/// Turns recording off in a scope: evaluation, teacher and EMA forward passes.
class NoGrad {
 public:
  NoGrad();
  ~NoGrad();
  NoGrad(const NoGrad&) = delete;
  NoGrad& operator=(const NoGrad&) = delete;

 private:
  bool before_;
};

}  // namespace engine
