// SPDX-License-Identifier: MIT
#include "data/sets/image_list.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sstream>

#include "data/pictures/image_decoder.h"
#include "engine/system/regular_file.h"
#include "engine/system/shown.h"
#include "kernels/runtime/error.h"

namespace data {

namespace fs = std::filesystem;
using kernels::require;

namespace {

bool is_hidden(const std::string& name) { return name.starts_with('.'); }

constexpr const char* lost_link = "is a link to what is not there";

/// Folders that operating systems and archives leave, with copies of pictures or none.
bool is_system_folder(const std::string& name) {
  for (const char* known :
       {"__MACOSX", "@eaDir", "$RECYCLE.BIN", "System Volume Information", "lost+found"})
    if (name == known) return true;
  return is_hidden(name);
}

}  // namespace

std::vector<Line> read_lines(const fs::path& path) {
  std::istringstream file;
  try {
    file.str(nn::RegularFile(path).read_text());
  } catch (const kernels::Error& e) {
    kernels::fail("{} cannot be read: {}", path.string(), e.what());
  }
  std::vector<Line> lines;
  int number = 0;
  for (std::string text; std::getline(file, text);) {
    if (++number == 1) {
      require(!text.starts_with("\xFF\xFE") && !text.starts_with("\xFE\xFF"),
              "{} is UTF-16: save it as UTF-8", path.string());
      if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    }
    require(text.find('\0') == std::string::npos, "{}: line {} has a NUL byte, so this is no text",
            path.string(), number);
    constexpr const char* blanks = " \t\r\v\f";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string::npos) continue;
    lines.push_back({number, text.substr(first, text.find_last_not_of(blanks) + 1 - first)});
  }
  require(!lines.empty(), "{} is empty", path.string());
  return lines;
}

bool leads_inside(const std::string& path) {
  const fs::path parts(path);
  return !path.empty() && parts.is_relative() &&
         std::none_of(parts.begin(), parts.end(), [](const fs::path& p) { return p == ".."; });
}

bool is_lost_link(const fs::path& path) {
  std::error_code gone;
  return fs::is_symlink(path, gone) && !fs::exists(path, gone);
}

std::vector<std::string> folders_in(const fs::path& folder) {
  std::error_code error;
  require(!is_lost_link(folder), "{} {}", folder.string(), lost_link);
  const fs::file_type type = fs::status(folder, error).type();
  require(type != fs::file_type::not_found, "there is no directory {}", folder.string());
  require(error || type == fs::file_type::directory, "{} is not a directory", folder.string());
  std::vector<std::string> names;
  fs::directory_iterator entries(folder, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    std::string name = entries->path().filename().string();
    std::error_code gone;
    // What kind an entry is the folder says by itself, without a look at each of a million files.
    const bool lost = entries->is_symlink(gone) && is_lost_link(entries->path());
    if (!is_system_folder(name) && (lost || entries->is_directory(gone)))
      names.push_back(std::move(name));
  }
  require(!error, "{} cannot be read: {}", folder.string(), error.message());
  std::sort(names.begin(), names.end());
  return names;
}

bool names_a_picture(const std::string& name) {
  const std::string ending = ending_of(name);
  for (const char* unread :
       {".tif", ".tiff", ".heic", ".heif", ".avif", ".jxl", ".jif", ".jp2", ".j2k", ".psd", ".dng",
        ".cr2", ".cr3",  ".nef",  ".arw",  ".raf",  ".orf", ".rw2", ".tga", ".exr", ".hdr", ".svg"})
    if (ending == unread) return true;
  return has_picture_name(name);
}

void FolderWalk::skip(const std::string& name) {
  const std::string ending = ending_of(name);
  ++skipped_[is_hidden(name) ? "hidden ones" : ending.empty() ? name : ending];
}

std::string FolderWalk::skipped() const {
  if (skipped_.empty()) return {};
  std::vector<std::pair<int, std::string>> kinds;
  for (const auto& [kind, count] : skipped_) kinds.emplace_back(-count, shown(kind));
  std::sort(kinds.begin(), kinds.end());
  std::vector<std::string> names;
  int count = 0;
  for (const auto& [of_kind, kind] : kinds) {
    names.push_back(kind);
    count -= of_kind;
  }
  return fmt::format("skipped {} file{} that {} no picture{} ({})", count, count == 1 ? "" : "s",
                     count == 1 ? "is" : "are", count == 1 ? "" : "s", first_few(names, 6));
}

void FolderWalk::report(ImageList& list) const {
  constexpr std::size_t most = 10;
  const std::size_t told = std::min(most, twice.size());
  list.remarks.insert(list.remarks.end(), twice.begin(), twice.begin() + std::ptrdiff_t(told));
  if (told < twice.size())
    list.remarks.push_back(
        fmt::format("and {} more folders that links put there twice", twice.size() - told));
  if (const std::string text = skipped(); !text.empty()) list.remarks.push_back(text);
}

