// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <cstring>
#include <string>

#include "kernels/runtime/error.h"
#include "nn/files/safetensors.h"
#include "test/support/temporary_directory.h"

/// Safetensors files, sound and unsound, byte by byte.
namespace test {

inline std::string with_length(const std::string& header, std::uint64_t length) {
  std::string bytes(sizeof length, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  return bytes + header;
}

inline std::string file_of(const std::string& header, std::size_t data_bytes) {
  return with_length(header, header.size()) + std::string(data_bytes, '\x01');
}

/// The message with which `bytes` are refused as a file.
inline std::string refused(const std::string& bytes) {
  const test::TemporaryDirectory directory;
  const std::filesystem::path path = directory.write("w.safetensors", bytes);
  try {
    nn::read_safetensors(path);
  } catch (const kernels::Error& error) {
    const std::string message = error.what();
    CHECK_THAT(message, Catch::Matchers::Contains(path.string()));
    CHECK_THAT(message, !Catch::Matchers::Contains("\n"));
    CHECK(message.size() < 450);
    return message;
  }
  return "accepted";
}

inline std::string entry(const std::string& name, const std::string& dtype,
                         const std::string& shape, const std::string& range) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":[" + shape +
         "],\"data_offsets\":[" + range + "]}";
}

}  // namespace test
