// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "test/support/temporary_directory.h"

namespace test {

struct Outcome {
  int status;  // of exit; 1000 + number if a signal ended it
  std::string out, err;
};

struct Surroundings {
  std::vector<std::pair<std::string, std::string>> environment = {};  // set beside what there is
  std::uint64_t largest_file = 0;                                     // bytes; 0: no limit
};

/// Where this build's programs are.
std::filesystem::path program(const std::string& name);

/// One of our programs, or any other by its whole path, started, with its outputs in files.
class Process {
 public:
  explicit Process(const std::vector<std::string>& arguments, const Surroundings& = {});
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void signal(int number) const;
  Outcome wait() const;

 private:
  TemporaryDirectory directory_;
  std::filesystem::path out_, err_;
  int pid_;
};

Outcome run(const std::vector<std::string>& arguments, const Surroundings& = {});

bool is_one_line(const std::string& text);

/// The last line of what a program said: its error. The ones before say which device it is, and how
/// far it came.
std::string last_line(const std::string& text);

/// The arguments of a program for tiny networks and batches, with more of them.
std::vector<std::string> tiny(const std::string& program, const std::filesystem::path& data_dir,
                              const std::vector<std::string>& more);

}  // namespace test
