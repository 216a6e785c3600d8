// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <functional>
#include <string>

#include "data/dataset.h"
#include "data/sets/image_list.h"

namespace data {

/// How pictures become squares of one size.
struct StoredSquare {
  int side;
  bool pictures_are_square;      // of that side already: any other is bad
  bool exif_orientation = true;  // pictures are turned as they say
};

/// The pictures of a list as squares, mapped from a file that is made once: the centre square of
/// each picture resized to side x side by kernels/resized_crop.h, rounded to bytes. The file begins
/// with magic, version, sizes, options, a fingerprint of the list (paths, labels, sizes and times
/// of change of the pictures) and a checksum of all that follows, which is compared each time: the
/// pixels of the pictures that could be read, and a byte for each picture that says whether it
/// could. Where there is no such file, or it is of another version or other pictures, or damaged,
/// or cannot be read, or lacks pictures that can be read now, all are decoded on all cores, `note`
/// is told so in one line with the reason, and `progress` as they are done. A test set that is held
/// out is drawn of the pictures that could be read.
///
/// Throws Error with the file and the fact for no permission or no room to write, and where there
/// is a directory, a pipe or the like in its place. Whatever `progress` throws ends it too. Nothing
/// is left behind then, and an old file stays, as it does where no picture can be read.
struct CachedImages {
  ImageList list;  // the pictures that could be read; the others are among its bad
  Images train, test;
};
CachedImages load_cached(ImageList, const StoredSquare&, const std::filesystem::path& file,
                         const std::function<void(const std::string&)>& note,
                         const std::function<void(int done, int of)>& progress);

/// Where the pictures of `root` are cached: in `cache_dir` if given, else in root itself, or, where
/// that cannot be written to and has none, in softlabel/ of $XDG_CACHE_HOME, else of ~/.cache.
std::filesystem::path cache_file(const std::string& dataset, int side,
                                 const std::filesystem::path& root,
                                 const std::filesystem::path& cache_dir);

}  // namespace data
