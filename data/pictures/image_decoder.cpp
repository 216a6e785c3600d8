// SPDX-License-Identifier: MIT
#include "data/pictures/image_decoder.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "data/pictures/picture_formats.h"
#include "engine/system/regular_file.h"
#include "kernels/runtime/error.h"

namespace data {
namespace {

namespace fs = std::filesystem;
using kernels::Error;
using kernels::fail;
using kernels::require;

constexpr std::int64_t most_pixels = 100'000'000;

struct Format {
  PictureHeader (*header)(PictureBytes);
  void (*decode)(PictureBytes, const PictureHeader&, std::uint8_t* rgb);
};

bool has(PictureBytes bytes, std::size_t at, std::string_view text) {
  return bytes.size() >= at + text.size() &&
         std::equal(text.begin(), text.end(), bytes.begin() + std::ptrdiff_t(at),
                    [](char c, std::uint8_t b) { return std::uint8_t(c) == b; });
}

/// The kind of a file that is not read; empty if that is not known.
std::string_view foreign_format(PictureBytes bytes) {
  using namespace std::string_view_literals;
  struct Mark {
    std::size_t at;
    std::string_view text, name;
  };
  static constexpr Mark marks[] = {
      {0, "II*\0"sv, "a TIFF picture"},
      {0, "MM\0*"sv, "a TIFF picture"},
      {0, "II+\0"sv, "a TIFF picture"},
      {0, "MM\0+"sv, "a TIFF picture"},
      {4, "ftypavif"sv, "an AVIF picture"},
      {4, "ftypavis"sv, "an AVIF picture"},
      {4, "ftyphe"sv, "a HEIC picture"},
      {4, "ftypmif1"sv, "a HEIC picture"},
      {4, "ftypmsf1"sv, "a HEIC picture"},
      {4, "ftyp"sv, "a film"},
      {0, "\xFF\x0A"sv, "a JPEG XL picture"},
      {0, "\0\0\0\x0CJXL "sv, "a JPEG XL picture"},
      {0, "\xFF\x4F\xFF\x51"sv, "a JPEG 2000 picture"},
      {0, "\0\0\0\x0CjP  "sv, "a JPEG 2000 picture"},
      {0, "8BPS"sv, "a Photoshop picture"},
      {0, "\0\0\1\0"sv, "an ICO picture"},
      {0, "P7"sv, "a PAM picture"},
      {0, "PF"sv, "a PFM picture"},
      {0, "Pf"sv, "a PFM picture"},
      {0, "%PDF"sv, "a PDF document"},
      {0, "PK\3\4"sv, "a ZIP archive"},
      {0, "version https://git-lfs"sv, "a pointer of Git LFS, which `git lfs pull` replaces"},
  };
  for (const Mark& mark : marks)
    if (has(bytes, mark.at, mark.text)) return mark.name;
  const std::string begin(bytes.begin(), bytes.begin() + std::min<long>(1000, long(bytes.size())));
  if (begin.find("<svg") != std::string::npos) return "an SVG drawing";
  return {};
}

Format format_of(PictureBytes bytes) {
  if (has(bytes, 0, "\xFF\xD8")) return {jpeg_header, decode_jpeg};
  if (has(bytes, 0, "\x89PNG\r\n\x1A\n")) return {png_header, decode_png};
  if (has(bytes, 0, "RIFF") && has(bytes, 8, "WEBP")) return {webp_header, decode_webp};
  if (has(bytes, 0, "GIF87a") || has(bytes, 0, "GIF89a")) return {gif_header, decode_gif};
  if (has(bytes, 0, "BM")) return {bmp_header, decode_bmp};
  if (bytes.size() > 2 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '6')
    return {pnm_header, decode_pnm};
  const std::string_view foreign = foreign_format(bytes);
  const bool picture = foreign.ends_with("picture") || foreign.ends_with("drawing");
  require(foreign.empty(), "is {}; JPEG, PNG, BMP, PNM, WebP and GIF are read{}", foreign,
          picture ? ": convert it, for instance by ImageMagick" : "");
  fail("is not a JPEG, PNG, BMP, PNM, WebP or GIF file");
}

/// A picture as far as it is known before anything is allocated for it.
struct Plan {
  Format format;
  PictureHeader header;
  std::int64_t pixel_bytes, memory;  // memory: with the pixels, without the file
};

Plan plan(PictureBytes bytes, const PictureOptions& options) {
  const Format format = format_of(bytes);
  PictureHeader header = format.header(bytes);
  const std::int64_t width = header.width, height = header.height;
  require(width > 0 && height > 0 && width <= most_pixels && height <= most_pixels &&
              width * height <= most_pixels,
          "claims to have {} x {} pixels; up to {} million are read", width, height,
          most_pixels / 1'000'000);
  require(double(bytes.size()) >= header.least_bytes,
          "is truncated or damaged: {} x {} pixels take {:.0f} bytes at least, and it has {}",
          width, height, header.least_bytes, bytes.size());
  if (!options.exif_orientation) header.orientation = 1;
  const std::int64_t pixel_bytes = width * height * 3;
  const int copies = header.orientation == 1 ? 1 : 2;
  return {format, header, pixel_bytes, pixel_bytes * copies + header.memory};
}

/// As EXIF's orientation says: from 5 on rows become columns; then some mirror x, some y.
Picture turned(const Picture& from, int orientation) {
  const bool swap = orientation >= 5;
  const bool mirror_x =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 6;
  const bool mirror_y =
      orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
  const std::ptrdiff_t width = swap ? from.height : from.width;
  const std::ptrdiff_t height = swap ? from.width : from.height;
  Picture to{int(height), int(width), {}, nullptr};
  to.rgb = std::make_unique_for_overwrite<std::uint8_t[]>(std::size_t(width * height * 3));
  std::uint8_t* out = to.rgb.get();
  for (std::ptrdiff_t y = 0; y < height; ++y) {
    for (std::ptrdiff_t x = 0; x < width; ++x, out += 3) {
      const std::ptrdiff_t fx = mirror_x ? width - 1 - x : x, fy = mirror_y ? height - 1 - y : y;
      const std::ptrdiff_t at = swap ? fx * from.width + fy : fy * from.width + fx;
      std::copy_n(from.rgb.get() + at * 3, 3, out);
    }
  }
  return to;
}

Picture decode(PictureBytes bytes, const Plan& plan, MemoryBudget::Lease memory) {
  const PictureHeader& header = plan.header;
  Picture picture{int(header.height), int(header.width), {}, nullptr};
  picture.rgb = std::make_unique_for_overwrite<std::uint8_t[]>(std::size_t(plan.pixel_bytes));
  plan.format.decode(bytes, header, picture.rgb.get());
  if (header.orientation != 1) picture = turned(picture, header.orientation);
  picture.memory = std::move(memory);
  return picture;
}

/// Calls work(), whose errors lack the picture's name and have it then.
template <class Work>
Picture naming(const std::string& name, Work work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    fail("{} needs more memory than there is", name);
  } catch (const Error& problem) {
    fail("{} {}", name, problem.what());
  }
}

std::uint64_t size_of(const fs::path& path) try {
  return nn::RegularFile(path).size();
} catch (const Error& e) {
  fail("cannot be read: {}", e.what());
}

std::vector<std::uint8_t> read_bytes(const fs::path& path, std::uint64_t size) try {
  nn::RegularFile file(path);
  std::vector<std::uint8_t> bytes(size);
  require(file.read(bytes.data(), size) == size, "it became shorter meanwhile");
  return bytes;
} catch (const Error& e) {
  fail("cannot be read: {}", e.what());
}

Picture read(const fs::path& path, const PictureOptions& options) {
  const std::uint64_t size = size_of(path);
  require(size > 0, "is empty");
  auto memory = std::int64_t(size);
  for (;;) {
    MemoryBudget::Lease lease = options.memory->take(memory);
    const std::vector<std::uint8_t> bytes = read_bytes(path, size);
    const Plan its_plan = plan(bytes, options);
    memory = std::int64_t(size) + its_plan.memory;
    if (lease.resize(memory)) {
      Picture picture = decode(bytes, its_plan, std::move(lease));
      picture.memory.resize(its_plan.pixel_bytes);
      return picture;
    }
    // Nobody waits with a file in memory: it is read again when there is room for all of it.
  }
}

}  // namespace

