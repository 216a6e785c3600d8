// SPDX-License-Identifier: MIT
#include "engine/system/json.h"

#include <nlohmann/json.hpp>

#include "test/support/catch.h"
#include "test/support/error_of.h"

using test::error_of;

namespace {

std::string nested(int levels, const char* open, const char* close) {
  std::string text;
  for (int i = 0; i < levels; ++i) text += open;
  text += "1";
  for (int i = 0; i < levels; ++i) text += close;
  return text;
}

std::string reason(const std::string& text) {
  return error_of([&] { nn::parse_json(text); });
}

}  // namespace

TEST_CASE("sound JSON is parsed, keys in order where the type keeps it") {
  CHECK(nn::parse_json(R"( {"b": [1, 2.5, null], "a": "x"} )") ==
        nlohmann::json{{"a", "x"}, {"b", {1, 2.5, nullptr}}});
  CHECK(nn::parse_json<nlohmann::ordered_json>(R"({"b":{"d":1,"c":[]},"a":2})").dump() ==
        R"({"b":{"d":1,"c":[]},"a":2})");
}

TEST_CASE("JSON that is nested too deep is refused before it can overflow a stack") {
  for (const auto& [open, close] : {std::pair{"[", "]"}, {"{\"a\":", "}"}}) {
    CHECK(reason(nested(nn::deepest_json, open, close)).empty());
    for (const int levels : {nn::deepest_json + 1, 1000000})
      CHECK(reason(nested(levels, open, close)) == "it is nested deeper than 64 levels");
  }
}

TEST_CASE("what is wrong with JSON is said in a few words") {
  CHECK(reason("") == "it is empty");
  CHECK(reason("{\"a\": 1") == "it ends too early, after 7 bytes");
  CHECK(reason("{\"a\": nil}") == "it is damaged at byte 8 of 10");
  CHECK(reason("{\"a\": 1} x") == "it is damaged at byte 10 of 10");
  CHECK(reason("\"\xff\"") == "it is damaged at byte 2 of 3");
  CHECK(reason(std::string("{}\0{", 4)) == "it is damaged at byte 3 of 4");
  CHECK(reason("{\"a\": 1}" + std::string(4096, '\0')) == "it is damaged at byte 9 of 4104");
  CHECK(reason(R"({"a": 1, "b": {"a": 2}, "a": 1})") == "\"a\" stands there twice");
  CHECK(reason(R"([{"a": 1}, {"a": {"a": 1, "b": [], "b": 1}}])") == "\"b\" stands there twice");
  CHECK(reason(R"([{"a": 1}, {"a": {"a": [{"a": 1}]}}])").empty());
  CHECK(reason(std::string(20, '\0')) == "it is damaged at byte 1 of 20");
  CHECK(reason("[1e999]") == "it holds a number beyond the range of double precision");
  CHECK(reason("\"" + std::string(1000000, 'x')).size() < 80);
}
