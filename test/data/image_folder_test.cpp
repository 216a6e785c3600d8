// SPDX-License-Identifier: MIT
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "data/dataset.h"
#include "data/sets/image_list.h"
#include "kernels/runtime/error.h"
#include "test/support/data_pictures.h"
#include "test/support/temporary_directory.h"

namespace {

using Catch::Matchers::Contains;
using test::picture_file;
using test::PictureKind;
namespace fs = std::filesystem;

/// Two classes of pictures of several kinds and sizes, whose grey level says which they are.
void write_folder(const test::TemporaryDirectory& directory) {
  directory.write("train/a cat/one.jpg", test::plain_jpeg(20, 10));
  directory.write("train/a cat/two words.PNG",
                  picture_file(PictureKind::png, 30, 40, 1, std::vector<std::uint8_t>(1200, 20)));
  directory.write("train/žirafa/größe 1.jpeg", test::grey_jpeg(16, 30));
  directory.write("train/žirafa/.hidden", "not a picture");
  directory.write("train/.DS_Store", "nor this");
  directory.write("test/žirafa/x.bmp",
                  picture_file(PictureKind::bmp, 9, 7, 3, std::vector<std::uint8_t>(189, 40)));
  directory.write("test/a cat/y.jpg", test::plain_jpeg(64, 50));
}

data::Dataset load(const test::TemporaryDirectory& directory, int image_size = 0) {
  return data::load_dataset("image-folder", directory.path(), {.image_size = image_size});
}

TEST_CASE("An image folder is read in order of names, with spaces and other alphabets in them") {
  test::TemporaryDirectory directory;
  write_folder(directory);
  const data::Dataset set = load(directory, 32);
  CHECK(set.name == "image-folder");
  CHECK(set.classes == 2);
  CHECK(set.class_names == std::vector<std::string>{"a cat", "žirafa"});
  CHECK(set.train.labels == std::vector<std::int32_t>{0, 0, 1});
  CHECK(set.test.labels == std::vector<std::int32_t>{0, 1});
  CHECK(set.train.height == 37);  // 8/7 of 32, rounded up
  CHECK(set.view_size == 32);
  CHECK(set.view_height() == 32);
  CHECK(set.centre == 32);
  const auto level = [](const data::Images& images, std::size_t i) {
    const std::size_t size = std::size_t(images.height * images.width * 3);
    CHECK(std::count(images.pixels.begin() + i * size, images.pixels.begin() + (i + 1) * size,
                     images.pixels[i * size]) == std::ptrdiff_t(size));
    return int(images.pixels[i * size]);
  };
  CHECK(level(set.train, 0) == 10);
  CHECK(level(set.train, 1) == 20);
  CHECK(level(set.train, 2) == 30);
  CHECK(level(set.test, 0) == 50);
  CHECK(level(set.test, 1) == 40);

  fs::rename(directory.path() / "test", directory.path() / "val");
  CHECK(load(directory).test.count == 2);
  CHECK(load(directory).train.height == 74);  // 64 without the option
}

TEST_CASE("Of a picture the centre square is kept, resized without aliasing") {
  test::TemporaryDirectory directory;
  write_folder(directory);
  // Left and right are outside the centre square; within, columns are black and white in turn.
  std::vector<std::uint8_t> stripes;
  for (int y = 0; y < 148; ++y)
    for (int x = 0; x < 148 + 60; ++x)
      stripes.push_back(x < 30 || x >= 178 ? 7 : std::uint8_t(x % 2 * 200));
  directory.write("test/a cat/y.jpg", picture_file(PictureKind::png, 208, 148, 1, stripes));
  const data::Dataset set = load(directory, 64);
  for (const std::size_t row : {0, 30, 73}) {
    for (std::size_t x = 1; x < 73; ++x)
      CHECK(std::abs(set.test.pixels[(row * 74 + x) * 3] - 100) <= 1);
  }
}

/// The notes of loading a folder, line by line.
struct Said {
  std::vector<std::string> lines;
  std::ptrdiff_t count(const std::string& part) const {
    return std::count_if(lines.begin(), lines.end(), [&](const std::string& line) {
      return line.find(part) != std::string::npos;
    });
  }
  bool has(const std::string& part) const { return count(part) > 0; }
};

data::Dataset load(const test::TemporaryDirectory& directory, Said& said,
                   data::LoadOptions options = {}) {
  said.lines.clear();
  options.image_size = 8;
  options.note = [&](const std::string& line) { said.lines.push_back(line); };
  return data::load_dataset("image-folder", directory.path(), options);
}

int counted(const data::Images& images, std::int32_t label) {
  return int(std::count(images.labels.begin(), images.labels.end(), label));
}

std::string content(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_CASE("What is no picture by its name is left out and counted") {
  test::TemporaryDirectory directory;
  write_folder(directory);
  for (const char* name :
       {"train/a cat/Thumbs.db", "train/a cat/desktop.ini", "train/a cat/README.txt",
        "train/a cat/labels.csv", "train/žirafa/notes.TXT", "train/žirafa/noending",
        "test/a cat/y.jpg.json", "train/__MACOSX/a cat/._one.jpg", "train/a cat/@eaDir/one.jpg",
        "train/.ipynb_checkpoints/one.jpg", "train/labels.csv", "README.md", "labels.csv"})
    directory.write(name, "no picture");
  Said said;
  const data::Dataset set = load(directory, said);
  CHECK(set.classes == 2);
  CHECK(set.train.labels == std::vector<std::int32_t>{0, 0, 1});
  // Those written here, and .hidden; what lies beside the classes is nobody's.
  CHECK(said.has("skipped 8 files that are no pictures (.txt, "));
  CHECK(said.lines.size() == 2);  // the other one tells of the cache
}

TEST_CASE("Every picture that cannot be read is listed in one run, and `skip_bad` goes on") {
  test::TemporaryDirectory directory;
  write_folder(directory);
  const fs::path root = directory.path(), list = root / "image-folder-10-bad.tsv";
  directory.write("train/žirafa/bad one.jpg", test::plain_jpeg(64, 1).substr(0, 400));
  directory.write("train/žirafa/bad\ttwo\n.jpg", "");
  directory.write("train/žirafa/three.jpg", "nonsense");
  directory.write("train/žirafa/phone.HEIC", "ftypheic");
  directory.write("test/a cat/y.gif", "GIF89a");
  fs::create_directories(root / "train/a cat/folder.jpg");
  fs::create_symlink(root / "nowhere.jpg", root / "train/a cat/dangling.jpg");
  const std::string cat = (root / "train/a cat").string();
  Said said;
  CHECK_THROWS_WITH(load(directory, said),
                    Contains("image-folder: 6 of 11 pictures cannot be read (" + cat +
                             "/dangling.jpg is a link to what is not there; 5 more; listed in " +
                             list.string() + "): mend or remove them, or give `skip_bad`") &&
                        !Contains("\n"));
  const std::string listed = content(list);
  CHECK(std::count(listed.begin(), listed.end(), '\n') == 6);
  CHECK_THAT(listed, Contains(cat + "/dangling.jpg\tis a link to what is not there\n"));
  CHECK_THAT(listed, Contains("/bad one.jpg\tis ") && Contains("/bad\\ttwo\\n.jpg\tis "));
  CHECK_THAT(listed, Contains("/three.jpg\t") && Contains("/phone.HEIC\t") && Contains("/y.gif\t"));
  for (const char* name : {"bad one.jpg", "bad\\ttwo\\n.jpg", "three.jpg", "HEIC", "y.gif"})
    CHECK(said.has(name));

  data::LoadOptions skip;
  skip.skip_bad = true;
  for (int time = 0; time < 2; ++time) {  // decoded, and from the cache
    const data::Dataset set = load(directory, said, skip);
    CHECK(set.train.labels == std::vector<std::int32_t>{0, 0, 1});
    CHECK(set.test.labels == std::vector<std::int32_t>{0, 1});
    CHECK(set.train.pixels[0] == 10);
    CHECK(set.train.pixels[2 * 10 * 10 * 3] == 30);
    CHECK(set.test.pixels[0] == 50);
    CHECK(set.test.pixels[10 * 10 * 3] == 40);
    CHECK(said.has("left out 6 of 11 pictures that cannot be read, listed in " + list.string()));
    CHECK_FALSE(said.has("decoding"));  // the first run, which failed, left the cache
  }

  fs::remove(root / "train/žirafa/größe 1.jpeg");
  CHECK_THROWS_WITH(load(directory, said, skip),
                    Contains("has no picture to train on that can be read of a class: žirafa"));
  directory.write("train/žirafa/größe 1.jpeg", test::grey_jpeg(16, 30));

  for (const char* name : {"bad one.jpg", "bad\ttwo\n.jpg", "three.jpg", "phone.HEIC"})
    fs::remove(root / "train/žirafa" / name);
  fs::remove(root / "test/a cat/y.gif");
  fs::remove(root / "train/a cat/dangling.jpg");
  CHECK(load(directory, said).train.count == 3);
  CHECK_FALSE(fs::exists(list));
}

TEST_CASE("Content says what a picture is, not its name") {
  test::TemporaryDirectory directory;
  write_folder(directory);
  const std::vector<std::uint8_t> grey(100, 77);
  directory.write("train/a cat/one.jpg", picture_file(PictureKind::png, 10, 10, 1, grey));
  directory.write("train/a cat/one.gif", picture_file(PictureKind::bmp, 10, 10, 1, grey));
  Said said;
  const data::Dataset set = load(directory, said);
  CHECK(set.train.count == 4);
  CHECK(set.train.pixels[0] == 77);
}

TEST_CASE("Folders in a class belong to it, and links lead where they lead, once") {
  test::TemporaryDirectory directory, elsewhere;
  write_folder(directory);
  const fs::path root = directory.path();
  directory.write("train/a cat/2021/May/deep.jpg", test::plain_jpeg(20, 15));
  elsewhere.write("more/linked.jpg", test::plain_jpeg(20, 16));
  fs::create_directory_symlink(elsewhere.path() / "more", root / "train/a cat/more");
  fs::create_directory_symlink(root / "train/a cat", root / "train/a cat/2021/loop");
  fs::create_directory_symlink(elsewhere.path() / "more", root / "train/third");
  fs::create_symlink(elsewhere.path() / "more/linked.jpg", root / "train/žirafa/link.jpg");
  directory.write("test/third/a.jpg", test::plain_jpeg(20, 60));
  Said said;
  const data::Dataset set = load(directory, said);
  CHECK(set.class_names == std::vector<std::string>{"a cat", "third", "žirafa"});
  CHECK(set.train.labels == std::vector<std::int32_t>{0, 0, 0, 0, 1, 2, 2});
  CHECK(set.train.pixels[0] == 15);  // 2021/May/deep.jpg, more/linked.jpg, one.jpg, two words.PNG
  CHECK(set.train.pixels[1 * 10 * 10 * 3] == 16);
  CHECK(said.has("skipped " + (root / "train/a cat/2021/loop").string() +
                 ", which is the same folder as train/a cat"));
  CHECK(said.has((root / "train/third").string() +
                 " is the same folder as train/a cat/more: its pictures count twice"));
}

TEST_CASE("Of many folders that links put there twice ten are told, and how many more there are") {
  test::TemporaryDirectory directory;
  write_folder(directory);
  for (int i = 0; i < 13; ++i)
    fs::create_directory_symlink(".", directory.path() / "train/a cat" / std::to_string(i));
  Said said;
  CHECK(load(directory, said).train.count == 3);
  CHECK(said.has("and 3 more folders that links put there twice"));
  CHECK(said.count("which is the same folder as") == 10);
}

TEST_CASE("What is a link to what is not there is not left out in silence") {
  test::TemporaryDirectory directory;
  write_folder(directory);
  const fs::path root = directory.path(), link = root / "train/third";
  const std::string lost = " is a link to what is not there";
  Said said;
  for (const char* target : {"/nowhere/third", "third"}) {  // this one leads in a circle
    fs::create_directory_symlink(target, link);
    CHECK_THROWS_WITH(load(directory, said), Contains(link.string() + lost));
    CHECK_THROWS_WITH(load(directory, said, {.skip_bad = true}),
                      Contains(" has no picture to train on that can be read of a class: third"));
    fs::remove(link);
  }
  fs::create_directory_symlink("/nowhere", root / "other");
  CHECK(load(directory, said).train.count == 3);
  CHECK(said.has("not used of " + root.string() + " beside train/: other"));
  fs::create_directory_symlink("/nowhere", root / "test/a dog");
  CHECK_THROWS_WITH(load(directory, said), Contains("does not have: a dog"));
  for (const char* part : {"test", "val", "train"}) {
    fs::remove_all(root / part);
    fs::create_directory_symlink("/nowhere", root / part);
    CHECK_THROWS_WITH(load(directory, said), Contains((root / part).string() + lost));
    fs::remove(root / part);
  }
}

TEST_CASE("val/ beside test/ is the validation set, and alone the test set") {
  for (const char* name : {"val", "valid", "Validation", "dev"}) {
    test::TemporaryDirectory directory;
    write_folder(directory);
    for (int i = 0; i < 3; ++i)
      directory.write(std::string(name) + "/žirafa/" + std::to_string(i) + ".jpg",
                      test::plain_jpeg(16, std::uint8_t(100 + i)));
    Said said;
    data::Dataset set = load(directory, said);
    CHECK(set.train.labels == std::vector<std::int32_t>{0, 0, 1, 1, 1, 1});
    CHECK(set.validation == 3);
    CHECK(set.train.pixels[4 * 10 * 10 * 3] == 101);
    CHECK(set.test.count == 2);
    CHECK(said.has(std::string(name) + " is the validation set: nothing of train/ is held out"));
    CHECK(said.has(std::string(name) + " has nothing of 1 of 2 classes: a cat"));

    fs::remove_all(directory.path() / "test");
    set = load(directory, said);
    CHECK(set.train.count == 3);
    CHECK(set.validation == 0);
    CHECK(set.test.labels == std::vector<std::int32_t>{1, 1, 1});
    CHECK(said.has(" has no test/: " + std::string(name) + "/ is the test set"));
  }
  test::TemporaryDirectory directory;
  write_folder(directory);
  fs::rename(directory.path() / "train", directory.path() / "Training");
  fs::rename(directory.path() / "test", directory.path() / "testing");
  directory.write("val/one.jpg", "");  // without labels it is of no use
  Said said;
  CHECK(load(directory, said).train.count == 3);
  CHECK(said.has("val has no folders of classes and is not used"));
  fs::create_directories(directory.path() / "val/a cat");
  fs::create_directories(directory.path() / "valid/a cat");
  CHECK_THROWS_WITH(load(directory, said), Contains("has both val/ and valid/: which one"));
}

TEST_CASE("Parts are known by a word of their names where no folder is called so") {
  for (const auto& [train, test] :
       {std::pair("training_set", "test_set"), {"seg_train", "seg_test"}, {"Train-v2", "Val v2"}}) {
    test::TemporaryDirectory directory;
    write_folder(directory);
    fs::rename(directory.path() / "train", directory.path() / train);
    fs::rename(directory.path() / "test", directory.path() / test);
    Said said;
    const data::Dataset set = load(directory, said);
    CHECK(set.class_names == std::vector<std::string>{"a cat", "žirafa"});
    CHECK(set.test.count == 2);
    CHECK(said.has(std::string(train) + " is taken for train/, and " + test + " for test/"));
  }
  // Classes without folders in them are classes.
  test::TemporaryDirectory directory;
  for (const char* name :
       {"test_tube/a.jpg", "test_tube/b.jpg", "train_car/a.jpg", "train_car/b.jpg"})
    directory.write(name, test::plain_jpeg(16, 1));
  CHECK(load(directory).class_names == std::vector<std::string>{"test_tube", "train_car"});
}

TEST_CASE("A class may be of trains, and what is not used is said") {
  test::TemporaryDirectory directory;
  for (const char* name : {"car/a.jpg", "car/b.jpg", "train/a.jpg", "train/b.jpg"})
    directory.write(name, test::plain_jpeg(16, 1));
  Said said;
  CHECK(load(directory, said).class_names == std::vector<std::string>{"car", "train"});
  fs::remove_all(directory.path() / "train");
  write_folder(directory);
  directory.write("test/loose.jpg", test::plain_jpeg(16, 1));
  CHECK(load(directory, said).class_names == std::vector<std::string>{"a cat", "žirafa"});
  CHECK(said.has("skipped 1 picture in " + (directory.path() / "test").string() + " itself"));
  CHECK(said.has("not used of " + directory.path().string() + " beside train/: car"));
}

TEST_CASE("A validation set of which nothing can be read is not replaced by another") {
  test::TemporaryDirectory directory;
  write_folder(directory);
  directory.write("val/a cat/a.jpg", "no picture");
  Said said;
  data::LoadOptions skip;
  skip.skip_bad = true;
  CHECK_THROWS_WITH(load(directory, said, skip),
                    Contains(" has no picture to validate on that can be read"));
}

TEST_CASE("Of a folder of classes a part is held out as the test set, the same in every run") {
  test::TemporaryDirectory directory;
  const std::vector<int> sizes{30, 1, 2, 8};
  const std::string below = GENERATE("", "train/");
  for (int c = 0; c < 4; ++c)
    for (int i = 0; i < sizes[std::size_t(c)]; ++i)
      directory.write(below + std::string(1, char('a' + c)) + "/" + std::to_string(i) + ".jpg",
                      test::plain_jpeg(16, std::uint8_t(60 * c + i)));
  Said said;
  data::Dataset set = load(directory, said);
  const std::vector<int> train{24, 1, 1, 6};
  for (int c = 0; c < 4; ++c) {
    CHECK(counted(set.train, c) == train[std::size_t(c)]);
    CHECK(counted(set.test, c) == sizes[std::size_t(c)] - train[std::size_t(c)]);
  }
  CHECK(
      said.has(" has no test/: 9 of its 41 pictures are held out as the test set, the same in "
               "every run with a test fraction of 0.2"));
  CHECK(said.has("the test set has nothing of 1 of 4 classes, too small for it: b"));
  const data::Bytes before = set.test.pixels;
  set = load(directory, said);
  CHECK(std::equal(before.begin(), before.end(), set.test.pixels.begin()));
  data::LoadOptions half;
  half.test_fraction = 0.5;
  CHECK(load(directory, said, half).test.count == 20);
  if (below.empty()) return;
  directory.write("test/a/0.jpg", test::plain_jpeg(16, 1));
  CHECK(load(directory, said).test.count == 1);
  CHECK_THROWS_WITH(load(directory, said, half),
                    Contains("`test_fraction` holds out a test set, but ") &&
                        Contains(" has one, test/: leave it out"));
}

/// The level that a picture of one grey has.
int level_of(const data::Images& images, int i) {
  return images.pixels[std::size_t(i) * std::size_t(images.height) * std::size_t(images.width) * 3];
}

TEST_CASE("A test set is held out of the pictures that can be read") {
  test::TemporaryDirectory directory;
  const auto write = [&](const std::string& name, int level) {
    directory.write(name, picture_file(PictureKind::png, 12, 12, 1,
                                       std::vector<std::uint8_t>(144, std::uint8_t(level))));
  };
  for (int i = 0; i < 10; ++i) {
    write("a/" + std::to_string(i) + ".png", i);
    write("b/" + std::to_string(i) + ".png", 50 + i);
    write("e/" + std::to_string(i) + ".png", 200 + i);
  }
  // Whichever of two is held out, the other one of c or of d is the one that cannot be read.
  write("c/0.png", 100);
  write("d/1.png", 151);
  const std::vector<std::string> bad{"b/0.png", "b/3.png", "b/7.png", "c/1.png", "d/0.png"};
  for (const std::string& name : bad) directory.write(name, "no picture");
  Said said;
  const auto check = [](const data::Dataset& set) {
    for (const data::Images* part : {&set.train, &set.test})
      for (int i = 0; i < part->count; ++i) {
        const std::string& name = part->names[std::size_t(i)];
        const int label = part->labels[std::size_t(i)];
        CHECK(name[0] == 'a' + label);
        CHECK(level_of(*part, i) == 50 * label + (name[2] - '0'));
      }
  };
  data::LoadOptions skip;
  skip.skip_bad = true;
  CHECK_THROWS_WITH(load(directory, said), Contains("5 of 34 pictures cannot be read"));
  for (int time = 0; time < 2; ++time) {  // decoded by the first run, which failed
    const data::Dataset set = load(directory, said, skip);
    CHECK_FALSE(said.has("decoding"));
    check(set);
    CHECK(set.train.count == 24);
    for (const int c : {2, 3}) {
      CHECK(counted(set.train, c) == 1);
      CHECK(counted(set.test, c) == 0);
    }
    CHECK(said.has(" has no test/: 5 of its 29 pictures are held out as the test set"));
  }
  skip.test_fraction = 0.5;
  const data::Dataset half = load(directory, said, skip);
  CHECK(said.has("decoding"));
  check(half);
  CHECK(half.test.count == 5 + 4 + 5);

  // The same ones are held out where the bad ones never were.
  skip.test_fraction = 0.2;
  const data::Dataset with = load(directory, said, skip);
  for (const std::string& name : bad) fs::remove(directory.path() / name);
  const data::Dataset without = load(directory, said);
  check(without);
  CHECK(with.train.names == without.train.names);
  CHECK(with.test.names == without.test.names);

  // There is nothing to test on, and no class of two.
  for (const char* c : {"a", "b", "e"})
    for (int i = 1; i < 10; ++i)
      directory.write(std::string(c) + "/" + std::to_string(i) + ".png", "no picture");
  write("b/0.png", 50);
  CHECK_THROWS_WITH(load(directory, said, skip),
                    Contains(" has no picture to test on that can be read: add some"));
  for (const char* name : {"b/0.png", "c/0.png", "d/1.png", "e/0.png"})
    directory.write(name, "no picture");
  CHECK_THROWS_WITH(load(directory, said, skip),
                    Contains("that can be read of 4 classes: b, c, d, e; put some into their"));
}

TEST_CASE("Two classes whose names look the same are refused by their bytes") {
  for (const std::string part : {"", "train/"}) {
    test::TemporaryDirectory directory;
    const fs::path root = directory.path();
    for (const char* name : {"caf\u00E9", "cafe\u0301", "other"})
      for (const char* picture : {"/1.jpg", "/2.jpg"})
        directory.write(part + name + picture, test::plain_jpeg(16, 1));
    Said said;
    CHECK_THROWS_WITH(
        load(directory, said),
        Contains((part.empty() ? root : root / "train").string() +
                 " has two folders called caf\u00E9: $'caf\\xc3\\xa9' is composed, as in "
                 "Unicode's NFC, and $'cafe\\xcc\\x81' decomposed, as in NFD; merge them or "
                 "rename one") &&
            !Contains("\n"));
    fs::rename(root / part / "cafe\u0301", root / part / "caf\u00E8");  // another letter
    CHECK(load(directory, said).classes == 3);
  }
}

TEST_CASE("Names look alike if they differ in their composition alone") {
  using data::look_alike;
  CHECK(look_alike("Vi\u1EC7t", "Vie\u0323\u0302t"));
  CHECK(look_alike("Vi\u1EB9\u0302t", "Vie\u0323\u0302t"));
  CHECK(look_alike("\u0439\u043E\u0433", "\u0438\u0306\u043E\u0433"));
  CHECK(look_alike("\uAC15", "\u1100\u1161\u11BC"));
  CHECK(look_alike("\uAC00", "\u1100\u1161"));
  CHECK(look_alike("\u304C", "\u304B\u3099"));
  for (const auto& [one, other] : std::vector<std::pair<std::string, std::string>>{
           {"caf\u00E9", "caf\u00E9"},
           {"caf\u00E9", "cafe"},
           {"caf\u00E9", "caf?"},
           {"caf\u00E9", "caf\u00E8"},
           {"caf\u00E9", "caf\xE9"},
           {"\u043A\u043E\u0442", "\u043A\u0438\u0442"},
           {"\u72D7", "\u732B"}})
    CHECK_FALSE(look_alike(one, other));
}

TEST_CASE("Folders that are no data set are refused with what was found and what is expected") {
  test::TemporaryDirectory directory;
  write_folder(directory);
  const fs::path root = directory.path();
  const auto error_at = [&](const fs::path& dir, const std::string& fact) {
    CHECK_THROWS_WITH(data::load_dataset("image-folder", dir),
                      Contains("image-folder: ") && Contains(fact) && !Contains("\n"));
  };
  const auto error = [&](const std::string& fact) { error_at(root, fact); };
  fs::create_directory(root / "train/empty class");
  error((root / "train/empty class").string() + " is a class with no pictures");
  for (const bool skip_bad : {false, true})
    CHECK_THROWS_WITH(
        data::load_dataset("image-folder", root, {.skip_bad = skip_bad}),
        Contains(root.string() + " has no picture to train on that can be read of a class: empty "
                                 "class; put some into its folder or remove the class") &&
            !Contains("give `skip_bad`") && !Contains("\n"));
  directory.write("train/empty class/a.mov", "a film");
  error((root / "train/empty class").string() + " is a class with no pictures");
  fs::remove_all(root / "train/empty class");

  directory.write("test/dog/a.jpg", test::plain_jpeg(8, 1));
  directory.write("test/emu/a.jpg", test::plain_jpeg(8, 1));
  error((root / "test").string() + " has 2 classes that " + (root / "train").string() +
        " does not have: dog, emu");
  fs::remove_all(root / "test/dog");
  fs::remove_all(root / "test/emu");

  // z and its caron in one character and in two.
  fs::rename(root / "test/žirafa", root / "test/z\u030Cirafa");
  error("(there is žirafa, which looks the same and has other bytes, as Unicode's NFC and NFD");
  fs::rename(root / "test/z\u030Cirafa", root / "test/žirafa");

  directory.write("train/a cat/2021/deep.jpg", test::plain_jpeg(8, 1));
  error_at(root / "train/a cat",
           " has 2 pictures in no class, and a single folder, 2021: expected");
  fs::remove_all(root / "train/a cat/2021");
  error_at(root / "train", " is one part of a data set, beside test/; give all of it: `data_dir` ");
  error_at(root / "train/a cat",
           "a cat has 2 pictures and no folders of classes: expected are "
           "CLASS/PICTURE, or train/CLASS/PICTURE and test/CLASS/PICTURE");
  fs::create_directory(root / "above");
  fs::create_directory(root / "above/notes");
  fs::rename(root / "train", root / "above/train");
  error(root.string() + " has test/ but no train/: expected are CLASS/PICTURE");
  fs::rename(root / "test", root / "above/test");
  error(root.string() + " has no train/, but its folder above has: give `data_dir` " +
        (root / "above").string());
  fs::rename(root / "above/train", root / "above/training set");
  fs::remove_all(root / "above/test");
  error(root.string() +
        " has a single folder, above; if the folders in that are the classes, "
        "give `data_dir` " +
        (root / "above").string());
  error_at(root / "above/training set/a cat", " has 2 pictures and no folders of classes");
  fs::remove_all(root / "above/training set/žirafa");
  error_at(root / "above/training set", " has a single class, a cat, and there is nothing to tell");
  for (const char* name : {"single/cat/a.jpg", "single/dog/b.jpg"})
    directory.write(name, test::plain_jpeg(8, 1));
  error_at(root / "single", "single has a single picture of each class: there is none to test on");
  error_at(root / "none", "there is no directory");
  error_at(directory.write("photos.zip", "PK"), "photos.zip is a file, not a folder of them");
}

TEST_CASE("Names that are not UTF-8 are read, and folders that may not be are named") {
  test::TemporaryDirectory directory;
  write_folder(directory);
  const fs::path root = directory.path();
  directory.write("train/caf\xE9/b\xFC.jpg", test::plain_jpeg(20, 1));
  directory.write("test/caf\xE9/b\xFC.jpg", test::plain_jpeg(20, 1));
  Said said;
  CHECK(load(directory, said).class_names ==
        std::vector<std::string>{"a cat", "caf\xE9", "žirafa"});
  if (geteuid() == 0) return;  // who may read everything
  fs::permissions(root / "train/caf\xE9", fs::perms::none);
  CHECK_THROWS_WITH(load(directory, said), Contains("caf\xE9 cannot be read: Permission denied"));
  fs::permissions(root / "train/caf\xE9", fs::perms::owner_all);
}

TEST_CASE("Whoever stops decoding gets what they threw") {
  struct Stopped : kernels::Error {
    using Error::Error;
  };
  test::TemporaryDirectory directory;
  write_folder(directory);
  const auto stop = [](int, int) { throw Stopped("enough"); };
  CHECK_THROWS_AS(data::load_dataset("image-folder", directory.path(), {.progress = stop}),
                  Stopped);
}

TEST_CASE("An image folder has no place of its own, and image sizes have bounds") {
  CHECK_THROWS_WITH(data::load_dataset("image-folder"),
                    Contains("say where it is with `data_dir`"));
  test::TemporaryDirectory directory;
  for (const int size : {-1, 7, 1025})
    CHECK_THROWS_WITH(load(directory, size),
                      Contains("`image_size` is") && Contains("but image-folder takes 8 to 1024"));
  CHECK_THROWS_WITH(data::load_dataset("cifar10", directory.path(), {.image_size = 64}),
                    Contains("`image_size` is 64, but cifar10 has images of 32 x 32 pixels"));
}

}  // namespace