MemoryBudget& picture_memory() {
  static MemoryBudget budget(std::int64_t{1} << 30);
  return budget;
}

Picture decode_picture(std::span<const std::uint8_t> bytes, const std::string& name,
                       const PictureOptions& options) {
  return naming(name, [&] {
    const Plan its_plan = plan(bytes, options);
    Picture picture = decode(bytes, its_plan, options.memory->take(its_plan.memory));
    picture.memory.resize(its_plan.pixel_bytes);
    return picture;
  });
}

Picture read_picture(const fs::path& path, const PictureOptions& options) {
  return naming(path.string(), [&] { return read(path, options); });
}

std::string reason_of(const Error& error, const fs::path& path) {
  const std::string text = error.what();
  const std::string subject = Error(path.string()).what() + std::string(" ");  // as it is shown
  return text.starts_with(subject) ? text.substr(subject.size()) : text;
}

std::string ending_of(const fs::path& path) {
  std::string ending = path.extension().string();
  for (char& c : ending)
    if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
  return ending;
}

bool has_picture_name(const fs::path& path) {
  const std::string ending = ending_of(path);
  for (const char* known : {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib", ".ppm",
                            ".pgm", ".pbm", ".pnm", ".webp", ".gif"})
    if (ending == known) return true;
  return false;
}

}  // namespace data
