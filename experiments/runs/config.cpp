// SPDX-License-Identifier: MIT
#include "experiments/runs/config.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "kernels/runtime/error.h"

namespace experiments {

using kernels::fail;
using kernels::require;
using Rule = nn::OptimizerOptions::Rule;

std::string Field::key() const {
  std::string key(name);
  std::replace(key.begin(), key.end(), '-', '_');
  return key;
}

namespace {

template <class T>
Json value_of(const T& member) {
  if constexpr (std::is_enum_v<T>) {
    return name_of(member);
  } else {
    return member;
  }
}

template <class T>
void read_field(const Field& field, const Json& value, T& member) {
  if constexpr (std::is_enum_v<T>) {
    member = value_named<T>(read<std::string>(value));
  } else {
    member = read<T>(value, field.range);
  }
}

constexpr const char* version_key = "version";  // of the settings' meaning
constexpr int current_version = 2;

bool is_densenet(const RunConfig& c) { return c.model.starts_with("densenet"); }

std::vector<int> default_milestones(const RunConfig& c) {
  const std::vector<int> all = is_densenet(c) ? std::vector<int>{c.epochs / 2, c.epochs * 3 / 4}
                                              : std::vector<int>{c.epochs / 3, c.epochs * 2 / 3};
  // The authors' code steps its schedule before each epoch, the first one too.
  const int early = c.protocol == Protocol::authors ? 1 : 0;
  std::vector<int> milestones;
  for (const int later : all) {  // a run of an epoch or two has none or one
    const int m = later - early;
    if (later > 0 && (milestones.empty() || m > milestones.back())) milestones.push_back(m);
  }
  return milestones;
}

}  // namespace

const std::string& dataset_help() {
  static const std::string help = fmt::format("{}", fmt::join(data::dataset_names(), ", "));
  return help;
}

std::vector<std::string> field_keys() {
  std::vector<std::string> keys;
  const RunConfig config;
  visit_fields(config, [&](const Field& field, const auto&) { keys.push_back(field.key()); });
  return keys;
}

Json run_settings(const Json& config_json) {
  require(config_json.is_object(), "it is no object");
  Json settings = config_json.value("run", Json::object());
  const Json provenance = config_json.value("circumstances", Json());
  if (settings.is_object() && !settings.contains("precision")) {
    const bool tf32 = provenance.is_object() && provenance.value("tf32", Json()) == true;
    settings["precision"] = tf32 ? "tf32" : "exact";
  }
  if (settings.is_object() && !settings.contains(version_key)) {
    const auto number = [&](const char* key, double otherwise) {
      const Json value = settings.value(key, Json());
      return value.is_number() ? value.get<double>() : otherwise;
    };
    const double gamma = number("gamma", 1), alpha = number("alpha", 1);
    require(gamma == 1 || alpha > 0,
            "gamma {} beside alpha 0 is of an earlier version, whose gamma - 1 alpha did not weigh",
            gamma);
    if (gamma != 1) settings["gamma"] = 1 + (gamma - 1) / alpha;
    if (number("ema_decay", 1) == 0) settings["ema_decay"] = 1e-30;
  }
  if (settings.is_object() && settings.contains(version_key)) {
    const Entry version(settings[version_key], version_key);
    require(version.as<int>(at_least(1)) <= current_version,
            "its options are of version {}, known here are those up to {}: a later softlabel wrote "
            "them",
            version.as<int>(), current_version);
    settings.erase(version_key);
  }
  return settings;
}

Json without_found(const Json& settings, const std::set<std::string>& changed) {
  static const std::map<std::string, std::vector<std::string>> found_from = {
      {"milestones", {"epochs", "model", "protocol"}},
      {"epochs", {"model"}},
      {"alpha", {"loss"}},
      {"beta_ranking", {"protocol"}},
      {"log_epsilon", {"protocol"}},
      {"ema_decay", {"protocol"}},
      {"lr", {"optimizer"}},
      {"weight_decay", {"optimizer"}}};
  const auto is_changed = [&](const std::string& key) { return changed.contains(key); };
  Json kept = settings;
  try {
    const Json config = to_json(make_config(settings));
    for (const auto& [key, others] : found_from) {
      if (!settings.contains(key) || std::ranges::none_of(others, is_changed)) continue;
      Json without = settings;
      without.erase(key);
      if (to_json(make_config(without)).at(key) == config.at(key)) kept.erase(key);
    }
  } catch (const kernels::Error&) {  // whoever reads these settings says what is wrong
    return settings;
  }
  return kept;
}

RunConfig make_config(const Json& settings) {
  require(settings.is_object(), "a run's options should be an object");
  RunConfig c;
  visit_fields(c, [&](const Field& field, auto& member) {
    const auto found = settings.find(field.key());
    if (found == settings.end()) return;
    try {
      read_field(field, *found, member);
    } catch (const Unfit& e) {
      fail("{} {}", field.key(), e.what());
    }
  });
  std::vector<std::string> keys = field_keys();
  keys.emplace_back(version_key);
  for (const auto& item : settings.items()) {
    if (std::find(keys.begin(), keys.end(), item.key()) == keys.end())
      fail("no option of a run is called {}{}", shown(item.key()), did_you_mean(item.key(), keys));
  }
  const bool authors = c.protocol == Protocol::authors;
  if (!settings.contains("epochs")) c.epochs = is_densenet(c) ? 200 : 150;
  if (!settings.contains("milestones")) c.milestones = default_milestones(c);
  if (!settings.contains("alpha"))
    c.alpha = is_own(c.loss) ? 1 : default_alpha[std::size_t(c.loss)];
  if (!settings.contains("beta_ranking") && authors)
    c.beta_ranking = kernels::BetaRanking::true_class_probability;
  if (!settings.contains("log_epsilon") && authors) c.log_epsilon = 1e-8;
  if (!settings.contains("ema_decay") && authors) c.ema_decay = 0.999;
  if (c.optimizer == Rule::adamw) {  // PyTorch's
    if (!settings.contains("lr")) c.lr = 1e-3;
    if (!settings.contains("weight_decay")) c.weight_decay = 0.01;
  }
  if (!settings.contains("split_seed")) c.split_seed = c.seed;
  return c;
}

Json to_json(const RunConfig& config) {
  Json json = {{version_key, current_version}};
  visit_fields(config, [&](const Field& field, const auto& member) {
    json[field.key()] = value_of(member);
  });
  return json;
}

double ema_limit(const RunConfig& config, double steps) {
  constexpr double share = 1000.0 / (150 * 352);
  if (config.ema_decay > 0) return config.ema_decay;
  return std::clamp(1 - 1 / (share * steps), 0.0, 0.999);
}

int ece_bins(Protocol protocol) { return protocol == Protocol::authors ? 20 : 15; }

void validate(const RunConfig& c) {
  const std::vector<std::string> datasets = data::dataset_names();
  require(std::find(datasets.begin(), datasets.end(), c.dataset) != datasets.end(),
          "`dataset` {} is unknown; there are {}", shown(c.dataset), fmt::join(datasets, ", "));
  const RunConfig defaults;
  require(data::has_pictures(c.dataset) ||
              (c.exif_orientation == defaults.exif_orientation && c.skip_bad == defaults.skip_bad),
          "`{}` is for data sets of picture files, which {} is not",
          c.skip_bad ? "skip_bad" : "no_exif_orientation", c.dataset);
  require(c.dataset == "image-folder" || c.test_fraction == defaults.test_fraction,
          "`test_fraction` is for `dataset` image-folder; {} has a test set", c.dataset);
  visit_fields(c, [&](const Field& field, const auto& member) {
    using T = std::decay_t<decltype(member)>;
    if constexpr (std::is_same_v<T, int> || std::is_same_v<T, double>) {
      try {
        check(member, field.range);
      } catch (const Unfit& e) {
        fail("`{}` {}", field.key(), e.what());
      }
    }
  });
  for (std::size_t i = 0; i < c.milestones.size(); ++i) {
    require(c.milestones[i] > (i == 0 ? -1 : c.milestones[i - 1]),
            "`milestones` {} should be ascending epochs", fmt::join(c.milestones, ","));
  }
  const double last_lr = c.lr * std::pow(c.lr_factor, double(c.milestones.size()));
  require(c.schedule != ScheduleKind::multi_step || last_lr >= std::numeric_limits<float>::min(),
          "`lr` {} falls by `lr_factor` {} to {}, too near 0 for float32", c.lr, c.lr_factor,
          last_lr);
  require(c.warmup_epochs <= c.epochs,
          "`warmup_epochs` is {}, of the {} epochs that there are: the rate would never be `lr`",
          c.warmup_epochs, c.epochs);
  require(!c.nesterov || c.momentum > 0 || c.optimizer != Rule::sgd,
          "`nesterov` looks ahead along the momentum: `momentum` should be above 0");
  const char* mixing = c.mixup > 0 ? "mixup" : "cutmix";
  require(!mixes(c) || !is_own(c.loss),
          "`{}` mixes labels, of which `loss` {}, which this program brings along, knows nothing",
          mixing, name_of(c.loss));
  require(!mixes(c) || c.loss != Loss::beta ||
              c.beta_ranking != kernels::BetaRanking::true_class_probability,
          "`beta_ranking` true-class ranks by the probability of a picture's class, and of mixed "
          "ones there are two: rank by the largest, or leave out `{}`",
          mixing);
  require(!mixes(c) || !learns_from_last_epoch(c),
          "`loss` {} learns from what the network said of an image, and of mixed ones it speaks of "
          "two: leave out `{}`",
          name_of(c.loss), mixing);
  require(!mixes(c) || c.loss != Loss::zipf,
          "`loss` zipf ranks the classes other than an image's, and mixed ones have two: leave out "
          "`{}`",
          mixing);
  if (c.effective_label != 0) {
    require(c.loss == Loss::sd || c.loss == Loss::beta,
            "`effective_label` solves the soft labels of `loss` sd and beta, not of {}",
            name_of(c.loss));
    require(c.effective_label > c.alpha,
            "`effective_label` is {}, should be between `alpha`, which is {}, and 1",
            c.effective_label, c.alpha);
  }
  require(
      c.freeze == Freeze::none || !uses_ema(c) ||
          (c.ema_init == EmaInit::copy && (!asks_ema(c) || c.ema_mode == nn::Mode::eval)),
      "`freeze` body leaves the body of the EMA model as it starts, with the batch norm it has: "
      "use `ema_init` copy{}",
      asks_ema(c) ? " and `ema_mode` eval" : "");
  require(!c.omega || c.teacher_labels == TeacherLabels::own,
          "`omega` weighs by the size of a teacher's logits, which `teacher_labels` {} leaves out",
          name_of(c.teacher_labels));
  require(!c.omega || c.loss == Loss::sd, "`omega` weighs a teacher's soft labels: use `loss` sd");
}

bool mixes(const RunConfig& c) { return c.mixup > 0 || c.cutmix > 0; }

bool asks_ema(const RunConfig& c) {
  return c.loss == Loss::ema ||
         (c.loss == Loss::beta && c.beta_ranking != kernels::BetaRanking::random);
}

bool uses_ema(const RunConfig& c) { return c.evaluate_ema || asks_ema(c); }

bool learns_from_last_epoch(const RunConfig& c) {
  return c.loss == Loss::pskd || c.loss == Loss::ols;
}

std::string loss_names(Losses losses) {
  if (losses.contain(Loss::ce)) return {};
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < names_of<Loss>.size(); ++i)
    if (losses.contain(Loss(i))) names.push_back(names_of<Loss>[i]);
  return fmt::format("{}", fmt::join(names, ", "));
}

