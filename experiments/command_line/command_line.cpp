// SPDX-License-Identifier: MIT
#include "experiments/command_line/command_line.h"

#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <new>
#include <set>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <thread>

#include "engine/process/progress.h"
#include "engine/process/stop_signal.h"
#include "engine/system/wrap_text.h"
#include "experiments/command_line/completion.h"
#include "experiments/command_line/option_names.h"
#include "experiments/command_line/standard_streams.h"
#include "experiments/command_line/version.h"
#include "kernels/process/openmp.h"
#include "kernels/ranks/ranks.h"
#include "kernels/runtime/error.h"

namespace experiments {

namespace {

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
    return positional ? text + "\n\n" : text;  // the options follow
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

/// Flushes standard output, whose last bytes may be lost to a full disk, say.
void finish_output() {
  const bool lost_before = std::ferror(stdout) != 0;
  errno = 0;
  if (std::fflush(stdout) != 0 && errno != EPIPE)  // a reader that has enough is no error
    throw std::system_error(errno, std::generic_category(), "standard output");
  if (lost_before && errno == 0) throw std::runtime_error("standard output could not be written");
}

std::string version_text(const CLI::App& app) {
  return fmt::format("{} of softlabel {}, commit {}\nbuilt by {}", app.get_name(), version, commit,
                     build);
}

/// Why the command line cannot be taken; CLI11's own words say it in most cases.
std::string usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<std::string> unknown = app.remaining();
  const std::string text = error.what();
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr)
    return text.substr(0, text.find(':')) + " has no value";
  const bool of_values = dynamic_cast<const CLI::ExtrasError*>(&error) == nullptr &&
                         dynamic_cast<const CLI::RequiredError*>(&error) == nullptr;
  if (of_values || unknown.empty()) return text;
  const std::string word = unknown.front().substr(0, unknown.front().find('='));
  if (!word.starts_with("-"))
    return fmt::format("'{}' is too much: options begin with --, lists have commas and no blanks",
                       shown(word));
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return fmt::format("there is no option {}{}", shown(word), did_you_mean(word, names));
}

/// Of words as --name=value what CLI11 would take otherwise: it gives an empty value's option the
/// next word, and counts a flag's.
void check_words(const CLI::App& app, int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i], name = word.substr(0, word.find('='));
    if (!word.starts_with("--") || name == word) continue;
    const CLI::Option* option = app.get_option_no_throw(name);
    if (option == nullptr) continue;
    if (option->get_expected_max() == 0) throw CLI::ValidationError(name + " takes no value");
    if (name.size() + 1 == word.size()) throw CLI::ValidationError(name + " is empty");
  }
}

void print_out(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() && errno != EPIPE)
    throw std::system_error(errno, std::generic_category(), "standard output");
}

/// One line, and not a page for a path of thousands of letters.
std::string one_line(const std::string& message) {
  constexpr std::size_t most = 2000;
  const std::string line = shown(message, message.size());
  if (line.size() <= most) return line;
  return line.substr(0, most / 2) + " ... " + line.substr(line.size() - most / 4);
}

/// Hands over a word of the command line that is a value; what is wrong with it names the option.
std::function<void(const std::string&)> checked(const std::string& names,
                                                std::function<void(const std::string&)> store) {
  return
      [name = names.substr(0, names.find(',')), store = std::move(store)](const std::string& text) {
        try {
          if (text.empty()) throw Unfit("is empty");
          if (text.starts_with("--")) throw Unfit("has no value: " + shown(text) + " comes next");
          store(text);
        } catch (const Unfit& e) {
          throw CLI::ValidationError(name + " " + e.what());
        }
      };
}

void check_path(const std::string& text) {
  std::error_code error;
  (void)std::filesystem::status(text, error);
  if (error == std::errc::filename_too_long || error == std::errc::too_many_symbolic_link_levels)
    throw Unfit(fmt::format("is {}: {}", shown(text), error.message()));
}

}  // namespace

