// SPDX-License-Identifier: MIT
#include "data/pictures/image_cache.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

#include "kernels/runtime/error.h"
#include "kernels/runtime/memory.h"
#include "test/support/data_pictures.h"
#include "test/support/temporary_directory.h"

namespace {

using Catch::Matchers::Contains;
namespace fs = std::filesystem;

constexpr int side = 16;

/// A folder of ten pictures and what loading it says.
class Folder {
 public:
  Folder() {
    for (int i = 0; i < 8; ++i)
      directory.write("train/" + std::string(i < 4 ? "a" : "b") + "/" + std::to_string(i) + ".jpg",
                      test::plain_jpeg(20, std::uint8_t(20 * i)));
    for (const char* c : {"a", "b"})
      directory.write(std::string("test/") + c + "/x.jpg", test::plain_jpeg(side, 200));
  }
  data::CachedImages load() {
    notes.clear();
    calls = 0;
    return data::load_cached(
        data::list_image_folder(directory.path()), {side, false, exif_orientation}, file,
        [this](const std::string& note) { notes.push_back(note); },
        [this](int done, int of) {
          CHECK(done == ++calls);
          pictures = of;
        });
  }
  void expect_rebuilt(const std::string& why) {
    const data::CachedImages images = load();
    REQUIRE(notes.size() == 1);
    CHECK_THAT(notes[0], Contains(file.string() + " " + why + ": decoding 10 pictures"));
    CHECK(calls == 10);
    CHECK(pictures == 10);
    CHECK(images.train.pixels[std::size_t(3 * side * side * 3)] == 60);
    expect_mapped();
  }
  void expect_mapped() {
    const data::CachedImages images = load();
    CHECK(notes.empty());
    CHECK(calls == 0);
    check(images);
  }
  static void check(const data::CachedImages& images) {
    CHECK(images.train.count == 8);
    CHECK(images.train.labels == std::vector<std::int32_t>{0, 0, 0, 0, 1, 1, 1, 1});
    for (int i = 0; i < 8; ++i)
      CHECK(images.train.pixels[std::size_t(i * side * side * 3)] == 20 * i);
    CHECK(images.test.pixels.size() == 2 * side * side * 3);
    CHECK(images.test.pixels[5] == 200);
  }
  void change(std::size_t at, char by) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(std::streamoff(at));
    const char old = char(stream.get());
    stream.seekp(std::streamoff(at));
    stream.put(char(old ^ by));
    REQUIRE(stream.flush().good());
  }

  test::TemporaryDirectory directory;
  fs::path file = directory.path() / "cache";
  std::vector<std::string> notes;
  int calls = 0, pictures = 0;
  bool exif_orientation = true;
};

