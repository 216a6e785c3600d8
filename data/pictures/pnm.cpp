// SPDX-License-Identifier: MIT
#include <vector>

#include "data/pictures/picture_formats.h"
#include "kernels/runtime/error.h"

namespace data {
namespace {

using kernels::require;

bool is_digit(std::uint8_t c) { return c >= '0' && c <= '9'; }
bool is_space(std::uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// "P6 20 12 255", then samples: bytes, pairs of them, bits or numbers in words.
class Pnm {
 public:
  explicit Pnm(PictureBytes bytes) : bytes_(bytes) {
    const int kind = bytes[1] - '0';
    in_words_ = kind <= 3;
    bits = kind == 1 || kind == 4;
    channels = kind == 3 || kind == 6 ? 3 : 1;
    at_ = 2;
    width = number();
    height = number();
    maximum = bits ? 1 : number();
    require(width > 0 && height > 0 && maximum > 0 && maximum <= 65535,
            "is damaged: {} x {} pixels of up to {}", width, height, maximum);
    ++at_;  // one blank, in whatever comes then
  }

  /// The bytes up to the last sample; those in words may have as little as this.
  double least_bytes() const {
    const std::int64_t samples = width * channels;
    const std::int64_t row = in_words_ ? (bits ? samples : 2 * samples)
                             : bits    ? (samples + 7) / 8
                                       : samples * (maximum > 255 ? 2 : 1);
    return double(at_) + double(row) * double(height) - (in_words_ && !bits ? 1 : 0);
  }

  /// The next sample, 0 to `maximum`; x is its index in its row.
  std::int64_t sample(std::int64_t x) {
    if (in_words_) return bits ? 1 - bit_in_words() : number();
    if (bits) {
      const int bit = int(x % 8);
      const int value = byte() >> (7 - bit) & 1;
      if (bit != 7 && x != width - 1) --at_;
      return 1 - value;  // 1 is black
    }
    const int first = byte();
    return maximum > 255 ? first << 8 | byte() : first;
  }

  std::int64_t width, height, maximum;
  int channels;
  bool bits;

 private:
  int byte() {
    require(at_ < bytes_.size(), "is truncated");
    return bytes_[at_++];
  }

  void skip_blanks() {
    for (bool comment = false; at_ < bytes_.size(); ++at_) {
      const std::uint8_t c = bytes_[at_];
      if (c == '#') comment = true;
      if (!comment && !is_space(c)) break;
      if (c == '\n' || c == '\r') comment = false;
    }
  }

  std::int64_t number() {
    skip_blanks();
    require(at_ < bytes_.size(), "is truncated");
    require(is_digit(bytes_[at_]), "is damaged: byte {} is no digit", at_ + 1);
    std::int64_t n = 0;
    constexpr std::int64_t most = 1'000'000'000;
    for (; at_ < bytes_.size() && is_digit(bytes_[at_]); ++at_) {
      n = n * 10 + (bytes_[at_] - '0');
      require(n <= most, "is damaged: a number above {}", most);
    }
    return n;
  }

  int bit_in_words() {  // blanks between them are optional
    skip_blanks();
    const int c = byte();
    require(c == '0' || c == '1', "is damaged: byte {} is neither 0 nor 1", at_);
    return c - '0';
  }

  PictureBytes bytes_;
  std::size_t at_;
  bool in_words_;
};

}  // namespace

PictureHeader pnm_header(PictureBytes bytes) {
  const Pnm pnm(bytes);
  return {.width = pnm.width, .height = pnm.height, .least_bytes = pnm.least_bytes()};
}

void decode_pnm(PictureBytes bytes, const PictureHeader&, std::uint8_t* rgb) {
  Pnm pnm(bytes);
  std::vector<std::uint8_t> scaled(std::size_t(pnm.maximum) + 1);
  for (std::size_t value = 0; value < scaled.size(); ++value)
    scaled[value] = std::uint8_t(std::lrint(double(value) / double(pnm.maximum) * 255));
  for (std::int64_t y = 0; y < pnm.height; ++y) {
    for (std::int64_t x = 0; x < pnm.width; ++x, rgb += 3) {
      for (int c = 0; c < pnm.channels; ++c) {
        const std::int64_t value = pnm.sample(x);
        require(value <= pnm.maximum, "is damaged: a sample is {}, above its maximum of {}", value,
                pnm.maximum);
        rgb[c] = scaled[std::size_t(value)];
      }
      if (pnm.channels == 1) rgb[1] = rgb[2] = rgb[0];
    }
  }
}

}  // namespace data
