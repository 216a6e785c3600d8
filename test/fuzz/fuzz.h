// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The common part of the harnesses. Each NAME_fuzz.cpp defines LLVMFuzzerTestOneInput: it hands an
/// input to readers and looks at what must hold for any input. Whatever does not hold ends the
/// process.
namespace fuzz {

using Input = std::span<const std::uint8_t>;

/// Ends the process as a finding unless `ok`.
void check(bool ok, std::string_view should_hold);

/// Runs `read`, which may throw Error and nothing else: in one line, without control characters,
/// naming `about`. Whether it threw none.
bool accepts(const std::string& about, const std::function<void()>& read);

/// How often accepts() was true: a corpus of which nothing is accepted is out of date.
std::size_t times_accepted();

/// A file in memory for readers that take a path. It is the same file each time.
class File {
 public:
  File();
  ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  /// Sets its contents.
  const std::filesystem::path& holding(Input);

 private:
  int descriptor_;
  std::filesystem::path path_;
};

/// An empty directory of the process's own, removed at its normal end. ./check --fuzz has TMPDIR
/// in memory.
class Directory {
 public:
  Directory();
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// Writes a file, with the folders above it.
  void write(const std::string& name, Input) const;

 private:
  std::filesystem::path path_;
};

inline Input bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string text_of(Input input) { return {input.begin(), input.end()}; }

/// The `count` parts of an input for readers of several text files, which stand between lines "==";
/// those that the input lacks are empty.
std::vector<Input> parts_of(Input, std::size_t count);

/// For custom mutators: changes bytes[begin, end) as libFuzzer does, at most by `room` more; what
/// is behind them moves. Returns their new end.
std::size_t mutate_range(std::vector<std::uint8_t>& bytes, std::size_t begin, std::size_t end,
                         std::size_t room);

/// A custom mutator for files that begin with the length of a header in eight bytes, as those of
/// safetensors do: changes the header or what follows, and corrects the length.
std::size_t mutate_safetensors(std::uint8_t* data, std::size_t size, std::size_t most,
                               unsigned seed);

}  // namespace fuzz

extern "C" {
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// A harness may define this, to change what plain bytes cannot, such as what a checksum covers:
/// changes data[0, size), at most to `most` bytes, and returns how many they are then.
std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most,
                                    unsigned seed);

/// libFuzzer's own changes, for that.
std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);
}
