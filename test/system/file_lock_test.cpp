// SPDX-License-Identifier: MIT
#include "engine/system/file_lock.h"

#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string>
#include <thread>

#include "test/support/catch.h"
#include "test/support/temporary_directory.h"

using experiments::FileLock;
using experiments::InUse;

namespace {

int refusal = 0;  // what the file system says instead of locking

struct Refusing {
  explicit Refusing(int reason) { refusal = reason; }
  ~Refusing() { refusal = 0; }
};

}  // namespace

// In place of the C library's.
extern "C" int flock(int file, int operation) noexcept {
  if (refusal == 0) return int(syscall(SYS_flock, file, operation));
  errno = refusal;
  return -1;
}

TEST_CASE("a directory may be replaced by another one as a lock is made in it") {
  // As where one process trains a run and another one has found it finished elsewhere.
  const test::TemporaryDirectory root;
  constexpr int repetitions = 3000;
  std::atomic<int> begun = -1, done = -1;
  const auto name = [&](const char* what, int i) {
    return root.path() / (what + std::to_string(i));
  };
  std::thread other([&] {
    for (int i = 0; i < repetitions; done = i++) {
      while (begun < i) std::this_thread::yield();
      rename(name("copy", i).c_str(), name("run", i).c_str());  // fails if the lock came first
    }
  });
  int failures = 0;
  for (int i = 0; i < repetitions; ++i) {
    std::filesystem::create_directory(name("copy", i));
    std::filesystem::create_directory(name("run", i));
    begun = i;
    try {
      const FileLock lock(name("run", i) / ".lock");
    } catch (const std::exception&) {
      ++failures;
    }
    while (done < i) std::this_thread::yield();
    std::filesystem::remove_all(name("copy", i));
    std::filesystem::remove_all(name("run", i));
  }
  other.join();
  CHECK(failures == 0);
}

TEST_CASE("a lock is held by one at a time, until its end") {
  const test::TemporaryDirectory root;
  const auto path = root.path() / ".lock";
  CHECK_FALSE(FileLock::taken(path));
  {
    const FileLock lock(path);
    CHECK(FileLock::taken(path));
    CHECK_THROWS_AS(FileLock(path), InUse);
  }
  CHECK_FALSE(FileLock::taken(path));
  CHECK_NOTHROW(FileLock(path));
}

TEST_CASE("a pipe in a lock's place is refused at once, and held by nobody") {
  const test::TemporaryDirectory root;
  const auto path = root.path() / ".lock";
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  CHECK_FALSE(FileLock::taken(path));
  CHECK_THROWS_WITH(FileLock(path), path.string() +
                                        " is no regular file and cannot be a lock: "
                                        "remove it");
}

TEST_CASE("a file system without locks is an error, not a lock to wait for") {
  const test::TemporaryDirectory root;
  const auto path = root.path() / ".lock";
  const Refusing all(GENERATE(ENOLCK, ENOSYS));
  try {
    const FileLock lock(path);
    FAIL("there is no lock");
  } catch (const InUse& error) {
    FAIL(error.what());
  } catch (const kernels::Error& error) {
    CHECK_THAT(error.what(), Catch::Matchers::StartsWith("cannot lock " + path.string() + ": ") &&
                                 Catch::Matchers::Contains("choose a directory"));
  }
  CHECK_FALSE(FileLock::taken(path));
}
