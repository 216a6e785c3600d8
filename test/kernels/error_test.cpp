// SPDX-License-Identifier: MIT
#include "kernels/runtime/error.h"

#include "test/support/catch.h"
#include "test/support/error_of.h"

using kernels::fail;

namespace {

std::string message_with(std::string name) {
  return test::error_of([&] { fail("there is no {}", name); });
}

}  // namespace

TEST_CASE("an error is one line, whatever the names in it hold") {
  CHECK(message_with("a\nb\r\tc") == "there is no a\\nb\\x0d\\tc");
  CHECK(message_with(std::string("a\0b", 3)) == "there is no a\\x00b");
}

TEST_CASE("an error does not command the terminal") {
  CHECK(message_with("\x1b[2Ja\x7f") == "there is no \\x1b[2Ja\\x7f");
  CHECK(message_with("\xC2\x9B"
                     "2J") == "there is no \\x9b2J");  // U+009B begins a command as ESC [ does
}

TEST_CASE("letters of an error stay what they are") {
  CHECK(message_with("Grün, 犬, \xC2\xA0") == "there is no Grün, 犬, \xC2\xA0");
  CHECK(message_with("not UTF-8: \xFF\xC2") == "there is no not UTF-8: \xFF\xC2");
  CHECK(test::error_of([] { fail("{}", message_with("\x1b")); }) == "there is no \\x1b");
}
