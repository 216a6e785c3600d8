// SPDX-License-Identifier: MIT
// How many threads programs take, and that none of OpenMP's settings makes them hang or compute
// something else.
#include <fmt/format.h>
#include <sched.h>

#include <csignal>

#include "engine/system/files.h"
#include "kernels/process/control_groups.h"
#include "kernels/process/processors.h"
#include "kernels/runtime/memory.h"
#include "test/support/process.h"
#include "test/support/tiny_dataset.h"

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using experiments::read_file;
using kernels::cgroup_quota;
using test::Outcome;
using test::TemporaryDirectory;
namespace fs = std::filesystem;

namespace {

/// One step of training, ended after a minute in which it should have taken a second.
Outcome train_a_step(const test::TinyDataset& data, const fs::path& out,
                     const std::vector<std::pair<std::string, std::string>>& environment,
                     std::vector<std::string> more = {}) {
  std::vector<std::string> words = {"/usr/bin/timeout", "-s", "KILL", "60", test::program("train")};
  for (const std::string& word : {std::string("--data-dir"), data.dir().string(),
                                  std::string("--dataset"), std::string("fashion-mnist")})
    words.push_back(word);
  more.insert(more.begin(), {"--model", "resnet8", "--batch-size", "20", "--max-steps", "1",
                             "--device", "cpu", "--out", out.string()});
  words.insert(words.end(), more.begin(), more.end());
  return test::run(words, {.environment = environment});
}

/// Lets this process, and those that it starts, run on one processor only, for a scope.
class OneProcessor {
 public:
  OneProcessor() {
    REQUIRE(sched_getaffinity(0, sizeof before_, &before_) == 0);
    cpu_set_t one;
    CPU_ZERO(&one);
    for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++i)
      if (CPU_ISSET(i, &before_)) CPU_SET(i, &one);
    REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
  }
  ~OneProcessor() { sched_setaffinity(0, sizeof before_, &before_); }

 private:
  cpu_set_t before_;
};

}  // namespace

TEST_CASE("quotas of control groups, version 2") {
  const TemporaryDirectory root;
  const fs::path proc = root.path() / "proc";
  root.write("proc/cgroup", "0::/batch/job7\n");
  root.write("proc/mountinfo",
             "22 1 0:21 / /proc rw - proc proc rw\n"
             "30 22 0:26 / /sys/fs/c\\040group rw,nosuid shared:4 - cgroup2 cgroup2 rw\n");
  const std::string mount = "sys/fs/c group/";
  CHECK_FALSE(cgroup_quota(proc, root.path()));  // no file says anything

  root.write(mount + "batch/job7/cpu.max", "max 100000\n");
  CHECK_FALSE(cgroup_quota(proc, root.path()));
  root.write(mount + "batch/job7/cpu.max", "250000 100000\n");
  CHECK(cgroup_quota(proc, root.path()) == 2.5);
  root.write(mount + "batch/cpu.max", "50000 100000\n");  // of a group around it
  CHECK(cgroup_quota(proc, root.path()) == 0.5);
  root.write(mount + "batch/cpu.max", "400000 100000\n");
  CHECK(cgroup_quota(proc, root.path()) == 2.5);
  for (const char* nonsense : {"", "-1 100000\n", "50000\n", "50000 0\n", "half 100000\n"}) {
    INFO(nonsense);
    root.write(mount + "batch/job7/cpu.max", nonsense);
    CHECK(cgroup_quota(proc, root.path()) == 4);
  }
}

TEST_CASE("a container that sees its own control group alone") {
  const TemporaryDirectory root;
  const fs::path proc = root.path() / "proc";
  root.write("cg/cpu.max", "150000 100000\n");
  const std::string group = GENERATE("/docker/abc", "/", "/../..", "/docker", "/elsewhere");
  root.write("proc/cgroup", "0::" + group + "\n");
  const std::string shown = group == "/" || group == "/../.." ? "/" : "/docker/abc";
  root.write("proc/mountinfo", "30 22 0:26 " + shown + " /cg rw - cgroup2 cgroup rw\n");
  CHECK(cgroup_quota(proc, root.path()) == 1.5);
}