std::size_t files_in(const fs::path& folder) {
  return std::size_t(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST_CASE("Pictures are decoded once and mapped from then on") {
  Folder folder;
  folder.expect_rebuilt("is not there yet");
  CHECK(fs::file_size(folder.file) == 64 + 10 * side * side * 3 + 10);
  CHECK(files_in(folder.directory.path()) == 3);  // train, test and no temporary file
}

TEST_CASE("Decoded pictures can be read from their file, and a file that was cut is told of") {
  Folder folder;
  const data::Bytes pixels = folder.load().train.pixels;
  std::vector<std::uint8_t> read(2 * side * side * 3);
  const auto image = [&](std::size_t i) { return i * side * side * 3; };
  pixels.read(image(3), read);
  CHECK(std::equal(read.begin(), read.end(), pixels.begin() + std::ptrdiff_t(image(3))));
  CHECK(read.front() == 60);
  fs::remove(folder.file);  // of no consequence while it is open
  pixels.read(image(4), read);
  CHECK(read.front() == 80);

  const data::Bytes again = folder.load().train.pixels;
  fs::resize_file(folder.file, 64 + image(5));
  again.read(image(3), read);
  CHECK(read.front() == 60);
  CHECK_THROWS_WITH(again.read(image(4), read),
                    Contains(folder.file.string() + " has become shorter than the 7754 bytes"));
}

TEST_CASE("A cache is the same for any number of threads") {
  const int before = kernels::threads();
  const auto pixels = [](int threads) {
    kernels::set_threads(threads);
    Folder folder;
    const data::Bytes bytes = folder.load().train.pixels;
    return std::vector<std::uint8_t>(bytes.begin(), bytes.end());
  };
  const auto one = pixels(1);
  CHECK(one == pixels(4));
  kernels::set_threads(before);
}

TEST_CASE("A cache of other pictures, another version or none is made again, with the reason") {
  Folder folder;
  folder.load();
  folder.change(8, 6);  // the version's lowest byte
  folder.expect_rebuilt("is of version 5, not 3");

  folder.directory.write("train/a/1.jpg", test::plain_jpeg(24, 20));
  folder.expect_rebuilt("is of other pictures than there are now");
  fs::rename(folder.directory.path() / "test/a/x.jpg", folder.directory.path() / "test/a/y.jpg");
  folder.expect_rebuilt("is of other pictures than there are now");
  fs::last_write_time(folder.directory.path() / "train/b/6.jpg",
                      fs::file_time_type::clock::now() + std::chrono::hours(1));
  folder.expect_rebuilt("is of other pictures than there are now");

  folder.directory.write("cache", std::string(5000, 'x'));
  folder.expect_rebuilt("is not a cache of images");
  folder.directory.write("cache", "");
  folder.expect_rebuilt("is empty");
}

TEST_CASE("A damaged cache is found out and made again") {
  Folder folder;
  folder.load();
  const std::size_t size = fs::file_size(folder.file);
  for (const std::size_t at : {std::size_t{64}, std::size_t{1000}, size - 1}) {
    folder.change(at, 1);
    folder.expect_rebuilt("is damaged");
  }
  for (const std::size_t left : {std::size_t{10}, std::size_t{64}, size - 1}) {
    fs::resize_file(folder.file, left);
    folder.expect_rebuilt("is truncated");
  }
  fs::resize_file(folder.file, size + 1);
  folder.expect_rebuilt("is too long");
}

TEST_CASE("Pictures that cannot be read are known to the cache, and tried again") {
  Folder folder;
  const fs::path bad = folder.directory.write("train/a/0 bad.jpg", "no picture");
  for (int time = 0; time < 2; ++time) {
    const data::CachedImages images = folder.load();
    CHECK(folder.notes.empty() == (time > 0));
    REQUIRE(images.list.bad.size() == 1);
    CHECK(images.list.bad[0].path == "train/a/0 bad.jpg");
    CHECK_THAT(images.list.bad[0].reason, Contains("is not a JPEG"));
    CHECK(images.list.train.size() == 8);
    folder.check(images);
  }
  // A file that is sound after all, though nothing of it has changed that shows.
  const auto changed = fs::last_write_time(bad);
  const std::string sound = test::plain_jpeg(20, 5);
  folder.directory.write("train/a/0 bad.jpg", std::string(sound.size(), 'x'));
  fs::last_write_time(bad, changed);
  CHECK(folder.load().list.bad.size() == 1);
  folder.directory.write("train/a/0 bad.jpg", sound);
  fs::last_write_time(bad, changed);
  CHECK(folder.load().list.bad.empty());
  REQUIRE(folder.notes.size() == 1);
  CHECK_THAT(folder.notes[0], Contains(" lacks pictures that can be read now: decoding 11"));

  for (const char* c : {"train/a", "train/b", "test/a", "test/b"})
    for (const auto& entry : fs::directory_iterator(folder.directory.path() / c))
      std::ofstream(entry.path()) << "no picture";
  fs::remove(folder.file);
  CHECK(folder.load().list.bad.size() == 11);
  CHECK_FALSE(fs::exists(folder.file));
}

TEST_CASE("A cache is of pictures turned or not") {
  Folder folder;
  folder.load();
  folder.exif_orientation = false;
  folder.load();
  REQUIRE(folder.notes.size() == 1);
  CHECK_THAT(folder.notes[0], Contains("is of pictures that were turned the other way"));
  folder.expect_mapped();
}

TEST_CASE("What ends decoding leaves the old cache and nothing else") {
  Folder folder;
  folder.load();
  fs::remove(folder.file);
  struct Stopped {};
  const auto stop = [](int done, int) {
    if (done == 3) throw Stopped{};
  };
  CHECK_THROWS_AS(data::load_cached(data::list_image_folder(folder.directory.path()), {side, false},
                                    folder.file, {}, stop),
                  Stopped);
  CHECK(files_in(folder.directory.path()) == 2);
}

TEST_CASE("A cache that cannot be written is an error with the file and the reason") {
  Folder folder;
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{1000, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  std::string message;
  try {
    folder.load();
  } catch (const kernels::Error& error) {
    message = error.what();
  }
  setrlimit(RLIMIT_FSIZE, &before);
  CHECK_THAT(message, Contains("cannot write " + folder.file.string() + ", which takes 0.0 MB: ") &&
                          Contains("; `cache_dir` says where else"));
  CHECK(files_in(folder.directory.path()) == 2);

  folder.file = folder.directory.path() / "train/a/1.jpg/cache";  // below a file
  CHECK_THROWS_WITH(folder.load(),
                    Contains("1.jpg/cache") && Contains("Not a directory; `cache_dir`"));
}

TEST_CASE("What is no file in a cache's place is left alone, by name and with the remedy") {
  Folder folder;
  const auto error = [&](const std::string& what) {
    CHECK_THROWS_WITH(folder.load(),
                      Contains(folder.file.string() + " cannot be read: it is " + what +
                               ", not a regular file; remove it, or `cache_dir` "
                               "says where else decoded pictures may be kept"));
    CHECK(folder.calls == 0);
  };
  fs::create_directory(folder.file);
  error("a directory");
  fs::remove(folder.file);
  REQUIRE(mkfifo(folder.file.c_str(), 0600) == 0);  // opening it would wait
  error("a pipe");
  fs::remove(folder.file);
  folder.load();
  if (geteuid() == 0) return;  // who may read everything
  fs::permissions(folder.file, fs::perms::none);
  folder.expect_rebuilt("cannot be read: Permission denied");
}

TEST_CASE("Caches lie beside the pictures, or where the user says, apart by place") {
  test::TemporaryDirectory one, other, caches;
  const auto place = [&](const fs::path& root, const fs::path& dir = {}) {
    return data::cache_file("image-folder", 74, root, dir);
  };
  CHECK(place(one.path()) == one.path() / "image-folder-74.softlabel");
  CHECK(place(one.path(), caches.path()).parent_path() == caches.path());
  CHECK(place(one.path(), caches.path()) == place(one.path(), caches.path()));
  CHECK(place(one.path(), caches.path()) != place(other.path(), caches.path()));
}

}  // namespace
