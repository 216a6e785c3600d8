// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "data/sets/source.h"
#include "kernels/runtime/error.h"

namespace data {
namespace {

namespace fs = std::filesystem;
using kernels::require;

/// "n01443537<tab>goldfish, Carassius auratus": the first name is the usual one.
std::vector<std::string> class_names(const fs::path& words, const std::vector<std::string>& wnids) {
  std::vector<std::string> names = wnids;
  if (!fs::exists(words)) return names;
  for (const auto& [number, line] : read_lines(words)) {
    const std::size_t tab = line.find_first_of(" \t");
    const std::size_t name = line.find_first_not_of(" \t", tab);
    const auto found = std::lower_bound(wnids.begin(), wnids.end(), line.substr(0, tab));
    if (name == std::string::npos || found == wnids.end() || *found != line.substr(0, tab))
      continue;
    names[std::size_t(found - wnids.begin())] = line.substr(name, line.find(',', name) - name);
  }
  return names;
}

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

using Labels = std::unordered_map<std::string, std::int32_t>;  // by WordNet ID

/// The folder's pictures, below images/ or at once.
std::vector<std::string> pictures_of(ImageList& list, const std::string& folder, FolderWalk& walk) {
  const std::string images = folder + "/images";
  return pictures_below(list, is_folder(list.root / images) ? images : folder, walk);
}

/// By val_annotations.txt: FILE, WordNet ID and a bounding box in each line.
void list_official_test(ImageList& list, const Labels& label_of,
                        const std::vector<std::string>& pictures) {
  const std::string annotations = "val/val_annotations.txt";
  const std::string text = (list.root / annotations).string();
  struct Place {
    std::int32_t label;
    int line;
  };
  std::map<std::string, Place> sorted;  // val_10.JPEG before val_2.JPEG, as folders are
  for (const auto& [number, line] : read_lines(list.root / annotations)) {
    const std::size_t blank = line.find_first_of(" \t");
    const std::size_t second = line.find_first_not_of(" \t", blank);
    require(second != std::string::npos, "{}: '{}' in line {} is not a file and a class", text,
            shown(line), number);
    const std::string name = line.substr(0, blank),
                      wnid = line.substr(second, line.find_first_of(" \t", second) - second);
    const auto label = label_of.find(wnid);
    require(label != label_of.end(), "{}: {} is of class {} in line {}, which {} does not have",
            text, shown(name), shown(wnid), number, (list.root / "wnids.txt").string());
    if (!leads_inside(name))
      throw Misfit(
          fmt::format("{}: {} in line {} is outside of the data set", text, shown(name), number));
    const std::string path = fs::path(name).lexically_normal().string();
    const auto [first, is_new] = sorted.emplace(path, Place{label->second, number});
    if (!is_new)
      throw Misfit(fmt::format("{} names {} twice, in lines {} and {}", text, shown(name),
                               first->second.line, number));
  }
  std::vector<std::string> unnamed;
  for (const std::string& picture : pictures)
    if (!sorted.contains(picture.substr(std::string("val/images/").size())))
      unnamed.push_back(picture);
  if (!unnamed.empty()) {
    const std::string fact = fmt::format("{} does not name {} of {} pictures: {}", text,
                                         unnamed.size(), pictures.size(), first_few(unnamed, 3));
    // A list that lacks most is damaged; a few pictures more are somebody's.
    require(2 * unnamed.size() < pictures.size(), "{}", fact);
    throw Misfit(fmt::format("{}: remove {}", fact, unnamed.size() == 1 ? "it" : "them"));
  }
  for (const auto& [name, place] : sorted)
    add_entry(list, list.test, "val/images/" + name, place.label, annotations);
}

/// Put into folders by class, in the same order.
void list_test_by_class(ImageList& list, const Labels& label_of, FolderWalk& walk) {
  struct Picture {
    std::string name, path;
    std::int32_t label;
    bool operator<(const Picture& other) const { return name < other.name; }
  };
  std::vector<Picture> pictures;
  for (const std::string& folder : folders_in(list.root / "val")) {
    if (folder == "images") continue;
    const auto label = label_of.find(folder);
    if (label == label_of.end())
      throw Misfit(fmt::format("{} is not a class of {}", (list.root / "val" / folder).string(),
                               (list.root / "wnids.txt").string()));
    for (const std::string& path : pictures_of(list, "val/" + folder, walk))
      pictures.push_back({fs::path(path).filename().string(), path, label->second});
  }
  std::sort(pictures.begin(), pictures.end());
  std::set<std::int32_t> found;
  for (const Picture& picture : pictures) {
    add_entry(list, list.test, picture.path, picture.label);
    found.insert(picture.label);
  }
  std::vector<std::string> without;
  for (const auto& [wnid, label] : label_of)
    if (!found.contains(label)) without.push_back(wnid);
  std::sort(without.begin(), without.end());
  require(without.empty(), "{} has no pictures of {} of {} classes: {}",
          (list.root / "val").string(), without.size(), label_of.size(), first_few(without));
}

}  // namespace

ImageList list_tiny_imagenet(const fs::path& root) {
  std::vector<std::string> wnids;
  for (const auto& [number, wnid] : read_lines(root / "wnids.txt")) wnids.push_back(wnid);
  std::sort(wnids.begin(), wnids.end());
  for (const std::string& folder : folders_in(root / "train"))
    if (!std::binary_search(wnids.begin(), wnids.end(), folder))
      throw Misfit(fmt::format("{} is not a class of {}: it belongs to another data set",
                               (root / "train" / folder).string(), (root / "wnids.txt").string()));

  ImageList list{root};
  list.class_names = class_names(root / "words.txt", wnids);
  Labels label_of;
  FolderWalk walk;
  for (const std::string& wnid : wnids) {
    const auto label = std::int32_t(label_of.size());
    require(label_of.emplace(wnid, label).second, "{} names {} twice",
            (root / "wnids.txt").string(), wnid);
    const std::string folder = "train/" + wnid;
    require(is_folder(root / folder), "there is no directory {}", (root / folder).string());
    const std::vector<std::string> pictures = pictures_of(list, folder, walk);
    require(!pictures.empty(), "{} has no pictures", (root / folder).string());
    for (const std::string& path : pictures) add_entry(list, list.train, path, label);
  }
  std::vector<std::string> official;
  if (is_folder(root / "val/images")) official = pictures_below(list, "val/images", walk);
  const bool by_class = official.empty() && is_folder(root / "val" / wnids.front());
  if (by_class)
    list_test_by_class(list, label_of, walk);
  else
    list_official_test(list, label_of, official);
  walk.report(list);
  return list;
}

Source tiny_imagenet() {
  return {.name = "tiny-imagenet",
          .directory = "tiny-imagenet-200",
          .how_to_get = by_fetch("tiny-imagenet"),
          .size = {32, 8, 64},
          .list = [](const fs::path& dir, const LoadOptions&) { return list_tiny_imagenet(dir); },
          .stored_side = 64};
}

}  // namespace data
