// SPDX-License-Identifier: MIT
#include "data/image_list.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "data/image_decoder.h"
#include "kernels/error.h"

namespace data {

namespace fs = std::filesystem;
using kernels::require;

std::vector<std::string> read_lines(const fs::path& path) {
  errno = 0;
  std::ifstream file(path);
  require(file.good() && !fs::is_directory(path), "{} cannot be read: {}", path.string(),
          fs::is_directory(path) ? "it is a directory" : std::strerror(errno));
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) lines.push_back(line);
  }
  require(!file.bad(), "{} cannot be read: {}", path.string(), std::strerror(errno));
  require(!lines.empty(), "{} is empty", path.string());
  return lines;
}

std::vector<std::string> names_in(const fs::path& folder) {
  require(fs::exists(folder), "there is no directory {}", folder.string());
  require(fs::is_directory(folder), "{} is not a directory", folder.string());
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    std::string name = entry.path().filename().string();
    if (!name.starts_with('.')) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

void add_entry(std::vector<ImageList::Entry>& part, const fs::path& root, const std::string& path,
               std::int32_t label, const std::string& named_by) {
  const std::string file = (root / path).string();
  struct stat about {};
  const bool there = stat(file.c_str(), &about) == 0;
  require(there, "{}{} cannot be read: {}", file,
          named_by.empty() ? "" : fmt::format(", which {} names,", (root / named_by).string()),
          std::strerror(errno));
  require(S_ISREG(about.st_mode), "{} is not a file", file);
  part.push_back({path, label, std::int64_t(about.st_size),
                  about.st_mtim.tv_sec * std::int64_t{1'000'000'000} + about.st_mtim.tv_nsec});
}

ImageList list_image_folder(const fs::path& root) {
  require(fs::is_directory(root / "train"),
          "{} has no train/: an image folder holds train/CLASS/PICTURE and test/CLASS/PICTURE",
          root.string());
  ImageList list{root, names_in(root / "train"), {}, {}};
  require(!list.class_names.empty(), "{} has no class folders", (root / "train").string());
  const auto add_class = [&](std::vector<ImageList::Entry>& part, const fs::path& folder,
                             std::int32_t label) {
    const std::vector<std::string> names = names_in(root / folder);
    require(!names.empty(), "{} has no pictures", (root / folder).string());
    for (const std::string& name : names) {
      const fs::path path = folder / name;
      require(has_picture_name(path) && !fs::is_directory(root / path),
              "{} is not a picture (.jpg, .jpeg, .png, .bmp, .ppm, .pgm, .pnm)",
              (root / path).string());
      add_entry(part, root, path.string(), label);
    }
  };
  for (std::size_t label = 0; label < list.class_names.size(); ++label)
    add_class(list.train, fs::path("train") / list.class_names[label], std::int32_t(label));

  const fs::path test =
      !fs::is_directory(root / "test") && fs::is_directory(root / "val") ? "val" : "test";
  for (const std::string& name : names_in(root / test)) {
    const auto found = std::find(list.class_names.begin(), list.class_names.end(), name);
    require(found != list.class_names.end(), "{} is a class that {} does not have",
            (root / test / name).string(), (root / "train").string());
    add_class(list.test, test / name, std::int32_t(found - list.class_names.begin()));
  }
  require(!list.test.empty(), "{} has no class folders", (root / test).string());
  return list;
}

}  // namespace data
