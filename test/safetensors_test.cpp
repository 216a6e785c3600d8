// SPDX-License-Identifier: MIT
#include "nn/safetensors.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>

#include "kernels/error.h"
#include "test/temporary_directory.h"

using Catch::Matchers::Contains;
using nn::FileTensor;
namespace fs = std::filesystem;

namespace {

std::string with_length(const std::string& header, std::uint64_t length) {
  std::string bytes(sizeof length, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  return bytes + header;
}

std::string file_of(const std::string& header, std::size_t data_bytes) {
  return with_length(header, header.size()) + std::string(data_bytes, '\x01');
}

/// The message with which `bytes` are refused as a file.
std::string refused(const std::string& bytes) {
  const test::TemporaryDirectory directory;
  const fs::path path = directory.write("w.safetensors", bytes);
  try {
    nn::read_safetensors(path);
  } catch (const kernels::Error& error) {
    const std::string message = error.what();
    CHECK_THAT(message, Contains(path.string()));
    CHECK_THAT(message, !Contains("\n"));
    CHECK(message.size() < 400);
    return message;
  }
  return "accepted";
}

std::string entry(const std::string& name, const std::string& dtype, const std::string& shape,
                  const std::string& range) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":[" + shape +
         "],\"data_offsets\":[" + range + "]}";
}

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

nn::TensorFile sample() {
  nn::TensorFile file;
  file.metadata = {{"format", "pt"}, {"note", "a \"quoted\"\nline"}};
  file.tensors["b"] = FileTensor::f32({2, 3}, {1, 2, 3, 4, 5, 6});
  file.tensors["z.scalar"] = FileTensor::i64({}, {-(std::int64_t{1} << 40)});
  file.tensors["empty"] = FileTensor::f32({0, 4}, {});
  file.tensors["a.bytes"] = FileTensor{"U8", {3}, {7, 8, 9}};
  return file;
}

}  // namespace

TEST_CASE("tensors and metadata come back from a file as they were") {
  const test::TemporaryDirectory directory;
  const fs::path path = directory.path() / "w.safetensors";
  const nn::TensorFile file = sample();
  nn::write_safetensors(path, file);
  const nn::TensorFile read = nn::read_safetensors(path);
  CHECK(read.metadata == file.metadata);
  REQUIRE(read.tensors.size() == file.tensors.size());
  for (const auto& [name, tensor] : file.tensors) {
    INFO(name);
    CHECK(read.tensors.at(name).dtype == tensor.dtype);
    CHECK(read.tensors.at(name).shape == tensor.shape);
    CHECK(read.tensors.at(name).bytes == tensor.bytes);
  }
  CHECK(read.tensors.at("b").to_f32() == std::vector<float>{1, 2, 3, 4, 5, 6});
  CHECK(read.tensors.at("z.scalar").to_i64() ==
        std::vector<std::int64_t>{-(std::int64_t{1} << 40)});
  CHECK(std::distance(fs::directory_iterator(directory.path()), {}) == 1);  // no temporary file

  nn::write_safetensors(path, {});
  CHECK(nn::read_safetensors(path).tensors.empty());
}

TEST_CASE("files are laid out as the reference implementation does it") {
  const test::TemporaryDirectory directory;
  const fs::path path = directory.path() / "w.safetensors";
  nn::write_safetensors(path, sample());
  const std::string bytes = slurp(path);
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  CHECK(length % 8 == 0);
  CHECK(bytes[8] == '{');
  // Wide elements first: the i64, the floats, the bytes.
  const std::string header = bytes.substr(8, length);
  CHECK_THAT(header, Contains("\"data_offsets\":[0,8],\"dtype\":\"I64\""));
  CHECK_THAT(header, Contains("\"data_offsets\":[8,32],\"dtype\":\"F32\""));
  CHECK_THAT(header, Contains("\"data_offsets\":[32,35],\"dtype\":\"U8\""));
  CHECK(bytes.size() == 8 + length + 35);
}

TEST_CASE("any order of tensors, padding and types of the format are read") {
  const test::TemporaryDirectory directory;
  const auto read = [&directory](const std::string& header, std::size_t data_bytes) {
    return nn::read_safetensors(directory.write("w.safetensors", file_of(header, data_bytes)));
  };
  const nn::TensorFile file =
      read("{" + entry("z", "U8", "3", "0,3") + "," + entry("a", "F32", "1", "4,8") + "," +
               entry("m", "BOOL", "1,1", "3,4") + "}      ",
           8);
  CHECK(file.tensors.at("z").bytes.size() == 3);
  CHECK(file.tensors.at("a").bytes.size() == 4);
  CHECK(file.tensors.at("m").shape == std::vector<std::int64_t>{1, 1});

  CHECK(read("{}", 0).tensors.empty());
  CHECK(read("{\"__metadata__\":{\"a\":\"b\"}}", 0).metadata.at("a") == "b");
  CHECK(read("{" + entry("e", "F32", "5,0", "0,0") + "}", 0).tensors.at("e").bytes.empty());
  for (const char* type : {"F64", "I64", "U64"}) {
    CHECK(read("{" + entry("t", type, "", "0,8") + "}", 8).tensors.at("t").dtype == type);
  }
  for (const char* type : {"F16", "BF16", "I16", "U16"}) {
    CHECK(read("{" + entry("t", type, "3", "0,6") + "}", 6).tensors.at("t").dtype == type);
  }
}

