// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <functional>

#include "data/sets/image_list.h"

namespace data {

/// Where the pictures that cannot be read are listed: beside the cache of the others.
std::filesystem::path bad_pictures_file(const std::filesystem::path& cache);

/// Settles `list.bad`: all are written to `file`, a line each with path, tab and reason,
/// and told to `note`, the first ten at least. Without `skip` it is an Error then: Misfit if none
/// of them is named by a list that the data set comes with. With it the data set is what is left.
/// Either way it is an Error if that has no picture for training of some class, or nothing to test
/// or validate on. Where nothing is bad, an old `file` is removed.
void settle_bad_pictures(const ImageList& list, bool skip, const std::filesystem::path& file,
                         const std::function<void(const std::string&)>& note);

}  // namespace data
