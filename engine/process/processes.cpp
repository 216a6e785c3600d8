// SPDX-License-Identifier: MIT
#include "engine/process/processes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "engine/process/progress.h"
#include "engine/process/stop_signal.h"
#include "engine/system/files.h"
#include "kernels/runtime/system_error.h"

namespace experiments {

namespace fs = std::filesystem;
using kernels::fail;
using kernels::require;
using kernels::require_system;

namespace {

struct Process {
  pid_t id;
  fs::path log;
};

[[noreturn]] void run_child(int log, const std::function<void()>& work) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);  // nobody would collect what it does without its parent
  if (dup2(log, STDERR_FILENO) < 0 || dup2(log, STDOUT_FILENO) < 0) _exit(1);
  int status = 0;
  try {
    work();
  } catch (const std::exception& e) {
    std::cerr << e.what() << std::endl;
    status = dynamic_cast<const Interrupted*>(&e) != nullptr ? stop_status() : 1;
  }
  std::fflush(nullptr);
  _exit(status);
}

std::string last_line(const fs::path& file) {
  std::string text = read_file(file);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.find_last_of("\r\n") + 1);
}

}  // namespace

void run_processes(int count, const fs::path& directory, const std::function<void(int)>& work,
                   const std::function<void()>& watch) {
  make_writable_directory(directory);
  std::fflush(nullptr);  // or each child would write what is waiting again
  std::vector<Process> running;
  for (int i = 1; i <= count; ++i) {
    const fs::path log = directory / fmt::format("job{}.log", i);
    // Not blocking: a pipe in its place would wait for a reader.
    const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0666);
    const pid_t id = file < 0 ? -1 : fork();
    if (id == 0) run_child(file, [&] { work(i - 1); });
    if (id < 0) {
      const int reason = errno;
      for (const Process& p : running) kill(p.id, SIGTERM);
      fail("cannot start process {} of {}, which says what it does in {}: {}", i, count,
           log.string(), std::strerror(reason));
    }
    close(file);
    running.push_back({id, log});
  }
  std::string failure;
  bool stopping = false;
  while (!running.empty()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    watch();
    if (stop_requested() && !stopping) {
      stopping = true;
      for (const Process& p : running) kill(p.id, SIGTERM);
    }
    std::erase_if(running, [&](const Process& p) {
      int status = 0;
      if (waitpid(p.id, &status, WNOHANG) == 0) return false;
      if (status != 0 && failure.empty()) {
        failure = WIFSIGNALED(status)
                      ? fmt::format("a process was killed by signal {}", WTERMSIG(status))
                      : last_line(p.log);
        failure += fmt::format(" (see {})", p.log.string());
        if (running.size() > 1) note(failure + "; the other processes go on");
      }
      return true;
    });
  }
  if (stop_requested()) throw Interrupted("stopped; the same command goes on");
  require(failure.empty(), "{}", failure);
}

std::optional<int> in_own_process(const std::function<int()>& work) {
  const pid_t child = fork();
  if (child == 0) _exit(work());
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return std::nullopt;
  return WEXITSTATUS(status);
}

std::optional<Ended> run_to_end(std::vector<std::string> words) {
  const std::string name = words.front();
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  int ends[2];
  require_system(pipe2(ends, O_CLOEXEC) == 0, "cannot start {}", name);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  pid_t process;
  const int reason =
      posix_spawnp(&process, name.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  Ended ended{};
  char block[4096];
  for (ssize_t got; (got = read(ends[0], block, sizeof block)) > 0;)
    ended.errors.append(block, std::size_t(got));
  close(ends[0]);
  if (reason == ENOENT) return std::nullopt;
  require(reason == 0, "cannot start {}: {}", name, std::strerror(reason));
  waitpid(process, &ended.status, 0);
  return ended;
}

}  // namespace experiments
