// SPDX-License-Identifier: MIT
// Loaded into a program by LD_PRELOAD: makes one call of the system fail, or ends the process at
// it.
//   FAULTS_UNDER   only calls on files below this directory count, from 1
//   FAULTS_AT      the number of the call
//   FAULTS_HOW     EIO     that call fails
//                  ENOSPC  that call and all later ones that take room fail
//                  kill    SIGKILL in place of the call
//                  power   SIGKILL, and all is gone that was not flushed: data, new and changed
//                  names torn    SIGKILL, and only data that was not flushed is gone; names stay
//   FAULTS_LOG     a file for a line for each call that counts: "rename /a/b"
//   FAULTS_SPARE   a directory on the same file system, for what `power` puts back
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

/// The C library's function behind one of ours.
template <class Function>
Function* next(Function*, const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}
#define NEXT(name) next(&name, #name)

/// A change of a directory that a power loss undoes until the directory is flushed.
struct Change {
  std::string directory;
  std::function<void()> undo;
};

struct State {
  const std::string under = variable("FAULTS_UNDER") + "/", how = variable("FAULTS_HOW"),
                    log = variable("FAULTS_LOG"), spare = variable("FAULTS_SPARE");
  const long at = std::atol(variable("FAULTS_AT").c_str());
  std::recursive_mutex lock;
  long calls = 0;
  int spares = 0;
  std::vector<Change> changes;
  std::map<ino_t, off_t> flushed;  // bytes, of each file that was written
};

State& state() {
  static State* const all = new State;  // lives on while other destructors write
  return *all;
}

thread_local bool inside = false;  // what we ourselves do does not count

struct Inside {
  Inside() { inside = true; }
  ~Inside() { inside = false; }
};

std::string path_of(int file) {
  char text[4096];
  const ssize_t size =
      readlink(("/proc/self/fd/" + std::to_string(file)).c_str(), text, sizeof text);
  return size > 0 ? std::string(text, std::size_t(size)) : "";
}

std::string absolute(const char* path) { return fs::absolute(path).lexically_normal(); }

bool counts(const std::string& path) { return (path + "/").starts_with(state().under); }

void lose_power() {
  State& s = state();
  const bool names = s.how == "power";
  std::error_code none;
  for (const auto& entry : fs::recursive_directory_iterator(s.under, none)) {
    struct stat about {};
    if (lstat(entry.path().c_str(), &about) != 0 || !S_ISREG(about.st_mode)) continue;
    const auto known = s.flushed.find(about.st_ino);
    if (known != s.flushed.end() && about.st_size > known->second)
      static_cast<void>(truncate(entry.path().c_str(), known->second));
  }
  if (names)
    for (auto change = s.changes.rbegin(); change != s.changes.rend(); ++change) change->undo();
}

/// Whether the call at hand is to fail, errno being set.
bool fails(const char* call, const std::string& path, bool takes_room = true) {
  State& s = state();
  if (!counts(path)) return false;
  const std::lock_guard guard(s.lock);
  ++s.calls;
  if (!s.log.empty()) {
    if (std::FILE* file = std::fopen(s.log.c_str(), "a")) {
      std::fprintf(file, "%s %s\n", call, path.c_str());
      std::fclose(file);
    }
  }
  const bool full = s.how == "ENOSPC" && s.at > 0 && s.calls > s.at && takes_room;
  if (s.calls != s.at && !full) return false;
  if (s.how == "power" || s.how == "torn") lose_power();
  if (s.how != "EIO" && s.how != "ENOSPC") {
    kill(getpid(), SIGKILL);
    pause();
  }
  errno = s.how == "EIO" ? EIO : ENOSPC;
  return true;
}

bool power() { return state().how == "power" || state().how == "torn"; }

void changed(const std::string& path, std::function<void()> undo) {
  if (power()) state().changes.push_back({fs::path(path).parent_path(), std::move(undo)});
}

/// Keeps what has a name, to put it back under that name; empty if there is nothing.
std::string keep(const std::string& path) {
  State& s = state();
  if (!power()) return "";
  const std::string spare =
      s.spare + "/" + std::to_string(getpid()) + "-" + std::to_string(s.spares++);
  return NEXT(link)(path.c_str(), spare.c_str()) == 0 ? spare : "";
}

void put_back(const std::string& spare, const std::string& path) {
  if (!spare.empty()) NEXT(rename)(spare.c_str(), path.c_str());
}

/// The contents of a file before its first write here are on the disk.
void written(int file) {
  struct stat about {};
  if (power() && fstat(file, &about) == 0) state().flushed.try_emplace(about.st_ino, about.st_size);
}

int flush(const char* call, int file, int (*next_flush)(int)) {
  if (inside) return next_flush(file);
  const Inside us;
  const std::string path = path_of(file);
  if (fails(call, path)) return -1;
  const int result = next_flush(file);
  struct stat about {};
  if (result == 0 && counts(path) && fstat(file, &about) == 0) {
    if (S_ISDIR(about.st_mode))
      std::erase_if(state().changes, [&](const Change& c) { return c.directory == path; });
    else if (const auto known = state().flushed.find(about.st_ino); known != state().flushed.end())
      known->second = about.st_size;
  }
  return result;
}