TEST_CASE("unsound files are refused in one line that names the file") {
  const std::string good = "{" + entry("t", "F32", "2", "0,8") + "}";
  REQUIRE(refused(file_of(good, 8)) == "accepted");

  // Lengths.
  CHECK_THAT(refused(""), Contains("0 bytes"));
  CHECK_THAT(refused("1234567"), Contains("7 bytes"));
  CHECK_THAT(refused(with_length(good, good.size() + 1)), Contains("truncated"));
  CHECK_THAT(refused(with_length(good, std::uint64_t(-1))),
             Contains("longer than the format allows"));
  CHECK_THAT(refused(with_length(good, 100'000'001)), Contains("longer than the format allows"));
  CHECK_THAT(refused(file_of(good, 7)), Contains("holds 7"));
  CHECK_THAT(refused(file_of(good, 9)), Contains("holds 9"));
  const std::string whole = file_of(good, 8);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO(size);
    CHECK(refused(whole.substr(0, size)) != "accepted");
  }

  // The header.
  CHECK_THAT(refused(file_of("", 0)), Contains("not a JSON object"));
  CHECK_THAT(refused(file_of("[]", 0)), Contains("not a JSON object"));
  CHECK_THAT(refused(file_of("nonsense", 0)), Contains("not a JSON object"));
  CHECK_THAT(refused(file_of(good.substr(0, good.size() - 1), 8)), Contains("not a JSON object"));
  CHECK_THAT(refused(file_of(" " + good, 8)), Contains("not a JSON object"));
  CHECK_THAT(refused(file_of("{\"\xff\":1}", 0)), Contains("not a JSON object"));
  CHECK_THAT(refused(file_of("{\"t\":NaN}", 0)), Contains("not a JSON object"));
  CHECK_THAT(refused(file_of(std::string(1 << 20, '['), 0)), Contains("not a JSON object"));
  const std::string deep = std::string(200000, '[') + std::string(200000, ']');
  CHECK_THAT(refused(file_of("{\"t\":" + deep + "}", 0)), Contains("deeper than 64 levels"));
  CHECK_THAT(refused(file_of("{\"t\":3}", 0)), Contains("\"t\": \"dtype\" is missing"));
  CHECK_THAT(refused(file_of("{\"t\":{\"dtype\":\"F32\",\"shape\":[]}}", 0)),
             Contains("\"data_offsets\" is missing"));
  CHECK_THAT(refused(file_of("{\"__metadata__\":3}", 0)), Contains("__metadata__"));
  CHECK_THAT(refused(file_of("{\"__metadata__\":{\"a\":1}}", 0)),
             Contains("\"a\" is not a string"));

  // Tensors.
  const auto refused_entry = [](const char* dtype, const char* shape, const char* range) {
    return refused(file_of("{" + entry("t", dtype, shape, range) + "}", 8));
  };
  CHECK_THAT(refused_entry("F33", "2", "0,8"), Contains("unknown type \"F33\""));
  CHECK_THAT(refused_entry("", "2", "0,8"), Contains("unknown type"));
  CHECK_THAT(refused_entry("F32", "3", "0,8"), Contains("do not hold F32 of shape [3]"));
  CHECK_THAT(refused_entry("F64", "2", "0,8"), Contains("do not hold"));
  CHECK_THAT(refused_entry("F32", "2", "8,0"), Contains("do not hold"));
  CHECK_THAT(refused_entry("F32", "2", "0"), Contains("not a pair"));
  CHECK_THAT(refused_entry("F32", "-2", "0,8"), Contains("whole numbers"));
  CHECK_THAT(refused_entry("F32", "2.0", "0,8"), Contains("whole numbers"));
  CHECK_THAT(refused_entry("F32", "2", "0,8e0"), Contains("whole numbers"));
  CHECK_THAT(refused_entry("F32", "2", "-8,0"), Contains("whole numbers"));
  CHECK_THAT(refused_entry("F32", "2", "0,1e400"), Contains("not a JSON object"));
  CHECK_THAT(refused_entry("F32", "\"2\"", "0,8"), Contains("whole numbers"));
  CHECK_THAT(refused_entry("F32", "18446744073709551615", "0,8"), Contains("whole numbers"));
  CHECK_THAT(refused_entry("F32", "4611686018427387904,4,2", "0,8"), Contains("impossible shape"));
  CHECK_THAT(refused_entry("U8", "8", "0,8"), Contains("accepted"));
  CHECK_THAT(refused_entry("U8", "8", "8,16"), Contains("begins at byte 8"));
  CHECK_THAT(refused(file_of("{" + entry("new\\nline", "F33", "2", "0,8") + "}", 8)),
             Contains("unknown type"));

  // Ranges.
  const auto refused_pair = [](const char* first, const char* second) {
    return refused(
        file_of("{" + entry("a", "U8", "4", first) + "," + entry("b", "U8", "4", second) + "}", 8));
  };
  REQUIRE(refused_pair("4,8", "0,4") == "accepted");
  CHECK_THAT(refused_pair("0,4", "0,4"), Contains("\"b\" begins at byte 0"));
  CHECK_THAT(refused_pair("0,4", "3,7"), Contains("\"b\" begins at byte 3"));
  CHECK_THAT(refused_pair("0,4", "5,9"), Contains("\"b\" begins at byte 5"));
  CHECK_THAT(refused_pair("1,5", "5,9"), Contains("\"a\" begins at byte 1"));
}

