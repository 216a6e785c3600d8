// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace data {

/// The pictures of a data set that comes as files, in the order in which it is known by place.
struct ImageList {
  struct Entry {
    std::string path;  // from the root
    std::int32_t label;
    std::int64_t bytes, modified;  // nanoseconds since 1970
  };
  std::filesystem::path root;
  std::vector<std::string> class_names;  // by label
  std::vector<Entry> train, test;
};

/// Each throws Error with the file and the fact: a list or a picture it names that is not there, a
/// class folder with no pictures, a file that is no picture, a label that no class has, a picture
/// without a label or a side, pictures or classes of another data set.

/// train/CLASS/PICTURE and test/CLASS/PICTURE (val/ where there is no test/). Classes are those of
/// train/ in ascending order of their names' bytes, and so are pictures within a class. Files whose
/// names begin with a dot are left out.
ImageList list_image_folder(const std::filesystem::path& root);

/// Tiny-ImageNet-200 as distributed: wnids.txt, train/WNID/images/*.JPEG, val/val_annotations.txt,
/// val/images/*.JPEG; the validation set is the test set. Classes are in ascending order of their
/// WordNet IDs, as folders are sorted elsewhere; words.txt, if there, names them.
ImageList list_tiny_imagenet(const std::filesystem::path& root);

/// CUB-200-2011 as distributed: classes.txt, images.txt, image_class_labels.txt,
/// train_test_split.txt, images/.
ImageList list_cub200_2011(const std::filesystem::path& root);

/// CUB-200, the edition of 2010, as distributed: lists/train.txt, lists/test.txt, images/. Classes
/// are the folders that train.txt names.
ImageList list_cub200_2010(const std::filesystem::path& root);

/// For these functions: the lines of a text file, with neither their ends nor empty ones.
std::vector<std::string> read_lines(const std::filesystem::path&);

/// The names in a folder that do not begin with a dot, ascending by bytes.
std::vector<std::string> names_in(const std::filesystem::path& folder);

/// Adds root/path to `part`. Throws Error if it is not there, with the list that names it.
void add_entry(std::vector<ImageList::Entry>& part, const std::filesystem::path& root,
               const std::string& path, std::int32_t label, const std::string& named_by = {});

}  // namespace data
