// SPDX-License-Identifier: MIT
#include "data/pictures/image_cache.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <optional>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include "data/checksum.h"
#include "data/mapped_file.h"
#include "data/parallel.h"
#include "data/pictures/image_decoder.h"
#include "data/pictures/network_view.h"
#include "engine/system/atomic_file.h"
#include "kernels/runtime/error.h"

namespace data {
namespace {

namespace fs = std::filesystem;
using kernels::Error;
using kernels::require;

constexpr int channels = 3;

/// The head of the file. Pixels follow, [train + test, side, side, 3], of which those of the
/// pictures that could be read come first, then a byte for each picture: 1 if it could not.
struct Header {
  std::array<char, 8> magic = {'S', 'L', 'i', 'm', 'a', 'g', 'e', 's'};
  std::uint32_t version = 3;  // of the format and of what is done to pictures
  std::int32_t side = 0, train = 0, test = 0;
  std::uint64_t list = 0, pixels = 0;  // fingerprint and checksum
  std::uint32_t exif_orientation = 0, unused = 0;

  std::size_t pictures() const { return std::size_t(train) + std::size_t(test); }
  std::size_t image_bytes() const { return std::size_t(side) * std::size_t(side) * channels; }
  std::size_t flags_at() const;
  std::size_t file_bytes() const { return flags_at() + pictures(); }
};
constexpr std::size_t pixels_at = 64;  // a cache line
static_assert(sizeof(Header) <= pixels_at);
// No padding, which would be written as it happens to be.
static_assert(std::has_unique_object_representations_v<Header>);

std::size_t Header::flags_at() const { return pixels_at + pictures() * image_bytes(); }

const ImageList::Entry& picture(const ImageList& list, std::size_t i) {
  return i < list.train.size() ? list.train[i] : list.test[i - list.train.size()];
}

std::uint64_t fingerprint(const ImageList& list) {
  std::string text;
  if (list.held_out > 0) text = fmt::format("held out: {}\n", list.held_out);
  for (const auto* part : {&list.train, &list.test})
    for (const ImageList::Entry& entry : *part)
      text += fmt::format("{}\n{} {} {}\n", entry.path, entry.label, entry.bytes, entry.modified);
  return checksum({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

Header header_for(const ImageList& list, const StoredSquare& square) {
  require(list.train.size() <= INT_MAX && list.test.size() <= INT_MAX, "{} has too many pictures",
          list.root.string());
  Header header;
  header.side = square.side;
  header.exif_orientation = square.exif_orientation ? 1 : 0;
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
  if (got.exif_orientation != want.exif_orientation)
    return "is of pictures that were turned the other way";
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
  const Picture picture = read_picture(path, {.exif_orientation = square.exif_orientation});
  const int side = square.side;
  require(!square.pictures_are_square || (picture.width == side && picture.height == side),
          "{} has {} x {} pixels, not {} x {}", path.string(), picture.width, picture.height, side,
          side);
  centre_square(picture, side, to);
}

/// Why a picture cannot be read; empty if it could, and is stored.
std::string try_to_store(const ImageList& list, std::size_t i, const StoredSquare& square,
                         std::uint8_t* to) {
  const fs::path path = list.root / picture(list, i).path;
  try {
    store(path, square, to);
    return {};
  } catch (const Error& problem) {
    return reason_of(problem, path);
  }
}

/// Moves the pictures with a reason to the list's bad. A test set that is held out is drawn of the
/// others then, so that no class has its only picture that can be read there.
void take_out(ImageList& list, const std::vector<std::string>& reasons) {
  ImageList left = list;
  left.train.clear();
  left.test.clear();
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    const bool of_train = i < list.train.size();
    if (reasons[i].empty()) {
      (of_train ? left.train : left.test).push_back(picture(list, i));
    } else {
      left.bad.push_back({picture(list, i).path, reasons[i], picture(list, i).named});
      if (of_train && i >= list.train.size() - list.validation) --left.validation;
    }
  }
  if (left.held_out > 0 && left.bad.size() > list.bad.size()) hold_out_test(left);
  list = std::move(left);
}

/// Squares of the pictures that could be read, in the order of the list, are put into that of
/// take_out's.
void reorder(const ImageList& list, const std::vector<std::string>& reasons, std::uint8_t* squares,
             std::size_t size) {
  ImageList left = list;
  take_out(left, reasons);
  std::unordered_map<std::string_view, std::size_t> place_of;  // by path
  for (std::size_t i = 0; i < left.train.size() + left.test.size(); ++i)
    place_of[picture(left, i).path] = i;
  std::vector<std::size_t> place;  // of the square that is at [i]
  for (std::size_t i = 0; i < reasons.size(); ++i)
    if (reasons[i].empty()) place.push_back(place_of.at(picture(list, i).path));
  for (std::size_t i = 0; i < place.size(); ++i)
    while (place[i] != i) {
      std::swap_ranges(squares + i * size, squares + (i + 1) * size, squares + place[i] * size);
      std::swap(place[i], place[place[i]]);
    }
}

/// By picture; empty for those that can be read. Of a list with none of them nothing is written.
std::vector<std::string> make(const ImageList& list, const StoredSquare& square, Header header,
                              const fs::path& file, const std::function<void(int, int)>& progress) {
  std::optional<MappedOutput> opened;
  try {
    std::error_code error;
    if (!fs::exists(file.parent_path(), error)) nn::make_directories(file.parent_path());
    opened.emplace(file, header.file_bytes());
  } catch (const Error& e) {
    kernels::fail("{}; `cache_dir` says where else decoded pictures may be kept", e.what());
  }
  MappedOutput& output = *opened;
  const std::span<std::uint8_t> body = output.bytes().subspan(pixels_at);
  const std::size_t count = header.pictures(), size = header.image_bytes();

  std::vector<std::string> reasons(count);
  std::mutex telling;
  int done = 0;
  in_parallel(count, [&](std::size_t i) {
    reasons[i] = try_to_store(list, i, square, body.data() + i * size);
    const std::lock_guard lock(telling);
    if (progress) progress(++done, int(count));
  });

  std::uint8_t* const flags = output.bytes().data() + header.flags_at();
  std::size_t good = 0;
  for (std::size_t i = 0; i < count; ++i) {
    flags[i] = reasons[i].empty() ? 0 : 1;
    if (flags[i] != 0) continue;
    if (good < i) std::memcpy(body.data() + good * size, body.data() + i * size, size);
    ++good;
  }
  if (good == 0) return reasons;
  std::memset(body.data() + good * size, 0, (count - good) * size);
  if (list.held_out > 0 && good < count) reorder(list, reasons, body.data(), size);
  header.pixels = checksum(body);
  std::memcpy(output.bytes().data(), &header, sizeof header);
  output.commit();
  return reasons;
}

/// The same of those that a cache says could not be read, tried again; the others are empty.
std::vector<std::string> try_again(const ImageList& list, const StoredSquare& square,
                                   std::span<const std::uint8_t> flags, bool& some_can) {
  std::vector<std::size_t> bad;
  for (std::size_t i = 0; i < flags.size(); ++i)
    if (flags[i] != 0) bad.push_back(i);
  std::vector<std::string> reasons(flags.size());
  in_parallel(bad.size(), [&](std::size_t k) {
    std::vector<std::uint8_t> pixels(std::size_t(square.side) * std::size_t(square.side) *
                                     channels);
    reasons[bad[k]] = try_to_store(list, bad[k], square, pixels.data());
  });
  some_can = std::any_of(bad.begin(), bad.end(), [&](std::size_t i) { return reasons[i].empty(); });
  return reasons;
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
  images.names.reserve(entries.size());
  for (const ImageList::Entry& entry : entries) {
    images.labels.push_back(entry.label);
    images.names.push_back(entry.path);
  }
  return images;
}

}  // namespace

CachedImages load_cached(ImageList list, const StoredSquare& square, const fs::path& file,
                         const std::function<void(const std::string&)>& note,
                         const std::function<void(int, int)>& progress) {
  const Header header = header_for(list, square);
  if (header.pictures() == 0) return {std::move(list), {}, {}};
  std::shared_ptr<const MappedFile> mapped;
  const auto look = [&]() -> std::string {
    if (!fs::exists(file)) return "is not there yet";
    const bool is_ours = fs::is_regular_file(file);  // to make again
    if (is_ours && fs::file_size(file) == 0) return "is empty";
    try {
      mapped = std::make_shared<const MappedFile>(file);
    } catch (const Error& problem) {
      require(is_ours, "{}; remove it, or `cache_dir` says where else decoded pictures may be kept",
              problem.what());
      return reason_of(problem, file);
    }
    return difference(mapped->bytes(), header);
  };
  std::vector<std::string> reasons;
  std::string why = look();
  if (why.empty()) {
    bool some_can = false;
    reasons = try_again(list, square, mapped->bytes().subspan(header.flags_at()), some_can);
    if (some_can) why = "lacks pictures that can be read now";
  }
  if (!why.empty()) {
    mapped = nullptr;
    if (note)
      note(fmt::format("{} {}: decoding {} pictures", file.string(), why, header.pictures()));
    reasons = make(list, square, header, file, progress);
  }
  take_out(list, reasons);
  if (list.train.empty() && list.test.empty()) return {std::move(list), {}, {}};
  if (!why.empty()) {
    const std::string still = look();
    require(still.empty(), "{} {}, just after it was written", file.string(), still);
  }
  Images train = part_of(mapped, pixels_at, header, list.train),
         test = part_of(mapped, pixels_at + list.train.size() * header.image_bytes(), header,
                        list.test);
  return {std::move(list), std::move(train), std::move(test)};
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
          "{} cannot be written to, and HOME is not set: give `cache_dir`", root.string());
  return fs::path(home) / ".cache" / "softlabel" / name;
}

}  // namespace data
