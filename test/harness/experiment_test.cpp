// SPDX-License-Identifier: MIT
#include "experiments/harness/experiment.h"

#include "test/support/catch.h"
#include "test/support/heeds_stop.h"

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
  CHECK(test::heeds_stop([] { RunList().push_back({}); }));
}
