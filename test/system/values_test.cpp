// SPDX-License-Identifier: MIT
#include "engine/system/values.h"

#include "test/support/catch.h"
#include "test/support/error_of.h"

using namespace experiments;

namespace {

template <class T>
std::string refusal(const std::string& text, const Range& range = {}) {
  return test::error_of([&] { parse<T>(text, range); });
}

template <class T>
std::string refusal_of(const Json& value, const Range& range = {}) {
  return test::error_of([&] { read<T>(value, range); });
}

const Range epochs = from(1, 2147483647);

}  // namespace

TEST_CASE("whole numbers are decimal, whole, and in the range of their type") {
  CHECK(parse<int>("7") == 7);
  CHECK(parse<int>("-7") == -7);
  CHECK(parse<int>("010") == 10);  // not octal
  CHECK(parse<int>("2147483647") == 2147483647);
  CHECK(parse<std::uint64_t>("18446744073709551615") == 18446744073709551615U);
  for (const char* text : {"",           " ",           " 5",
                           "5 ",         "+5",          "5.",
                           "5.0",        "1e3",         "0x10",
                           "5,",         "five",        "--5",
                           "5\n",        "\t5",         "1_000",
                           "1'000",      "\xD9\xA5",    "2147483648",
                           "4294967297", "-2147483649", "99999999999999999999",
                           "inf",        "nan",         "true"}) {
    INFO(text);
    CHECK(refusal<int>(text) != "");
  }
  for (const char* text : {"-1", "-0", "18446744073709551616", "99999999999999999999", "1.5", ""}) {
    INFO(text);
    CHECK(refusal<std::uint64_t>(text) != "");
  }
  CHECK(refusal<int>("0", epochs) == "is 0, should be a whole number from 1 to 2147483647");
  CHECK(refusal<int>("4294967297", epochs) ==
        "is 4294967297, should be a whole number from 1 to 2147483647");
  CHECK(refusal<int>("", epochs) == "is empty, should be a whole number from 1 to 2147483647");
  CHECK(refusal<std::uint64_t>("-1") ==
        "is -1, should be a whole number from 0 to 18446744073709551615");
}

TEST_CASE("numbers are finite, and in range as float32 where they are computed with as that") {
  CHECK(parse<double>("0.1") == 0.1);
  CHECK(parse<double>("1e-3") == 1e-3);
  CHECK(parse<double>(".5") == 0.5);
  CHECK(parse<double>("-2") == -2);
  CHECK(parse<double>("1e-30", f32_positive) == 1e-30);
  CHECK(parse<double>("0", f32_from_0) == 0);
  CHECK(parse<double>("1e300") == 1e300);
  for (const char* text : {"", " 1", "1 ", "+1", "nan", "-nan", "inf", "-inf", "infinity", "1e400",
                           "1e-400", "0x1p3", "1,5", "1.5.2", "1e", "e5", "0.1f"}) {
    INFO(text);
    CHECK(refusal<double>(text) != "");
  }
  CHECK(refusal<double>("0", f32_positive) == "is 0, should be a number, greater than 0");
  CHECK(refusal<double>("-1", f32_from_0) == "is -1, should be a number, 0 or greater");
  CHECK(refusal<double>("2", f32_share) == "is 2, should be a number, in [0, 1]");
  CHECK(refusal<double>("1", f32_below_1) == "is 1, should be a number, in [0, 1)");
  // What float32 makes of it is what counts.
  CHECK(refusal<double>("1e-46", f32_positive) ==
        "is 1e-46, too near 0 for float32, should be a number, greater than 0");
  CHECK(refusal<double>("1e-40", f32_from_0).find("too near 0") != std::string::npos);
  CHECK(refusal<double>("-1e-46", f32_any).find("too near 0") != std::string::npos);
  CHECK(refusal<double>("1e39", f32_positive).find("beyond float32") != std::string::npos);
  CHECK(refusal<double>("0.99999999999", f32_below_1).find("float32") != std::string::npos);
  CHECK(parse<double>("0.99999999999", {.least = 0, .most = 1, .below = true}) < 1);
}

