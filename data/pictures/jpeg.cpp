// SPDX-License-Identifier: MIT
#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
// Needs size_t and FILE, so it comes after these.
#include <jpeglib.h>
// Names of the library's messages.
#include <jerror.h>

#include "data/pictures/exif.h"
#include "data/pictures/picture_formats.h"
#include "kernels/runtime/error.h"

namespace data {
namespace {

using kernels::fail;
using kernels::require;

constexpr int exif_marker = JPEG_APP0 + 1;
constexpr int most_scans = 500;  // encoders make about ten; each costs time for few bytes
constexpr int dct_block = DCTSIZE2 * sizeof(JCOEF);

/// Warnings after which pixels are made up. Others, such as bytes too many between segments, which
/// some cameras leave there, cost nothing.
bool loses_pixels(int warning) {
  return warning == JWRN_JPEG_EOF || warning == JWRN_HIT_MARKER || warning == JWRN_HUFF_BAD_CODE ||
         warning == JWRN_ARITH_BAD_CODE || warning == JWRN_MUST_RESYNC ||
         warning == JWRN_BOGUS_PROGRESSION;
}

[[noreturn]] void refuse_bits(int bits) { fail("is a JPEG of {} bits; those of 8 are read", bits); }

/// The library's decompressor. It leaves by longjmp when it gives up, so the steps that are run
/// have no objects with destructors.
class Decompressor {
 public:
  explicit Decompressor(PictureBytes bytes) : bytes_(bytes) {
    jpeg.err = jpeg_std_error(&errors_);
    jpeg.client_data = this;
    errors_.error_exit = [](j_common_ptr common) {
      std::longjmp(static_cast<Decompressor*>(common->client_data)->give_up_, 1);
    };
    errors_.emit_message = [](j_common_ptr common, int level) {
      constexpr int is_warning = -1;
      if (level == is_warning && loses_pixels(common->err->msg_code))
        common->err->error_exit(common);
    };
  }
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;
  ~Decompressor() { jpeg_destroy_decompress(&jpeg); }

  void run(void (*step)(Decompressor&)) {
    if (setjmp(give_up_) == 0) return step(*this);
    char reason[JMSG_LENGTH_MAX];
    errors_.format_message(reinterpret_cast<j_common_ptr>(&jpeg), reason);
    if (errors_.msg_code == JERR_BAD_PRECISION) refuse_bits(errors_.msg_parm.i[0]);
    if (errors_.msg_code == JERR_SOF_UNSUPPORTED) fail("is a JPEG that is not read: {}", reason);
    if (errors_.msg_code == JWRN_JPEG_EOF) fail("is truncated: {}", reason);
    fail("is damaged: {}", reason);
  }

  void read_header() {
    run([](Decompressor& d) {
      jpeg_create_decompress(&d.jpeg);
      jpeg_mem_src(&d.jpeg, d.bytes_.data(), d.bytes_.size());
      jpeg_save_markers(&d.jpeg, exif_marker, 0xFFFF);
      jpeg_read_header(&d.jpeg, TRUE);
    });
  }

  jpeg_decompress_struct jpeg{};
  std::uint8_t* rgb = nullptr;

