// SPDX-License-Identifier: MIT
#pragma once
#include <string>

namespace experiments {

/// Text as a field of CSV, as RFC 4180 has it: quoted where it has to be.
std::string csv_field(const std::string& text);

}  // namespace experiments