CLI::Option* add_text_option(CLI::App& app, const std::string& names, const std::string& help,
                             const std::string& type,
                             std::function<void(const std::string&)> store) {
  return app.add_option_function<std::string>(names, checked(names, std::move(store)), help)
      ->type_name(type)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

CLI::Option* add_path(CLI::App& app, const std::string& names, std::string& target,
                      const std::string& help, const std::string& type) {
  return add_text_option(app, names, help, type, [&target](const std::string& text) {
    check_path(text);
    target = text;
  });
}

CLI::Option* add_paths(CLI::App& app, const std::string& names, std::vector<std::string>& targets,
                       const std::string& help, const std::string& type) {
  const auto check = checked(names, check_path);
  return app
      .add_option_function<std::vector<std::string>>(
          names,
          [&targets, check](const std::vector<std::string>& texts) {
            std::for_each(texts.begin(), texts.end(), check);
            targets = texts;
          },
          help)
      ->type_name(type);
}

void refuse_named_twice(std::initializer_list<std::string> files) {
  std::set<std::filesystem::path> named;
  for (const std::string& file : files)
    if (!file.empty() && !named.insert(std::filesystem::weakly_canonical(file)).second)
      throw UsageError(fmt::format("{} is named twice for what is written", file));
}

CLI::Option* add_choice(CLI::App& app, const std::string& names, const std::string& help,
                        const std::vector<std::string>& choices,
                        std::function<void(const std::string&)> store) {
  return add_text_option(app, names, help, fmt::format("{}", fmt::join(choices, "|")),
                         [store = std::move(store), choices](const std::string& text) {
                           index_of(text,
                                    std::vector<std::string_view>(choices.begin(), choices.end()));
                           store(text);
                         });
}

namespace {

/// For what is mapped and is there no longer, which no call can tell of.
void say_bus_error(int) {
  constexpr std::string_view line =
      "a file that is mapped into memory has been cut meanwhile, or there is no room in /dev/shm; "
      "finished epochs are safe, and the same command goes on\n";
  [[maybe_unused]] const auto written = write(STDERR_FILENO, line.data(), line.size());
  _exit(1);
}

/// Which of several ranks this is started as; of one that is told nonsense, work() says it.
int rank_of_process() try { return kernels::launched_ranks().rank; } catch (const kernels::Error&) {
  return 0;
}

/// The exit status, of this process alone.
int status_of(CLI::App& app, int argc, char** argv, const std::function<void()>& work,
              bool joins_ranks) {
  const int rank = joins_ranks ? rank_of_process() : 0;
  if (rank != 0) be_quiet();
  const auto say = [&app, rank](std::string message) {
    if (rank != 0) {
      // What stops all ranks alike the first one says, and the others are told to end.
      for (int tenths = 0; tenths < 20; ++tenths) {
        if (stop_requested()) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
      }
      message = fmt::format("rank {}: {}", rank, message);
    }
    std::cout.flush();
    std::cerr << app.get_name() << ": " << one_line(with_option_names(message)) << std::endl;
  };
  const auto print = [](const std::string& text) { throw CLI::CallForVersion(text, 0); };
  guard_standard_streams();
  kernels::choose_openmp_settings();
  app.formatter(std::make_shared<HelpFormatter>());
  app.get_formatter()->column_width(help_column);
  app.add_flag_callback(
         "--version", [&] { print(version_text(app)); }, "Print version and build and exit")
      ->trigger_on_parse();
  add_choice(app, "--completion", "Print a script that completes options, and exit", {"bash"},
             [&](const std::string&) { print(bash_completion(app)); })
      ->trigger_on_parse();
  for (CLI::Option* option : app.get_options()) {
    if (option->get_expected_max() <= 1)
      option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
  catch_stop_signals();
  std::signal(SIGBUS, say_bus_error);
  std::signal(SIGXFSZ, SIG_IGN);  // a file that grows too large is an error of write(), not a kill
  try {
    try {
      check_words(app, argc, argv);
      app.parse(argc, argv);
      work();
    } catch (const CLI::CallForHelp&) {
      print_out(app.help());
    } catch (const CLI::Success& text) {
      print_out(text.what() + std::string("\n"));
    }
    finish_output();
    return 0;
  } catch (const CLI::ParseError& e) {
    say(fmt::format("{} (see {} --help)", usage_error(app, e), app.get_name()));
    return 2;
  } catch (const UsageError& e) {
    say(fmt::format("{} (see {} --help)", e.what(), app.get_name()));
    return 2;
  } catch (const Interrupted& e) {
    say(e.what());
    return stop_status();
  } catch (const std::bad_alloc&) {
    say("out of memory");
    return 1;
  } catch (const std::filesystem::filesystem_error& e) {
    say(fmt::format("{}: {}", shown(e.path1().string(), 300), e.code().message()));
    return 1;
  } catch (const std::system_error& e) {
    const bool of_print = std::string_view(e.what()).starts_with("cannot write to file");  // fmt's
    say(of_print ? "standard output: " + e.code().message() : e.what());
    return 1;
  } catch (const std::exception& e) {
    say(e.what());
    return 1;
  }
}

}  // namespace

int run_program(CLI::App& app, int argc, char** argv, const std::function<void()>& work,
                bool joins_ranks) {
  const int status = status_of(app, argc, argv, work, joins_ranks);
  if (status != 0 && kernels::ranks().count > 1) kernels::abort_ranks(status);
  kernels::leave_ranks();
  return status;
}

}  // namespace experiments
