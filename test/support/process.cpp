// SPDX-License-Identifier: MIT
#include "test/support/process.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "engine/system/files.h"

namespace test {

using experiments::read_file;

std::filesystem::path program(const std::string& name) {
  return std::filesystem::path(SOFTLABEL_BIN) / name;
}

Process::Process(const std::vector<std::string>& arguments, const Surroundings& around)
    : out_(directory_.path() / "out"), err_(directory_.path() / "err"), pid_(fork()) {
  REQUIRE(pid_ >= 0);
  if (pid_ > 0) return;
  const bool redirected = std::freopen(out_.c_str(), "w", stdout) != nullptr &&
                          std::freopen(err_.c_str(), "w", stderr) != nullptr;
  const rlim_t largest = around.largest_file > 0 ? around.largest_file : RLIM_INFINITY;
  const rlimit limit{largest, largest};
  setrlimit(RLIMIT_FSIZE, &limit);
  for (const auto& [name, value] : around.environment) setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> argv;
  for (const std::string& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  if (redirected) execv(program(arguments.front()).c_str(), argv.data());
  _exit(99);
}

void Process::signal(int number) const { kill(pid_, number); }

Outcome Process::wait() const {
  int status = 0;
  REQUIRE(waitpid(pid_, &status, 0) == pid_);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status), read_file(out_),
          read_file(err_)};
}

Outcome run(const std::vector<std::string>& arguments, const Surroundings& around) {
  return Process(arguments, around).wait();
}

bool is_one_line(const std::string& text) {
  return !text.empty() && text.find('\n') == text.size() - 1;
}

std::string last_line(const std::string& text) {
  if (text.size() < 2) return text;
  const auto before = text.rfind('\n', text.size() - 2);
  return before == text.npos ? text : text.substr(before + 1);
}

std::vector<std::string> tiny(const std::string& program, const std::filesystem::path& data_dir,
                              const std::vector<std::string>& more) {
  std::vector<std::string> all = {program,     "--data-dir",    data_dir.string(),
                                  "--dataset", "fashion-mnist", "--model",
                                  "resnet8",   "--batch-size",  "20",
                                  "--lr",      "0.05",          "--val-fraction",
                                  "0.25",      "--threads",     "1"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace test
