// SPDX-License-Identifier: MIT
#pragma once
#include "engine/system/values.h"
#include "experiments/metrics/metrics.h"

namespace experiments {

/// For result.json and standard output. What is -infinity is written as text that says why.
Json to_json(const Metrics&);

/// What later versions have added may be missing; then it is so in the result. Throws Error that
/// names the key if anything else is missing, or is not what it should be.
Metrics metrics_from(const Entry&);

/// "-1.2345", or why there is no number.
Json entropy_json(const std::optional<double>& entropy, bool all_equal);

}  // namespace experiments