namespace {

/// A condition on other fields without which a field has no use.
struct Need {
  std::string_view name;
  bool (*met)(const RunConfig&);
  const char* otherwise;
};

bool uses_sgd(const RunConfig& c) { return c.optimizer == Rule::sgd; }
bool uses_adamw(const RunConfig& c) { return c.optimizer == Rule::adamw; }

const Need needs[] = {
    {"test-fraction", [](const RunConfig& c) { return c.dataset == "image-folder"; },
     "is for `dataset` image-folder"},
    {"temperature", [](const RunConfig& c) { return c.loss != Loss::sd || c.effective_label == 0; },
     "is solved for where there is `effective_label`"},
    {"beta-a", [](const RunConfig& c) { return c.effective_label == 0; },
     "is solved for where there is `effective_label`"},
    {"gamma", [](const RunConfig& c) { return c.alpha > 0; },
     "is weighed by `alpha`, as Eq. 8 has it, and that is 0"},
    {"ema-mode", asks_ema, "is for an EMA model that makes labels, and this one makes none"},
    {"ema-buffers", asks_ema, "is for an EMA model that makes labels, and this one makes none"},
    {"scale-by-temperature", [](const RunConfig& c) { return c.student_temperature != 1; },
     "is a factor of `student_temperature` squared, and that is 1"},
    {"milestones", [](const RunConfig& c) { return c.schedule == ScheduleKind::multi_step; },
     "is for `schedule` multi-step"},
    {"milestones",
     [](const RunConfig& c) { return c.milestones.empty() || c.milestones.back() < c.epochs; },
     "has an epoch at or after the last of `epochs`, where no rate is left to fall"},
    {"lr-factor", [](const RunConfig& c) { return c.schedule == ScheduleKind::multi_step; },
     "is for `schedule` multi-step"},
    {"momentum", uses_sgd, "is for `optimizer` sgd"},
    {"nesterov", uses_sgd, "is for `optimizer` sgd"},
    {"adam-beta1", uses_adamw, "is for `optimizer` adamw"},
    {"adam-beta2", uses_adamw, "is for `optimizer` adamw"},
    {"adam-epsilon", uses_adamw, "is for `optimizer` adamw"},
    {"val-limit", [](const RunConfig& c) { return c.val_fraction > 0; },
     "is for held-out samples, of which `val_fraction` 0 leaves none"},
    {"split-kind", [](const RunConfig& c) { return c.val_fraction > 0; },
     "is for held-out samples, of which `val_fraction` 0 leaves none"},
    {"split-seed",
     [](const RunConfig& c) {
       return c.val_fraction > 0 || c.train_limit > 0 || c.teacher_labels != TeacherLabels::own;
     },
     "chooses held-out samples, a subset or a teacher's changed labels, and there are none"}};

/// Why a run does not use a field, to be put behind the option's name; empty if it does.
std::string unused(const Field& field, const RunConfig& c) {
  if (field.losses.contain(Loss::ce) && !field.losses.contain(c.loss))
    return fmt::format("is not for `loss` {}{}", name_of(c.loss),
                       is_own(c.loss) ? ", which this program brings along" : "");
  const bool of_ema = field.name.starts_with("ema-");
  if (!field.losses.contain(c.loss) && !(of_ema && uses_ema(c)))
    return fmt::format("is for `loss` {}, not {}", loss_names(field.losses), name_of(c.loss));
  if (of_ema && !uses_ema(c))
    return "is of the EMA model, which `beta_ranking` random does without";
  for (const Need& need : needs)
    if (need.name == field.name && !need.met(c)) return need.otherwise;
  return {};
}

}  // namespace

