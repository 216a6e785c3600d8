// SPDX-License-Identifier: MIT
#include "engine/system/file_lock.h"

#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

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
