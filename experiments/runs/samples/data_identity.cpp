// SPDX-License-Identifier: MIT
#include "experiments/runs/samples/data_identity.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "data/sets/image_list.h"
#include "engine/system/json.h"
#include "engine/system/shown.h"
#include "engine/system/values.h"
#include "kernels/runtime/error.h"

namespace experiments {

using kernels::fail;
using kernels::require;
using nn::shown;

namespace {

constexpr const char *classes_key = "softlabel.classes", *mean_key = "softlabel.mean",
                     *std_key = "softlabel.std", *size_key = "softlabel.image_size",
                     *resize_key = "softlabel.resize";

/// A float as the decimal number that was meant.
double decimal(float x) { return std::stod(fmt::format("{}", x)); }

/// "\"cat\", \"dog\", \"eel\" and 7 more".
std::string first_of(const std::vector<std::string>& names) {
  constexpr std::size_t most = 3;
  std::vector<std::string> first;
  for (std::size_t i = 0; i < std::min(most, names.size()); ++i) first.push_back(shown(names[i]));
  std::string text = fmt::format("{}", fmt::join(first, ", "));
  if (names.size() > most) text += fmt::format(" and {} more", names.size() - most);
  return text;
}

/// Those of `names` that `others` lacks, in their order; of equal ones those that are too many.
std::vector<std::string> missing(const std::vector<std::string>& names,
                                 const std::vector<std::string>& others) {
  std::map<std::string, int> left;
  for (const std::string& other : others) ++left[other];
  std::vector<std::string> result;
  for (const std::string& name : names)
    if (--left[name] < 0) result.push_back(name);
  return result;
}

bool equal(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](double x, double y) { return std::abs(x - y) <= 1e-6; });
}

}  // namespace

std::string portable(const std::string& name) {
  try {
    Json(name).dump();
    return name;
  } catch (const Json::exception&) {
    std::string escaped;
    for (const char c : name) {
      const auto byte = static_cast<unsigned char>(c);
      escaped += byte < 0x80 ? std::string(1, c) : fmt::format("\\x{:02x}", byte);
    }
    return escaped;
  }
}

DataIdentity data_identity(const data::Dataset& dataset) {
  DataIdentity identity{.height = dataset.view_height(), .width = dataset.view_width()};
  for (const std::string& name : dataset.class_names) identity.classes.push_back(portable(name));
  for (std::size_t c = 0; c < std::size_t(dataset.train.channels); ++c) {
    identity.mean.push_back(decimal(dataset.mean[c]));
    identity.std.push_back(decimal(dataset.std[c]));
  }
  // Pictures of any size are kept as squares that show all that has the shorter side's length.
  const bool of_any_size = dataset.view_size > 0 && dataset.centre < dataset.train.height;
  identity.resize = of_any_size ? fmt::format("shorter_side={}", dataset.train.height) : "whole";
  return identity;
}

Json to_json(const DataIdentity& d) {
  Json json = Json::object();
  if (!d.classes.empty()) json["classes"] = d.classes;
  if (!d.mean.empty()) json["mean"] = d.mean;
  if (!d.std.empty()) json["std"] = d.std;
  if (d.height > 0) json["image_size"] = {d.height, d.width};
  if (!d.resize.empty()) json["resize"] = d.resize;
  return json;
}

void put_data_identity(nn::TensorFile& file, const DataIdentity& d) {
  const Json json = to_json(d);
  for (const auto& [key, value] : json.items())
    file.metadata["softlabel." + key] = value.is_string() ? value.get<std::string>() : value.dump();
}

DataIdentity data_identity_in(const nn::TensorFile& file, const std::string& source) {
  DataIdentity d;
  const auto read = [&](const char* key, const auto& take) {
    const auto text = file.metadata.find(key);
    if (text == file.metadata.end()) return;
    try {
      take(nn::parse_json<Json>(text->second));
    } catch (const std::exception&) {  // of parse_json, Json or `take`
      fail("{}: {} in its metadata is damaged", source, key);
    }
  };
  read(classes_key, [&d](const Json& json) { json.get_to(d.classes); });
  read(mean_key, [&d](const Json& json) { json.get_to(d.mean); });
  read(std_key, [&d](const Json& json) { json.get_to(d.std); });
  read(size_key, [&d](const Json& json) {
    const std::vector<Entry> size = Entry(json).items();
    require(size.size() == 2, "no size");
    const Range side = from(1, 4096);  // of what networks see; more would take gigabytes
    d.height = size[0].as<int>(side);
    d.width = size[1].as<int>(side);
  });
  if (const auto rule = file.metadata.find(resize_key); rule != file.metadata.end())
    d.resize = rule->second;
  return d;
}

