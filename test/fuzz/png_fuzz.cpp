// SPDX-License-Identifier: MIT
// A PNG's chunks have checksums, and its pixels are compressed: changes go behind both.
#include <zlib.h>

#include <random>

#include "test/fuzz/picture_fuzz.h"

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t signature = 8, around = 12;  // of a chunk: length, name, checksum
constexpr std::size_t most_inflated = 1 << 16;

std::uint32_t big_endian(const std::uint8_t* b) {
  return std::uint32_t{b[0]} << 24 | std::uint32_t{b[1]} << 16 | std::uint32_t{b[2]} << 8 | b[3];
}

void append(Bytes& bytes, std::size_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(std::uint8_t(number >> shift));
}

/// Empty if it is no zlib stream of moderate size.
Bytes inflated(const Bytes& bytes) {
  Bytes out(most_inflated);
  uLongf size = most_inflated;
  const int status = uncompress(out.data(), &size, bytes.data(), uLong(bytes.size()));
  out.resize(status == Z_OK ? size : 0);
  return out;
}

Bytes deflated(const Bytes& bytes) {
  uLongf size = compressBound(uLong(bytes.size()));
  Bytes out(size);
  compress2(out.data(), &size, bytes.data(), uLong(bytes.size()), Z_BEST_SPEED);
  out.resize(size);
  return out;
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  std::minstd_rand random(seed);
  std::vector<std::size_t> chunks;
  for (std::size_t i = signature; i + around <= size;) {
    const std::size_t length = big_endian(data + i);
    if (length > size - i - around) break;
    chunks.push_back(i);
    i += around + length;
  }
  if (chunks.empty() || random() % 16 == 0) return LLVMFuzzerMutate(data, size, most);

  const std::size_t at = chunks[random() % chunks.size()], length = big_endian(data + at);
  const std::uint8_t *begin = data, *chunk = begin + at;
  Bytes content(chunk + 8, chunk + 8 + length);
  const Bytes pixels =
      random() % 4 != 0 && chunk[4] == 'I' && chunk[5] == 'D' ? inflated(content) : Bytes();
  if (pixels.empty()) {
    fuzz::mutate_range(content, 0, content.size(), most - size);
  } else {
    Bytes changed = pixels;
    fuzz::mutate_range(changed, 0, changed.size(), most - size);
    content = deflated(changed);
  }

  Bytes png(begin, chunk);
  append(png, content.size());
  png.insert(png.end(), chunk + 4, chunk + 8);
  png.insert(png.end(), content.begin(), content.end());
  append(png, crc32(0, png.data() + at + 4, uInt(content.size() + 4)));
  png.insert(png.end(), chunk + around + length, begin + size);
  if (png.size() > most) return LLVMFuzzerMutate(data, size, most);
  std::copy(png.begin(), png.end(), data);
  return png.size();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::decode_picture({data, size});
}
