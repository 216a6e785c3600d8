// SPDX-License-Identifier: MIT
#include "data/dataset.h"

#include <fmt/ranges.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <typeinfo>

#include "data/pictures/bad_pictures.h"
#include "data/pictures/image_cache.h"
#include "data/sets/source.h"
#include "kernels/runtime/error.h"

namespace data {
namespace {

namespace fs = std::filesystem;
using kernels::Error;
using kernels::fail;
using kernels::require;

std::vector<std::string> classes_without_test(const ImageList& list) {
  std::vector<bool> has(list.class_names.size());
  for (const ImageList::Entry& entry : list.test) has[std::size_t(entry.label)] = true;
  std::vector<std::string> without;
  for (std::size_t c = 0; c < has.size(); ++c)
    if (!has[c]) without.push_back(list.class_names[c]);
  return without;
}

/// Squares that are stored as they are show all of it. Other pictures are treated as torchvision's
/// Resize of the shorter side to 8/7 of the view and CenterCrop do, 256 and 224.
Dataset load_pictures(const Source& source, const fs::path& dir, int size,
                      const LoadOptions& options) {
  ImageList all = source.list(dir, options);
  if (options.note)
    for (const std::string& remark : all.remarks) options.note(remark);
  const bool as_they_are = source.stored_side > 0;
  const int side = as_they_are ? source.stored_side : (8 * size + 6) / 7;
  fs::path cache;
  CachedImages images;
  try {
    cache = cache_file(source.name, side, dir, options.cache_dir);
    images = load_cached(std::move(all), {side, as_they_are, options.exif_orientation}, cache,
                         options.note, options.progress);
  } catch (const Error& error) {
    if (typeid(error) != typeid(Error)) throw;  // of progress()
    throw Misfit(error.what());  // getting the pictures anew gives no place to keep them
  }
  const ImageList& list = images.list;
  settle_bad_pictures(list, options.skip_bad, bad_pictures_file(cache), options.note);
  if (options.note && list.held_out > 0)
    options.note(fmt::format(
        "{} has no test/: {} of its {} pictures are held out as the test set, the same in every "
        "run with a test fraction of {}",
        dir.string(), list.test.size(), list.train.size() + list.test.size(), list.held_out));
  if (const std::vector<std::string> untested = classes_without_test(list);
      options.note && list.held_out > 0 && !untested.empty())
    options.note(fmt::format("the test set has nothing of {} of {} classes, too small for it: {}",
                             untested.size(), list.class_names.size(), first_few(untested)));
  return {.name = source.name,
          .train = std::move(images.train),
          .test = std::move(images.test),
          .validation = int(list.validation),
          .held_out = list.held_out,
          .classes = int(list.class_names.size()),
          .class_names = list.class_names,
          .mean = {.485f, .456f, .406f},  // ImageNet's
          .std = {.229f, .224f, .225f},
          .flip = true,
          .view_size = size,
          .centre = as_they_are ? side : size};
}

/// Whether what failed is the process or the machine, not the files: getting them anew is no
/// remedy.
bool is_of_the_process(const std::string& fact) {
  for (const int reason : {EACCES, EPERM, EMFILE, ENFILE, ENOMEM, EINTR, ELOOP, ESTALE, ETIMEDOUT})
    if (fact.find(std::strerror(reason)) != std::string::npos) return true;
  return false;
}

const Source& find_source(const std::string& name) {
  for (const Source& source : catalogue())
    if (source.name == name) return source;
  fail("there is no data set '{}'; there are {}", name, fmt::join(dataset_names(), ", "));
}

}  // namespace

std::vector<std::string> dataset_names() {
  std::vector<std::string> names;
  for (const Source& source : catalogue()) names.push_back(source.name);
  return names;
}

bool has_pictures(const std::string& name) { return find_source(name).list != nullptr; }

fs::path default_data_dir(const std::string& name) {
  const Source& source = find_source(name);
  if (!source.has_files) return {};
  if (fs::is_directory(source.package)) return source.package;
  require(source.has_usual_place, "{}: say where it is with `data_dir`", name);
  const char* data = std::getenv("SOFTLABEL_DATA");
  if (data != nullptr && *data != '\0') return data;
  const char* home = std::getenv("HOME");
  require(home != nullptr && *home != '\0',
          "{}: neither SOFTLABEL_DATA nor HOME is set; say where the data is", name);
  return fs::path(home) / "softlabel-data";
}

Dataset load_dataset(const std::string& name, fs::path dir, const LoadOptions& options) {
  const Source& source = find_source(name);
  const auto [usual, least, most] = source.size;
  const int size = options.image_size == 0 ? usual : options.image_size;
  require(size >= least && size <= most, "`image_size` is {}, but {} {}", size, name,
          least == most ? fmt::format("has images of {} x {} pixels", most, most)
                        : fmt::format("takes {} to {}", least, most));
  if (!source.has_files) return source.read({});
  if (dir.empty()) dir = default_data_dir(name);
  const fs::path unpacked = dir / source.directory;
  std::error_code unreadable;
  const bool is_unpacked = !source.directory.empty() && fs::is_directory(unpacked, unreadable);
  try {
    if (fs::is_regular_file(dir)) throw Misfit(dir.string() + " is a file, not a folder of them");
    require(fs::is_directory(dir), "there is no directory {}", dir.string());
    const fs::path& from = is_unpacked ? unpacked : dir;
    return source.list != nullptr ? load_pictures(source, from, size, options) : source.read(from);
  } catch (const Misfit& misfit) {
    fail("{}: {}", name, misfit.what());
  } catch (const Error& error) {
    if (typeid(error) != typeid(Error)) throw;  // progress() may throw what is more than an error
    // The readers know the fact, only this place knows the remedy. data/fetch leaves a directory
    // that is there as it is.
    const std::string fact = error.what();
    const std::string before = is_unpacked ? "remove " + unpacked.string() + ", then " : "";
    fail("{}: {}{}", name, fact,
         is_of_the_process(fact)
             ? ""
             : fmt::format(fmt::runtime(source.how_to_get), dir.string(), before));
  } catch (const fs::filesystem_error& error) {
    fail("{}: {} cannot be read: {}", name, error.path1().string(), error.code().message());
  }
}

}  // namespace data
