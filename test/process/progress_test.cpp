// SPDX-License-Identifier: MIT
#include "engine/process/progress.h"

#include <fcntl.h>
#include <pty.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <thread>

#include "engine/system/wrap_text.h"
#include "test/support/catch.h"

using namespace experiments;
using namespace std::chrono_literals;

namespace {

// The text that `work` writes to standard error, sent to `target` and read from `source`.
template <class Work>
std::string standard_error_of(Work work, int target, int source) {
  const int before = dup(STDERR_FILENO);
  dup2(target, STDERR_FILENO);
  work();
  dup2(before, STDERR_FILENO);
  close(before);
  close(target);
  fcntl(source, F_SETFL, O_NONBLOCK);
  std::string text;
  std::array<char, 4096> block;
  for (ssize_t got; (got = read(source, block.data(), block.size())) > 0;)
    text.append(block.data(), std::size_t(got));
  close(source);
  return text;
}

template <class Work>
std::string through_pipe(Work work) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  return standard_error_of(work, ends[1], ends[0]);
}

template <class Work>
std::string on_terminal_of(unsigned short columns, Work work) {
  int master, slave;
  winsize size{24, columns, 0, 0};
  REQUIRE(openpty(&master, &slave, nullptr, nullptr, &size) == 0);
  return standard_error_of(work, slave, master);
}

void work_a_little() {
  Progress progress("seed 0, generation 1", 1000, "images");
  progress.advance(250, "epoch 1/4  loss 0.912");
  std::this_thread::sleep_for(110ms);
  progress.advance(250, "epoch 2/4  loss 0.512");
  progress.advance(250);
}

}  // namespace

TEST_CASE("a note says a line, and on a full disk nothing") {
  CHECK(through_pipe([] { note("a line"); }) == "a line\n");
  const int full = open("/dev/full", O_WRONLY), nothing = open("/dev/null", O_RDONLY);
  REQUIRE(full >= 0);
  CHECK(standard_error_of([] { note("a line"); }, full, nothing).empty());
}

TEST_CASE("durations read well") {
  CHECK(duration_text(0) == "0 s");
  CHECK(duration_text(12.4) == "12 s");
  CHECK(duration_text(59.7) == "1 min 00 s");
  CHECK(duration_text(200) == "3 min 20 s");
  CHECK(duration_text(3599.4) == "59 min 59 s");
  CHECK(duration_text(3840) == "1 h 04 min");
  CHECK(duration_text(100 * 3600) == "100 h 00 min");
  CHECK(duration_text(-1) == "?");
  CHECK(duration_text(std::numeric_limits<double>::infinity()) == "?");
  CHECK(duration_text(std::numeric_limits<double>::quiet_NaN()) == "?");
}

TEST_CASE("away from a terminal short work is one plain line") {
  const std::string text = through_pipe([] {
    CHECK_FALSE(Progress::on_terminal());
    work_a_little();
  });
  INFO(text);
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
  CHECK(text.back() == '\n');
  CHECK(text.find('\r') == std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.starts_with("seed 0, generation 1   75 %  "));
  CHECK(text.find(" images/s  0 s  epoch 2/4  loss 0.512") != std::string::npos);
}

TEST_CASE("on a terminal the line is drawn again in place") {
  const unsigned short columns = GENERATE(200, 80, 40, 10);
  const std::string text = on_terminal_of(columns, [] {
    CHECK(Progress::on_terminal());
    work_a_little();
  });
  INFO(text);
  CHECK(std::count(text.begin(), text.end(), '\r') == 3);  // two states; the terminal's \n is \r\n
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
  CHECK(text.ends_with("\x1b[K\r\n"));
  const std::string first = text.substr(1, text.find("\x1b[K") - 1);
  CHECK(text_width(first) < columns);
  if (columns == 200) {
    CHECK(first.starts_with("seed 0, generation 1  [###############---------------]   50 %  "));
    CHECK(first.ends_with(" left  epoch 2/4  loss 0.512"));
  }
}

TEST_CASE("progress counts what was done") {
  through_pipe([] {
    Progress none("empty", 0, "images");
    CHECK(none.rate() == 0);
    Progress some("some", 10, "images");
    std::this_thread::sleep_for(10ms);
    some.advance(5);
    CHECK(some.rate() > 0);
    CHECK(some.rate() <= 500);
    some.advance(50);  // more than was said
  });
}

TEST_CASE("text is wrapped at spaces by characters, not bytes") {
  using Lines = std::vector<std::string>;
  CHECK(wrap_text("", 5) == Lines{});
  CHECK(wrap_text("one two three", 7) == Lines{"one two", "three"});
  CHECK(wrap_text("one two three", 8) == Lines{"one two", "three"});
  CHECK(wrap_text("one two three", 100) == Lines{"one two three"});
  CHECK(wrap_text("a\n\nb", 5) == Lines{"a", "", "b"});
  CHECK(wrap_text("abcdefgh ij", 3) == Lines{"abc", "def", "gh", "ij"});
  CHECK(wrap_text("äöü äöü", 3) == Lines{"äöü", "äöü"});
  CHECK(wrap_text("ends here\n", 9) == Lines{"ends here"});
  CHECK(text_width("äöü") == 3);
  CHECK(first_characters("äöü", 2) == "äö");
  CHECK(first_characters("äöü", 9) == "äöü");
}
