// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "experiments/runs/config.h"

namespace experiments {

/// Leaves of a teacher's labels p [rows, classes] what `how` says, with the hard labels y [rows]:
///   permuted  p of the next image of its class, in an order drawn from `seed`; the last has the
///             first one's
///   strength  p_y as it is, (1 - p_y) / (classes - 1) for the others
///   constant  the mean over all rows for p_y, the others in proportion (uniform where all are 0)
/// The mean of p_y over the rows stays as it is.
void change_labels(std::vector<float>& p, std::span<const std::int32_t> labels, int classes,
                   TeacherLabels how, std::uint64_t seed);

}  // namespace experiments
