// SPDX-License-Identifier: MIT
#include "experiments/config.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "kernels/error.h"

namespace experiments {

using kernels::fail;
using kernels::require;

std::string Field::key() const {
  std::string key(name);
  std::replace(key.begin(), key.end(), '-', '_');
  return key;
}

namespace {

template <class T>
Json value_of(const T& member) {
  if constexpr (std::is_enum_v<T>) {
    return std::string(names_of<T>.at(std::size_t(member)));
  } else {
    return member;
  }
}

template <class T>
void read(const Field& field, const Json& value, T& member) {
  if constexpr (std::is_enum_v<T>) {
    const auto& names = names_of<T>;
    const auto found = std::find(names.begin(), names.end(), value.get<std::string>());
    require(found != names.end(), "--{} is {}, should be one of {}", field.name, value.dump(),
            fmt::join(names, ", "));
    member = T(found - names.begin());
  } else {
    require(!std::is_integral_v<T> || value.is_boolean() || value.is_number_integer(),
            "--{} is {}, should be a whole number", field.name, value.dump());
    value.get_to(member);
  }
}

bool is_densenet(const RunConfig& c) { return c.model.starts_with("densenet"); }

std::vector<int> default_milestones(const RunConfig& c) {
  const std::vector<int> all = is_densenet(c) ? std::vector<int>{c.epochs / 2, c.epochs * 3 / 4}
                                              : std::vector<int>{c.epochs / 3, c.epochs * 2 / 3};
  // The authors' code steps its schedule before each epoch, the first one too.
  const int early = c.protocol == Protocol::authors ? 1 : 0;
  std::vector<int> milestones;
  for (const int later : all) {  // a run of an epoch or two has none or one
    const int m = later - early;
    if (m > 0 && (milestones.empty() || m > milestones.back())) milestones.push_back(m);
  }
  return milestones;
}

double default_alpha(Loss loss) {
  switch (loss) {
    case Loss::ce: return 1;
    case Loss::ls: return 0;
    case Loss::sd: return 0.6;
    case Loss::beta:
    case Loss::ema: return 0.4;
  }
  return 1;
}

}  // namespace

RunConfig make_config(const Json& settings) {
  RunConfig c;
  std::size_t known = 0;
  visit_fields(c, [&](const Field& field, auto& member) {
    const auto found = settings.find(field.key());
    if (found == settings.end()) return;
    ++known;
    try {
      read(field, *found, member);
    } catch (const Json::exception&) {
      fail("--{} cannot be {}", field.name, found->dump());
    }
  });
  if (known != settings.size()) {
    for (const auto& setting : settings.items()) {
      bool is_field = false;
      visit_fields(c, [&](const Field& field, auto&) { is_field |= field.key() == setting.key(); });
      require(is_field, "config: nothing is called {}", setting.key());
    }
  }
  const bool authors = c.protocol == Protocol::authors;
  if (!settings.contains("epochs")) c.epochs = is_densenet(c) ? 200 : 150;
  if (!settings.contains("milestones")) c.milestones = default_milestones(c);
  if (!settings.contains("alpha")) c.alpha = default_alpha(c.loss);
  if (!settings.contains("beta_ranking") && authors)
    c.beta_ranking = kernels::BetaRanking::true_class_probability;
  if (!settings.contains("log_epsilon") && authors) c.log_epsilon = 1e-8;
  if (!settings.contains("split_seed")) c.split_seed = c.seed;
  return c;
}

Json to_json(const RunConfig& config) {
  Json json = Json::object();
  visit_fields(config, [&](const Field& field, const auto& member) {
    json[field.key()] = value_of(member);
  });
  return json;
}

int ece_bins(Protocol protocol) { return protocol == Protocol::authors ? 20 : 15; }

namespace {

void in_range(const char* option, double value, bool ok, const char* range) {
  require(ok && std::isfinite(value), "{} is {}, should be {}", option, value, range);
}

void at_least(const char* option, int value, int least) {
  require(value >= least, "{} is {}, should be at least {}", option, value, least);
}

}  // namespace

void validate(const RunConfig& c) {
  const std::vector<std::string> datasets = data::dataset_names();
  require(std::find(datasets.begin(), datasets.end(), c.dataset) != datasets.end(),
          "--dataset {} is unknown; there are {}", c.dataset, fmt::join(datasets, ", "));
  at_least("--image-size", c.image_size, 0);
  const RunConfig defaults;
  require(data::has_pictures(c.dataset) ||
              (c.exif_orientation == defaults.exif_orientation && c.skip_bad == defaults.skip_bad),
          "--{} is for data sets of picture files, which {} is not",
          c.skip_bad ? "skip-bad" : "no-exif-orientation", c.dataset);
  in_range("--test-fraction", c.test_fraction, c.test_fraction > 0 && c.test_fraction < 1,
           "between 0 and 1");
  require(c.dataset == "image-folder" || c.test_fraction == defaults.test_fraction,
          "--test-fraction is for --dataset image-folder; {} has a test set", c.dataset);
  at_least("--train-limit", c.train_limit, 0);
  at_least("--val-limit", c.val_limit, 0);
  in_range("--val-fraction", c.val_fraction, c.val_fraction >= 0 && c.val_fraction < 1,
           "in [0, 1)");
  at_least("--epochs", c.epochs, 1);
  at_least("--batch-size", c.batch_size, 1);
  at_least("--max-steps", c.max_steps, 0);
  in_range("--lr", c.lr, c.lr > 0, "greater than 0");
  in_range("--lr-factor", c.lr_factor, c.lr_factor > 0, "greater than 0");
  in_range("--momentum", c.momentum, c.momentum >= 0 && c.momentum < 1, "in [0, 1)");
  in_range("--weight-decay", c.weight_decay, c.weight_decay >= 0, "0 or greater");
  for (std::size_t i = 0; i < c.milestones.size(); ++i) {
    require(c.milestones[i] > (i == 0 ? 0 : c.milestones[i - 1]),
            "--milestones {} should be ascending epochs from 1 on", fmt::join(c.milestones, ","));
  }
  in_range("--alpha", c.alpha, c.alpha >= 0 && c.alpha <= 1, "in [0, 1]");
  in_range("--smoothing", c.smoothing, c.smoothing >= 0 && c.smoothing < 1, "in [0, 1)");
  in_range("--temperature", c.temperature, c.temperature > 0, "greater than 0");
  if (c.effective_label != 0) {
    require(c.loss == Loss::sd || c.loss == Loss::beta,
            "--effective-label solves the soft labels of --loss sd and beta, not of {}",
            names_of<Loss>.at(std::size_t(c.loss)));
    in_range("--effective-label", c.effective_label,
             c.effective_label > c.alpha && c.effective_label < 1, "between --alpha and 1");
  }
  in_range("--student-temperature", c.student_temperature, c.student_temperature > 0,
           "greater than 0");
  in_range("--gamma", c.gamma, c.gamma > 0, "greater than 0");
  in_range("--entropy-weight", c.entropy_weight, true, "finite");
  in_range("--log-epsilon", c.log_epsilon, c.log_epsilon >= 0, "0 or greater");
  require(!c.omega || c.loss == Loss::sd, "--omega weighs a teacher's soft labels: use --loss sd");
  in_range("--beta-a", c.beta_a, c.beta_a > 0, "greater than 0");
  in_range("--ema-decay", c.ema_decay, c.ema_decay >= 0 && c.ema_decay < 1, "in [0, 1)");
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
        return c.augment == data::Augmentation::none ? "no augmentation" : "standard augmentation";
      })};
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace experiments