 private:
  PictureBytes bytes_;
  jpeg_error_mgr errors_{};
  std::jmp_buf give_up_{};
};

int exif_orientation_of(const jpeg_decompress_struct& jpeg) {
  for (const jpeg_marker_struct* m = jpeg.marker_list; m != nullptr; m = m->next) {
    const PictureBytes content(m->data, m->data_length);
    if (content.size() > 6 && std::equal(content.begin(), content.begin() + 6, "Exif\0"))
      return exif_orientation(content);
  }
  return 1;
}

std::int64_t round_up(std::int64_t n, std::int64_t to) { return (n + to - 1) / to * to; }

/// Reads all scans of a picture that has several into memory.
void absorb_scans(jpeg_decompress_struct& jpeg) {
  unsigned seen = 0;
  for (int scan = JPEG_REACHED_SOS; scan != JPEG_REACHED_EOI; scan = jpeg_consume_input(&jpeg)) {
    if (scan != JPEG_REACHED_SOS) continue;
    require(jpeg.input_scan_number <= most_scans, "is a JPEG of more than {} scans", most_scans);
    for (int i = 0; jpeg.Ss == 0 && i < jpeg.comps_in_scan; ++i)
      seen |= 1U << jpeg.cur_comp_info[i]->component_index;
  }
  require(seen + 1 == 1U << jpeg.num_components, "is damaged: one of its channels is in no scan");
}

/// As Pillow has it, also in rounding. Files hold CMYK inverted, with Adobe's marker or without.
void cmyk_to_rgb(const std::uint8_t* cmyk, std::uint8_t* rgb, std::int64_t pixels) {
  for (std::int64_t i = 0; i < pixels; ++i) {
    const int key = cmyk[4 * i + 3];
    for (int c = 0; c < 3; ++c) {
      const int product = (255 - cmyk[4 * i + c]) * key + 128;
      rgb[3 * i + c] = std::uint8_t(std::max(0, key - (((product >> 8) + product) >> 8)));
    }
  }
}

void decode(Decompressor& d) {
  jpeg_decompress_struct& jpeg = d.jpeg;
  const bool cmyk = jpeg.num_components == 4;
  jpeg.out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
  jpeg.buffered_image = jpeg_has_multiple_scans(&jpeg);
  jpeg_start_decompress(&jpeg);
  if (jpeg.buffered_image) {
    absorb_scans(jpeg);
    jpeg_start_output(&jpeg, jpeg.input_scan_number);
  }
  JSAMPARRAY row = jpeg.mem->alloc_sarray(reinterpret_cast<j_common_ptr>(&jpeg), JPOOL_IMAGE,
                                          jpeg.output_width * 4, 1);
  while (jpeg.output_scanline < jpeg.output_height) {
    std::uint8_t* to = d.rgb + std::size_t{jpeg.output_scanline} * jpeg.output_width * 3;
    jpeg_read_scanlines(&jpeg, cmyk ? row : &to, 1);
    if (cmyk) cmyk_to_rgb(*row, to, jpeg.output_width);
  }
  if (jpeg.buffered_image) jpeg_finish_output(&jpeg);
  jpeg_finish_decompress(&jpeg);
}

}  // namespace

PictureHeader jpeg_header(PictureBytes bytes) {
  Decompressor d(bytes);
  d.read_header();
  const jpeg_decompress_struct& jpeg = d.jpeg;
  if (jpeg.data_precision != 8) refuse_bits(jpeg.data_precision);
  require(jpeg.num_components == 1 || jpeg.num_components == 3 || jpeg.num_components == 4,
          "is a JPEG of {} channels; those of 1, 3 and 4 are read", jpeg.num_components);
  PictureHeader header{.width = jpeg.image_width, .height = jpeg.image_height};
  std::int64_t blocks = 0, stored_blocks = 0;
  for (int i = 0; i < jpeg.num_components; ++i) {
    const jpeg_component_info& channel = jpeg.comp_info[i];
    blocks += std::int64_t{channel.width_in_blocks} * channel.height_in_blocks;
    stored_blocks += round_up(channel.width_in_blocks, channel.h_samp_factor) *
                     round_up(channel.height_in_blocks, channel.v_samp_factor);
  }
  const bool several_scans = jpeg_has_multiple_scans(&d.jpeg);
  const std::int64_t rows_of_blocks = jpeg.max_v_samp_factor * DCTSIZE * 4;
  header.memory = round_up(header.width, jpeg.max_h_samp_factor * DCTSIZE) * rows_of_blocks *
                      jpeg.num_components +
                  (several_scans ? stored_blocks * dct_block : 0) + 100'000;
  // Huffman codes have a bit at least: one for a block's mean and, unless other scans may bring
  // them, one for its other coefficients.
  if (!jpeg.arith_code) header.least_bytes = double(blocks) * (jpeg.progressive_mode ? 1 : 2) / 8;
  header.orientation = exif_orientation_of(jpeg);
  return header;
}

void decode_jpeg(PictureBytes bytes, const PictureHeader& header, std::uint8_t* rgb) {
  Decompressor d(bytes);
  d.read_header();
  d.rgb = rgb;
  d.jpeg.mem->max_memory_to_use = long(header.memory);
  d.run(decode);
}

}  // namespace data
