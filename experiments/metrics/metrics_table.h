// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "experiments/metrics/metric_list.h"
#include "experiments/metrics/metrics.h"

namespace experiments {

/// "12.34 %", "0.1234" or "1.234e-05".
std::string metric_text(double, MetricRow::Unit);

/// Everything in Metrics for people, as lines of text; what is missing is left out, and so are
/// reliability bins without samples.
std::string metrics_table(const Metrics&);

}  // namespace experiments