TEST_CASE("lists have commas, no blanks, and nothing empty") {
  CHECK(parse<std::vector<int>>("5") == std::vector{5});
  CHECK(parse<std::vector<int>>("50,100") == std::vector{50, 100});
  CHECK(parse<std::vector<double>>("1,1.5") == std::vector{1, 1.5});
  CHECK(parse<std::vector<std::string>>("a,b") == std::vector<std::string>{"a", "b"});
  for (const char* text : {"", ",", "1,,2", "1,2,", ",1", "1, 2", "1 ,2", "1;2", "1 2", "1,x"}) {
    INFO(text);
    CHECK(refusal<std::vector<int>>(text) != "");
    CHECK(refusal<std::vector<double>>(text) != "");
  }
  CHECK(refusal<std::vector<std::string>>("a,,b") ==
        "is a,,b, each item of which should be a name");
  CHECK(refusal<std::vector<int>>("1,,2", epochs) ==
        "is 1,,2, each item of which should be a whole number from 1 to 2147483647");
  CHECK(refusal<std::vector<double>>("1,0", f32_positive) != "");
}

TEST_CASE("values of files are of their type and in range, as those of the command line") {
  CHECK(read<int>(Json(3), epochs) == 3);
  CHECK(read<double>(Json(3)) == 3);
  CHECK(read<std::uint64_t>(Json(18446744073709551615U)) == 18446744073709551615U);
  CHECK(read<std::vector<int>>(Json::array({1, 2})) == std::vector{1, 2});
  CHECK(read<std::vector<int>>(Json::array()).empty());
  CHECK(read<std::string>(Json("")).empty());
  for (const Json& value : {Json(true), Json(4294967297), Json(-5), Json(1.5), Json(2.0), Json("3"),
                            Json(), Json::array({1}), Json::object(), Json(0), Json(1e30)}) {
    INFO(value);
    CHECK(refusal_of<int>(value, epochs) != "");
  }
  CHECK(refusal_of<int>(Json(true), epochs) ==
        "is true, should be a whole number from 1 to 2147483647");
  CHECK(refusal_of<std::uint32_t>(Json(4294967296)) != "");
  CHECK(refusal_of<std::uint64_t>(Json(-1)) != "");
  CHECK(refusal_of<double>(Json(true)) == "is true, should be a number");
  CHECK(refusal_of<double>(Json("0.1")) == "is \"0.1\", should be a number");
  CHECK(refusal_of<double>(Json(1e-46), f32_positive) != "");
  CHECK(refusal_of<bool>(Json(1)) == "is 1, should be true or false");
  CHECK(refusal_of<std::string>(Json(1)) == "is 1, should be text");
  CHECK(refusal_of<std::vector<int>>(Json(1)) == "is 1, should be a list");
  CHECK(refusal_of<std::vector<int>>(Json::array({1, true})) ==
        "has an item that is true, should be a whole number from -2147483648 to 2147483647");
}

TEST_CASE("errors of a file's values say the way to them") {
  const Json json = {{"test", {{"bins", true}, {"list", {1, "x"}}, {"none", nullptr}}}};
  const Entry entry(json);
  CHECK(test::error_of([&] { entry.at("test").get<int>("bins"); }) ==
        "test.bins is true, should be a whole number from -2147483648 to 2147483647");
  CHECK(test::error_of([&] { entry.at("test").at("list").items()[1].as<double>(); }) ==
        "test.list[1] is \"x\", should be a number");
  CHECK(test::error_of([&] { entry.at("train"); }) == "train is missing");
  CHECK(test::error_of([&] { entry.at("test").at("bins").at("x"); }) == "test.bins.x is missing");
  CHECK(test::error_of([&] { entry.at("test").at("bins").items(); }) ==
        "test.bins is true, should be a list");
  CHECK_FALSE(entry.at("test").contains("none"));
}

TEST_CASE("what is shown is short, one line, and never as deep as the file") {
  CHECK(shown("a\nb\x1B[31m") == "a?b?[31m");
  CHECK(shown(std::string(200, 'x')) == std::string(100, 'x') + "...");
  std::string deep(100000, '[');
  deep += std::string(100000, ']');
  CHECK(refusal_of<int>(Json::parse(deep)) ==
        "is a list, should be a whole number from -2147483648 to 2147483647");
  CHECK(to_text(Json("caf\xE9")) == "\"caf\xEF\xBF\xBD\"");
}

TEST_CASE("the name that was meant") {
  const std::vector<std::string> names = {"epochs", "batch-size", "lr", "seed", "smoothing"};
  CHECK(nearest("epoch", names) == "epochs");
  CHECK(nearest("batchsize", names) == "batch-size");
  CHECK(nearest("sede", names) == "seed");
  CHECK(nearest("lt", names) == "lr");
  CHECK(nearest("frobnicate", names) == "");
  CHECK(did_you_mean("epoch", names, "--") == " (did you mean --epochs?)");
  CHECK(did_you_mean("frobnicate", names) == "");
  CHECK(nearest(std::string(1000000, 'x'), names) == "");
}
