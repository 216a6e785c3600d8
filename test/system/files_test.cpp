// SPDX-License-Identifier: MIT
#include "engine/system/files.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "engine/process/processes.h"
#include "engine/system/atomic_file.h"
#include "engine/system/regular_file.h"
#include "kernels/runtime/system_error.h"
#include "test/support/catch.h"
#include "test/support/error_of.h"
#include "test/support/temporary_directory.h"

using namespace experiments;
namespace fs = std::filesystem;
using test::error_of;

namespace {

int files_in(const fs::path& directory) {
  return int(std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("a written file is read back") {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() / "result.json";
  const std::string text("one\r\n\0two", 9);
  for (const std::string& content : {std::string(), text, std::string(300000, 'x')}) {
    write_file(path, content);
    CHECK(read_file(path) == content);
  }
  CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("a file that cannot be read is named with the reason") {
  const test::TemporaryDirectory directory;
  const auto missing = directory.path() / "missing.json";
  CHECK(error_of([&] { read_file(missing); }) ==
        "cannot read " + missing.string() + ": No such file or directory");
  CHECK(error_of([&] { read_file(directory.path()); }) ==
        "cannot read " + directory.path().string() + ": it is a directory, not a regular file");
  const auto pipe = directory.path() / "pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(error_of([&] { read_file(pipe); }) ==
        "cannot read " + pipe.string() + ": it is a pipe, not a regular file");
  CHECK(error_of([&] { read_file("/dev/zero"); }) ==
        "cannot read /dev/zero: it is a device, not a regular file");
}

TEST_CASE("JSON is read, or refused with file, reason and remedy") {
  const test::TemporaryDirectory directory;
  const std::string sound = directory.write("sound.json", "{\"b\": 1, \"a\": [2]}").string();
  CHECK(read_json(sound).dump() == "{\"b\":1,\"a\":[2]}");
  const std::string damaged = directory.write("damaged.json", "{").string();
  CHECK(error_of([&] { read_json(damaged); }) ==
        damaged + " is not sound JSON: it ends too early, after 1 bytes");
  CHECK(error_of([&] { read_json(damaged, "remove it"); }) ==
        damaged + " is not sound JSON: it ends too early, after 1 bytes; remove it");
  const std::string long_file = directory.write("long.json", "").string();
  fs::resize_file(long_file, (std::uintmax_t{64} << 20) + 1);
  CHECK(error_of([&] { read_json(long_file); }) ==
        "cannot read " + long_file + ": it is longer than 67108864 bytes");
}

TEST_CASE("a failed write leaves the old file and no other") {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() / "result.json";
  write_file(path, "old");

  SECTION("full disk") {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {  // no Catch in here: only the status comes back
      std::signal(SIGXFSZ, SIG_IGN);
      const rlimit limit{1000, 1000};
      setrlimit(RLIMIT_FSIZE, &limit);
      const auto error = error_of([&] { write_file(path, std::string(100000, 'x')); });
      _exit(error == "cannot write " + path.string() + ": File too large" ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
  }
  SECTION("a name that is a directory") {
    const auto taken = directory.path() / "taken";
    fs::create_directory(taken);
    CHECK(error_of([&] { write_file(taken, "new"); }) ==
          "cannot write " + taken.string() + ": it exists and is not a regular file");
    fs::remove(taken);
  }
  SECTION("below a file") {
    CHECK(error_of([&] { write_file(path / "below", "new"); }) ==
          "cannot write " + (path / "below").string() + ": Not a directory");
  }
  CHECK(read_file(path) == "old");
  CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("a directory for results is made and tried") {
  const test::TemporaryDirectory directory;
  const auto deep = directory.path() / "runs" / "seed0";
  make_writable_directory(deep);
  make_writable_directory(deep);  // may exist
  CHECK(fs::is_directory(deep));
  CHECK(files_in(deep) == 0);

  const auto file = directory.path() / "file";
  write_file(file, "text");
  for (const fs::path& bad : {file, file / "below", fs::path("/proc/softlabel")}) {
    const auto error = error_of([&] { make_writable_directory(bad); });
    INFO(error);
    CHECK(error.starts_with("cannot "));
    CHECK(error.find(bad.string()) != std::string::npos);
  }
  // A directory that exists and takes no file, even from root.
  const auto error = error_of([] { make_writable_directory("/proc/self"); });
  INFO(error);
  CHECK(error.find("/proc/self") != std::string::npos);
}

TEST_CASE("what killed processes left of a file is removed, what living ones write is not") {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() / "result.json";
  const auto is_there = [&](const char* name) { return fs::exists(directory.path() / name); };
  directory.write("result.json.4194305.tmp", "half");
  directory.write("config.json.4194305.tmp", "of another file");
  directory.write("result.json.notes.tmp", "of another program");
  const nn::TemporaryFile living(path);
  CHECK_FALSE(is_there("result.json.4194305.tmp"));
  const std::string name = "result.json." + std::to_string(getpid()) + ".tmp";
  CHECK(is_there(name.c_str()));
  write_file(path, "of a second process with the same number");
  CHECK(is_there(name.c_str()));
  CHECK(is_there("config.json.4194305.tmp"));

  nn::remove_leftovers(directory.path());
  CHECK_FALSE(is_there("config.json.4194305.tmp"));
  CHECK(is_there("result.json.notes.tmp"));
  CHECK(is_there(name.c_str()));
  CHECK(read_file(path) == "of a second process with the same number");
}

TEST_CASE("processes may write one file at once") {
  const test::TemporaryDirectory directory;
  const auto file = directory.path() / "file";
  const auto write_often = [&](int job) {
    for (int i = 0; i < 300; ++i) write_file(file, std::to_string(job));
  };
  CHECK_NOTHROW(run_processes(4, directory.path() / "jobs", write_often, [] {}));
  CHECK(read_file(file).size() == 1);
  CHECK(files_in(directory.path()) == 2);
}

TEST_CASE("a failed system call is reported with its own reason") {
  errno = ENOTTY;  // of an earlier call
  CHECK(error_of([] {
          kernels::require_system(rename("/nonexistent/a", "/nonexistent/b") == 0, "cannot {}",
                                  "rename");
        }) == "cannot rename: No such file or directory");
}

TEST_CASE("a name with a NUL byte is not that of the file before it") {
  const test::TemporaryDirectory directory;
  const std::string path = directory.write("file", "text").string();
  CHECK(nn::RegularFile(path).read_text() == "text");
  CHECK(error_of([&] { nn::RegularFile(path + '\0' + "more"); }) ==
        "there is a NUL byte in its name");
}
