// SPDX-License-Identifier: MIT
#pragma once
#include <initializer_list>

#include "experiments/command_line/command_line.h"
#include "experiments/runs/config.h"

namespace experiments {

/// Options whose values may stand in a file too: what makes a run, or an experiment.
class Settings {
 public:
  /// An option for a T, or a list of them, which lands under `key`. `names` as of add_text_option.
  template <class T>
  CLI::Option* add(CLI::App&, const std::string& names, const std::string& key,
                   const std::string& help, const Range& = {});

  /// An option for each field of RunConfig in one of `groups`, less those in `without`.
  /// `by_preset`: the defaults are not the fields' own but a preset's.
  void add_fields(CLI::App&, std::initializer_list<std::string_view> groups,
                  const std::vector<std::string_view>& without = {}, bool by_preset = false);

  /// --config FILE: a JSON object with any of these options, or a run's config.json, of which what
  /// is no option here is passed over.
  CLI::Option* add_config_file(CLI::App&);

  const Json& given() const { return given_; }  // on the command line

  /// What somebody asks for: the command line's, and the file's unless that is a run's, which has
  /// all options there are. For refuse_unused().
  Json asked() const;

  /// The file's, and over them the command line's; for make_config. Where the protocol is the
  /// authors', what the command line gives as --alpha is theirs, the soft label's weight; in files
  /// alpha is always the hard label's. Throws Error naming the file if it cannot be read, and for
  /// an unknown key or an unfit value.
  Json all() const;

  /// The files that the run of a config.json read as `input`, "teacher", "weights" or another;
  /// empty if it read none, or the file of --config is no such. Throws Error if one has another
  /// content now.
  std::vector<std::string> inputs(const std::string& input) const;

 private:
  struct Known {
    std::vector<std::string> names;  // in files
    std::string key;
    std::function<Json(const Json&)> read;  // throws Unfit
  };
  void remember(const std::string& names, const std::string& key,
                std::function<Json(const Json&)> read);
  template <class T>
  CLI::Option* add_field(CLI::App&, const Field&, const T&);
  Json values_of(const Json& file) const;
  std::set<std::string> changed() const;  // what a run's file does not decide
  Json in_file(bool of_a_run) const;      // nothing from a run's unless that is wanted

  std::vector<Known> known_;
  Json given_ = Json::object();
  std::string file_;
};

}  // namespace experiments
