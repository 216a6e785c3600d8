// SPDX-License-Identifier: MIT
#include "nn/files/npy.h"

#include "kernels/runtime/error.h"
#include "test/support/error_of.h"
#include "test/support/npy_bytes.h"
#include "test/support/temporary_directory.h"

using Catch::Matchers::Contains;
using test::bytes_of;
using test::npy;
using test::npy_with_header;
namespace fs = std::filesystem;

namespace {

nn::FileTensor read(const std::string& bytes) {
  const test::TemporaryDirectory directory;
  const fs::path path = directory.write("a.npy", bytes);
  CHECK(nn::is_npy(path));
  const nn::FileTensor header = nn::read_npy_header(path), whole = nn::read_npy(path);
  CHECK(header.shape == whole.shape);
  CHECK(header.dtype == whole.dtype);
  CHECK(header.bytes.empty());
  return whole;
}

/// The message with which both readers refuse a file, one line that names it.
std::string refused(const std::string& bytes) {
  const test::TemporaryDirectory directory;
  const fs::path path = directory.write("a.npy", bytes);
  const std::string message = test::error_of([&] { nn::read_npy(path); });
  CHECK(message == test::error_of([&] { nn::read_npy_header(path); }));
  CHECK_THAT(message, Contains("cannot read " + path.string() + ": "));
  CHECK(message.find('\n') == message.npos);
  return message;
}

const std::string four = bytes_of<float>({1, 2, 3, 4});

}  // namespace

TEST_CASE("arrays come as rows, whatever the type, the order of bytes and that of axes") {
  CHECK(read(npy("<f4", "2, 2", four)).to_f32() == std::vector<float>{1, 2, 3, 4});
  CHECK(read(npy("<f4", "2, 2", four, true)).to_f32() == std::vector<float>{1, 3, 2, 4});
  CHECK(read(npy("<f8", "3,", bytes_of<double>({1, 2, 0.5}))).to_f32() ==
        std::vector<float>{1, 2, 0.5});
  CHECK(read(npy("<f2", "2,", bytes_of<std::uint16_t>({0x3c00, 0x3800}))).to_f32() ==
        std::vector<float>{1, 0.5});
  CHECK(read(npy(">f4", "1,", std::string("\x3f\x80\0\0", 4))).to_f32() == std::vector<float>{1});
  CHECK(read(npy(">i8", "1,", std::string("\0\0\0\0\0\0\1\2", 8))).to_i64() ==
        std::vector<std::int64_t>{258});
  CHECK(read(npy("|u1", "1, 3", "\1\2\3")).to_i64() == std::vector<std::int64_t>{1, 2, 3});
  CHECK(read(npy("|b1", "1, 2", std::string("\1\0", 2))).to_i64() ==
        std::vector<std::int64_t>{1, 0});
  CHECK(read(npy("<i2", "2, 2", bytes_of<std::int16_t>({1, -2, 3, 4}), true)).to_i64() ==
        std::vector<std::int64_t>{1, 3, -2, 4});
  CHECK(read(npy("<f4", "", bytes_of<float>({7}))).shape.empty());
  CHECK(read(npy("<f4", "4611686018427387904, 0", "", true)).bytes.empty());
  CHECK(read(npy("<f4", "0, 5", "")).shape == std::vector<std::int64_t>{0, 5});
}

TEST_CASE("headers are read as Python writes them, in any order and version") {
  const std::string other = R"({"shape":(2L,2),"descr":"=f4","fortran_order":False})";
  CHECK(read(npy_with_header(other, four)).shape == std::vector<std::int64_t>{2, 2});
  const std::string text = "{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }\n";
  for (const char version : {'\2', '\3'}) {
    const std::string bytes = std::string("\x93NUMPY") + version + std::string(1, '\0') +
                              char(text.size()) + std::string(3, '\0') + text + four;
    CHECK(read(bytes).to_f32() == std::vector<float>{1, 2, 3, 4});
  }
}

TEST_CASE("what is no array of numbers is refused, with what it is") {
  CHECK_THAT(refused(npy("|O", "2,", "x")), Contains("it holds Python objects"));
  CHECK_THAT(refused(npy("<U4", "2,", "x")), Contains("its values are of type \"<U4\""));
  CHECK_THAT(refused(npy("<c8", "2, 1", four)), Contains("\"<c8\""));
  CHECK_THAT(refused(npy("<f16", "1,", four)), Contains("\"<f16\""));
  CHECK_THAT(refused(npy("", "4,", four)), Contains("its values are of type \"\""));
  CHECK_THAT(refused(npy_with_header(
                 "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (4,)}", four)),
             Contains("it holds records"));
  CHECK_THAT(refused(npy("<f4", "1, 2, 2", four, true)), Contains("Fortran's order"));
}

TEST_CASE("damaged arrays are refused") {
  CHECK_THAT(
      refused(npy("<f4", "2, 3", four)),
      Contains("F32 of shape [2,3] take 24 bytes, but 16 follow its header: it is truncated"));
  CHECK_THAT(refused(npy("<f4", "1, 3", four)), Contains("take 12 bytes, but 16 follow"));
  CHECK_THAT(refused(npy("<f4", "9223372036854775807, 9", four)), Contains("impossible shape"));
  CHECK_THAT(refused("\x93NUMPY"), Contains("ends in its header"));
  CHECK_THAT(refused(npy("<f4", "2, 2", four).substr(0, 40)), Contains("ends in its header"));
  CHECK_THAT(refused("\x93NUMPX" + npy("<f4", "2, 2", four).substr(6)),
             Contains("it is no NumPy array"));
  CHECK_THAT(refused(std::string("\x93NUMPY\x04\x00", 8) + four), Contains("version 4"));
  CHECK_THAT(refused(std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff", 12)),
             Contains("header of 4294967295 bytes"));
  const std::string sound = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)}";
  REQUIRE(read(npy_with_header(sound, four)).shape.size() == 2);
  const auto with = [&](const std::string& old, const std::string& now) {
    std::string header = sound;
    return refused(npy_with_header(header.replace(header.find(old), old.size(), now), four));
  };
  for (const auto& [old, now] :
       std::vector<std::pair<std::string, std::string>>{{"(2, 2)", "(2, -2)"},
                                                        {"(2, 2)", "(2 2)"},
                                                        {"(2, 2)", "(2, 2"},
                                                        {"(2, 2)", "[2, 2]"},
                                                        {"(2, 2)", "(2, 2,,)"},
                                                        {"(2, 2)", "(99999999999999999999, 2)"},
                                                        {"False", "Maybe"},
                                                        {"'shape'", "'shapes'"},
                                                        {"'<f4'", "<f4"},
                                                        {"'<f4'", "'<f4"},
                                                        {"{", ""},
                                                        {"}", ""},
                                                        {"}", "} x"},
                                                        {"'shape'", "'descr'"},
                                                        {", 'shape': (2, 2)", ""},
                                                        {"}", ", 'more': 1}"},
                                                        {"}", std::string(2, 0)}}) {
    INFO(old << " becomes " << now);
    CHECK_THAT(with(old, now), Contains("its header is not that of an array"));
  }
  std::string axes;
  for (int i = 0; i < 100; ++i) axes += "1,";
  CHECK_THAT(refused(npy("<f4", axes, four)), Contains("more than 64 axes"));
}
