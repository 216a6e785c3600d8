// SPDX-License-Identifier: MIT
#include "data/dataset.h"
#include "kernels/runtime/error.h"
#include "test/support/data_pictures.h"
#include "test/support/temporary_directory.h"

namespace {

using Catch::Matchers::Contains;
namespace fs = std::filesystem;

constexpr int side = 64;

/// Three classes in the official layout; a picture's level says which it is.
class TinyImageNet {
 public:
  TinyImageNet() {
    write("wnids.txt", "n02\nn01\nn03\n");
    write("words.txt", "n00\tentity\nn01\tgoldfish, Carassius auratus\nn03\tbullfrog\n");
    for (int c = 1; c <= 3; ++c) {
      const std::string wnid = "n0" + std::to_string(c);
      write("train/" + wnid + "/" + wnid + "_boxes.txt", wnid + "_0.JPEG\t0\t0\t62\t62\n");
      for (int i = 0; i < 4; ++i) {
        const auto level = std::uint8_t(40 * c + i);
        write("train/" + wnid + "/images/" + wnid + "_" + std::to_string(i) + ".JPEG",
              i == 2 ? test::grey_jpeg(side, level) : test::plain_jpeg(side, level));
      }
    }
    std::string annotations;
    for (int i = 0; i < 12; ++i) {
      const std::string name = "val_" + std::to_string(i) + ".JPEG";
      annotations += name + "\tn0" + std::to_string(i % 3 + 1) + "\t0\t32\t44\t62\n";
      write("val/images/" + name, test::plain_jpeg(side, std::uint8_t(200 + i)));
    }
    write("val/val_annotations.txt", annotations);
    write("test/images/test_0.JPEG", "has no labels and is not read");
  }
  fs::path write(const std::string& name, const std::string& bytes) const {
    return directory_.write("tiny-imagenet-200/" + name, bytes);
  }
  fs::path root() const { return directory_.path() / "tiny-imagenet-200"; }
  data::Dataset load(int image_size = 0) const {
    return data::load_dataset("tiny-imagenet", directory_.path(), {.image_size = image_size});
  }
  void expect_error(const std::string& fact) const {
    CHECK_THROWS_WITH(load(), Contains("tiny-imagenet: ") && Contains(fact) && !Contains("\n") &&
                                  Contains("to get it: remove " + root().string() +
                                           ", then data/fetch tiny-imagenet "));
  }

  /// Getting it anew would not mend that.
  void expect_misfit(const std::string& fact) const {
    CHECK_THROWS_WITH(load(), Contains("tiny-imagenet: ") && Contains(fact) && !Contains("\n") &&
                                  !Contains("to get it"));
  }