std::vector<std::string> pictures_below(ImageList& list, const std::string& folder,
                                        FolderWalk& walk) {
  std::vector<std::string> pictures;
  FolderWalk::Visited here;  // links may lead in circles
  std::string twice;
  std::vector<std::string> folders{folder};
  while (!folders.empty()) {
    const std::string at = std::move(folders.back());
    folders.pop_back();
    struct stat about {};
    std::error_code error;
    fs::directory_iterator entries(list.root / at, error);
    if (error || stat((list.root / at).c_str(), &about) != 0) {
      const std::string why = "cannot be read: " + (error ? error.message() : strerror(errno));
      list.bad.push_back({at, is_lost_link(list.root / at) ? lost_link : why});
      continue;
    }
    const auto [first, is_new] = here.emplace(std::pair(about.st_dev, about.st_ino), at);
    if (!is_new) {
      walk.twice.push_back(fmt::format(
          "skipped {}, which is the same folder as {}", shown((list.root / at).string()),
          shown(first->second.empty() ? list.root.string() : first->second)));
      continue;
    }
    if (const auto before = walk.visited.find(first->first);
        before != walk.visited.end() && twice.empty())
      twice = fmt::format("{} is the same folder as {}: its pictures count twice",
                          shown((list.root / at).string()), shown(before->second));
    std::vector<std::string> below;
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
      const std::string name = entries->path().filename().string();
      const std::string path = (fs::path(at) / name).string();
      std::error_code gone;
      const bool is_there = entries->exists(gone);
      if (is_hidden(name)) {
        walk.skip(name);
      } else if (is_there && entries->is_directory(gone)) {
        if (!is_system_folder(name)) below.push_back(path);
      } else if (!is_there && entries->is_symlink(gone)) {
        list.bad.push_back({path, lost_link});
      } else if (names_a_picture(name)) {
        pictures.push_back(path);
      } else {
        walk.skip(name);
      }
    }
    if (error) list.bad.push_back({at, "cannot be read to its end: " + error.message()});
    std::sort(below.rbegin(), below.rend());  // the last is taken first
    folders.insert(folders.end(), below.begin(), below.end());
  }
  if (!twice.empty()) walk.twice.push_back(twice);
  walk.visited.merge(here);
  std::sort(pictures.begin(), pictures.end());
  return pictures;
}

void add_entry(ImageList& list, std::vector<ImageList::Entry>& part, const std::string& path,
               std::int32_t label, const std::string& named_by) {
  struct stat about {};
  const bool there = stat((list.root / path).c_str(), &about) == 0, named = !named_by.empty();
  const std::string reason = !there ? fmt::format("cannot be read: {}", std::strerror(errno))
                             : S_ISREG(about.st_mode) ? ""
                                                      : "is not a file";
  if (reason.empty()) {
    part.push_back({path, label, std::int64_t(about.st_size),
                    about.st_mtim.tv_sec * std::int64_t{1'000'000'000} + about.st_mtim.tv_nsec,
                    named});
  } else {
    const std::string by = (list.root / named_by).string();
    list.bad.push_back({path, named ? "is named by " + by + " but " + reason : reason, named});
  }
}

std::string first_few(const std::vector<std::string>& names, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < std::min(most, names.size()); ++i)
    text += (i == 0 ? "" : ", ") + shown(names[i]);
  return names.size() <= most ? text : fmt::format("{} and {} more", text, names.size() - most);
}

Outline outline(const std::string& name) {
  Outline o;
  for (std::size_t i = 0; i < name.size();) {
    std::size_t size = 1;
    while (i + size < name.size() && (name[i + size] & 0xC0) == 0x80) ++size;
    const auto byte = [&](std::size_t k) {
      return k < size ? static_cast<unsigned char>(name[i + k]) : 0u;
    };
    const unsigned code = size == 2 ? (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F)
                          : size == 3
                              ? (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F)
                              : byte(0);
    const bool combines = size > 1 && ((code >= 0x300 && code < 0x370) ||    // accents
                                       (code >= 0x1160 && code < 0x1200) ||  // ends of Hangul
                                       code == 0x3099 || code == 0x309A);    // voiced kana
    if (combines && !o.text.empty()) {
      o.text.back() = '?';
      ++o.accents;
    } else {
      o.text += size > 1 ? '?' : name[i];
    }
    i += size;
  }
  return o;
}

bool look_alike(const std::string& a, const std::string& b) {
  const Outline p = outline(a), q = outline(b);
  return p.text == q.text && p.accents != q.accents;
}

std::string shown(const std::string& name) { return nn::escaped(name); }

}  // namespace data