template <class Open>
int open_file(const char* path, int flags, mode_t mode, Open next_open) {
  const bool writes = (flags & (O_WRONLY | O_RDWR | O_CREAT)) != 0;
  if (inside || !writes) return next_open(path, flags, mode);
  const Inside us;
  const std::string name = absolute(path);
  const bool is_new = (flags & O_TMPFILE) != O_TMPFILE && !fs::exists(name);
  if (fails("open", name, is_new)) return -1;
  const int file = next_open(path, flags, mode);
  if (file >= 0 && is_new && counts(name)) {
    written(file);
    changed(name, [name] { NEXT(unlink)(name.c_str()); });
  }
  return file;
}

mode_t mode_of(int flags, va_list arguments) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

template <class Remove>
int remove_file(const char* call, const char* path, Remove next_remove) {
  if (inside) return next_remove(path);
  const Inside us;
  const std::string name = absolute(path);
  if (!counts(name) || !fs::exists(fs::symlink_status(name))) return next_remove(path);
  if (fails(call, name, false)) return -1;
  const std::string spare = keep(name);
  const int result = next_remove(path);
  if (result == 0) changed(name, [spare, name] { put_back(spare, name); });
  return result;
}

template <class Write>
ssize_t write_file(const char* call, int file, Write next_write) {
  if (inside) return next_write();
  const Inside us;
  const std::string path = path_of(file);
  if (fails(call, path)) return -1;
  if (counts(path)) written(file);
  return next_write();
}

}  // namespace

extern "C" {

#define OPEN(name)                                                                        \
  int name(const char* path, int flags, ...) {                                            \
    va_list arguments;                                                                    \
    va_start(arguments, flags);                                                           \
    const mode_t mode = mode_of(flags, arguments);                                        \
    va_end(arguments);                                                                    \
    return open_file(path, flags, mode,                                                   \
                     [](const char* p, int f, mode_t m) { return NEXT(name)(p, f, m); }); \
  }
OPEN(open)
OPEN(open64)

ssize_t write(int file, const void* bytes, size_t size) {
  return write_file("write", file, [&] { return NEXT(write)(file, bytes, size); });
}
ssize_t writev(int file, const iovec* parts, int count) {
  return write_file("writev", file, [&] { return NEXT(writev)(file, parts, count); });
}
ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) {
  return write_file("pwrite", file, [&] { return NEXT(pwrite)(file, bytes, size, at); });
}
int ftruncate(int file, off_t size) noexcept {
  return int(write_file("ftruncate", file, [&] { return ssize_t(NEXT(ftruncate)(file, size)); }));
}
int posix_fallocate(int file, off_t at, off_t size) {
  int result = 0;  // the error itself
  if (write_file("posix_fallocate", file,
                 [&] { return ssize_t(result = NEXT(posix_fallocate)(file, at, size)); }) < 0)
    return errno;
  return result;
}

int fsync(int file) { return flush("fsync", file, NEXT(fsync)); }
int fdatasync(int file) { return flush("fdatasync", file, NEXT(fdatasync)); }

int msync(void* at, size_t size, int flags) {
  // Which file it is of nobody says: the one mapping that is written belongs to a file of ours.
  if (inside) return NEXT(msync)(at, size, flags);
  const Inside us;
  return fails("msync", state().under) ? -1 : NEXT(msync)(at, size, flags);
}

int close(int file) {
  if (inside) return NEXT(close)(file);
  const Inside us;
  const std::string path = path_of(file);
  const int access = fcntl(file, F_GETFL) & O_ACCMODE;
  const bool failed = counts(path) && access != O_RDONLY && fails("close", path, false);
  const int reason = errno, result = NEXT(close)(file);  // it is closed nevertheless
  if (!failed) return result;
  errno = reason;
  return -1;
}

int rename(const char* from, const char* to) noexcept {
  if (inside) return NEXT(rename)(from, to);
  const Inside us;
  const std::string a = absolute(from), b = absolute(to);
  if (fails("rename", b)) return -1;
  if (!counts(b)) return NEXT(rename)(from, to);
  const std::string spare = keep(b);
  const int result = NEXT(rename)(from, to);
  if (result == 0)
    changed(b, [a, b, spare] {
      NEXT(rename)(b.c_str(), a.c_str());
      put_back(spare, b);
    });
  return result;
}

int link(const char* from, const char* to) noexcept {
  if (inside) return NEXT(link)(from, to);
  const Inside us;
  const std::string name = absolute(to);
  if (fails("link", name)) return -1;
  const int result = NEXT(link)(from, to);
  if (result == 0 && counts(name)) changed(name, [name] { NEXT(unlink)(name.c_str()); });
  return result;
}

int mkdir(const char* path, mode_t mode) noexcept {
  if (inside) return NEXT(mkdir)(path, mode);
  const Inside us;
  const std::string name = absolute(path);
  if (fails("mkdir", name)) return -1;
  const int result = NEXT(mkdir)(path, mode);
  if (result == 0 && counts(name)) changed(name, [name] { NEXT(rmdir)(name.c_str()); });
  return result;
}

int unlink(const char* path) noexcept { return remove_file("unlink", path, NEXT(unlink)); }
int remove(const char* path) noexcept { return remove_file("remove", path, NEXT(remove)); }

}  // extern "C"
