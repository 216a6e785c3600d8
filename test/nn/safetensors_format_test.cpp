// SPDX-License-Identifier: MIT
// What is a safetensors file and what is not, and what its tensors hold.
#include <cmath>
#include <limits>
#include <set>

#include "test/nn/safetensors_bytes.h"

using Catch::Matchers::Contains;
using nn::FileTensor;
using test::entry;
using test::file_of;
using test::refused;

TEST_CASE("the format's own library decides") {
  // What safetensors 0.8.0 says of each, which are 8 bytes of tensors long.
  const std::string good = entry("t", "F32", "2", "0,8");
  const std::string fields = "\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]";
  const auto nested = [&](std::size_t levels) {
    return "{\"t\":{" + fields + ",\"x\":" + std::string(levels, '[') + std::string(levels, ']') +
           "}}";
  };
  const auto with = [&](const std::string& more) { return "{" + good + "," + more + "}"; };
  const auto only = [](const char* name, const char* dtype, const char* shape) {
    return "{" + entry(name, dtype, shape, "0,8") + "}";
  };
  for (const std::string& header : std::vector<std::string>{
           "{" + good + "} \n\t\r", " \n{" + good + "}", "{\"__metadata__\":null," + good + "}",
           "{\"__metadata__\":{}," + good + "}", with("\"__metadata__\":{\"a\":\"b\"}"),
           with("\"__metadata__\":{\"a\":\"b\",\"a\":\"c\"}"),
           with("\"__meta\\u0064ata__\":{\"a\":\"b\"}"), with(good),
           "{" + entry("t", "F32", "2", "8,16") + "," + good + "}",
           with(entry("\\u0074", "F32", "2", "0,8")),
           "{\"t\":{" + fields + ",\"more\":{\"a\":1,\"a\":2},\"more\":null}}", nested(100),
           "{\"t\":[\"F32\",[2],[0,8]]}", only("", "F32", "2"),
           only("a\\u0000\\ud83d\\ude00\x7f", "F32", "2"),
           with(entry("z", "F32", "0", "8,8") + "," + entry("y", "F64", "0", "0,0")),
           with(entry("z", "F32", "0,4294967296,4294967296", "0,0")),
           with(entry("z", "F64", "4611686018427387904,0", "0,0")),
           with(entry("z", "F4", "0", "8,8"))}) {
    INFO(header);
    CHECK(refused(file_of(header, 8)) == "accepted");
  }
  for (const std::string& header :
       std::vector<std::string>{"{" + good + "}" + std::string(2, '\0'),
                                "{" + good + "}\f",
                                "{" + good + "}x",
                                "{" + good + "}{}",
                                "\xef\xbb\xbf{" + good + "}",
                                "{\"__metadata__\":{},\"__metadata__\":{}," + good + "}",
                                "{\"__metadata__\":null,\"__metadata__\":null," + good + "}",
                                with("\"__metadata__\":{\"a\":null}"),
                                with("\"__metadata__\":[]"),
                                with("\"__metadata__\":false"),
                                only("__metadata__", "U8", "8"),
                                with(entry("t", "F32", "2", "8,16")),
                                "{\"t\":3," + good + "}",
                                "{" + entry("t", "F33", "2", "0,8") + "," + good + "}",
                                "{\"t\":{\"dtype\":\"F32\"," + fields + "}}",
                                "{\"t\":{" + fields + ",\"shape\":[2]}}",
                                "{\"t\":{" + fields + ",\"data_offsets\":[0,8]}}",
                                "{\"t\":{" + fields + ",\"more\":1e999}}",
                                "{\"t\":{" + fields + ",\"more\":\"\\ud800\"}}",
                                nested(130),
                                "{\"t\":[\"F32\",[2],[0,8],1]}",
                                "{\"t\":[\"F32\",[2]]}",
                                "{\"t\":null}",
                                only("t", "F32", "-0"),
                                only("t", "F32", "02"),
                                only("t", "F32", "true"),
                                only("\xc0\xaf", "F32", "2"),
                                only("\xed\xa0\x80", "F32", "2"),
                                "{" + entry(std::string(1, '\0'), "F32", "2", "0,8") + "}",
                                only("\n", "F32", "2"),
                                only("\\udc00", "F32", "2"),
                                only("\\x41", "F32", "2"),
                                "{" + good + ",}",
                                "{/**/" + good + "}",
                                with(entry("z", "F32", "0", "2,2")),
                                with(entry("z", "F32", "0", "9,9")),
                                with(entry("z", "F32", "4294967296,4294967296,0", "0,0")),
                                only("t", "f32", "2"),
                                only("t", "F8_E4M3FN", "8"),
                                only("t", "F4", "15")}) {
    INFO(header);
    CHECK(refused(file_of(header, 8)) != "accepted");
  }
  // Refused in one short line, however long what is refused is.
  std::string ones = "1";
  for (int i = 0; i < 10000; ++i) ones += ",1";
  for (const std::string& header :
       {only("t", "F32", ones.c_str()), only(std::string(10000, 'n').c_str(), "F33", "2"),
        only("t", std::string(10000, 'F').c_str(), "2"),
        with(entry(std::string(10000, 'n'), "F32", "0", "2,2")),
        with("\"__metadata__\":{\"" + std::string(10000, 'n') + "\":1}")})
    CHECK(refused(file_of(header, 8)) != "accepted");
}

