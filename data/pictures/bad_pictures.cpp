// SPDX-License-Identifier: MIT
#include "data/pictures/bad_pictures.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/system/atomic_file.h"
#include "kernels/runtime/error.h"

namespace data {

namespace fs = std::filesystem;
using kernels::require;

namespace {

/// "listed in FILE", or why not.
std::string write_list(const ImageList& list, const fs::path& file) try {
  std::string lines;
  for (const ImageList::Bad& bad : list.bad)
    lines += fmt::format("{}\t{}\n", shown((list.root / bad.path).string()), shown(bad.reason));
  std::error_code error;
  if (!fs::exists(file.parent_path(), error)) nn::make_directories(file.parent_path());
  nn::AtomicFile out(file);
  out.write(lines.data(), lines.size());
  out.commit();
  return fmt::format("listed in {}", file.string());
} catch (const kernels::Error& e) {
  return fmt::format("not listed: {}", e.what());
}

/// What the pictures that can be read are too few for, with the remedy; empty: they suffice.
std::string what_is_lacking(const ImageList& list) {
  std::vector<std::size_t> count(list.class_names.size());
  for (std::size_t i = 0; i + list.validation < list.train.size(); ++i)
    ++count[std::size_t(list.train[i].label)];
  std::vector<std::string> lost;
  for (std::size_t label = 0; label < count.size(); ++label)
    if (count[label] == 0) lost.push_back(list.class_names[label]);
  if (!lost.empty())
    return fmt::format("{} has no picture to train on that can be read of {}: {}; put some into {}",
                       list.root.string(),
                       lost.size() == 1 ? "a class" : fmt::format("{} classes", lost.size()),
                       first_few(lost),
                       lost.size() == 1 ? "its folder or remove the class"
                                        : "their folders or remove the classes");
  const bool none_to_test = list.test.empty();
  if (none_to_test || (list.has_validation && list.validation == 0))
    return fmt::format("{} has no picture to {} on that can be read: add some", list.root.string(),
                       none_to_test ? "test" : "validate");
  return {};
}

}  // namespace

fs::path bad_pictures_file(const fs::path& cache) {
  return cache.parent_path() / (cache.stem().string() + "-bad.tsv");
}

void settle_bad_pictures(const ImageList& list, bool skip, const fs::path& file,
                         const std::function<void(const std::string&)>& note) {
  std::error_code ignored;
  const std::string lacking = what_is_lacking(list);
  if (list.bad.empty()) {
    fs::remove(file, ignored);
    return require(lacking.empty(), "{}", lacking);
  }
  const auto line = [&](const ImageList::Bad& bad) {
    return shown((list.root / bad.path).string()) + " " + shown(bad.reason);
  };
  constexpr std::size_t most = 10;
  if (note && list.bad.size() > 1) {
    for (std::size_t i = 0; i < std::min(most, list.bad.size()); ++i) note(line(list.bad[i]));
    if (list.bad.size() > most) note(fmt::format("and {} more", list.bad.size() - most));
  }
  const std::string listed = write_list(list, file);
  const std::size_t bad = list.bad.size(), all = bad + list.train.size() + list.test.size();
  if (skip) {
    if (note)
      note(fmt::format("left out {} of {} pictures that cannot be read, {}", bad, all, listed));
    return require(lacking.empty(), "{}", lacking);
  }
  const std::string fact =
      fmt::format("{} of {} pictures cannot be read ({}{}; {})", bad, all, line(list.bad[0]),
                  bad == 1 ? "" : fmt::format("; {} more", bad - 1), listed);
  const char* them = bad == 1 ? "it" : "them";
  // Leaving them out would not help either.
  require(lacking.empty(), "{}, and without {} {}", fact, them, lacking);
  require(std::none_of(list.bad.begin(), list.bad.end(), [](const auto& b) { return b.named; }),
          "{}: mend {}, or give `skip_bad`", fact, them);
  throw Misfit(fmt::format("{}: mend or remove {}, or give `skip_bad`", fact, them));
}

}  // namespace data
