// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "kernels/conv2d.h"
#include "kernels/runtime/math_mode.h"

namespace kernels {

enum class Conv2dPass : std::uint8_t { forward, input_grad, filter_grad };

/// What has to be known of a convolution before it can be planned.
struct Conv2dRequest {
  Conv2dPass pass;
  Conv2dShape shape;
  MathMode mode;
  /// Bytes that divide the addresses of x or dx, of the filter, and of y or dy. 16 is as good as
  /// more; less than an element is not possible.
  std::array<int, 3> alignment{16, 16, 16};
  /// Of the elements of all three: f32 or bf16. Products are added up in float.
  DType type = DType::f32;
  /// The result is added to what is there.
  bool adds = false;

  auto operator<=>(const Conv2dRequest&) const = default;
};

/// A convolution that cuDNN has made ready to run, by the engine that its heuristics take for the
/// fastest of those that are allowed.
class Conv2dPlan {
 public:
  /// For the GPU of context(). Throws Error if no engine of cuDNN can do it with a work space of at
  /// most so many bytes.
  ///
  /// With `gpu`, cuDNN's own description of one in JSON
  /// (CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION), the plan is for that one, which need not be
  /// there; it can be looked at, but not run.
  Conv2dPlan(const Conv2dRequest&, std::size_t workspace_limit, const char* gpu = nullptr);

  std::size_t workspace_bytes() const { return workspace_bytes_; }
  int engine() const { return engine_; }  // cuDNN's number for it

  /// Queues the convolution in the stream of context(). The pass says which of the three arrays is
  /// written: y, dx (the first) or dfilter.
  void run(const void* x, const void* filter, const void* y, void* workspace) const;

 private:
  struct Destroy {
    void operator()(void* descriptor) const;
  };
  std::unique_ptr<void, Destroy> plan_;
  std::size_t workspace_bytes_ = 0;
  int engine_ = 0;
};

}  // namespace kernels
