// SPDX-License-Identifier: MIT
#pragma once
#include "engine/system/values.h"
#include "experiments/metrics/metrics.h"

namespace experiments {

/// For result.json and standard output. What is -infinity is written as text that says why.
Json to_json(const Metrics&);

/// Keys that later versions have added may be missing; then the member is missing too. Throws Error
/// with the name of the key if another one is missing, or if a value has the wrong type or range.
Metrics metrics_from(const Entry&);

/// "-1.2345", or why there is no number.
Json entropy_json(const std::optional<double>& entropy, bool all_equal);

}  // namespace experiments
