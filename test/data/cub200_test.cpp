// SPDX-License-Identifier: MIT
#include <sys/stat.h>

#include "data/dataset.h"
#include "kernels/runtime/error.h"
#include "test/support/data_pictures.h"
#include "test/support/temporary_directory.h"

namespace {

using Catch::Matchers::Contains;
namespace fs = std::filesystem;

const std::vector<std::string> classes{"001.Black_footed_Albatross", "002.Laysan_Albatross"};

std::string picture_path(int id) {  // 1 to 6: three of each class
  return classes[std::size_t((id - 1) / 3)] + "/bird_" + std::to_string(id) + ".jpg";
}

void write_pictures(const test::TemporaryDirectory& directory, const std::string& root) {
  for (int id = 1; id <= 6; ++id)
    directory.write(root + "/images/" + picture_path(id),
                    test::plain_jpeg(20 + 3 * id, std::uint8_t(30 * id)));
}

std::vector<int> levels(const data::Images& images) {
  std::vector<int> levels;
  for (int i = 0; i < images.count; ++i)
    levels.push_back(images.pixels[std::size_t(i * images.height * images.width * 3)]);
  return levels;
}

class Cub2011 {
 public:
  Cub2011() {
    write_pictures(directory_, "CUB_200_2011");
    write("classes.txt", "1 " + classes[0] + "\n2 " + classes[1] + "\n");
    std::string images;
    for (int id = 1; id <= 6; ++id) images += std::to_string(id) + " " + picture_path(id) + "\n";
    write("images.txt", images);
    write("image_class_labels.txt", "1 1\n2 1\n3 1\n4 2\n5 2\n6 2\n");
    write("train_test_split.txt", "1 1\n2 0\n3 1\n4 0\n5 1\n6 0\n");
  }
  fs::path write(const std::string& name, const std::string& bytes) const {
    return directory_.write("CUB_200_2011/" + name, bytes);
  }
  fs::path dir() const { return directory_.path(); }
  void expect_error(const std::string& fact) const {
    CHECK_THROWS_WITH(data::load_dataset("cub200-2011", dir()),
                      Contains("cub200-2011: ") && Contains(fact) && !Contains("\n"));
  }

 private:
  test::TemporaryDirectory directory_;
};

TEST_CASE("CUB-200-2011 is read by its lists") {
  const Cub2011 files;
  const data::Dataset set = data::load_dataset("cub200-2011", files.dir());
  CHECK(set.classes == 2);
  CHECK(set.class_names == classes);
  CHECK(set.train.labels == std::vector<std::int32_t>{0, 0, 1});
  CHECK(set.test.labels == std::vector<std::int32_t>{0, 1, 1});
  CHECK(levels(set.train) == std::vector<int>{30, 90, 150});
  CHECK(levels(set.test) == std::vector<int>{60, 120, 180});
  CHECK(set.train.height == 74);
  CHECK(set.view_size == 64);
  CHECK(set.mean[1] == .456f);
}

TEST_CASE("CUB-200-2011 with lists that do not fit is refused with the file and the fact") {
  const Cub2011 files;
  const auto changed = [&](const std::string& name, const std::string& bytes,
                           const std::string& fact) {
    const Cub2011 other;
    const fs::path file = other.write(name, bytes);
    other.expect_error(file.string() + fact);
  };
  changed("train_test_split.txt", "1 1\n2 0\n3 1\n4 0\n6 0\n", " has no line for image 5 of ");
  changed("train_test_split.txt", "1 1\n2 0\n3 1\n4 0\n5 2\n6 0\n",
          ": image 5 has 2, not a number in [0, 1]");
  changed("train_test_split.txt", "1 1\n2 0\n3 1 0\n4 0\n5 1\n6 0\n",
          ": image 3 has 1 0, not a number in [0, 1]");
  changed("train_test_split.txt", "1 1\n2 1\n3 1\n4 1\n5 1\n6 1\n",
          " leaves one side without images");
  changed("train_test_split.txt", "1 1\n2 0\n3 1\n4 0\n5 1\n6 0\n7 1\n",
          " has a line for image 7, which ");
  changed("train_test_split.txt", "1 1\n\n2 0\n2 1\n", " has two lines for 2: 3 and 4");
  changed("image_class_labels.txt", "1 1\n2 1\n3 1\n4 2\n5 2\n", " has no line for image 6 of ");
  changed("image_class_labels.txt", "1 1\n2 1\n3 1\n4 2\n5 2\n6 3\n",
          ": image 6 has 3, not a number in [1, 2]");
  changed("image_class_labels.txt", "1 1\n2 1\n3 2\n4 2\n5 2\n6 2\n",
          ": image 3, " + picture_path(3) + ", is of class 2");
  changed("image_class_labels.txt", "1 one\n", ": image 1 has one, not a number");
  changed("classes.txt", "1 " + classes[0] + "\n3 " + classes[1] + "\n",
          ": classes are not numbered");
  changed("images.txt", "no number\n", ": 'no number' in line 1 is not a number and a value");
  changed("images.txt", "", " is empty");

  files.write("images/" + picture_path(4), test::plain_jpeg(32, 120).substr(0, 300));
  files.expect_error("): mend it, or give `skip_bad`; to get it: remove ");
  fs::remove(files.dir() / "CUB_200_2011/images" / picture_path(4));
  files.expect_error("bird_4.jpg is named by " +
                     (files.dir() / "CUB_200_2011/images.txt").string() +
                     " but cannot be read: No such file");
  files.expect_error("to get it: remove " + (files.dir() / "CUB_200_2011").string() +
                     ", then data/fetch cub200-2011 " + files.dir().string());
}

TEST_CASE("A list names nothing outside of the data set, and nothing twice") {
  const auto misfit = [](const std::string& images, const std::string& fact) {
    const Cub2011 files;
    files.write("images.txt", images);
    CHECK_THROWS_WITH(
        data::load_dataset("cub200-2011", files.dir()),
        Contains("images.txt") && Contains(fact) && !Contains("to get it") && !Contains("\n"));
  };
  for (const std::string path : {"../../outside.png", "/etc/outside.png"})
    misfit("1 " + picture_path(1) + "\n2 " + path + "\n",
           ": " + path + " in line 2 is outside of the data set");
  misfit("1 " + classes[0] + "/../../../outside.png\n", " in line 1 is outside");
  misfit("1 " + picture_path(1) + "\n2 " + classes[0] + "//./bird_1.jpg\n",
         " is named twice: in line 1 of ");
}

TEST_CASE("Lists that went through editors are read") {
  const Cub2011 files;
  files.write("classes.txt",
              "\xEF\xBB\xBF"
              "1\t" +
                  classes[0] + "\r\n2   " + classes[1] + " \t\r\n\r\n");
  files.write("train_test_split.txt",
              "\xEF\xBB\xBF"
              "1 1 \n2\t0\n3 1\n4 0\n5 1\n 6 0\t");
  const data::Dataset set = data::load_dataset("cub200-2011", files.dir());
  CHECK(set.class_names == classes);
  CHECK(set.train.labels == std::vector<std::int32_t>{0, 0, 1});
}

class Cub2010 {
 public:
  Cub2010() {
    write_pictures(directory_, "CUB_200_2010");
    write("lists/train.txt",
          picture_path(1) + "\n" + picture_path(3) + "\n" + picture_path(5) + "\n");
    write("lists/test.txt",
          picture_path(2) + "\n" + picture_path(4) + "\r\n" + picture_path(6) + "\n");
  }
  fs::path write(const std::string& name, const std::string& bytes) const {
    return directory_.write("CUB_200_2010/" + name, bytes);
  }
  fs::path dir() const { return directory_.path(); }
  void expect_error(const std::string& fact) const {
    CHECK_THROWS_WITH(data::load_dataset("cub200-2010", dir()),
                      Contains("cub200-2010: ") && Contains(fact) && !Contains("\n"));
  }

