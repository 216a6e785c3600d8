// SPDX-License-Identifier: MIT
#include "experiments/command_line/completion.h"

#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <vector>

#include "data/dataset.h"
#include "nn/model.h"

namespace experiments {

namespace {

/// The words between '|' in the type of an option's value, without patterns: of
/// "auto|cpu|cuda|cuda:N" the first three.
std::vector<std::string> alternatives(const std::string& type) {
  std::vector<std::string> all;
  for (std::size_t start = 0; start <= type.size();) {
    const std::size_t end = std::min(type.find('|', start), type.size());
    const std::string word = type.substr(start, end - start);
    if (std::none_of(word.begin(), word.end(), [](unsigned char c) { return std::isupper(c); }))
      all.push_back(word);
    start = end + 1;
  }
  return all;
}

/// The completion of an option's value, in bash.
std::string action_for(const CLI::Option& option) {
  const std::string type = option.get_type_name(), name = option.get_lnames().front();
  if (type.starts_with("FILE")) return "files=file";
  if (type == "DIR") return "files=directory";
  std::vector<std::string> words;
  if (type.find('|') != type.npos || option.get_name() == "--completion")
    words = alternatives(type);
  else if (name == "dataset")
    words = data::dataset_names();
  else if (name == "model" || name == "teachers" || name == "teacher-model")
    words = nn::model_names();
  return fmt::format("choices='{}'", fmt::join(words, " "));
}

constexpr const char* script =
    R"bash(# Completes the options of {program} in bash: eval "$({program} --completion bash)"
_softlabel_{program}() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} option=${{COMP_WORDS[COMP_CWORD - 1]}} head= choices= files=
  if [[ $word == '=' ]]; then
    word=
  elif [[ $option == '=' ]]; then
    option=${{COMP_WORDS[COMP_CWORD - 2]}}
  fi
  case $option in
{cases}    *) choices='{options}' ;;
  esac
  if [[ $files ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -A "$files" -- "$word")
    return
  fi
  if [[ $word == *,* ]]; then  # a list: its last item
    head=${{word%,*}},
    word=${{word##*,}}
  fi
  mapfile -t COMPREPLY < <(compgen -P "$head" -W "$choices" -- "$word")
}}
complete -F _softlabel_{program} {program})bash";

}  // namespace

std::string bash_completion(const CLI::App& app) {
  std::string cases;
  std::vector<std::string> options;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_lnames().empty()) continue;
    const bool flag = option->get_expected_max() == 0;
    const std::string first = "--" + option->get_lnames().front();
    options.push_back(first);
    if (flag) {
      for (std::size_t i = 1; i < option->get_lnames().size(); ++i)
        options.push_back("--" + option->get_lnames()[i]);
      continue;
    }
    cases += fmt::format("    {}) {} ;;\n", first, action_for(*option));
  }
  return fmt::format(script, fmt::arg("program", app.get_name()), fmt::arg("cases", cases),
                     fmt::arg("options", fmt::format("{}", fmt::join(options, " "))));
}

}  // namespace experiments
