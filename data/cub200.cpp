// SPDX-License-Identifier: MIT
#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "data/image_list.h"
#include "kernels/error.h"

namespace data {
namespace {

namespace fs = std::filesystem;
using kernels::require;

/// A whole number at the front of a text, or -1.
int leading_number(std::string_view text) {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = end == text.data() + text.size() || *end == ' ';
  return error == std::errc{} && whole && value >= 0 ? value : -1;
}

/// The lines "ID VALUE" of a file, by ID.
std::map<int, std::string> read_table(const fs::path& path) {
  std::map<int, std::string> table;
  for (const std::string& line : read_lines(path)) {
    const int id = leading_number(line);
    const std::size_t blank = line.find(' ');
    require(id >= 0 && blank != std::string::npos, "{}: '{}' is not a number and a value",
            path.string(), line);
    require(table.emplace(id, line.substr(blank + 1)).second, "{} has two lines for {}",
            path.string(), id);
  }
  return table;
}

/// The number that `table`, read from `path`, has for an image; in [low, high].
int number_for(int id, const std::map<int, std::string>& table, const fs::path& path, int low,
               int high, const fs::path& images) {
  const auto found = table.find(id);
  require(found != table.end(), "{} has no line for image {} of {}", path.string(), id,
          images.string());
  const int value = leading_number(found->second);
  require(value >= low && value <= high, "{}: image {} has {}, not a number in [{}, {}]",
          path.string(), id, found->second, low, high);
  return value;
}

}  // namespace

ImageList list_cub200_2011(const fs::path& root) {
  const fs::path classes_txt = root / "classes.txt", images_txt = root / "images.txt",
                 labels_txt = root / "image_class_labels.txt",
                 split_txt = root / "train_test_split.txt";
  require(!fs::exists(root / "lists") || fs::exists(images_txt),
          "{} is of the edition of 2010: --dataset cub200-2010", root.string());
  const auto classes = read_table(classes_txt), images = read_table(images_txt),
             labels = read_table(labels_txt), split = read_table(split_txt);
  ImageList list{root, {}, {}, {}};
  for (const auto& [id, name] : classes) {
    list.class_names.push_back(name);
    require(id == int(list.class_names.size()), "{}: classes are not numbered from 1 on",
            classes_txt.string());
  }
  for (const auto& [id, path] : images) {
    const int label = number_for(id, labels, labels_txt, 1, int(classes.size()), images_txt);
    const bool train = number_for(id, split, split_txt, 0, 1, images_txt) == 1;
    require(path.starts_with(list.class_names[std::size_t(label - 1)] + "/"),
            "{}: image {}, {}, is of class {} in {}", labels_txt.string(), id, path, label,
            labels_txt.string());
    add_entry(train ? list.train : list.test, root, "images/" + path, label - 1, "images.txt");
  }
  for (const auto* table : {&labels, &split})
    for (const auto& [id, value] : *table)
      require(images.contains(id), "{} has a line for image {}, which {} does not have",
              (table == &labels ? labels_txt : split_txt).string(), id, images_txt.string());
  require(!list.train.empty() && !list.test.empty(), "{} leaves one side without images",
          split_txt.string());
  return list;
}

ImageList list_cub200_2010(const fs::path& root) {
  require(!fs::exists(root / "images.txt") || fs::exists(root / "lists"),
          "{} is of the edition of 2011: --dataset cub200-2011", root.string());
  const std::string train_txt = "lists/train.txt", test_txt = "lists/test.txt";
  const std::vector<std::string> train = read_lines(root / train_txt),
                                 test = read_lines(root / test_txt);
  const auto class_of = [](const std::string& path) { return path.substr(0, path.find('/')); };

  ImageList list{root, {}, {}, {}};
  std::set<std::string> classes;
  for (const std::string& path : train) classes.insert(class_of(path));
  list.class_names.assign(classes.begin(), classes.end());
  std::set<std::string> seen;
  const auto add = [&](std::vector<ImageList::Entry>& part, const std::string& path,
                       const std::string& named_by) {
    const std::string text = (root / named_by).string();
    require(path.find('/') != std::string::npos, "{}: '{}' is not CLASS/FILE", text, path);
    require(seen.insert(path).second, "{}: {} was named before, there or in {}", text, path,
            (root / train_txt).string());
    const auto label = classes.find(class_of(path));
    require(label != classes.end(), "{}: {} is of a class that {} does not have", text, path,
            (root / train_txt).string());
    add_entry(part, root, "images/" + path, std::int32_t(std::distance(classes.begin(), label)),
              named_by);
  };
  for (const std::string& path : train) add(list.train, path, train_txt);
  for (const std::string& path : test) add(list.test, path, test_txt);
  return list;
}

}  // namespace data
