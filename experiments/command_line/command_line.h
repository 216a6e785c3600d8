// SPDX-License-Identifier: MIT
#pragma once
#include <CLI/CLI.hpp>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "engine/process/stop_signal.h"
#include "engine/system/values.h"

/// The common part of the command lines of all programs. Every value is read by values.h, strictly;
/// of an option that is given twice the last one counts, so that scripts can put defaults in front.
namespace experiments {

/// The option `names` ("--dataset", or "--dataset,--datasets", where the second is an alias that
/// --help keeps to itself) with one value, which `store` gets. What that throws, Unfit, becomes an
/// error that names the option.
CLI::Option* add_text_option(CLI::App&, const std::string& names, const std::string& help,
                             const std::string& type,
                             std::function<void(const std::string&)> store);

/// How --help calls a value of type T.
template <class T>
const char* type_text() {
  if constexpr (std::is_same_v<T, std::string>) return "NAME";
  if constexpr (std::is_same_v<T, std::vector<int>>) return "N,N,...";
  if constexpr (std::is_same_v<T, std::vector<double>>) return "X,X,...";
  if constexpr (std::is_same_v<T, std::vector<std::string>>) return "NAME,...";
  return std::is_floating_point_v<T> ? "X" : "N";
}

/// An option for a number, a text, or a list of such with commas; see parse().
template <class T>
CLI::Option* add_value(CLI::App& app, const std::string& names, T& target, const std::string& help,
                       const Range& range = {}) {
  return add_text_option(
      app, names, help, type_text<T>(),
      [&target, range](const std::string& text) { target = parse<T>(text, range); });
}

/// An option for the name of a file or directory (`type` is FILE or DIR), which need not exist.
CLI::Option* add_path(CLI::App&, const std::string& names, std::string& target,
                      const std::string& help, const std::string& type);

/// The same for one or more, with blanks between them: "--teacher-logits a b c".
CLI::Option* add_paths(CLI::App&, const std::string& names, std::vector<std::string>& targets,
                       const std::string& help, const std::string& type);

/// What `make` gives of what the user asked for; what is wrong with that is an error of usage.
template <class Make>
auto asked_for(Make make) {
  try {
    return make();
  } catch (const Interrupted&) {
    throw;
  } catch (const kernels::Error& e) {
    throw UsageError(e.what());
  }
}

/// Throws UsageError if two of these files that are written are one; empty ones are none.
void refuse_named_twice(std::initializer_list<std::string> files);

/// An option for one of a few names.
CLI::Option* add_choice(CLI::App&, const std::string& names, const std::string& help,
                        const std::vector<std::string>& choices,
                        std::function<void(const std::string&)> store);

/// Parses the command line, runs `work`, and turns exceptions into one line on standard error,
/// "NAME: message", and the exit status: 0, 1 (Error), 2 (usage), 128 + the number of the signal
/// that stopped it: 130 (SIGINT), 143 (SIGTERM). Adds and serves --help, --version, --completion.
/// With `joins_ranks` one that fails ends all ranks, and the first speaks for all.
int run_program(CLI::App&, int argc, char** argv, const std::function<void()>& work,
                bool joins_ranks = false);

}  // namespace experiments