std::vector<int> class_order(const DataIdentity& there, const DataIdentity& here,
                             const std::string& source, const std::string& dataset) {
  const std::vector<std::string>&theirs = there.classes, &ours = here.classes;
  if (theirs.empty() || ours.empty() || theirs == ours) return {};
  const std::vector<std::string> only_there = missing(theirs, ours),
                                 only_here = missing(ours, theirs);
  if (!only_there.empty() || !only_here.empty()) {
    std::string difference;
    if (!only_there.empty()) difference += "only the file has " + first_of(only_there);
    if (!only_here.empty())
      difference +=
          (difference.empty() ? "only " : ", only ") + dataset + " has " + first_of(only_here);
    for (const std::string& theirs_alone : only_there)
      for (const std::string& ours_alone : only_here)
        if (data::look_alike(theirs_alone, ours_alone))
          fail(
              "{} is for other classes than those of {}: {}, which looks the same in {} and has "
              "other bytes, as Unicode's NFC and NFD of a name have: rename one",
              source, dataset, shown(theirs_alone), dataset);
    fail("{} is for other classes than those of {}: {}", source, dataset, difference);
  }
  std::map<std::string, int> index;
  for (std::size_t i = 0; i < theirs.size(); ++i)
    require(index.emplace(theirs[i], int(i)).second,
            "{} has the classes of {} in another order, and two are called {}: which is which?",
            source, dataset, shown(theirs[i]));
  std::vector<int> order;
  for (const std::string& name : ours) order.push_back(index.at(name));
  return order;
}

std::vector<std::string> remarks(const DataIdentity& there, const DataIdentity& here,
                                 const std::string& source, const std::string& dataset) {
  std::vector<std::string> lines;
  if (there.classes.empty())
    lines.push_back(fmt::format("{} does not name its classes: they are taken in the order of {}'s",
                                source, dataset));
  else if (here.classes.empty())
    lines.push_back(fmt::format("{} does not name its classes: they are taken in the order of {}'s",
                                dataset, source));
  else if (there.classes != here.classes)
    lines.push_back(fmt::format(
        "{} has its classes in another order than {}: its outputs are put into the data set's",
        source, dataset));
  const std::vector<std::string> more = picture_remarks(there, here, source, dataset);
  lines.insert(lines.end(), more.begin(), more.end());
  return lines;
}

std::vector<std::string> picture_remarks(const DataIdentity& there, const DataIdentity& here,
                                         const std::string& source, const std::string& dataset) {
  const bool other_size =
      there.height > 0 && (there.height != here.height || there.width != here.width);
  const bool other_values = (!there.mean.empty() && !equal(there.mean, here.mean)) ||
                            (!there.std.empty() && !equal(there.std, here.std));
  std::vector<std::string> differences;
  if (other_size)
    differences.push_back(fmt::format("{} x {} pixels, not {} x {}", there.height, there.width,
                                      here.height, here.width));
  if (other_values)
    differences.push_back(fmt::format("mean {} and deviation {}, not {} and {}", there.mean,
                                      there.std, here.mean, here.std));
  if (!other_size && !there.resize.empty() && !here.resize.empty() && there.resize != here.resize)
    differences.push_back(
        fmt::format("the resize rule {}, not {}", shown(there.resize), here.resize));
  if (differences.empty()) return {};
  return {fmt::format("{} is for pictures of {}: what it says of {} may be worse", source,
                      fmt::join(differences, ", "), dataset)};
}

std::string first_class_difference(const std::vector<std::string>& there,
                                   const std::vector<std::string>& here) {
  for (std::size_t i = 0; i < std::min(there.size(), here.size()); ++i)
    if (there[i] != here[i])
      return fmt::format("class {} is {} there, {} here", i, shown(there[i]), shown(here[i]));
  if (there.size() == here.size()) return {};
  return fmt::format("{} classes are there, {} here", there.size(), here.size());
}

}  // namespace experiments
