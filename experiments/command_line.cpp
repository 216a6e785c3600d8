// SPDX-License-Identifier: MIT
#include "experiments/command_line.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <memory>
#include <new>
#include <stdexcept>
#include <system_error>

#include "experiments/standard_streams.h"
#include "experiments/stop_signal.h"
#include "experiments/wrap_text.h"
#include "kernels/openmp.h"

namespace experiments {

namespace {

template <class T>
std::string text_of(const T& value) {
  if constexpr (std::is_enum_v<T>) {
    return std::string(names_of<T>.at(std::size_t(value)));
  } else if constexpr (std::is_same_v<T, std::vector<int>>) {
    return fmt::format("{}", fmt::join(value, ","));
  } else {
    return fmt::format("{}", value);
  }
}

constexpr int help_column = 34, help_width = 100;

/// Options with their defaults in the description's column, wrapped; groups between single empty
/// lines.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_group(std::string group, bool positional,
                         std::vector<const CLI::Option*> options) const override {
    std::string text = group == "Options" ? "" : "\n" + group + ":\n";
    for (const CLI::Option* option : options) text += make_option(option, positional);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }
  std::string make_option_name(const CLI::Option* option, bool) const override {
    return option->get_name();
  }
  std::string make_option_opts(const CLI::Option* option) const override {
    const bool flag = option->get_expected_max() == 0;
    return flag || option->get_type_name().empty() ? "" : " " + option->get_type_name();
  }
  std::string make_option_desc(const CLI::Option* option) const override {
    std::string text = option->get_description();
    if (const std::string value = option->get_default_str(); !value.empty())
      text += fmt::format(" (default: {})", value);
    if (option->get_required()) text += " (required)";
    return fmt::format("{}", fmt::join(wrap_text(text, help_width - help_column), "\n"));
  }
  std::string make_description(const CLI::App* app) const override {
    return fmt::format("{}\n\n", fmt::join(wrap_text(app->get_description(), help_width), "\n"));
  }
};

template <class T>
const char* type_text() {
  if constexpr (std::is_same_v<T, std::string>) return "NAME";
  return std::is_floating_point_v<T> ? "X" : "N";
}

/// The option of one field: what is given becomes an entry of `settings`.
template <class T>
CLI::Option* add_option(CLI::App& app, Json& settings, const Field& field, const T&) {
  const std::string option = "--" + std::string(field.name), help(field.help);
  const auto store = [&settings, key = field.key()](const auto& value) { settings[key] = value; };
  if constexpr (std::is_same_v<T, bool>) {
    const std::string flags = fmt::format("{0},!--no-{1}", option, field.name);
    return app.add_flag_function(
        flags, [store](std::int64_t count) { store(count > 0); }, help);
  } else if constexpr (std::is_enum_v<T>) {
    const std::vector<std::string> names(names_of<T>.begin(), names_of<T>.end());
    return app.add_option_function<std::string>(option, store, help)
        ->check(CLI::IsMember(names).description(""))
        ->type_name(fmt::format("{}", fmt::join(names, "|")));
  } else if constexpr (std::is_same_v<T, std::vector<int>>) {
    return app.add_option_function<T>(option, store, help)->delimiter(',')->type_name("N,N,...");
  } else {
    return app.add_option_function<T>(option, store, help)->type_name(type_text<T>());
  }
}

/// What is still in the buffer of standard output may be lost, to a full disk say.
void finish_output() {
  const bool lost_before = std::ferror(stdout) != 0;
  errno = 0;
  if (std::fflush(stdout) != 0 && errno != EPIPE)  // a reader that has enough is no error
    throw std::system_error(errno, std::generic_category(), "standard output");
  if (lost_before && errno == 0) throw std::runtime_error("standard output could not be written");
}

}  // namespace

void add_config_options(CLI::App& app, Json& settings,
                        std::initializer_list<std::string_view> groups,
                        const std::vector<std::string_view>& without, bool by_preset) {
  const auto contains = [](const auto& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  const RunConfig defaults;
  visit_fields(defaults, [&](const Field& field, const auto& member) {
    if (!contains(groups, field.group) || contains(without, field.name)) return;
    CLI::Option* option = add_option(app, settings, field, member);
    option->group(std::string(field.group));
    if (by_preset || option->get_expected_max() == 0) return;  // a flag is off unless given
    option->default_str(field.default_text.empty() ? text_of(member)
                                                   : std::string(field.default_text));
  });
  app.parse_complete_callback([&settings] {
    if (settings.value("protocol", "") == "authors" && settings.contains("alpha"))
      settings["alpha"] = 1 - settings["alpha"].get<double>();
  });
}

int run_program(CLI::App& app, int argc, char** argv, const std::function<void()>& work) {
  const auto say = [&app](const std::string& message) {
    std::cout.flush();
    std::cerr << app.get_name() << ": " << message << std::endl;
  };
  guard_standard_streams();
  kernels::choose_openmp_settings(argv);
  app.formatter(std::make_shared<HelpFormatter>());
  app.get_formatter()->column_width(help_column);
  for (CLI::Option* option : app.get_options()) {  // scripts put defaults in front of "$@"
    if (option->get_expected_max() == 1)
      option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
  catch_stop_signals();
  std::signal(SIGXFSZ, SIG_IGN);  // a file that grows too large is an error of write(), not a kill
  try {
    app.parse(argc, argv);
    work();
    finish_output();
    return 0;
  } catch (const CLI::Success&) {
    std::cout << app.help();
    return 0;
  } catch (const CLI::ParseError& e) {
    say(fmt::format("{} (see {} --help)", e.what(), app.get_name()));
    return 2;
  } catch (const Interrupted& e) {
    say(e.what());
    return 130;
  } catch (const std::bad_alloc&) {
    say("out of memory");
    return 1;
  } catch (const std::exception& e) {
    say(e.what());
    return 1;
  }
}

}  // namespace experiments
