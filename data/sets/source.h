// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/sets/image_list.h"

namespace data {

/// A data set that load_dataset knows. A file of this folder defines each, as a function that
/// data/catalogue.cpp lists.
struct Source {
  struct Size {
    int usual, least, most;
  };
  std::string name;
  std::string directory = {};   // what the archive unpacks to; empty: none
  std::string how_to_get = {};  // behind an error; {0}: the directory; {1}: what to do before
  Size size;                    // side of what networks see

  // One of these: images of one size; or pictures, which are squares of stored_side, or if that is
  // 0 of any size.
  std::function<Dataset(const std::filesystem::path& dir)> read = nullptr;
  ImageList (*list)(const std::filesystem::path& dir, const LoadOptions&) = nullptr;
  int stored_side = 0;

  /// Where a package of the system puts it; empty: nowhere.
  std::filesystem::path package = {};
  bool has_usual_place = true;  // false: the user has to say where it is
  bool has_files = true;        // false: `read` makes it up, and its directory is empty
};

/// In the order in which they are named.
const std::vector<Source>& catalogue();

/// Adds a data set of a program's own to the catalogue, so that load_dataset knows it. To be called
/// at the start, before any of these functions. Throws Error if the name is taken.
void register_data_set(Source);

/// A remedy: "; to get it: data/fetch cifar10 DIRECTORY".
std::string by_fetch(const std::string& name);

}  // namespace data