TEST_CASE("other formats are called by their names") {
  const std::string zeros(300, '\0');
  std::string tar(512, 'x');
  tar.replace(257, 5, "ustar");
  for (const auto& [bytes, words] : std::vector<std::pair<std::string, std::string>>{
           {"PK\x03\x04" + zeros, "a zip archive"},
           {"PK\x03\x04" + std::string(26, '\0') + "p.npy" + zeros, "an .npz archive of NumPy's"},
           {"PK\x03\x04" + zeros, "safetensors.torch"},  // how to convert it
           {"\x80\x02\x8a\nl\xfc\x9c" + zeros, "a Python pickle"},
           {"\x80\x04\x95" + zeros, "a Python pickle"},
           {"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n", "git lfs pull"},
           {"<!DOCTYPE html>\n<html>", "an HTML or XML page"},
           {"\n <html lang=\"en\">", "an HTML or XML page"},
           {"<?xml version=\"1.0\"?><Error/>", "an HTML or XML page"},
           {"\x1f\x8b\x08" + zeros, "a gzip archive"},
           {"BZh91AY&SY" + zeros, "a bzip2 archive"},
           {"\xfd" + ("7zXZ" + zeros), "an xz archive"},
           {"(\xb5/\xfd" + zeros, "a zstd archive"},
           {tar, "a tar archive"},
           {"\x89HDF\r\n\x1a\n" + zeros, "an HDF5 file"},
           {"\x08\x07\x12\x07pytorch\x1a" + zeros, "an ONNX model"},
           {"GGUF\x03" + zeros, "a GGUF file"},
           {"\x93NUMPY\x01" + zeros, "a NumPy array"},
           {"{\"weight_map\": {}, \"metadata\": {}}", "JSON text"},
           {"Not Found: the file has moved\n", "it is text"},
           {std::string(4096, '\0'), "begins with zeros"}}) {
    INFO(words);
    CHECK_THAT(refused(bytes), Contains(words) && Contains("cannot read"));
  }
}

namespace {

template <class T>
FileTensor tensor_of(const char* dtype, const std::vector<T>& values) {
  FileTensor tensor{dtype, {std::int64_t(values.size())}, {}};
  tensor.bytes.resize(values.size() * sizeof(T));
  std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
  return tensor;
}

}  // namespace

TEST_CASE("floating point widens exactly, or is rounded to float32") {
  using Words = std::vector<std::uint16_t>;
  const float infinity = std::numeric_limits<float>::infinity();
  CHECK(tensor_of("F16", Words{0x3c00, 0xc000, 0x7bff, 0x0001, 0x83ff, 0x0400, 0x3555, 0x7c00})
            .to_f32() == std::vector<float>{1, -2, 65504, 0x1p-24f, -1023 * 0x1p-24f, 0x1p-14f,
                                            0x1.554p-2f, infinity});
  CHECK(tensor_of("BF16", Words{0x3f80, 0xc000, 0x7f7f, 0x0001, 0xff80}).to_f32() ==
        std::vector<float>{1, -2, 0x1.fep127f, 0x1p-133f, -infinity});
  CHECK(std::isnan(tensor_of("F16", Words{0x7e00}).to_f32().front()));
  CHECK(std::isnan(tensor_of("BF16", Words{0x7fc0}).to_f32().front()));
  CHECK(std::signbit(tensor_of("F16", Words{0x8000}).to_f32().front()));
  std::set<float> halves;
  for (std::uint32_t bits = 0; bits < 0x7c00; ++bits)
    halves.insert(tensor_of("F16", Words{std::uint16_t(bits)}).to_f32().front());
  CHECK(halves.size() == 0x7c00);

  const std::vector<double> wide{1.5, -2, 1e-3, 1e-50, double(infinity)};
  CHECK(tensor_of("F64", wide).to_f32() == std::vector<float>{1.5f, -2, 1e-3f, 0, infinity});
  CHECK_THROWS_WITH(tensor_of("F64", std::vector{1e300}).to_f32(),
                    Contains("1e+300 is too large for float32"));
}

TEST_CASE("tensors convert only between types that hold the same") {
  CHECK_THROWS_WITH(tensor_of("F64", std::vector{1.0}).to_i64(), Contains("F64"));
  CHECK_THROWS_WITH(FileTensor::i64({1}, {1}).to_f32(), Contains("I64"));
  CHECK_THROWS_WITH(tensor_of("F8_E4M3", std::vector<char>{1}).to_f32(), Contains("F8_E4M3"));
  CHECK_THROWS_WITH(FileTensor::f32({2}, {1}), Contains("[2] with 1 values"));
  CHECK_THROWS_WITH((FileTensor{"F32", {2}, {1, 2, 3, 4}}.to_f32()), Contains("[2] with 4 bytes"));
  CHECK_THROWS_WITH((FileTensor{"F16", {2}, {1, 2}}.to_f32()), Contains("[2] with 2 bytes"));

  using Whole = std::vector<std::int64_t>;
  CHECK(tensor_of("I8", std::vector<std::int8_t>{-1, 127}).to_i64() == Whole{-1, 127});
  CHECK(tensor_of("U8", std::vector<std::uint8_t>{255}).to_i64() == Whole{255});
  CHECK(tensor_of("I16", std::vector<std::int16_t>{-2}).to_i64() == Whole{-2});
  CHECK(tensor_of("U16", std::vector<std::uint16_t>{65535}).to_i64() == Whole{65535});
  CHECK(tensor_of("I32", std::vector<std::int32_t>{-3}).to_i64() == Whole{-3});
  CHECK(tensor_of("U32", std::vector<std::uint32_t>{1u << 31}).to_i64() == Whole{1ll << 31});
  CHECK(tensor_of("U64", std::vector<std::uint64_t>{7}).to_i64() == Whole{7});
  CHECK_THROWS_WITH(tensor_of("U64", std::vector{~std::uint64_t{0}}).to_i64(),
                    Contains("18446744073709551615 is too large"));
}
