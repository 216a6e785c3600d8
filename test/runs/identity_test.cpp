// SPDX-License-Identifier: MIT
#include "experiments/runs/samples/data_identity.h"

#include "test/support/catch.h"
#include "test/support/error_of.h"

using namespace experiments;
using Catch::Matchers::Contains;
using test::error_of;
using Names = std::vector<std::string>;

namespace {

DataIdentity with(const Names& classes) {
  return {.classes = classes,
          .mean = {0.5, 0.25, 0.125},
          .std = {1, 1, 1},
          .height = 32,
          .width = 32,
          .resize = "whole"};
}

std::vector<int> order(const Names& there, const Names& here) {
  return class_order(with(there), with(here), "w.safetensors", "pets");
}

std::string refused(const Names& there, const Names& here) {
  const std::string message = error_of([&] { order(there, here); });
  CHECK(message.size() < 500);
  CHECK_THAT(message, !Contains("\n"));
  return message;
}

Names numbered(int from, int to) {
  Names names;
  for (int i = from; i < to; ++i) names.push_back("class " + std::to_string(i));
  return names;
}

}  // namespace

TEST_CASE("classes are matched by name") {
  CHECK(order({"cat", "dog", "eel"}, {"cat", "dog", "eel"}).empty());
  CHECK(order({"cat", "dog", "eel"}, {"dog", "eel", "cat"}) == std::vector{1, 2, 0});
  CHECK(order({}, {"a", "b"}).empty());
  CHECK(order({"a", "b"}, {}).empty());
  CHECK(order({"same", "same"}, {"same", "same"}).empty());

  CHECK(refused({"cat", "dog"}, {"kitten", "dog"}) ==
        "w.safetensors is for other classes than those of pets: only the file has \"cat\", only "
        "pets has \"kitten\"");
  CHECK(refused({"cat", "dog", "eel"}, {"dog", "cat"}) ==
        "w.safetensors is for other classes than those of pets: only the file has \"eel\"");
  CHECK(refused({"cat", "dog"}, {"dog", "cat", "eel"}) ==
        "w.safetensors is for other classes than those of pets: only pets has \"eel\"");
  CHECK_THAT(refused({"cat", "dog"}, {"Cat", "dog"}), Contains("\"cat\", only pets has \"Cat\""));
  CHECK(
      refused({"caf\u00e9", "dog"}, {"cafe\u0301", "dog"}) ==
      "w.safetensors is for other classes than those of pets: \"caf\u00e9\", which looks the same "
      "in pets and has other bytes, as Unicode's NFC and NFD of a name have: rename one");
  CHECK_THAT(refused(numbered(0, 1000), numbered(990, 1990)),
             Contains("\"class 0\", \"class 1\", \"class 2\" and 987 more, only pets has \"class "
                      "1000\", \"class 1001\", \"class 1002\" and 987 more"));
  CHECK_THAT(refused({"a", "a", "b"}, {"a", "b", "b"}),
             Contains("only the file has \"a\", only pets has \"b\""));
  CHECK_THAT(refused({"a", "a", "b"}, {"a", "b", "a"}),
             Contains("another order, and two are called \"a\""));
}

TEST_CASE("names of any kind stay one short line") {
  CHECK_THAT(refused({"a\nb\t\"q\"", "x"}, {std::string("n\0l", 3), "x"}),
             Contains("\"a\\nb\\t\\\"q\\\"\"") && Contains("\"n\\x00l\""));
  const std::string long_name(5000, 'l'), other_end = std::string(4999, 'l') + "m";
  CHECK_THAT(refused({long_name, "x"}, {other_end, "x"}), Contains("lll\"...\"lll"));
  std::string umlauts;
  for (int i = 0; i < 1000; ++i) umlauts += "\u00e4";
  CHECK_THAT(refused({umlauts + "1", "x"}, {umlauts + "2", "x"}), !Contains("\\x"));
}

