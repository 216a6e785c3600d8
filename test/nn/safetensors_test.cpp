// SPDX-License-Identifier: MIT
#include "nn/files/safetensors.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>

#include "kernels/runtime/error.h"
#include "test/nn/safetensors_bytes.h"
#include "test/support/temporary_directory.h"

using Catch::Matchers::Contains;
using nn::FileTensor;
using test::entry;
using test::file_of;
using test::refused;
using test::with_length;
namespace fs = std::filesystem;

namespace {

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
  const std::pair<std::vector<const char*>, std::size_t> bytes_of_four[]{
      {{"F64", "I64", "U64", "C64"}, 32},
      {{"F32", "I32", "U32"}, 16},
      {{"F16", "BF16", "I16", "U16"}, 8},
      {{"I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"}, 4},
      {{"F6_E2M3", "F6_E3M2"}, 3},
      {{"F4"}, 2}};
  for (const auto& [types, bytes] : bytes_of_four) {
    for (const char* type : types) {
      const std::string header = "{" + entry("t", type, "4", "0," + std::to_string(bytes)) + "}";
      CHECK(read(header, bytes).tensors.at("t").dtype == type);
    }
  }
}

TEST_CASE("unsound files are refused in one line that names the file") {
  const std::string good = "{" + entry("t", "F32", "2", "0,8") + "}";
  REQUIRE(refused(file_of(good, 8)) == "accepted");

  // Lengths.
  CHECK_THAT(refused(""), Contains("it is empty"));
  CHECK_THAT(refused("\x01\x02\x03\x04\x05\x06\x07"), Contains("7 bytes"));
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
  CHECK_THAT(refused(file_of("", 0)), Contains("begins with zeros"));
  CHECK_THAT(refused(file_of("[]", 0)), Contains("not a JSON object"));
  CHECK_THAT(refused(file_of("nonsense", 0)), Contains("not a JSON object"));
  CHECK_THAT(refused(file_of(good.substr(0, good.size() - 1), 8)), Contains("not a JSON object"));
  CHECK_THAT(refused(file_of("{\"\xff\":1}", 0)), Contains("not a JSON object"));
  CHECK_THAT(refused(file_of("{\"t\":NaN}", 0)), Contains("not a JSON object"));
  CHECK_THAT(refused(file_of(std::string(1 << 20, '['), 0)), Contains("not a JSON object"));
  const std::string deep = std::string(200000, '[') + std::string(200000, ']');
  CHECK_THAT(refused(file_of("{\"t\":" + deep + "}", 0)), Contains("deeper than 127 levels"));
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

TEST_CASE("what is no regular file is refused at once") {
  const test::TemporaryDirectory directory;
  const auto refuse = [](const fs::path& path, const std::string& words) {
    INFO(path);
    CHECK_THROWS_WITH(nn::read_safetensors(path), Contains(path.string()) && Contains(words));
    CHECK_THROWS_WITH(nn::read_safetensors_header(path), Contains(words));
  };
  const fs::path pipe = directory.path() / "pipe", link = directory.path() / "link",
                 socket_path = directory.path() / "socket";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  fs::create_symlink(pipe, link);
  const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  REQUIRE(socket_path.string().size() < sizeof address.sun_path);
  std::strcpy(address.sun_path, socket_path.c_str());
  REQUIRE(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);

  refuse(directory.path() / "absent", "No such file");
  refuse(directory.path(), "it is a directory, not a regular file");
  refuse(pipe, "it is a pipe, not a regular file");
  refuse(link, "it is a pipe, not a regular file");
  refuse(socket_path, "it is a socket, not a regular file");
  for (const char* device : {"/dev/zero", "/dev/null", "/dev/tty"})
    refuse(device, "it is a device, not a regular file");
  close(listener);
}

TEST_CASE("a header is read without what follows it") {
  const test::TemporaryDirectory directory;
  const fs::path path = directory.path() / "w.safetensors";
  nn::write_safetensors(path, sample());
  const nn::TensorFile header = nn::read_safetensors_header(path);
  CHECK(header.metadata == sample().metadata);
  CHECK(header.tensors.at("b").shape == std::vector<std::int64_t>{2, 3});
  CHECK(header.tensors.at("b").bytes.empty());

  // A file of a terabyte, most of which is not there; some file systems refuse to have it.
  const std::string text = "{" + entry("t", "U8", "1099511627776", "0,1099511627776") + "}";
  const fs::path large = directory.write("large", file_of(text, 0));
  std::error_code too_large;
  fs::resize_file(large, 8 + text.size() + (std::uint64_t{1} << 40), too_large);
  if (!too_large) CHECK(nn::read_safetensors_header(large).tensors.at("t").dtype == "U8");
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
