// SPDX-License-Identifier: MIT
#include "engine/process/processes.h"

#include <sys/stat.h>

#include <csignal>

#include "kernels/runtime/error.h"
#include "test/support/catch.h"
#include "test/support/temporary_directory.h"

using experiments::in_own_process, experiments::run_to_end;

TEST_CASE("Work in a process of its own gives its status, and nothing else") {
  int here = 0;
  CHECK(in_own_process([&] { return here = 7; }) == 7);
  CHECK(here == 0);
  CHECK(in_own_process([] { return std::raise(SIGKILL); }) == std::nullopt);
}

TEST_CASE("A pipe in the place of a process's log is an error, not a reader to wait for") {
  const test::TemporaryDirectory root;
  REQUIRE(mkfifo((root.path() / "job1.log").c_str(), 0600) == 0);
  CHECK_THROWS_WITH(experiments::run_processes(
                        1, root.path(), [](int) {}, [] {}),
                    Catch::Matchers::Contains("cannot start process 1 of 1") &&
                        Catch::Matchers::Contains("job1.log"));
}

TEST_CASE("A program runs to its end and says what is wrong on its standard error") {
  const auto ended = run_to_end({"sh", "-c", "echo no >&2; echo \"$0\" >&2; exit 3", "two words"});
  REQUIRE(ended.has_value());
  CHECK(ended->status != 0);
  CHECK(ended->errors == "no\ntwo words\n");
  CHECK(run_to_end({"sh", "-c", "exit 0"})->status == 0);
  // More than a pipe holds.
  CHECK(run_to_end({"sh", "-c", "head -c 300000 /dev/zero >&2"})->errors.size() == 300000);
  CHECK_FALSE(run_to_end({"no-such-program-anywhere"}).has_value());
  CHECK_THROWS_AS(run_to_end({"/"}), kernels::Error);
}
