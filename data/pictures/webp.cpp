// SPDX-License-Identifier: MIT
#include <cstring>

#include "data/pictures/exif.h"
#include "data/pictures/picture_formats.h"
#include "kernels/runtime/error.h"

#if SOFTLABEL_HAS_WEBP
#include <webp/decode.h>
#endif

namespace data {

#if SOFTLABEL_HAS_WEBP

using kernels::require;

namespace {

/// The EXIF data of the file, a RIFF of chunks.
PictureBytes exif_of(PictureBytes bytes) {
  for (std::size_t at = 12; at + 8 <= bytes.size();) {
    const std::uint8_t* chunk = bytes.data() + at;
    const std::size_t length = std::size_t{chunk[4]} | std::size_t{chunk[5]} << 8 |
                               std::size_t{chunk[6]} << 16 | std::size_t{chunk[7]} << 24;
    if (length > bytes.size() - at - 8) break;
    if (std::memcmp(chunk, "EXIF", 4) == 0) return bytes.subspan(at + 8, length);
    at += 8 + length + length % 2;
  }
  return {};
}

const char* reason_of(VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_OUT_OF_MEMORY: return "needs more memory than there is";
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED: return "is truncated";
    case VP8_STATUS_UNSUPPORTED_FEATURE: return "is a WebP of a kind that libwebp does not read";
    default: return "is damaged: a WebP that libwebp does not decode";
  }
}

}  // namespace

PictureHeader webp_header(PictureBytes bytes) {
  WebPBitstreamFeatures features;
  const VP8StatusCode status = WebPGetFeatures(bytes.data(), bytes.size(), &features);
  require(status == VP8_STATUS_OK, "{}", reason_of(status));
  require(features.has_animation == 0, "is an animated WebP; those of one picture are read");
  PictureHeader header{.width = features.width, .height = features.height};
  constexpr int lossy = 1;
  // A lossless picture, or alpha channel, is one of four bytes a pixel, with tables beside it.
  const bool lossless = features.format != lossy || features.has_alpha != 0;
  const int pixel_bytes = lossless ? 6 : 0;
  header.memory = header.width * header.height * pixel_bytes + header.width * 200 + 2'000'000;
  header.orientation = exif_orientation(exif_of(bytes));
  return header;
}

void decode_webp(PictureBytes bytes, const PictureHeader& header, std::uint8_t* rgb) {
  WebPDecoderConfig config;
  require(WebPInitDecoderConfig(&config) != 0, "cannot be read: libwebp is of another version");
  const std::int64_t row = header.width * 3;
  config.output.colorspace = MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {rgb, int(row), std::size_t(row * header.height)};
  const VP8StatusCode status = WebPDecode(bytes.data(), bytes.size(), &config);
  require(status == VP8_STATUS_OK, "{}", reason_of(status));
}

#else

PictureHeader webp_header(PictureBytes) {
  kernels::fail(
      "is a WebP picture, which this build does not read: install libwebp-dev, then configure and "
      "build again");
}
void decode_webp(PictureBytes, const PictureHeader&, std::uint8_t*) {}

#endif

}  // namespace data
