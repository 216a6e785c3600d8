// SPDX-License-Identifier: MIT
#pragma once
#include <CLI/CLI.hpp>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/config.h"
#include "experiments/machine.h"

/// What the command lines of all programs share.
namespace experiments {

/// Adds an option for each field of RunConfig in one of `groups`, less those in `without`. What the
/// user gives lands in `settings` under the field's key, for make_config; `settings` must outlive
/// the parse. With `--protocol authors` what is given as --alpha is theirs, the soft label's
/// weight. `by_preset`: the defaults are not the fields' own but a preset's.
void add_config_options(CLI::App&, Json& settings, std::initializer_list<std::string_view> groups,
                        const std::vector<std::string_view>& without = {}, bool by_preset = false);

/// Parses the command line, runs `work`, and turns exceptions into one line on standard error,
/// "NAME: message", and the exit status: 0, 1 (Error), 2 (usage), 130 (stopped by a signal). Prints
/// --help.
int run_program(CLI::App&, int argc, char** argv, const std::function<void()>& work);

}  // namespace experiments
