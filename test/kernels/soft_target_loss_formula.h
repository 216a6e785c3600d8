// SPDX-License-Identifier: MIT
#pragma once
#include <limits>

#include "test/kernels/soft_target_loss_case.h"

/// The formulas of kernels/soft_target_loss.h in double, and how exact they can be in float.
namespace test::soft_target_loss {

inline constexpr double epsilon = std::numeric_limits<float>::epsilon();

/// What log p counts by, and what log(p + epsilon) does.
struct Target {
  std::vector<double> exact, shifted;
};

/// The target of row i, written from the definition of each kind.
Target target(const Case&, int i);

/// The loss of a row with logits z and target t, and if asked the size of the terms that make it
/// up.
double row_loss(const Case&, const double* z, const Target& t, double* scale = nullptr);

/// The gradient of a row by the formula; the size of the terms that it is the sum of, which may
/// cancel; and what is lost of it because a softmax below the smallest normal number is 0.
struct Gradient {
  std::vector<double> value, terms, lost;
};
Gradient row_gradient(const Case&, const double* z, const Target& t);

/// A teacher's exponents are rounded before they are raised, so s is off by as many rounding errors
/// as they are large.
double exponents(const Case&, int i);

std::string description(const kernels::SoftTargetLoss&);

}  // namespace test::soft_target_loss
