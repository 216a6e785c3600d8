// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <string>

#include "experiments/plot/plot.h"

namespace experiments {

/// The value at x[i], if there is one that can be drawn.
std::optional<double> value_at(const Curve&, std::size_t i);
double half_width_at(const Curve&, std::size_t i);

bool has_value(const Curve&, std::size_t i);
bool has_interval(const Curve&, std::size_t i);
/// A band needs two neighbours: where a value stands alone its interval is drawn as a bar.
bool stands_alone(const Curve&, std::size_t i);

/// The data of a figure's panel as blocks $mean_PANEL_1, $runs_PANEL_1, ..., counted from 1.
std::string panel_data(const Figure&, std::size_t index);

}  // namespace experiments
