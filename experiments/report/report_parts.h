// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "engine/system/values.h"
#include "experiments/plot/plot.h"

/// What the reports of runs and of experiments are made of, as HTML.
namespace experiments {

std::string paragraph(std::string_view text, std::string_view kind = "note");

/// Nothing if there is nothing under the title.
std::string section(const std::string& title, const std::string& html);

std::string figure_html(const Figure&, const std::string& svg);
/// One that is made for the report alone; nothing if it has nothing to show.
std::string figure_html(const Figure&);
/// The same, or where it cannot be drawn why.
std::string drawn_html(const Figure&);

/// A table of the entries of an object, folded under a title; those of objects within it come as
/// parts of the name. Nothing if there are none.
std::string settings_html(const Json&, std::string_view title = "The whole configuration");

/// "2026-11-29 04:30:12 UTC"
std::string time_text();

/// How often the page of what goes on is written again: after a pause at the earliest, and so that
/// it takes a fiftieth of the time at most.
class PagePace {
 public:
  using Seconds = std::chrono::duration<double>;
  explicit PagePace(Seconds pause = std::chrono::seconds(10)) : pause_(pause) {}

  Seconds pause() const { return pause_; }
  int refresh() const { return std::max(1, int(pause_.count())); }  // for html_page
  bool is_due() const { return Clock::now() >= next_; }
  void write(const std::function<void()>& page);

 private:
  using Clock = std::chrono::steady_clock;

  Seconds pause_;
  Clock::time_point next_{};
};

}  // namespace experiments
