// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/batch_norm.h"
#include "test/support/support.h"

/// A batch to be normalised, for the tests of batch norm and its gradients.
namespace test::batch_norm {

using Floats = std::vector<float>;
using Doubles = std::vector<double>;

inline constexpr double eps = 1e-5f;

/// On the host. Without a residual that is an empty vector. Activations are values that `type` has.
struct Input {
  DType type;
  int rows, channels;
  Floats x, residual, gamma, beta, dy, addend;
  Floats running_mean, running_var;
  int x_behind = 0, dx_behind = 0;  // channels behind these, of x; of the addend and dx
  std::size_t size() const { return x.size(); }
};

/// Deviations of about 1 around means of up to `mean`.
Input make_input(int rows, int channels, bool has_residual, float mean = 1, DType = DType::f32);

// The formulas of kernels/batch_norm.h, in double.
struct Statistics {
  Doubles mean, var;
};
Statistics statistics(const Input&);
Doubles rstd(const Statistics&);
Doubles normalized(const Input&, const Statistics&, bool relu);

/// All arrays there are, on a device, and the ops that use them. They begin `shift` elements after
/// an aligned address, and `misaligned`, if given, one more.
class Arrays {
 public:
  Arrays(Device, const Input&, int shift = 0, const ShiftedArray Arrays::*misaligned = nullptr);

  kernels::BatchNorm forward(bool relu) const;
  kernels::BatchNormInference inference(bool relu) const;
  // y is given only where it may be read.
  kernels::BatchNormBackward backward(bool relu, bool adds = false) const;
  /// What the former leaves if it has these arrays' slope and offset.
  kernels::BatchNormRemainder remainder(kernels::Array dx) const;

  const DType type;
  const int rows, channels;
  const bool has_residual;
  const ShiftedArray x, residual, dy, addend, y, dx, dresidual;
  const ShiftedArray gamma, beta, running_mean, running_var, mean, rstd, dgamma, dbeta;
  const ShiftedArray slope, offset;  // 0
};

struct Output {
  Floats y, mean, rstd, running_mean, running_var;
  bool operator==(const Output&) const = default;
};
Output forward(Device, const Input&, bool relu, int shift = 0);

}  // namespace test::batch_norm