 private:
  test::TemporaryDirectory directory_;
};

TEST_CASE("CUB-200 of 2010 is read by its lists") {
  const Cub2010 files;
  const data::Dataset set = data::load_dataset("cub200-2010", files.dir(), {.image_size = 14});
  CHECK(set.class_names == classes);
  CHECK(set.train.labels == std::vector<std::int32_t>{0, 0, 1});
  CHECK(set.test.labels == std::vector<std::int32_t>{0, 1, 1});
  CHECK(levels(set.train) == std::vector<int>{30, 90, 150});
  CHECK(levels(set.test) == std::vector<int>{60, 120, 180});
  CHECK(set.train.height == 16);
  CHECK(set.view_size == 14);
}

TEST_CASE("CUB-200 of 2010 with lists that do not fit is refused with the file and the fact") {
  const Cub2010 files;
  const fs::path test_txt = files.dir() / "CUB_200_2010/lists/test.txt";
  files.write("lists/test.txt", picture_path(1) + "\n");
  files.expect_error(picture_path(1) + " is named twice: in line 1 of " +
                     (files.dir() / "CUB_200_2010/lists/train.txt").string() +
                     " and in line 1 of " + test_txt.string());
  files.write("lists/test.txt", "\n../../outside.png\n");
  files.expect_error(": ../../outside.png in line 2 is outside of the data set");
  files.write("lists/test.txt", "003.Sooty_Albatross/a.jpg\n");
  files.expect_error("003.Sooty_Albatross/a.jpg in line 1 is of a class that");
  files.write("lists/test.txt", picture_path(2) + '\0' + picture_path(3));
  files.expect_error("test.txt: line 1 has a NUL byte, so this is no text");
  files.write("lists/test.txt", "a.jpg\n");
  files.expect_error("'a.jpg' in line 1 is not CLASS/FILE");
  files.write("lists/test.txt", classes[0] + "/missing.jpg\n");
  files.expect_error("missing.jpg is named by " + test_txt.string() + " but cannot be read");
  fs::remove(test_txt);
  files.expect_error(test_txt.string() + " cannot be read: No such file");
  REQUIRE(mkfifo(test_txt.c_str(), 0600) == 0);  // opening it would wait
  files.expect_error(test_txt.string() + " cannot be read: it is a pipe, not a regular file");
}

TEST_CASE("The two editions of CUB-200 are told apart") {
  const Cub2010 old_files;
  const Cub2011 new_files;
  CHECK_THROWS_WITH(data::load_dataset("cub200-2011", old_files.dir() / "CUB_200_2010"),
                    Contains("is of the edition of 2010: `dataset` cub200-2010"));
  CHECK_THROWS_WITH(data::load_dataset("cub200-2010", new_files.dir() / "CUB_200_2011"),
                    Contains("is of the edition of 2011: `dataset` cub200-2011"));
}

}  // namespace
