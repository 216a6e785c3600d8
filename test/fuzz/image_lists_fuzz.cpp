// SPDX-License-Identifier: MIT
// The text files of Tiny-ImageNet (t), CUB-200-2011 (c) and CUB-200 of 2010 (d), by the first byte
// of the input, over a directory that holds a few pictures. What is listed are pictures in that
// directory, each once.
#include "data/sets/image_list.h"

#include <algorithm>
#include <set>

#include "test/fuzz/fuzz.h"

namespace {

namespace fs = std::filesystem;

struct Layout {
  char letter;
  data::ImageList (*list)(const fs::path&);
  std::vector<std::string> texts, pictures;
};

const std::vector<Layout>& layouts() {
  static const std::vector<Layout> all{
      {'t',
       data::list_tiny_imagenet,
       {"wnids.txt", "words.txt", "val/val_annotations.txt"},
       {"train/n01/images/n01_0.JPEG", "train/n02/images/n02_0.JPEG", "val/images/val_0.JPEG",
        "val/images/val_1.JPEG"}},
      {'c',
       data::list_cub200_2011,
       {"classes.txt", "images.txt", "image_class_labels.txt", "train_test_split.txt"},
       {"images/001.A/a1.jpg", "images/001.A/a2.jpg", "images/002.B/b1.jpg",
        "images/002.B/b2.jpg"}},
      {'d',
       data::list_cub200_2010,
       {"lists/train.txt", "lists/test.txt"},
       {"images/001.A/a1.jpg", "images/001.A/a2.jpg", "images/002.B/b1.jpg",
        "images/002.B/b2.jpg"}}};
  return all;
}

void check_list(const data::ImageList& list, const Layout& layout) {
  std::set<std::string> seen;
  for (const auto* part : {&list.train, &list.test}) {
    for (const data::ImageList::Entry& entry : *part) {
      fuzz::check(entry.label >= 0 && std::size_t(entry.label) < list.class_names.size(),
                  "labels are of classes");
      fuzz::check(std::ranges::count(layout.pictures, entry.path) == 1,
                  "pictures are those of the directory");
      fuzz::check(seen.insert(entry.path).second, "each picture is there once");
    }
  }
  for (const data::ImageList::Bad& bad : list.bad)
    fuzz::check(std::ranges::count(layout.pictures, bad.path) == 0, "what is there is not bad");
  fuzz::check(!list.train.empty() || !list.test.empty() || !list.bad.empty(), "there is something");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Directory directory;
  static const bool made = [] {
    for (const Layout& layout : layouts())
      for (const std::string& picture : layout.pictures)
        directory.write(std::string(1, layout.letter) + "/" + picture, fuzz::bytes_of("picture"));
    directory.write("outside.jpg", fuzz::bytes_of("picture"));
    return true;
  }();
  if (size == 0 || !made) return 0;
  for (const Layout& layout : layouts()) {
    if (data[0] != layout.letter) continue;
    const std::string folder(1, layout.letter);
    const auto parts = fuzz::parts_of({data + 1, size - 1}, layout.texts.size());
    for (std::size_t i = 0; i < parts.size(); ++i)
      directory.write(folder + "/" + layout.texts[i], parts[i]);
    const fs::path root = directory.path() / folder;
    fuzz::accepts(root, [&] { check_list(layout.list(root), layout); });
  }
  return 0;
}
