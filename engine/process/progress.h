// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <string>

namespace experiments {

/// Progress of long work on standard error: a bar redrawn in place on a terminal, at most ten times
/// a second, and a plain line every 30 seconds elsewhere. Shows rate and time left.
class Progress {
 public:
  /// `total` units of `unit` ("images") are ahead.
  Progress(std::string label, double total, std::string unit);
  ~Progress();  // ends the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void advance(double units, const std::string& note = "");  // note: "epoch 3/20  loss 0.412"
  double rate() const;                                       // units a second since the start
  static bool on_terminal();

 private:
  void show(bool last);

  std::string label_, unit_, note_;
  double total_, done_ = 0;
  std::chrono::steady_clock::time_point start_, shown_;
};

/// Keeps this process from showing progress and notes: of several ranks one does.
void be_quiet();

/// Writes a line to standard error if it can: a log whose disk is full does not end what it tells
/// of, as fmt::print would by throwing.
void note(const std::string& line);

double seconds_since(std::chrono::steady_clock::time_point);

/// "1 h 04 min", "3 min 20 s", "12 s".
std::string duration_text(double seconds);

}  // namespace experiments