TEST_CASE("quotas of control groups, version 1, also beside version 2") {
  const TemporaryDirectory root;
  const fs::path proc = root.path() / "proc";
  root.write("proc/cgroup", "9:cpuset:/\n4:cpu,cpuacct:/user/shell\n1:name=systemd:/\n0::/\n");
  root.write("proc/mountinfo",
             "31 30 0:27 / /cg/unified rw - cgroup2 cgroup2 rw\n"
             "32 30 0:28 / /cg/cpuset rw - cgroup cgroup rw,cpuset\n"
             "33 30 0:29 / /cg/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n");
  root.write("cg/cpu,cpuacct/user/shell/cpu.cfs_quota_us", "-1\n");
  root.write("cg/cpu,cpuacct/user/shell/cpu.cfs_period_us", "100000\n");
  root.write("cg/cpuset/cpu.cfs_quota_us", "1\n");  // no controller of processor time
  root.write("cg/cpuset/cpu.cfs_period_us", "100000\n");
  CHECK_FALSE(cgroup_quota(proc, root.path()));
  root.write("cg/cpu,cpuacct/user/shell/cpu.cfs_quota_us", "300000\n");
  CHECK(cgroup_quota(proc, root.path()) == 3);
  root.write("cg/cpu,cpuacct/user/cpu.cfs_quota_us", "20000\n");
  root.write("cg/cpu,cpuacct/user/cpu.cfs_period_us", "10000\n");
  CHECK(cgroup_quota(proc, root.path()) == 2);
  root.write("cg/unified/cpu.max", "100000 100000\n");
  CHECK(cgroup_quota(proc, root.path()) == 1);
}

TEST_CASE("memory that control groups leave, of both versions") {
  using kernels::cgroup_memory;
  const TemporaryDirectory root;
  const fs::path proc = root.path() / "proc";
  root.write("proc/cgroup", "4:memory:/job\n0::/\n");
  root.write("proc/mountinfo", "32 30 0:28 / /cg/memory rw - cgroup cgroup rw,memory\n");
  CHECK_FALSE(cgroup_memory(proc, root.path()));
  const std::string one = "cg/memory/job/";
  root.write(one + "memory.limit_in_bytes", "5000\n");
  CHECK_FALSE(cgroup_memory(proc, root.path()));  // nobody says what is in use
  root.write(one + "memory.usage_in_bytes", "3000\n");
  CHECK(cgroup_memory(proc, root.path()) == 2000);
  root.write(one + "memory.stat",
             "cache 900\ninactive_file 1\ntotal_inactive_file 500\ntotal_active_file 400\n");
  CHECK(cgroup_memory(proc, root.path()) == 2900);  // files that were read can be dropped
  root.write("cg/memory/memory.limit_in_bytes", "4000\n");
  root.write("cg/memory/memory.usage_in_bytes", "4100\n");  // of a group around it, which is full
  CHECK(cgroup_memory(proc, root.path()) == 0);

  root.write("proc/cgroup", "0::/job\n");
  root.write("proc/mountinfo", "30 22 0:26 / /cg/2 rw - cgroup2 cgroup rw\n");
  root.write("cg/2/job/memory.max", "max\n");
  root.write("cg/2/job/memory.current", "700\n");
  CHECK_FALSE(cgroup_memory(proc, root.path()));
  root.write("cg/2/job/memory.max", "1000\n");
  root.write("cg/2/job/memory.stat", "anon 400\ninactive_file 200\nactive_file 100\n");
  CHECK(cgroup_memory(proc, root.path()) == 600);
}

TEST_CASE("files of control groups that are missing or make no sense set no quota") {
  const TemporaryDirectory root;
  CHECK_FALSE(cgroup_quota(root.path() / "proc", root.path()));
  root.write("proc/cgroup", "0::/a\nno colon\n:\n::\n4:cpu\n");
  CHECK_FALSE(cgroup_quota(root.path() / "proc", root.path()));
  root.write("proc/mountinfo", "\n - \n30 22 - cgroup2\n1 2 3 4 5 - cgroup2 x\n - cgroup2 a b\n");
  CHECK_FALSE(cgroup_quota(root.path() / "proc", root.path()));
}

TEST_CASE("threads are those that come, never more than the process may use") {
  const int before = kernels::threads();
  CHECK(kernels::usual_threads().threads <= kernels::most_threads().threads);
  CHECK(kernels::most_threads().threads >= 1);
  kernels::set_threads(2);
  CHECK(kernels::threads() <= 2);
  kernels::set_threads(before);
}

