// SPDX-License-Identifier: MIT
#pragma once
#include "experiments/config.h"
#include "experiments/metrics.h"

namespace experiments {

/// For result.json and standard output. What is -infinity is written as text that says why.
Json to_json(const Metrics&);

/// What later versions have added may be missing; then it is so in the result.
Metrics metrics_from(const Json&);

/// "-1.2345", or why there is no number.
Json entropy_json(const std::optional<double>& entropy, bool all_equal);

}  // namespace experiments
