// SPDX-License-Identifier: MIT
#include <chrono>
#include <csignal>
#include <thread>

#include "test/support/data_pictures.h"
#include "test/support/process.h"

namespace {

using Catch::Matchers::Contains;
using test::Outcome;
using test::run;

/// A folder as it comes from a phone: classes, and what else is there.
void write_photos(const test::TemporaryDirectory& directory) {
  for (int i = 0; i < 12; ++i) {
    const std::string number = std::to_string(i);
    directory.write("Katzen & Kater/IMG_" + number + ".JPG",
                    test::plain_jpeg(24, std::uint8_t(20 + i)));
    directory.write("Hunde/Urlaub/IMG_" + number + " Größe.jpeg",
                    test::plain_jpeg(24, std::uint8_t(200 + i)));
  }
  directory.write("Vögel/IMG_1.JPG", test::plain_jpeg(24, 100));
  directory.write("Hunde/Thumbs.db", "");
  directory.write("Hunde/film.MP4", "");
  directory.write("notes.txt", "");
}

TEST_CASE("A stranger's photos are trained on, or what is to be mended is said at once") {
  const test::TemporaryDirectory photos, runs;
  write_photos(photos);
  const std::string data = photos.path().string(), out = (runs.path() / "run").string();
  const std::vector<std::string> train{"train",
                                       "--data-dir",
                                       data,
                                       "--dataset",
                                       "image-folder",
                                       "--model",
                                       "resnet8",
                                       "--epochs",
                                       "1",
                                       "--image-size",
                                       "8",
                                       "--batch-size",
                                       "4",
                                       "--threads",
                                       "1",
                                       "--out",
                                       out};
  photos.write("Hunde/broken.JPG", test::plain_jpeg(24, 1).substr(0, 300));
  photos.write("Hunde/phone.heic", "ftypheic");
  const Outcome refused = run(train);
  CHECK(refused.status == 1);
  CHECK_THAT(test::last_line(refused.err), Contains("2 of 27 pictures cannot be read"));
  CHECK_THAT(refused.err, Contains("Hunde/broken.JPG is ") && Contains("Hunde/phone.heic is "));
  CHECK_FALSE(std::filesystem::exists(out));

  std::vector<std::string> skipping = train;
  skipping.emplace_back("--skip-bad");
  const Outcome trained = run(skipping);
  CHECK(trained.status == 0);
  CHECK_THAT(trained.err,
             Contains("left out 2 of 27 pictures") &&
                 Contains("skipped 2 files that are no pictures (.db, .mp4)") &&
                 Contains("validation has nothing of a class that is too small: Vögel (1)"));
  // What is measured is the same data, though nothing more is said than where it is.
  const Outcome measured =
      run({"evaluate", "--data-dir", data, "--weights", out + "/best.safetensors"});
  CHECK(measured.status == 0);
  CHECK_THAT(measured.err, Contains("left out 2 of 27 pictures"));
  CHECK_THAT(measured.out, Contains("test: 4 samples"));
  CHECK_THAT(measured.err, !Contains("test fraction of 0.2, not"));
  // Another test set than the run's has pictures that it was trained on.
  const Outcome other = run({"evaluate", "--data-dir", data, "--weights", out + "/best.safetensors",
                             "--test-fraction", "0.5"});
  CHECK_THAT(other.err, Contains("was trained with a test fraction of 0.2, not 0.5: if it was on "
                                 "these pictures, some of the test set were among them"));
}

TEST_CASE("A file that is cut while it is mapped ends a program with a line") {
  const test::TemporaryDirectory photos, runs;
  write_photos(photos);
  const std::string out = (runs.path() / "run").string();
  const test::Process process({"train", "--data-dir", photos.path().string(), "--dataset",
                               "image-folder", "--model", "resnet8", "--epochs", "100000",
                               "--image-size", "8", "--batch-size", "4", "--threads", "1", "--out",
                               out});
  for (int ms = 0; ms < 60'000 && !std::filesystem::exists(out + "/last.safetensors"); ms += 10)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  process.signal(SIGBUS);  // as the system would
  const Outcome outcome = process.wait();
  CHECK(outcome.status == 1);
  CHECK_THAT(outcome.err, Contains("a file that is mapped into memory has been cut meanwhile"));
}

}  // namespace