TEST_CASE("no setting of OpenMP's makes training hang, or compute anything else") {
  const test::TinyDataset data;
  const TemporaryDirectory root;
  const int usual = kernels::usual_threads().threads;
  struct Case {
    std::string name, value;
    int threads;  // at most
  };
  std::vector<Case> cases = {{"OMP_THREAD_LIMIT", "1", 1},
                             {"OMP_DYNAMIC", "true", usual},
                             {"OMP_NESTED", "true", usual},
                             {"OMP_MAX_ACTIVE_LEVELS", "0", usual},
                             {"OMP_MAX_ACTIVE_LEVELS", "1", usual},
                             {"OMP_PROC_BIND", "true", usual},
                             {"OMP_PROC_BIND", "spread", usual},
                             {"OMP_PLACES", "cores", usual},
                             {"OMP_SCHEDULE", "dynamic,1", usual},
                             {"OMP_STACKSIZE", "16k", usual},
                             {"GOMP_STACKSIZE", "16", usual},
                             {"OMP_WAIT_POLICY", "active", usual},
                             {"OMP_WAIT_POLICY", "passive", usual},
                             {"OMP_CANCELLATION", "true", usual},
                             {"GOMP_SPINCOUNT", "infinity", usual},
                             {"OMP_NUM_THREADS", "1", 1},
                             {"OMP_NUM_THREADS", "1,2", 1},
                             {"OMP_NUM_THREADS", "100000", usual},
                             {"OMP_NUM_THREADS", "99999999999", usual}};
#ifndef __clang__  // LLVM's runtime ends the program before it has begun
  for (const char* nonsense : {"0", "-1", "", "many"})
    cases.push_back({"OMP_NUM_THREADS", nonsense, usual});
#endif
  const std::string expected = [&] {
    REQUIRE(train_a_step(data, root.path() / "as usual", {}).status == 0);
    return read_file(root.path() / "as usual" / "steps.csv");
  }();
  int number = 0;
  for (const Case& c : cases) {
    INFO(c.name << "=" << c.value);
    const fs::path out = root.path() / std::to_string(++number);
    const Outcome outcome = train_a_step(data, out, {{c.name, c.value}});
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
    const auto said = outcome.err.find("device: cpu (as asked), ");
    REQUIRE(said != outcome.err.npos);
    const int threads = std::stoi(outcome.err.substr(said + 24));
    CHECK(threads <= c.threads);
    if (c.threads != usual || c.name == "OMP_NUM_THREADS") {
      CHECK(threads == std::min(c.threads, usual));
    } else {
      CHECK(threads == usual);
      CHECK(read_file(out / "steps.csv") == expected);
    }
  }
}

TEST_CASE("the first line says how many threads and why; more than there may be are refused") {
  const test::TinyDataset data;
  const TemporaryDirectory root;
  const auto first_line = [&](const std::vector<std::pair<std::string, std::string>>& environment,
                              const std::vector<std::string>& more) {
    const Outcome outcome = train_a_step(data, root.path() / "run", environment, more);
    fs::remove_all(root.path() / "run");
    return outcome.err.substr(0, outcome.err.find('\n'));
  };
  const int most = kernels::most_threads().threads;
  CHECK(first_line({}, {"--threads", "1"}) == "device: cpu (as asked), 1 thread (--threads)");
  CHECK(first_line({{"OMP_NUM_THREADS", std::to_string(2 * most)}}, {"--threads", "1"}) ==
        "device: cpu (as asked), 1 thread (--threads)");
  CHECK_THAT(first_line({}, {"--threads", std::to_string(most + 1)}),
             StartsWith(fmt::format("train: --threads is {}, but this process may use {} (",
                                    most + 1, most)));
  if (most == 1) return;
  CHECK(first_line({{"OMP_NUM_THREADS", "1"}}, {}) ==
        "device: cpu (as asked), 1 thread (OMP_NUM_THREADS)");
  CHECK(first_line({{"OMP_THREAD_LIMIT", "1"}}, {}) ==
        "device: cpu (as asked), 1 thread (OMP_THREAD_LIMIT)");
  CHECK(first_line({{"OMP_NUM_THREADS", "1"}}, {"--threads", "2"}) ==
        "device: cpu (as asked), 2 threads (--threads)");
  CHECK(first_line({{"OMP_PLACES", "{0}"}}, {}) ==
        "device: cpu (as asked), 1 thread (the processors that this process may run on)");
  const OneProcessor scope;
  CHECK(first_line({}, {}) ==
        "device: cpu (as asked), 1 thread (the processors that this process may run on)");
  CHECK_THAT(first_line({}, {"--threads", "2"}),
             StartsWith("train: --threads is 2, but this process may use 1 (the processors"));
}
