// SPDX-License-Identifier: MIT
#include "experiments/command_line/settings.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "engine/system/files.h"
#include "engine/system/fingerprint.h"
#include "experiments/command_line/option_names.h"
#include "kernels/runtime/error.h"

namespace experiments {

using kernels::fail;
using kernels::require;

namespace {

template <class T>
std::string default_text(const T& value) {
  if constexpr (std::is_enum_v<T>) {
    return name_of(value);
  } else if constexpr (std::is_same_v<T, std::vector<int>>) {
    return fmt::format("{}", fmt::join(value, ","));
  } else {
    return fmt::format("{}", value);
  }
}

/// "sd, ema: of the teacher's softmax, greater than 0".
template <class T>
std::string help_of(const Field& field) {
  std::string text = loss_names(field.losses);
  if (!text.empty()) text += ": ";
  text += with_option_names(field.help);
  if (std::is_same_v<T, double>) text += expected<double>(field.range).substr(8);  // "a number"
  return text;
}

/// "--train-limit" in a file.
std::string key_of(std::string option) {
  option.erase(0, option.find_first_not_of('-'));
  std::replace(option.begin(), option.end(), '-', '_');
  return option;
}

template <class T>
struct IsList : std::false_type {};
template <class T>
struct IsList<std::vector<T>> : std::true_type {};

}  // namespace

void Settings::remember(const std::string& names, const std::string& key,
                        std::function<Json(const Json&)> read_value) {
  Known known{{key}, key, std::move(read_value)};
  for (std::size_t start = 0; start < names.size();) {
    const std::size_t end = std::min(names.find(',', start), names.size());
    known.names.push_back(key_of(names.substr(start, end - start)));
    start = end + 1;
  }
  known_.push_back(std::move(known));
}

template <class T>
CLI::Option* Settings::add(CLI::App& app, const std::string& names, const std::string& key,
                           const std::string& help, const Range& range) {
  remember(names, key, [range](const Json& value) {
    const bool single = IsList<T>::value && !value.is_array();
    return Json(read<T>(single ? Json::array({value}) : value, range));
  });
  return add_text_option(
      app, names, help, type_text<T>(),
      [this, key, range](const std::string& text) { given_[key] = parse<T>(text, range); });
}
template CLI::Option* Settings::add<int>(CLI::App&, const std::string&, const std::string&,
                                         const std::string&, const Range&);
template CLI::Option* Settings::add<std::vector<int>>(CLI::App&, const std::string&,
                                                      const std::string&, const std::string&,
                                                      const Range&);
template CLI::Option* Settings::add<std::vector<double>>(CLI::App&, const std::string&,
                                                         const std::string&, const std::string&,
                                                         const Range&);
template CLI::Option* Settings::add<std::vector<std::string>>(CLI::App&, const std::string&,
                                                              const std::string&,
                                                              const std::string&, const Range&);

template <class T>
CLI::Option* Settings::add_field(CLI::App& app, const Field& field, const T&) {
  const std::string option = "--" + std::string(field.name), key = field.key(),
                    help = help_of<T>(field);
  if constexpr (std::is_same_v<T, bool>) {
    remember(option, key, [](const Json& value) { return Json(read<bool>(value)); });
    return app
        .add_flag_function(
            fmt::format("{},!--no-{}", option, field.name),
            [this, key](std::int64_t count) { given_[key] = count > 0; }, help)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  } else if constexpr (std::is_enum_v<T>) {
    const std::vector<std::string> names(names_of<T>.begin(), names_of<T>.end());
    remember(option, key, [](const Json& value) {
      return Json(name_of(value_named<T>(read<std::string>(value))));
    });
    return add_choice(app, option, help, names,
                      [this, key](const std::string& name) { given_[key] = name; });
  } else {
    return add<T>(app, option, key, help, field.range);
  }
}

void Settings::add_fields(CLI::App& app, std::initializer_list<std::string_view> groups,
                          const std::vector<std::string_view>& without, bool by_preset) {
  const auto contains = [](const auto& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  const RunConfig defaults;
  visit_fields(defaults, [&](const Field& field, const auto& member) {
    if (!contains(groups, field.group) || contains(without, field.name)) return;
    CLI::Option* option = add_field(app, field, member);
    option->group(std::string(field.group));
    if (by_preset || option->get_expected_max() == 0) return;  // a flag is off unless given
    option->default_str(field.default_text.empty() ? default_text(member)
                                                   : with_option_names(field.default_text));
  });
}

CLI::Option* Settings::add_config_file(CLI::App& app) {
  return add_path(app, "--config", file_,
                  "JSON file with options, as a run's config.json; the command line overrides it",
                  "FILE");
}

std::set<std::string> Settings::changed() const {
  std::set<std::string> keys;
  for (const auto& item : given_.items()) keys.insert(item.key());
  if (std::ranges::none_of(known_, [](const Known& k) { return k.key == "loss"; }))
    keys.insert("loss");  // an experiment has several
  return keys;
}

Json Settings::values_of(const Json& json) const {
  require(json.is_object(), "it should be an object of options");
  const bool of_a_run = json.contains("run");
  const Json options = of_a_run ? without_found(run_settings(json), changed()) : json;
  require(options.is_object(), "run should be an object of options");
  std::vector<std::string> names;
  for (const Known& known : known_)
    names.insert(names.end(), known.names.begin(), known.names.end());
  const std::vector<std::string> fields = field_keys();
  const auto find = [&](const std::string& key) {
    return std::find_if(known_.begin(), known_.end(), [&](const Known& k) {
      return std::find(k.names.begin(), k.names.end(), key) != k.names.end();
    });
  };
  if (of_a_run)
    for (const auto& item : json.items())
      require(find(key_of(item.key())) == known_.end(), "{} stands beside run: put it into that",
              shown(item.key()));
  Json values = Json::object();
  for (const auto& item : options.items()) {
    const std::string key = key_of(item.key());
    const auto known = find(key);
    if (known != known_.end()) {
      require(!values.contains(known->key), "{} stands there twice", shown(item.key()));
      try {
        values[known->key] = known->read(item.value());
      } catch (const Unfit& e) {
        fail("{} {}", shown(item.key()), e.what());
      }
    } else if (std::find(fields.begin(), fields.end(), key) == fields.end()) {
      fail("{} is no option that a file can have{}", shown(item.key()), did_you_mean(key, names));
    } else {
      require(of_a_run, "{} is no option of this program, which decides it itself", item.key());
    }
  }
  return values;
}

Json Settings::in_file(bool of_a_run) const {
  if (file_.empty()) return Json::object();
  const Json json = read_json(file_);
  try {
    return of_a_run || !json.contains("run") ? values_of(json) : Json::object();
  } catch (const kernels::Error& e) {
    fail("{}: {}", file_, e.what());
  }
}

Json Settings::asked() const {
  Json asked = in_file(false);
  asked.update(given_);
  return asked;
}

Json Settings::all() const {
  Json all = in_file(true);
  all.update(given_);
  if (all.value("protocol", "") == "authors" && given_.contains("alpha"))
    all["alpha"] = 1 - given_["alpha"].get<double>();
  return all;
}

std::vector<std::string> Settings::inputs(const std::string& input) const {
  if (file_.empty()) return {};
  const Json json = read_json(file_);
  const auto texts = [&](const char* part) {
    const Json value = json.value(part, Json::object()), none;
    const Json& entry = value.is_object() && value.contains(input) ? value.at(input) : none;
    std::vector<std::string> all;
    for (const Json& item : entry.is_array() ? entry : Json::array({entry}))
      if (const auto text = item.is_string() ? item.get<std::string>() : ""; !text.empty())
        all.push_back(text);
    return all;
  };
  const std::vector<std::string> paths = texts("circumstances"), prints = texts("inputs");
  for (std::size_t i = 0; i < std::min(paths.size(), prints.size()); ++i)
    require(file_fingerprint(paths[i]) == prints[i],
            "{} is not the file any more that the run of {} read: say which one by `{}`", paths[i],
            file_, input);
  return paths;
}

}  // namespace experiments