TEST_CASE("what is no file is not read") {
  const test::TemporaryDirectory directory;
  CHECK_THROWS_WITH(nn::read_safetensors(directory.path() / "absent"),
                    Contains("absent") && Contains("No such file"));
  CHECK_THROWS_WITH(nn::read_safetensors(directory.path()), Contains("not a regular file"));
  CHECK_THROWS_WITH(nn::read_safetensors("/dev/zero"), Contains("not a regular file"));
}

TEST_CASE("tensors convert only between types that hold the same") {
  const std::vector<double> values{1.5, -2, 1e-3};
  FileTensor wide{"F64", {3}, std::vector<std::uint8_t>(24)};
  std::memcpy(wide.bytes.data(), values.data(), 24);
  CHECK(wide.to_f32() == std::vector<float>{1.5f, -2, 1e-3f});
  CHECK_THROWS_WITH(wide.to_i64(), Contains("F64"));
  CHECK_THROWS_WITH(FileTensor::i64({1}, {1}).to_f32(), Contains("I64"));
  CHECK_THROWS_WITH(FileTensor::f32({2}, {1}), Contains("[2] with 1 values"));
  CHECK_THROWS_WITH((FileTensor{"F32", {2}, {1, 2, 3, 4}}.to_f32()), Contains("[2] with 4 bytes"));
}

TEST_CASE("a file that cannot be written costs nothing") {
  const test::TemporaryDirectory directory;
  const fs::path path = directory.path() / "w.safetensors";
  CHECK_THROWS_WITH(nn::write_safetensors(directory.path() / "absent" / "w", sample()),
                    Contains("absent/w") && Contains("No such file"));
  CHECK_THROWS_WITH(nn::write_safetensors(directory.path(), sample()),
                    Contains("not a regular file"));
  CHECK_THROWS_WITH(nn::write_safetensors("/dev/null", sample()), Contains("not a regular file"));
  nn::TensorFile wrong;
  wrong.tensors["t"] = FileTensor{"F32", {3}, {1, 2}};
  CHECK_THROWS_WITH(nn::write_safetensors(path, wrong), Contains("\"t\" has 2 bytes"));
  CHECK(fs::is_empty(directory.path()));
}

TEST_CASE("a full disk leaves the old file as it was") {
  const test::TemporaryDirectory directory;
  const fs::path path = directory.path() / "w.safetensors";
  nn::write_safetensors(path, sample());
  const std::string before = slurp(path);
  const int size = GENERATE(16, 1 << 16);  // the disk is found full at the end, and earlier
  nn::TensorFile large;
  large.tensors["t"] = FileTensor::f32({size}, std::vector<float>(size, 1));

  // A limit on file sizes stands in for a full disk, in a child of this process.
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const rlimit limit{100, 100};
    setrlimit(RLIMIT_FSIZE, &limit);
    std::signal(SIGXFSZ, SIG_IGN);
    try {
      nn::write_safetensors(path, large);
    } catch (const kernels::Error& error) {
      const bool names_file = std::strstr(error.what(), path.c_str()) != nullptr;
      const bool says_why = std::strstr(error.what(), "File too large") != nullptr;
      _exit(names_file && says_why ? 0 : 2);
    }
    _exit(1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(slurp(path) == before);
  CHECK(std::distance(fs::directory_iterator(directory.path()), {}) == 1);
}