void refuse_unused(const Json& given, std::span<const RunConfig> configs) {
  const RunConfig defaults;
  visit_fields(defaults, [&](const Field& field, const auto&) {
    const Json value = given.value(field.key(), Json());
    if (value.is_null() || value == false) return;
    if (field.name == "effective-label" && value == 0) return;  // that is: nothing is solved
    for (const RunConfig& c : configs)
      if (unused(field, c).empty()) return;
    throw UsageError(fmt::format("`{}` {}", field.key(), unused(field, configs.back())));
  });
}

std::string describe(std::span<const RunConfig> configs) {
  const auto distinct = [&](auto text_of) {
    std::vector<std::string> texts;
    for (const RunConfig& c : configs) {
      const std::string text = text_of(c);
      if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
    }
    return fmt::format("{}", fmt::join(texts, " and "));
  };
  const std::string parts[] = {
      distinct([](const RunConfig& c) { return c.dataset; }),
      distinct([](const RunConfig& c) { return c.model; }), distinct([](const RunConfig& c) {
        return c.train_limit > 0 ? fmt::format("{} training images", c.train_limit)
                                 : std::string("all training images");
      }),
      distinct([](const RunConfig& c) {
        return c.max_steps > 0 ? fmt::format("{} steps", c.max_steps)
                               : fmt::format("{} epochs", c.epochs);
      }),
      distinct([](const RunConfig& c) {
        const bool none = c.augment == data::Augmentation::none;
        return fmt::format("{}{}{}{}", none ? "no augmentation" : "standard augmentation",
                           c.mixup > 0 ? ", mixup" : "", c.cutmix > 0 ? ", CutMix" : "",
                           c.optimizer == Rule::adamw ? ", AdamW" : "");
      })};
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace experiments
