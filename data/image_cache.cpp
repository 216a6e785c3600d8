// SPDX-License-Identifier: MIT
#include "data/image_cache.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "data/checksum.h"
#include "data/image_decoder.h"
#include "data/mapped_file.h"
#include "data/parallel.h"
#include "kernels/error.h"
#include "kernels/resized_crop.h"

namespace data {
namespace {

namespace fs = std::filesystem;
using kernels::Error;
using kernels::require;

constexpr int channels = 3;

/// What the file begins with; the pixels of train and test follow, [count, side, side, 3].
struct Header {
  std::array<char, 8> magic = {'S', 'L', 'i', 'm', 'a', 'g', 'e', 's'};
  std::uint32_t version = 2;  // of the format and of what is done to pictures
  std::int32_t side = 0, train = 0, test = 0;
  std::uint64_t list = 0, pixels = 0;  // fingerprint and checksum

  std::size_t image_bytes() const { return std::size_t(side) * std::size_t(side) * channels; }
  std::size_t file_bytes() const;
};
constexpr std::size_t pixels_at = 64;  // a cache line
static_assert(sizeof(Header) <= pixels_at);

std::size_t Header::file_bytes() const {
  return pixels_at + (std::size_t(train) + std::size_t(test)) * image_bytes();
}

std::uint64_t fingerprint(const ImageList& list) {
  std::string text;
  for (const auto* part : {&list.train, &list.test})
    for (const ImageList::Entry& entry : *part)
      text += fmt::format("{}\n{} {} {}\n", entry.path, entry.label, entry.bytes, entry.modified);
  return checksum({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

Header header_for(const ImageList& list, int side) {
  require(list.train.size() <= INT_MAX && list.test.size() <= INT_MAX, "{} has too many pictures",
          list.root.string());
  Header header;
  header.side = side;
  header.train = std::int32_t(list.train.size());
  header.test = std::int32_t(list.test.size());
  header.list = fingerprint(list);
  return header;
}

/// Empty if the file is what `want` says, else why not. `want.pixels` is not looked at.
std::string difference(std::span<const std::uint8_t> file, const Header& want) {
  Header got;
  if (file.size() < pixels_at) return "is truncated";
  std::memcpy(&got, file.data(), sizeof got);
  if (got.magic != want.magic) return "is not a cache of images";
  if (got.version != want.version)
    return fmt::format("is of version {}, not {}", got.version, want.version);
  if (got.side != want.side || got.train != want.train || got.test != want.test ||
      got.list != want.list)
    return "is of other pictures than there are now";
  if (file.size() != want.file_bytes())
    return fmt::format("is {}", file.size() < want.file_bytes() ? "truncated" : "too long");
  if (got.pixels != checksum(file.subspan(pixels_at))) return "is damaged";
  return {};
}

/// The picture's centre square, resized.
void store(const fs::path& path, const StoredSquare& square, std::uint8_t* to) {
  const Picture picture = read_picture(path);
  const int side = square.side;
  require(!square.pictures_are_square || (picture.width == side && picture.height == side),
          "{} has {} x {} pixels, not {} x {}", path.string(), picture.width, picture.height, side,
          side);
  const std::int32_t label = 0, index = 0;
  std::int32_t out_label;
  std::vector<float> values(std::size_t(side) * std::size_t(side) * channels);
  constexpr float level = 1.f / 255;
  run(kernels::Cpu{}, kernels::ResizedCrop{{.images = picture.rgb.get(),
                                            .labels = &label,
                                            .index = &index,
                                            .out = values.data(),
                                            .out_labels = &out_label,
                                            .n = 1,
                                            .h = picture.height,
                                            .w = picture.width,
                                            .c = channels,
                                            .std = {level, level, level, 1}},
                                           side,
                                           std::min(picture.height, picture.width)});
  std::transform(values.begin(), values.end(), to, [](float value) {
    return std::uint8_t(std::clamp(std::lround(value), 0L, 255L));
  });
}

void make(const ImageList& list, const StoredSquare& square, Header header, const fs::path& file,
          const std::function<void(int, int)>& progress) {
  std::error_code error;
  if (file.has_parent_path()) fs::create_directories(file.parent_path(), error);
  MappedOutput output(file, header.file_bytes());
  const std::span<std::uint8_t> pixels = output.bytes().subspan(pixels_at);

  const std::size_t count = list.train.size() + list.test.size();
  std::mutex telling;
  int done = 0;
  std::size_t failures = 0, first_failure = count;
  std::string reason;
  in_parallel(count, [&](std::size_t i) {
    const ImageList::Entry& entry =
        i < list.train.size() ? list.train[i] : list.test[i - list.train.size()];
    std::string failed;
    try {
      store(list.root / entry.path, square, pixels.data() + i * header.image_bytes());
    } catch (const Error& problem) {
      failed = problem.what();
    }
    const std::lock_guard lock(telling);
    if (!failed.empty() && ++failures > 0 && i < first_failure) {
      first_failure = i;
      reason = failed;
    }
    if (progress) progress(++done, int(count));
  });
  if (failures > 1)
    reason += fmt::format(" ({} more of {} pictures fail too)", failures - 1, count);
  require(failures == 0, "{}", reason);

  header.pixels = checksum(pixels);
  std::memcpy(output.bytes().data(), &header, sizeof header);
  output.commit();
}

Images part_of(const std::shared_ptr<const MappedFile>& file, std::size_t at, const Header& header,
               const std::vector<ImageList::Entry>& entries) {
  Images images{
      .count = int(entries.size()),
      .height = header.side,
      .width = header.side,
      .channels = channels,
      .pixels = Bytes(file, file->bytes().subspan(at, entries.size() * header.image_bytes())),
      .labels = {}};
  images.labels.reserve(entries.size());
  for (const ImageList::Entry& entry : entries) images.labels.push_back(entry.label);
  return images;
}

}  // namespace

CachedImages load_cached(const ImageList& list, const StoredSquare& square, const fs::path& file,
                         const std::function<void(const std::string&)>& note,
                         const std::function<void(int, int)>& progress) {
  const Header header = header_for(list, square.side);
  std::shared_ptr<const MappedFile> mapped;
  const auto look = [&]() -> std::string {
    if (!fs::exists(file)) return "is not there yet";
    if (fs::file_size(file) == 0) return "is empty";
    mapped = std::make_shared<const MappedFile>(file);
    return difference(mapped->bytes(), header);
  };
  if (const std::string why = look(); !why.empty()) {
    mapped = nullptr;
    if (note)
      note(fmt::format("{} {}: decoding {} pictures", file.string(), why,
                       list.train.size() + list.test.size()));
    make(list, square, header, file, progress);
    const std::string still = look();
    require(still.empty(), "{} {}, just after it was written", file.string(), still);
  }
  return {part_of(mapped, pixels_at, header, list.train),
          part_of(mapped, pixels_at + list.train.size() * header.image_bytes(), header, list.test)};
}

fs::path cache_file(const std::string& dataset, int side, const fs::path& root,
                    const fs::path& cache_dir) {
  const fs::path beside = root / fmt::format("{}-{}.softlabel", dataset, side);
  if (cache_dir.empty() && (fs::exists(beside) || access(root.c_str(), W_OK) == 0)) return beside;
  // Elsewhere data sets of the same name may meet, such as folders.
  const std::string place = fs::weakly_canonical(root).string();
  const std::uint64_t hash =
      checksum({reinterpret_cast<const std::uint8_t*>(place.data()), place.size()});
  const std::string name = fmt::format("{}-{}-{:016x}.softlabel", dataset, side, hash);
  if (!cache_dir.empty()) return cache_dir / name;
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && *cache != '\0') return fs::path(cache) / "softlabel" / name;
  const char* home = std::getenv("HOME");
  require(home != nullptr && *home != '\0',
          "{} cannot be written to, and HOME is not set: give --cache-dir", root.string());
  return fs::path(home) / ".cache" / "softlabel" / name;
}

}  // namespace data
