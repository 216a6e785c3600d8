// SPDX-License-Identifier: MIT
#include <algorithm>
#include <map>
#include <unordered_map>

#include "data/image_list.h"
#include "kernels/error.h"

namespace data {
namespace {

namespace fs = std::filesystem;
using kernels::require;

/// "n01443537<tab>goldfish, Carassius auratus": the first name is the usual one.
std::vector<std::string> class_names(const fs::path& words, const std::vector<std::string>& wnids) {
  std::vector<std::string> names = wnids;
  if (!fs::exists(words)) return names;
  for (const std::string& line : read_lines(words)) {
    const std::size_t tab = line.find('\t');
    const auto found = std::lower_bound(wnids.begin(), wnids.end(), line.substr(0, tab));
    if (tab == std::string::npos || found == wnids.end() || *found != line.substr(0, tab)) continue;
    names[std::size_t(found - wnids.begin())] = line.substr(tab + 1, line.find(',', tab) - tab - 1);
  }
  return names;
}

}  // namespace

ImageList list_tiny_imagenet(const fs::path& root) {
  std::vector<std::string> wnids = read_lines(root / "wnids.txt");
  std::sort(wnids.begin(), wnids.end());
  const std::vector<std::string> folders = names_in(root / "train");
  for (const std::string& folder : folders)
    require(std::binary_search(wnids.begin(), wnids.end(), folder),
            "{} is not a class of {}: it belongs to another data set",
            (root / "train" / folder).string(), (root / "wnids.txt").string());

  ImageList list{root, class_names(root / "words.txt", wnids), {}, {}};
  std::unordered_map<std::string, std::int32_t> label_of;
  for (const std::string& wnid : wnids) {
    const auto label = std::int32_t(label_of.size());
    require(label_of.emplace(wnid, label).second, "{} names {} twice",
            (root / "wnids.txt").string(), wnid);
    const std::string folder = "train/" + wnid + "/images";
    const std::vector<std::string> names = names_in(root / folder);
    require(!names.empty(), "{} has no pictures", (root / folder).string());
    for (const std::string& name : names) add_entry(list.train, root, folder + "/" + name, label);
  }

  const std::string annotations = "val/val_annotations.txt";
  std::map<std::string, std::int32_t> sorted;  // val_10.JPEG before val_2.JPEG, as folders are
  for (const std::string& line : read_lines(root / annotations)) {
    // FILE, WordNet ID and a bounding box, between tabs.
    const std::size_t tab = line.find('\t'), end = line.find('\t', tab + 1);
    require(tab != std::string::npos, "{}: '{}' is not a file and a class",
            (root / annotations).string(), line);
    const std::string name = line.substr(0, tab), wnid = line.substr(tab + 1, end - tab - 1);
    const auto label = label_of.find(wnid);
    require(label != label_of.end(), "{}: {} is of class {}, which {} does not have",
            (root / annotations).string(), name, wnid, (root / "wnids.txt").string());
    require(sorted.emplace(name, label->second).second, "{} names {} twice",
            (root / annotations).string(), name);
  }
  for (const auto& [name, label] : sorted)
    add_entry(list.test, root, "val/images/" + name, label, annotations);
  const std::size_t files = names_in(root / "val/images").size();
  require(files == sorted.size(), "{} has {} files, but {} names {}",
          (root / "val/images").string(), files, (root / annotations).string(), sorted.size());
  return list;
}

}  // namespace data
