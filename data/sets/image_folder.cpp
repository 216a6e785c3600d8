// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "data/sets/source.h"
#include "kernels/runtime/error.h"

namespace data {
namespace {

namespace fs = std::filesystem;

template <class... Args>
void expect(bool ok, fmt::format_string<Args...> format, Args&&... args) {
  if (!ok) throw Misfit(fmt::format(format, static_cast<Args&&>(args)...));
}

constexpr const char* expected =
    "expected are CLASS/PICTURE, or train/CLASS/PICTURE and test/CLASS/PICTURE";

/// The folders of a root that stand for parts of a data set; empty: there is none.
struct Parts {
  std::string train, validation, test;
};

std::string lower(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return name;
}

// As other programs name them too (torchvision, timm, Hugging Face), in any case.
const std::vector<std::string> train_names{"train", "training"},
    validation_names{"val", "valid", "validation", "dev"},
    test_names{"test", "testing", "eval", "evaluation"};

/// Whether one of the words of a folder's name is among these: of `seg_train`, `training-set`.
bool has_word_of(const std::vector<std::string>& names, const std::string& folder) {
  for (std::size_t begin = 0; begin < folder.size();) {
    const std::size_t end = std::min(folder.find_first_of("_-. ", begin), folder.size());
    const std::string word = lower(folder.substr(begin, end - begin));
    if (std::find(names.begin(), names.end(), word) != names.end()) return true;
    begin = end + 1;
  }
  return false;
}

bool is_one_of(const std::vector<std::string>& names, const std::string& folder) {
  return std::find(names.begin(), names.end(), lower(folder)) != names.end();
}

/// Whether a folder is the training part of a data set. One with no folders in it may be a class of
/// trains.
bool is_train(const fs::path& folder) {
  return is_one_of(train_names, folder.filename().string()) && !folders_in(folder).empty();
}

Parts parts_of(const fs::path& root) {
  const std::vector<std::string> folders = folders_in(root);
  const auto find = [&](const std::vector<std::string>& names) {
    std::string found;
    for (const std::string& folder : folders) {
      if (!is_one_of(names, folder)) continue;
      expect(found.empty(), "{} has both {}/ and {}/: which one is meant?", root.string(), found,
             folder);
      found = folder;
    }
    return found;
  };
  Parts parts{find(train_names), find(validation_names), find(test_names)};
  const std::size_t known = std::size_t(!parts.train.empty()) + !parts.validation.empty() +
                            std::size_t(!parts.test.empty());
  if (folders.size() > known && !parts.train.empty() && !is_train(root / parts.train))
    parts.train.clear();
  if (known > 0) return parts;

  // As Kaggle's sets have them, `training_set` and `test_set`: one of each, with folders in them.
  const auto find_word = [&](const std::vector<std::string>& names) {
    std::vector<std::string> found;
    for (const std::string& folder : folders)
      if (has_word_of(names, folder) && !folders_in(root / folder).empty()) found.push_back(folder);
    return found.size() == 1 ? found[0] : "";
  };
  const Parts alike{find_word(train_names), find_word(validation_names), find_word(test_names)};
  const bool apart = alike.train != alike.validation && alike.train != alike.test;
  if (apart && (!alike.test.empty() || !alike.validation.empty()) && !alike.train.empty())
    return alike;
  return parts;
}

/// The pictures that lie in a folder itself.
std::size_t loose_pictures(const fs::path& folder) {
  return std::size_t(std::count_if(
      fs::directory_iterator(folder), fs::directory_iterator(), [](const auto& entry) {
        const std::string name = entry.path().filename().string();
        std::error_code gone;
        return !name.starts_with('.') && names_a_picture(name) && !entry.is_directory(gone);
      }));
}

/// Throws Misfit if `root`, which has no train/, seems to be above or below what is meant.
void check_level(const fs::path& root, const Parts& parts) {
  const std::string& other = parts.test.empty() ? parts.validation : parts.test;
  expect(other.empty(), "{} has {}/ but no train/: {}", root.string(), other, expected);

  const std::vector<std::string> folders = folders_in(root);
  expect(!folders.empty(), "{} has {} pictures and no folders of classes: {}", root.string(),
         loose_pictures(root), expected);
  for (const std::string& folder : folders)
    for (const std::string& inner : folders_in(root / folder))
      expect(!is_train(root / folder / inner),
             "{} has no train/, but its folder {} has: give `data_dir` {}", root.string(),
             shown(folder), (root / folder).string());
  if (folders.size() == 1) {
    const fs::path inner = root / folders[0];
    const std::size_t loose = loose_pictures(root);
    expect(loose == 0, "{} has {} pictures in no class, and a single folder, {}: {}", root.string(),
           loose, shown(folders[0]), expected);
    expect(folders_in(inner).size() < 2,
           "{} has a single folder, {}; if the folders in that are the classes, give `data_dir` {}",
           root.string(), shown(folders[0]), inner.string());
    expect(false, "{} has a single class, {}, and there is nothing to tell it from: {}",
           root.string(), shown(folders[0]), expected);
  }
  const fs::path here = fs::weakly_canonical(root);
  if (!is_one_of(train_names, here.filename().string())) return;
  for (const fs::directory_entry& beside : fs::directory_iterator(here.parent_path())) {
    const std::string name = beside.path().filename().string();
    expect(!is_one_of(test_names, name) && !is_one_of(validation_names, name),
           "{} is one part of a data set, beside {}/; give all of it: `data_dir` {}", root.string(),
           name, here.parent_path().string());
  }
}

/// A name of which the bytes can be told apart, as a shell's $'...' takes it.
std::string in_bytes(const std::string& name) {
  std::string text;
  for (const char c : name)
    text += (c & 0x80) == 0 && c != '\'' && c != '\\'
                ? std::string(1, c)
                : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  return "$'" + text + "'";
}

/// Throws Misfit if two classes have a name that looks the same: nobody means them to be two.
void check_spellings(const fs::path& folder, const std::vector<std::string>& classes) {
  std::map<std::string, std::pair<int, std::string>> seen;  // accents and name by outline
  for (std::string decomposed : classes) {
    const auto [text, accents] = outline(decomposed);
    auto [others, composed] = seen.emplace(text, std::pair(accents, decomposed)).first->second;
    if (others == accents) continue;
    if (others > accents) std::swap(composed, decomposed);
    expect(false,
           "{} has two folders called {}: {} is composed, as in Unicode's NFC, and {} decomposed, "
           "as in NFD; merge them or rename one",
           folder.string(), composed, in_bytes(composed), in_bytes(decomposed));
  }
}

/// Of a folder's classes, those that `list` does not have, each with what may have been meant.
std::vector<std::string> unknown_classes(const ImageList& list, const std::string& part) {
  std::vector<std::string> unknown;
  for (const std::string& name : folders_in(list.root / part)) {
    if (std::binary_search(list.class_names.begin(), list.class_names.end(), name)) continue;
    unknown.push_back(name);
    for (const std::string& known : list.class_names)
      if (look_alike(known, name))
        unknown.back() += fmt::format(
            " (there is {}, which looks the same and has other bytes, as Unicode's NFC and NFD of "
            "a "
            "name have: rename one)",
            known);
  }
  return unknown;
}

void add_classes(ImageList& list, std::vector<ImageList::Entry>& entries, const std::string& part,
                 FolderWalk& walk) {
  std::vector<std::string> without;
  for (std::size_t label = 0; label < list.class_names.size(); ++label) {
    const std::string& name = list.class_names[label];
    std::error_code gone;
    const std::string folder = (fs::path(part) / name).string();
    if (!fs::is_directory(list.root / folder, gone) && !is_lost_link(list.root / folder)) {
      without.push_back(name);
      continue;
    }
    const std::size_t bad_before = list.bad.size();
    const std::vector<std::string> pictures = pictures_below(list, folder, walk);
    for (const std::string& path : pictures) add_entry(list, entries, path, std::int32_t(label));
    if (pictures.empty() && list.bad.size() == bad_before)
      list.bad.push_back({folder, "is a class with no pictures"});
  }
  if (!without.empty())
    list.remarks.push_back(fmt::format("{} has nothing of {} of {} classes: {}",
                                       (list.root / part).string(), without.size(),
                                       list.class_names.size(), first_few(without)));
}

void note_loose(ImageList& list, const std::string& part) {
  const fs::path folder = part.empty() ? list.root : list.root / part;
  if (const std::size_t loose = loose_pictures(folder); loose > 0)
    list.remarks.push_back(fmt::format("skipped {} picture{} in {} itself, of no class", loose,
                                       loose == 1 ? "" : "s", folder.string()));
}

bool are_of_one_class(const std::vector<ImageList::Entry>& entries) {  // in the order of classes
  return entries.empty() || entries.front().label == entries.back().label;
}

}  // namespace

void hold_out_test(ImageList& list) {
  std::vector<ImageList::Entry> all = std::move(list.train);
  all.insert(all.end(), list.test.begin(), list.test.end());
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return std::tie(a.label, a.path) < std::tie(b.label, b.path);
  });
  list.train.clear();
  list.test.clear();
  if (are_of_one_class(all)) {
    list.train = std::move(all);
    return;
  }
  std::vector<std::int32_t> labels;
  for (const ImageList::Entry& entry : all) labels.push_back(entry.label);
  const Split split = split_test(labels, int(list.class_names.size()), list.held_out);
  for (const std::int32_t index : split.train) list.train.push_back(all[std::size_t(index)]);
  for (const std::int32_t index : split.validation) list.test.push_back(all[std::size_t(index)]);
}