TEST_CASE("a data set says what networks depend on") {
  data::Dataset set;
  set.class_names = {"fine", "caf\xe9", "caf\u00e9", std::string("\0", 1)};
  set.mean = {.4914f, .4822f, .4465f};
  set.std = {.2023f, .1994f, .2010f};
  set.train.height = set.train.width = 32;
  set.train.channels = 3;
  DataIdentity d = data_identity(set);
  CHECK(d.classes == Names{"fine", "caf\\xe9", "caf\u00e9", std::string("\0", 1)});
  CHECK(d.mean == std::vector{.4914, .4822, .4465});
  CHECK(d.std == std::vector{.2023, .1994, .2010});
  CHECK(d.height == 32);
  CHECK(d.resize == "whole");

  set.train.channels = 1;
  set.train.height = set.train.width = 74;  // as pictures of any size are kept
  set.view_size = set.centre = 64;
  d = data_identity(set);
  CHECK(d.mean.size() == 1);
  CHECK(d.width == 64);
  CHECK(d.resize == "shorter_side=74");
  set.centre = 74;  // all of the picture is shown, as of Tiny-ImageNet
  CHECK(data_identity(set).resize == "whole");
}

TEST_CASE("a weight file keeps it, and may lack it") {
  nn::TensorFile file;
  CHECK(data_identity_in(file, "w") == DataIdentity{});
  const DataIdentity d = with({"a \"b\"\n", std::string("\0", 1), "caf\\xe9", "caf\u00e9"});
  put_data_identity(file, d);
  CHECK(data_identity_in(file, "w") == d);
  CHECK(file.metadata.at("softlabel.mean") == "[0.5,0.25,0.125]");
  CHECK(file.metadata.at("softlabel.image_size") == "[32,32]");
  CHECK(file.metadata.at("softlabel.resize") == "whole");

  for (const auto& [key, damaged] : std::vector<std::pair<const char*, const char*>>{
           {"softlabel.classes", "[1, 2]"},
           {"softlabel.classes", "{\"a\": \"b\"}"},
           {"softlabel.classes", "[\"a\""},
           {"softlabel.mean", "0.5"},
           {"softlabel.std", "[null]"},
           {"softlabel.image_size", "[32]"},
           {"softlabel.image_size", "[8.5, 8.5]"},
           {"softlabel.image_size", "[4294967328, 32]"}}) {
    nn::TensorFile other = file;
    other.metadata[key] = damaged;
    CHECK(error_of([&] { data_identity_in(other, "w"); }) ==
          std::string("w: ") + key + " in its metadata is damaged");
  }
}

TEST_CASE("what may surprise is said in a line each, and nothing else") {
  const auto lines = [](const DataIdentity& there, const DataIdentity& here) {
    return remarks(there, here, "w.safetensors", "pets");
  };
  const DataIdentity known = with({"a", "b"}), other_order = with({"b", "a"}), unnamed = with({});
  CHECK(lines(known, known).empty());
  CHECK(lines(other_order, known) ==
        Names{"w.safetensors has its classes in another order than pets: its outputs are put into "
              "the data set's"});
  CHECK(lines({}, known) ==
        Names{"w.safetensors does not name its classes: they are taken in the order of pets's"});
  CHECK(lines(known, unnamed) ==
        Names{"pets does not name its classes: they are taken in the order of w.safetensors's"});

  DataIdentity other = known;
  other.height = 64;
  other.mean = {0.5, 0.25, 0.375};
  CHECK(lines(other, known) ==
        Names{"w.safetensors is for pictures of 64 x 32 pixels, not 32 x 32, mean [0.5, 0.25, "
              "0.375] and deviation [1, 1, 1], not [0.5, 0.25, 0.125] and [1, 1, 1]: what it says "
              "of pets may be worse"});
  other = known;
  other.mean[0] += 1e-8;
  CHECK(lines(other, known).empty());
  other.resize = "shorter_side=40";
  CHECK(
      lines(other, known) ==
      Names{"w.safetensors is for pictures of the resize rule \"shorter_side=40\", not whole: what "
            "it says of pets may be worse"});
  other.resize.clear();
  CHECK(lines(other, known).empty());
}

TEST_CASE("the first class that differs is named") {
  CHECK(first_class_difference({"a", "b"}, {"a", "b"}).empty());
  CHECK(first_class_difference({"a", "b"}, {"a", "c"}) == "class 1 is \"b\" there, \"c\" here");
  CHECK(first_class_difference({"a", "b"}, {"a"}) == "2 classes are there, 1 here");
}
