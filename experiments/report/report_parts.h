// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <string_view>

#include "engine/system/values.h"
#include "experiments/report/plot.h"

/// What the reports of runs and of experiments are made of, as HTML.
namespace experiments {

std::string paragraph(std::string_view text, std::string_view kind = "note");

/// Nothing if there is nothing under the title.
std::string section(const std::string& title, const std::string& html);

std::string figure_html(const Figure&, const std::string& svg);
/// One that is made for the report alone; nothing if it has nothing to show.
std::string figure_html(const Figure&);

/// A table of the entries of an object, folded under a title; those of objects within it come as
/// parts of the name. Nothing if there are none.
std::string settings_html(const Json&, std::string_view title = "The whole configuration");

/// "2026-11-29 04:30:12 UTC"
std::string time_text();

}  // namespace experiments