 private:
  test::TemporaryDirectory directory_;
};

const std::vector<std::int32_t> test_labels{0, 1, 1, 2, 2, 0, 1, 2, 0, 1, 2, 0};

TEST_CASE("Tiny-ImageNet is read from its official layout, grey pictures included") {
  const TinyImageNet files;
  const data::Dataset set = files.load();
  CHECK(set.classes == 3);
  CHECK(set.class_names == std::vector<std::string>{"goldfish", "n02", "bullfrog"});
  CHECK(set.train.labels == std::vector<std::int32_t>{0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2});
  // val_0, val_1, val_10, val_11, val_2, ...: in order of names, as folders are.
  CHECK(set.test.labels == test_labels);
  CHECK(set.train.height == side);
  CHECK(set.train.channels == 3);
  CHECK(set.view_size == 32);
  CHECK(set.centre == side);
  CHECK(set.flip);
  CHECK(set.mean[0] == .485f);
  CHECK(set.std[2] == .225f);
  const auto level = [](const data::Images& images, std::size_t i) {
    return int(images.pixels[i * side * side * 3]);
  };
  for (std::size_t i = 0; i < 12; ++i)
    CHECK(std::abs(level(set.train, i) - (40 * int(i / 4 + 1) + int(i % 4))) <= 1);
  CHECK(std::abs(level(set.test, 2) - 210) <= 1);
  CHECK(files.load(64).view_size == 64);
  CHECK_THROWS_WITH(files.load(65),
                    Contains("`image_size` is 65") && Contains("but tiny-imagenet takes 8 to 64"));
}

TEST_CASE("Tiny-ImageNet is read as tutorials arrange it, in the same order") {
  const TinyImageNet files;
  const fs::path root = files.root();
  const data::Bytes official = files.load().test.pixels;
  const std::string between = GENERATE("/images", "");
  for (int i = 0; i < 12; ++i) {
    const std::string name = "val_" + std::to_string(i) + ".JPEG";
    const fs::path folder = root / ("val/n0" + std::to_string(i % 3 + 1) + between);
    fs::create_directories(folder);
    fs::rename(root / "val/images" / name, folder / name);
  }
  if (GENERATE(false, true)) fs::remove(root / "val/images");
  if (GENERATE(false, true)) fs::remove(root / "val/val_annotations.txt");
  if (between.empty()) {  // those of training too
    for (int c = 1; c <= 3; ++c) {
      const fs::path folder = root / ("train/n0" + std::to_string(c));
      for (int i = 0; i < 4; ++i) {
        const std::string name = folder.filename().string() + "_" + std::to_string(i) + ".JPEG";
        fs::rename(folder / "images" / name, folder / name);
      }
      fs::remove(folder / "images");
    }
  }
  const data::Dataset set = files.load();
  CHECK(set.train.count == 12);
  CHECK(set.test.labels == test_labels);
  CHECK(std::equal(official.begin(), official.end(), set.test.pixels.begin()));

  fs::remove_all(root / "val/n02");
  files.expect_error((root / "val").string() + " has no pictures of 1 of 3 classes: n02");
  fs::create_directory_symlink("/nowhere", root / "val/n02");
  files.expect_error((root / "val").string() + " has no pictures of 1 of 3 classes: n02");
}

TEST_CASE("Tiny-ImageNet may have stray files, and lists that went through editors") {
  const TinyImageNet files;
  files.write("wnids.txt", "\xEF\xBB\xBFn02\r\n n01\t\r\n\r\nn03  \r\n");
  files.write("words.txt", "\xEF\xBB\xBFn01   goldfish, Carassius auratus\r\nn03\tbullfrog \r\n");
  std::string annotations = "\xEF\xBB\xBF";
  for (int i = 0; i < 12; ++i)
    annotations += "val_" + std::to_string(i) + ".JPEG n0" + std::to_string(i % 3 + 1) + " \r\n";
  files.write("val/val_annotations.txt", annotations);
  for (const char* name : {"train/Thumbs.db", "train/n01/images/Thumbs.db", "val/images/Thumbs.db",
                           "train/.DS_Store", "val/images/.DS_Store", "README"})
    files.write(name, "stray");
  const data::Dataset set = files.load();
  CHECK(set.class_names == std::vector<std::string>{"goldfish", "n02", "bullfrog"});
  CHECK(set.train.count == 12);
  CHECK(set.test.labels == test_labels);
  files.write("wnids.txt", "\xFF\xFEn\0");
  files.expect_error("wnids.txt is UTF-16: save it as UTF-8");
}

TEST_CASE("A file that somebody put into Tiny-ImageNet does not ask for another data set") {
  const TinyImageNet files;
  const fs::path root = files.root();
  const fs::path notes = files.write("train/n01/images/notes.png", "hi");
  files.expect_misfit(notes.string() + " is ");
  files.expect_misfit("): mend or remove it, or give `skip_bad`");
  fs::remove(notes);
  const std::string annotations = (root / "val/val_annotations.txt").string();
  for (const char* copy : {"val_0 (1).JPEG", "notes.png"})
    files.write(std::string("val/images/") + copy, "hi");
  files.expect_misfit(annotations +
                      " does not name 2 of 14 pictures: val/images/notes.png, val/images/val_0 "
                      "(1).JPEG: remove them");
  files.write("val/val_annotations.txt", "val_0.JPEG\tn01\t0\n");  // this one is damaged
  files.expect_error(annotations + " does not name 13 of 14 pictures: ");
}

TEST_CASE("Where decoded pictures cannot be kept, Tiny-ImageNet need not be got anew") {
  const TinyImageNet files;
  const fs::path cache = files.root() / "tiny-imagenet-64.softlabel";
  fs::create_directory(cache);
  files.expect_misfit(cache.string() +
                      " cannot be read: it is a directory, not a regular file; remove it, or "
                      "`cache_dir` says where else");
}

TEST_CASE("Tiny-ImageNet of which a class cannot be read is damaged") {
  const TinyImageNet files;
  for (int i = 0; i < 4; ++i)
    files.write("train/n02/images/n02_" + std::to_string(i) + ".JPEG", "no picture");
  files.expect_error(", and without them " + files.root().string() +
                     " has no picture to train on that can be read of a class: n02");
}

TEST_CASE("Tiny-ImageNet with something missing is refused with the file and the fact") {
  const TinyImageNet files;
  const fs::path root = files.root();
  const fs::path annotations = root / "val/val_annotations.txt";

  fs::remove(root / "val/images/val_7.JPEG");
  files.expect_error("1 of 24 pictures cannot be read (" +
                     (root / "val/images/val_7.JPEG").string() + " is named by " +
                     annotations.string() + " but cannot be read: No such file");
  files.write("val/images/val_7.JPEG", test::plain_jpeg(side, 1));
  files.write("val/images/val_99.JPEG", test::plain_jpeg(side, 1));
  files.expect_misfit(annotations.string() +
                      " does not name 1 of 13 pictures: val/images/val_99.JPEG: remove it");
  fs::remove(root / "val/images/val_99.JPEG");

  files.write("val/images/val_7.JPEG", test::plain_jpeg(side, 1).substr(0, 300));
  files.expect_error("val_7.JPEG is truncated");
  files.write("val/images/val_7.JPEG", test::plain_jpeg(side, 1));
  const fs::path bad =
      files.write("train/n02/images/n02_1.JPEG", test::plain_jpeg(side, 9).substr(0, 300));
  files.expect_misfit(bad.string() + " is truncated");
  files.write("train/n02/images/n02_1.JPEG", test::plain_jpeg(65, 9));
  files.expect_misfit(bad.string() + " has 65 x 65 pixels, not 64 x 64");
  files.write("train/n02/images/n02_1.JPEG", test::plain_jpeg(side, 9));

  fs::create_directories(root / "train/n07/images");
  files.expect_misfit((root / "train/n07").string() + " is not a class of " +
                      (root / "wnids.txt").string());
  files.write("wnids.txt", "n01\nn02\nn03\nn07\n");
  files.expect_error((root / "train/n07").string() + " has no pictures");
  fs::remove_all(root / "train/n07");
  files.expect_error("there is no directory " + (root / "train/n07").string());
  files.write("wnids.txt", "n01\nn02\nn03\nn02\n");
  files.expect_error("names n02 twice");
  files.write("wnids.txt", "n01\nn02\nn03\n");

  files.write("val/val_annotations.txt", "val_0.JPEG\tn01\t0\nval_0.JPEG\tn01\t0\n");
  files.expect_misfit("names val_0.JPEG twice, in lines 1 and 2");
  for (const char* outside : {"../../outside.png", "/etc/outside.png", "a/../../b.png"}) {
    files.write("val/val_annotations.txt", "\n" + std::string(outside) + "\tn01\t0\n");
    files.expect_misfit(std::string(outside) + " in line 2 is outside of the data set");
  }
  files.write("val/val_annotations.txt", "val_0.JPEG\tn09\t0\n");
  files.expect_error("val_0.JPEG is of class n09 in line 1, which " +
                     (root / "wnids.txt").string());
  files.write("val/val_annotations.txt", "val_0.JPEG\n");
  files.expect_error("'val_0.JPEG' in line 1 is not a file and a class");
  fs::remove(annotations);
  files.expect_error(annotations.string() + " cannot be read: No such file");
}

}  // namespace
