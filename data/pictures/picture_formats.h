// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <span>

/// For image_decoder.cpp: the formats of pictures. Each throws Error with the fact alone ("is
/// damaged: ..."), to which the file's name is added.
namespace data {

using PictureBytes = std::span<const std::uint8_t>;

/// The header of a picture, which is read before its pixels are decoded.
struct PictureHeader {
  std::int64_t width = 0, height = 0;
  std::int64_t memory = 0;  // bytes that decoding takes beside the file and the pixels
  double least_bytes = 0;   // what so many pixels take in a file at least
  int orientation = 1;      // EXIF's, 1 to 8
};

/// Baseline, progressive and arithmetic JPEG of 8 bits: grey, YCbCr, RGB, CMYK, YCCK. libjpeg-turbo
/// with its defaults, so pixels are Pillow's and torchvision's.
PictureHeader jpeg_header(PictureBytes);
void decode_jpeg(PictureBytes, const PictureHeader&, std::uint8_t* rgb);

/// PNG of every kind; of 16 bits the upper 8. By libpng.
PictureHeader png_header(PictureBytes);
void decode_png(PictureBytes, const PictureHeader&, std::uint8_t* rgb);

/// WebP of one picture, by libwebp, if this build has it.
PictureHeader webp_header(PictureBytes);
void decode_webp(PictureBytes, const PictureHeader&, std::uint8_t* rgb);

/// GIF, of an animation the first picture. By stb_image.
PictureHeader gif_header(PictureBytes);
void decode_gif(PictureBytes, const PictureHeader&, std::uint8_t* rgb);

/// Uncompressed BMP of 1, 4, 8, 16, 24 and 32 bits, in either order of rows.
PictureHeader bmp_header(PictureBytes);
void decode_bmp(PictureBytes, const PictureHeader&, std::uint8_t* rgb);

/// PNM: P1 to P6, scaled from their maximum to 255.
PictureHeader pnm_header(PictureBytes);
void decode_pnm(PictureBytes, const PictureHeader&, std::uint8_t* rgb);

}  // namespace data
