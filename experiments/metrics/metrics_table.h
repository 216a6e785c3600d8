// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "experiments/metrics/metrics.h"

namespace experiments {

/// Everything in Metrics for people, as lines of text; what is missing is left out, and so are
/// reliability bins without samples.
std::string metrics_table(const Metrics&);

}  // namespace experiments