ImageList list_image_folder(const fs::path& root, double test_fraction) {
  Parts parts = parts_of(root);
  ImageList list{root};
  if (parts.train.empty()) check_level(root, parts);
  std::vector<std::string> beside;
  for (const std::string& folder : folders_in(root))
    if (!parts.train.empty() && folder != parts.train && folder != parts.validation &&
        folder != parts.test)
      beside.push_back(folder);
  if (!parts.train.empty() && !is_one_of(train_names, parts.train))
    list.remarks.push_back(fmt::format("{} is taken for train/, and {} for test/", parts.train,
                                       parts.test.empty() ? parts.validation : parts.test));
  if (!beside.empty())
    list.remarks.push_back(fmt::format("not used of {} beside {}/: {}", root.string(), parts.train,
                                       first_few(beside)));
  for (std::string* part : {&parts.validation, &parts.test}) {
    if (part->empty() || !folders_in(root / *part).empty()) continue;
    list.remarks.push_back(
        fmt::format("{} has no folders of classes and is not used", (root / *part).string()));
    part->clear();
  }
  if (parts.test.empty()) std::swap(parts.test, parts.validation);
  expect(parts.test.empty() || test_fraction == default_test_fraction,
         "`test_fraction` holds out a test set, but {} has one, {}/: leave it out", root.string(),
         parts.test);

  list.class_names = folders_in(root / parts.train);
  expect(!list.class_names.empty(), "{} has {} pictures and no folders of classes: {}",
         (root / parts.train).string(), loose_pictures(root / parts.train), expected);
  check_spellings(parts.train.empty() ? root : root / parts.train, list.class_names);
  for (const std::string& part : {parts.validation, parts.test}) {
    if (part.empty()) continue;
    const std::vector<std::string> unknown = unknown_classes(list, part);
    expect(unknown.empty(), "{} has {} that {} does not have: {}", (root / part).string(),
           unknown.size() == 1 ? "a class" : fmt::format("{} classes", unknown.size()),
           (root / parts.train).string(), first_few(unknown));
  }

  FolderWalk walk;
  note_loose(list, parts.train);
  for (const std::string& part : {parts.validation, parts.test})
    if (!part.empty()) note_loose(list, part);
  add_classes(list, list.train, parts.train, walk);
  if (parts.test.empty()) {
    list.held_out = test_fraction;
    hold_out_test(list);
    expect(!list.test.empty() || are_of_one_class(list.train),
           "{} has a single picture of each class: there is none to test on; add pictures, or "
           "test/",
           root.string());
  } else {
    add_classes(list, list.test, parts.test, walk);
    const std::size_t before = list.train.size();
    if (!parts.validation.empty()) {
      add_classes(list, list.train, parts.validation, walk);
      list.has_validation = true;
      list.validation = list.train.size() - before;
      list.remarks.push_back(fmt::format("{} is the validation set: nothing of {}/ is held out",
                                         (root / parts.validation).string(), parts.train));
    }
    if (is_one_of(validation_names, parts.test))
      list.remarks.push_back(
          fmt::format("{} has no test/: {}/ is the test set", root.string(), parts.test));
  }
  walk.report(list);
  return list;
}

Source image_folder() {
  return {.name = "image-folder",
          .directory = "",
          .how_to_get = "",
          .size = {64, 8, 1024},
          .list =
              [](const fs::path& dir, const LoadOptions& options) {
                return list_image_folder(dir, options.test_fraction);
              },
          .has_usual_place = false};
}

}  // namespace data
