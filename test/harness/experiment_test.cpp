// SPDX-License-Identifier: MIT
#include "experiments/harness/experiment.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "engine/system/stop_signal.h"
#include "test/support/catch.h"

using namespace experiments;

TEST_CASE("more runs than one can wait for are refused while they are made") {
  RunList runs;
  for (std::size_t i = 0; i < RunList::most; ++i) runs.push_back({});
  CHECK_THROWS_WITH(runs.push_back({}),
                    "there would be more than 100000 runs: give fewer seeds, or fewer values of "
                    "what is varied");
  CHECK(runs.take().size() == RunList::most);
}

TEST_CASE("a stop is heeded while runs are made") {
  const pid_t child = fork();  // a stop cannot be taken back
  REQUIRE(child >= 0);
  if (child == 0) {
    catch_stop_signals();
    std::raise(SIGTERM);
    try {
      RunList().push_back({});
    } catch (const Interrupted&) {
      _exit(7);
    }
    _exit(1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 7));
}
