// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "data/sets/source.h"
#include "kernels/runtime/error.h"

namespace data {
namespace {

namespace fs = std::filesystem;
using kernels::require;

/// The whole number that a text is, or -1.
int whole_number(std::string_view text) {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && value >= 0 ? value : -1;
}

/// The lines "ID VALUE" of a file, by ID.
using Table = std::map<int, Line>;

Table read_table(const fs::path& path) {
  Table table;
  for (const auto& [number, line] : read_lines(path)) {
    const int id = whole_number(std::string_view(line).substr(0, line.find_first_of(" \t")));
    const std::size_t value = line.find_first_not_of(" \t", line.find_first_of(" \t"));
    require(id >= 0 && value != std::string::npos,
            "{}: '{}' in line {} is not a number and a value", path.string(), shown(line), number);
    const auto [first, is_new] = table.emplace(id, Line{number, line.substr(value)});
    require(is_new, "{} has two lines for {}: {} and {}", path.string(), id, first->second.number,
            number);
  }
  return table;
}

/// The pictures that lists name.
class NamedPictures {
 public:
  /// The path in its normal form. Throws Misfit if it is outside of the data set, or named before.
  std::string add(const std::string& path, const fs::path& list, int line) {
    if (!leads_inside(path))
      throw Misfit(fmt::format("{}: {} in line {} is outside of the data set", list.string(),
                               shown(path), line));
    const std::string normal = fs::path(path).lexically_normal().string(),
                      place = fmt::format("line {} of {}", line, list.string());
    const auto [first, is_new] = places_.emplace(normal, place);
    if (!is_new)
      throw Misfit(
          fmt::format("{} is named twice: in {} and in {}", shown(path), first->second, place));
    return normal;
  }

 private:
  std::map<std::string, std::string> places_;
};

/// The number that `table`, read from `path`, has for an image; in [low, high].
int number_for(int id, const Table& table, const fs::path& path, int low, int high,
               const fs::path& images) {
  const auto found = table.find(id);
  require(found != table.end(), "{} has no line for image {} of {}", path.string(), id,
          images.string());
  const int value = whole_number(found->second.text);
  require(value >= low && value <= high, "{}: image {} has {}, not a number in [{}, {}]",
          path.string(), id, shown(found->second.text), low, high);
  return value;
}

}  // namespace

ImageList list_cub200_2011(const fs::path& root) {
  const fs::path classes_txt = root / "classes.txt", images_txt = root / "images.txt",
                 labels_txt = root / "image_class_labels.txt",
                 split_txt = root / "train_test_split.txt";
  require(!fs::exists(root / "lists") || fs::exists(images_txt),
          "{} is of the edition of 2010: `dataset` cub200-2010", root.string());
  const auto classes = read_table(classes_txt), images = read_table(images_txt),
             labels = read_table(labels_txt), split = read_table(split_txt);
  ImageList list{root};
  for (const auto& [id, name] : classes) {
    list.class_names.push_back(name.text);
    require(id == int(list.class_names.size()), "{}: classes are not numbered from 1 on",
            classes_txt.string());
  }
  NamedPictures named;
  for (const auto& [id, line] : images) {
    const std::string path = named.add(line.text, images_txt, line.number);
    const int label = number_for(id, labels, labels_txt, 1, int(classes.size()), images_txt);
    const bool train = number_for(id, split, split_txt, 0, 1, images_txt) == 1;
    require(path.starts_with(list.class_names[std::size_t(label - 1)] + "/"),
            "{}: image {}, {}, is of class {} in {}", labels_txt.string(), id, shown(path), label,
            labels_txt.string());
    add_entry(list, train ? list.train : list.test, "images/" + path, label - 1, "images.txt");
  }
  for (const auto* table : {&labels, &split})
    for (const auto& [id, value] : *table)
      require(images.contains(id), "{} has a line for image {}, which {} does not have",
              (table == &labels ? labels_txt : split_txt).string(), id, images_txt.string());
  int of_train = 0;
  for (const auto& [id, side] : split) of_train += whole_number(side.text);
  require(of_train > 0 && of_train < int(split.size()), "{} leaves one side without images",
          split_txt.string());
  return list;
}

ImageList list_cub200_2010(const fs::path& root) {
  require(!fs::exists(root / "images.txt") || fs::exists(root / "lists"),
          "{} is of the edition of 2011: `dataset` cub200-2011", root.string());
  const std::string train_txt = "lists/train.txt", test_txt = "lists/test.txt";
  const std::vector<Line> train = read_lines(root / train_txt), test = read_lines(root / test_txt);
  const auto class_of = [](const std::string& path) { return path.substr(0, path.find('/')); };

  ImageList list{root};
  std::set<std::string> classes;
  for (const auto& [number, path] : train)
    classes.insert(class_of(fs::path(path).lexically_normal().string()));
  list.class_names.assign(classes.begin(), classes.end());
  NamedPictures named;
  const auto add = [&](std::vector<ImageList::Entry>& part, const std::vector<Line>& lines,
                       const std::string& named_by) {
    for (const Line& line : lines) {
      const std::string text = (root / named_by).string();
      require(line.text.find('/') != std::string::npos, "{}: '{}' in line {} is not CLASS/FILE",
              text, shown(line.text), line.number);
      const std::string path = named.add(line.text, root / named_by, line.number);
      const auto label = classes.find(class_of(path));
      require(label != classes.end(), "{}: {} in line {} is of a class that {} does not have", text,
              shown(path), line.number, (root / train_txt).string());
      add_entry(list, part, "images/" + path, std::int32_t(std::distance(classes.begin(), label)),
                named_by);
    }
  };
  add(list.train, train, train_txt);
  add(list.test, test, test_txt);
  return list;
}

Source cub200_2010() {
  return {.name = "cub200-2010",
          .directory = "CUB_200_2010",
          .how_to_get = by_fetch("cub200-2010"),
          .size = {64, 8, 1024},
          .list = [](const fs::path& dir, const LoadOptions&) { return list_cub200_2010(dir); }};
}

Source cub200_2011() {
  return {.name = "cub200-2011",
          .directory = "CUB_200_2011",
          .how_to_get = by_fetch("cub200-2011"),
          .size = {64, 8, 1024},
          .list = [](const fs::path& dir, const LoadOptions&) { return list_cub200_2011(dir); }};
}

}  // namespace data
