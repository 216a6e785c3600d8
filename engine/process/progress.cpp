// SPDX-License-Identifier: MIT
#include "engine/process/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "engine/system/wrap_text.h"

namespace experiments {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

int terminal_columns() {
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

bool quiet = false;

std::string bar(int width, double share) {
  const int filled = int(share * width);
  return fmt::format("[{}{}]  ", std::string(filled, '#'), std::string(width - filled, '-'));
}

}  // namespace

void be_quiet() { quiet = true; }

void note(const std::string& line) {
  if (!quiet) std::fputs((line + "\n").c_str(), stderr);
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string duration_text(double seconds) {
  if (!(seconds >= 0 && seconds < 1e9)) return "?";
  const auto s = std::llround(seconds);
  if (s >= 3600) return fmt::format("{} h {:02} min", s / 3600, s % 3600 / 60);
  if (s >= 60) return fmt::format("{} min {:02} s", s / 60, s % 60);
  return fmt::format("{} s", s);
}

bool Progress::on_terminal() { return isatty(STDERR_FILENO); }

Progress::Progress(std::string label, double total, std::string unit)
    : label_(std::move(label)),
      unit_(std::move(unit)),
      total_(total),
      start_(Clock::now()),
      shown_(start_) {}

Progress::~Progress() { show(true); }

double Progress::rate() const {
  const double seconds = seconds_since(start_);
  return seconds > 0 ? done_ / seconds : 0;
}

void Progress::advance(double units, const std::string& note) {
  done_ += units;
  if (!note.empty()) note_ = note;
  const auto wait = on_terminal() ? Clock::duration(100ms) : Clock::duration(30s);
  if (Clock::now() - shown_ < wait) return;
  shown_ = Clock::now();
  show(false);
}

void Progress::show(bool last) {
  if (quiet) return;
  const double share = total_ > 0 ? std::clamp(done_ / total_, 0.0, 1.0) : 1;
  const std::string time = last ? duration_text(seconds_since(start_))
                                : duration_text((total_ - done_) / rate()) + " left";
  const std::string state =
      fmt::format("{:3.0f} %  {:.0f} {}/s  {}  {}", 100 * share, rate(), unit_, time, note_);
  if (on_terminal()) {
    const int columns = terminal_columns() - 1;  // the last one would wrap on some terminals
    const int room = columns - text_width(label_ + state) - 6;
    const std::string line =
        label_ + "  " + (room >= 5 ? bar(std::min(room, 30), share) : "") + state;
    std::fputs(
        fmt::format("\r{}\x1b[K{}", first_characters(line, columns), last ? "\n" : "").c_str(),
        stderr);
  } else {
    std::fputs(fmt::format("{}  {}\n", label_, state).c_str(), stderr);
  }
  std::fflush(stderr);
}

}  // namespace experiments
