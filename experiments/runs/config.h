// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/batches.h"
#include "data/dataset.h"
#include "engine/system/values.h"
#include "kernels/beta_labels.h"
#include "kernels/runtime/precision.h"
#include "nn/model.h"
#include "nn/optimizer.h"

/// The configuration of a training run. One list of fields (visit_fields) makes the command-line
/// options, config.json and the presets of the experiments, so that a new field is declared once.
/// Libraries name a field by its key, as `batch_size`; programs show that as --batch-size.
namespace experiments {

/// How the soft labels are made; see kernels/soft_target_loss.h for the formula they all share.
enum class Loss : std::uint8_t {
  ce,    // cross entropy: no soft labels
  ls,    // label smoothing
  sd,    // (self-)distillation: the softmax of a teacher
  beta,  // Beta smoothing: ranked draws from Beta(a, 1)
  ema,   // self-training: the softmax of the moving average of the network itself
  soft,  // probabilities from a file
  pskd,  // PS-KD: what the network said of the image in the epoch before (docs/methods.md)
  ols,   // online label smoothing: what it said of the images of the class that it had right
  zipf,  // Zipf's label smoothing: 1 / rank of the other classes' logits (docs/methods.md)
};
/// The weight of the hard label by loss, as in the papers; of pskd in the last epoch. None has
/// `soft`.
inline constexpr double default_alpha[] = {1, 0, 0.6, 0.4, 0.4, 0, 0.2, 0.5, 1};
/// Values from here on are losses that a program has registered (training/own_loss.h).
inline constexpr std::size_t losses_here = std::size(default_alpha), most_losses = 32;
inline bool is_own(Loss loss) { return std::size_t(loss) >= losses_here; }
enum class SmoothingOver : std::uint8_t { others, all };
enum class ScheduleKind : std::uint8_t { multi_step, cosine, constant };
/// What does not learn: nothing, or all of the network but its head.
enum class Freeze : std::uint8_t { none, body };
enum class EmaInit : std::uint8_t { random, copy };
/// What a student gets to see of a teacher's labels, whose mean at the true class stays what it is
/// but for the weights.
enum class TeacherLabels : std::uint8_t {
  own,       // all of its own image's
  permuted,  // those of another image of the class
  strength,  // the true class's probability; the rest is uniform
  constant,  // the other classes' shares; the true class's probability is the mean for every image
  weighted,  // all of its own image's, weighed as in WTTM (docs/methods.md)
};
/// The running statistics of the EMA model: moved by its own forward passes, or an average of the
/// network's, as its weights are.
enum class EmaBuffers : std::uint8_t { own, averaged };
/// Whose defaults hold where the paper and its authors' code differ; see docs/protocols.md.
enum class Protocol : std::uint8_t { paper, authors };

template <>
inline auto names_of<Loss> =
    std::vector<std::string_view>{"ce", "ls", "sd", "beta", "ema", "soft", "pskd", "ols", "zipf"};
template <>
inline constexpr auto names_of<SmoothingOver> = std::to_array<std::string_view>({"others", "all"});
template <>
inline constexpr auto names_of<ScheduleKind> =
    std::to_array<std::string_view>({"multi-step", "cosine", "constant"});
template <>
inline constexpr auto names_of<nn::OptimizerOptions::Rule> =
    std::to_array<std::string_view>({"sgd", "adamw"});
template <>
inline constexpr auto names_of<Freeze> = std::to_array<std::string_view>({"none", "body"});
template <>
inline constexpr auto names_of<TeacherLabels> =
    std::to_array<std::string_view>({"own", "permuted", "strength", "constant", "weighted"});
template <>
inline constexpr auto names_of<EmaInit> = std::to_array<std::string_view>({"random", "copy"});
template <>
inline constexpr auto names_of<EmaBuffers> = std::to_array<std::string_view>({"own", "averaged"});
template <>
inline constexpr auto names_of<Protocol> = std::to_array<std::string_view>({"paper", "authors"});
template <>
inline constexpr auto names_of<nn::Mode> = std::to_array<std::string_view>({"train", "eval"});
template <>
inline constexpr auto names_of<data::Order> = std::to_array<std::string_view>({"shuffled",
                                                                               "sequential"});
template <>
inline constexpr auto names_of<data::Augmentation> = std::to_array<std::string_view>({"none",
                                                                                      "standard"});
template <>
inline constexpr auto names_of<data::SplitKind> = std::to_array<std::string_view>({"stratified",
                                                                                   "random"});
template <>
inline constexpr auto names_of<kernels::BetaRanking> =
    std::to_array<std::string_view>({"largest", "true-class", "random", "reversed"});

template <>
inline constexpr auto names_of<kernels::Precision> =
    std::to_array<std::string_view>({"exact", "f32", "tf32", "bf16"});

inline constexpr const char* precision_help =
    "f32: float32; exact: the same, but no convolution by Winograd's algorithm, which rounds a "
    "little more; tf32: a GPU's tensor cores may round factors to 10 bits; bf16: activations in "
    "bfloat16, weights and sums in float32. Runs on a GPU that has tf32 take that if not given";

/// Everything that determines a run's numbers, apart from the contents of the files it reads, the
/// device and the number of threads. The defaults are the paper's.
struct RunConfig {
  std::string dataset = "cifar100";
  int image_size = 0;
  bool exif_orientation = true;
  bool skip_bad = false;
  double test_fraction = data::LoadOptions{}.test_fraction;
  int train_limit = 0, val_limit = 0;
  double val_fraction = 0.1;
  data::SplitKind split_kind = data::SplitKind::stratified;
  std::uint64_t split_seed = 0;

  std::string model = "resnet34";
  kernels::Precision precision = kernels::Precision::f32;

  bool new_head = false;
  Freeze freeze = Freeze::none;
  int epochs = 150;
  int batch_size = 128;
  double lr = 0.1;
  ScheduleKind schedule = ScheduleKind::multi_step;
  std::vector<int> milestones = {50, 100};
  double lr_factor = 0.1;
  double warmup_epochs = 0;
  nn::OptimizerOptions::Rule optimizer = nn::OptimizerOptions::Rule::sgd;
  double momentum = 0.9;
  bool nesterov = false;
  double adam_beta1 = 0.9, adam_beta2 = 0.999, adam_epsilon = 1e-8;
  double weight_decay = 1e-4;
  double clip_norm = 0;
  data::Augmentation augment = data::Augmentation::standard;
  double mixup = 0, cutmix = 0;
  data::Order order = data::Order::shuffled;
  std::uint64_t seed = 0;
  int max_steps = 0;
  bool sync_batch_norm = false;
  Protocol protocol = Protocol::paper;

  Loss loss = Loss::ce;
  double alpha = 1;
  double smoothing = 0.15;
  SmoothingOver smoothing_over = SmoothingOver::others;
  double temperature = 1;
  double student_temperature = 1;
  double effective_label = 0;
  bool scale_by_temperature = false;
  bool omega = false;
  double gamma = 1;
  double entropy_weight = 0;
  double log_epsilon = 0;
  std::string teacher_model;
  TeacherLabels teacher_labels = TeacherLabels::own;
  double zipf_weight = 0.1;

  double beta_a = 3;
  kernels::BetaRanking beta_ranking = kernels::BetaRanking::largest_probability;
  double ema_decay = 0;
  EmaInit ema_init = EmaInit::random;
  nn::Mode ema_mode = nn::Mode::train;
  EmaBuffers ema_buffers = EmaBuffers::own;
  bool evaluate_ema = false;
};

/// Some of the losses.
struct Losses {
  unsigned bits = 0;
  constexpr bool contain(Loss loss) const { return (bits >> unsigned(loss) & 1) != 0; }
  constexpr Losses operator|(Losses other) const { return {bits | other.bits}; }
};
constexpr Losses only(Loss loss) { return {1U << unsigned(loss)}; }
inline constexpr Losses all_losses{~0U};  // own ones of programs too
inline constexpr Losses soft_target_losses{((1U << losses_here) - 1) & ~only(Loss::zipf).bits};

/// One field: where it stands in --help, its option's name (the key in files has '_' for '-'), what
/// it means, what it may be (its items, if it is a list), its default where that depends on other
/// fields, and which losses use it.
struct Field {
  std::string_view group, name, help;
  Range range = {};
  std::string_view default_text = {};
  Losses losses = all_losses;
  std::string key() const;
};

const std::string& dataset_help();  // the names there are

/// Calls visit(Field, member) for each field in order. Config is RunConfig or const RunConfig.
template <class Config, class Visit>
void visit_fields(Config& c, Visit&& visit) {
  constexpr std::string_view data = "Data", network = "Network", training = "Training",
                             loss = "Loss", ema = "Beta smoothing and EMA";
  constexpr Range name{}, choice{}, any{}, count = from(0, 2147483647),
                                           positive = from(1, 2147483647);
  constexpr Losses ls = only(Loss::ls), sd = only(Loss::sd), beta = only(Loss::beta),
                   self = only(Loss::ema), soft = only(Loss::soft), zipf = only(Loss::zipf),
                   history = only(Loss::pskd) | only(Loss::ols);
  using F = Field;
  visit(F{data, "dataset", dataset_help()}, c.dataset);
  visit(F{data, "image-size", "side of what networks see, where images are resized", count,
          "tiny-imagenet 32, cub200 and image-folder 64"},
        c.image_size);
  visit(F{data, "exif-orientation",
          "turn pictures as cameras say they were held; on unless `no_exif_orientation`"},
        c.exif_orientation);
  visit(F{data, "skip-bad", "go on without pictures that cannot be read"}, c.skip_bad);
  visit(F{data,
          "test-fraction",
          "image-folder without test/: share of each class held out as the test set",
          {.least = 0, .most = 1, .above = true, .below = true}},
        c.test_fraction);
  visit(F{data, "train-limit", "train on a subset of this size, balanced over classes", count,
          "0, all"},
        c.train_limit);
  visit(F{data, "val-limit", "validate on a subset of this size", count, "0, all"}, c.val_limit);
  visit(F{data,
          "val-fraction",
          "share of the training set held out for validation",
          {.least = 0, .most = 1, .below = true}},
        c.val_fraction);
  visit(F{data, "split-kind", "how the held-out samples are drawn"}, c.split_kind);
  visit(F{data, "split-seed", "chooses held-out samples and subset", any, "`seed`"}, c.split_seed);

  visit(F{network, "model", nn::model_help()}, c.model);
  visit(F{network, "precision", precision_help}, c.precision);

  visit(F{training, "new-head",
          "of `weights` take all but the last layer, which starts anew, for other classes"},
        c.new_head);
  visit(F{training, "freeze",
          "body: only the last layer learns, and batch norm stays as `weights` have it"},
        c.freeze);
  visit(F{training, "epochs", "passes over the training set", positive, "150, DenseNet 200"},
        c.epochs);
  visit(F{training, "batch-size", "samples in a step", positive}, c.batch_size);
  visit(F{training, "lr", "learning rate at the start", f32_positive, "0.1, adamw 0.001"}, c.lr);
  visit(F{training, "schedule", "how the learning rate falls"}, c.schedule);
  visit(F{training, "milestones", "multi-step: epochs after which the rate falls, as 50,100", count,
          "at 1/3 and 2/3, DenseNet at 1/2 and 3/4"},
        c.milestones);
  visit(F{training, "lr-factor", "multi-step: factor at each milestone", f32_positive},
        c.lr_factor);
  visit(F{training, "warmup-epochs", "in which the rate rises to the schedule's, step by step",
          at_least(0), "0, none"},
        c.warmup_epochs);
  visit(F{training, "optimizer", "sgd with momentum, or adamw"}, c.optimizer);
  visit(F{training, "momentum", "momentum of SGD", f32_below_1}, c.momentum);
  visit(F{training, "nesterov", "Nesterov's momentum"}, c.nesterov);
  visit(F{training, "adam-beta1", "AdamW: decay of the mean gradient", f32_below_1}, c.adam_beta1);
  visit(F{training, "adam-beta2", "AdamW: decay of its mean square", f32_below_1}, c.adam_beta2);
  visit(F{training, "adam-epsilon", "AdamW: added to the root of that", f32_positive},
        c.adam_epsilon);
  visit(F{training, "weight-decay", "on all parameters; adamw decouples it from gradients",
          f32_from_0, "0.0001, adamw 0.01"},
        c.weight_decay);
  visit(F{training, "clip-norm", "scale gradients whose norm, of all together, is above this",
          f32_from_0, "0, never"},
        c.clip_norm);
  visit(F{training, "augment", "standard: random crop (and flip where the data set allows it)"},
        c.augment);
  visit(
      F{training, "mixup", "blend each view with another's, by a share from Beta(a, a) with this a",
        at_least(0), "0, never"},
      c.mixup);
  visit(F{training, "cutmix",
          "paste a box of another view into each, its area from Beta(a, a); with `mixup`, either",
          at_least(0), "0, never"},
        c.cutmix);
  visit(F{training, "order", "of the samples in an epoch"}, c.order);
  visit(F{training, "seed", "initial weights, order, augmentation and draws"}, c.seed);
  visit(F{training, "max-steps", "stop after this many steps", count, "0, no limit"}, c.max_steps);
  visit(F{training, "sync-batch-norm",
          "several ranks: batch norm by the statistics of all their images, not each by its own"},
        c.sync_batch_norm);
  visit(F{training, "protocol", "whose defaults hold where the paper and its authors' code differ"},
        c.protocol);

  visit(F{loss, "loss",
          "ce: cross entropy, ls: label smoothing, sd: distillation, beta: Beta smoothing, "
          "ema: self-training, soft: probabilities from a file, pskd: progressive "
          "self-distillation, ols: online label smoothing, zipf: Zipf's label smoothing"},
        c.loss);
  visit(F{loss, "alpha", "weight of the hard label; with `protocol` authors, of the soft one",
          f32_share, "ls and soft 0, sd 0.6, beta and ema 0.4, ols 0.5, pskd 0.2 in the last epoch",
          ls | sd | beta | self | soft | history},
        c.alpha);
  visit(F{loss, "smoothing", "probability taken from the true class", f32_below_1, {}, ls},
        c.smoothing);
  visit(F{loss, "smoothing-over", "who gets it, the other classes or all of them", choice, {}, ls},
        c.smoothing_over);
  visit(F{loss, "temperature", "of the teacher's softmax", f32_positive, {}, sd | self},
        c.temperature);
  visit(F{loss,
          "effective-label",
          "solve the temperature or a so that the true class's label is this on average, as 0.85",
          {.least = 0, .most = 1, .below = true},
          "0, as given",
          sd | beta},
        c.effective_label);
  visit(F{loss,
          "student-temperature",
          "of the network's own softmax",
          f32_positive,
          {},
          soft_target_losses},
        c.student_temperature);
  visit(F{loss,
          "scale-by-temperature",
          "multiply the loss by the student temperature squared",
          choice,
          {},
          soft_target_losses},
        c.scale_by_temperature);
  visit(F{loss, "omega", "sample weights of Eq. 10, over their mean", choice, {}, sd}, c.omega);
  visit(F{loss,
          "gamma",
          "parameter of the Dirichlet prior, Eq. 8",
          f32_positive,
          {},
          soft_target_losses},
        c.gamma);
  visit(F{loss, "entropy-weight", "rewards uncertain predictions", f32_any, {}, soft_target_losses},
        c.entropy_weight);
  visit(F{loss, "log-epsilon", "added to probabilities in the logarithm of the soft part",
          f32_from_0, "0; `protocol` authors 1e-8", ls | sd | beta | self | soft | history},
        c.log_epsilon);
  visit(
      F{loss, "teacher-model", "the teacher's network", name, "as its file says, else `model`", sd},
      c.teacher_model);
  visit(
      F{loss,
        "teacher-labels",
        "what of the teacher's labels is used: own, all of them; permuted, those of another image "
        "of the class; strength, the true class's with the rest uniform; constant, the others with "
        "the mean for the true class; weighted, all with WTTM's sample weights",
        choice,
        {},
        sd},
      c.teacher_labels);
  visit(F{loss,
          "zipf-weight",
          "of the divergence of what is said of the classes other than the label from 1 / rank",
          f32_from_0,
          {},
          zipf},
        c.zipf_weight);

  visit(F{ema, "beta-a", "soft labels are drawn from Beta(a, 1)", f32_positive, {}, beta},
        c.beta_a);
  visit(F{ema, "beta-ranking",
          "by the EMA model's largest or true-class probability, at random, or by the largest in "
          "reverse",
          choice, "largest; `protocol` authors true-class", beta},
        c.beta_ranking);
  visit(
      F{ema, "ema-decay", "upper limit of the decay", f32_below_1,
        "0, a memory of 1.9 % of the steps, at most 0.999; `protocol` authors 0.999", beta | self},
      c.ema_decay);
  visit(F{ema, "ema-init", "how the EMA model starts", choice, {}, beta | self}, c.ema_init);
  visit(F{ema,
          "ema-mode",
          "batch norm of the EMA model: statistics of the batch or averaged",
          choice,
          {},
          beta | self},
        c.ema_mode);
  visit(F{ema,
          "ema-buffers",
          "running statistics of the EMA model: its own, or averaged ones",
          choice,
          {},
          beta | self},
        c.ema_buffers);
  visit(F{ema, "evaluate-ema",
          "validate, keep and measure the moving average's weights, not the network's"},
        c.evaluate_ema);
}

/// The keys of all fields.
std::vector<std::string> field_keys();

/// "sd, ema"; empty if it is all of them.
std::string loss_names(Losses);

/// The settings in the whole of a run's config.json, in today's terms. Before there was `precision`
/// among them, all was exact, or tf32 stood among the circumstances. Before there was `version`,
/// gamma - 1 was not weighed by alpha, and an EMA's decay of 0 was one. Throws Error for what
/// cannot be said today.
Json run_settings(const Json& config_json);

/// A config from `settings`, an object with any of the fields' keys. Missing ones take the paper's
/// defaults for the network and loss at hand. Throws Error, naming the key and the fact, on an
/// unknown key or a value that is not of the field's type or out of its range.
RunConfig make_config(const Json& settings);

/// A run's settings without those that make_config has found from one of `changed`, keys of which
/// they are to have other values: alpha from the loss, milestones from the epochs, the learning
/// rate from the optimizer. So they follow these. The seed of the split stays. Settings that make
/// no config come back as they are.
Json without_found(const Json& settings, const std::set<std::string>& changed);

Json to_json(const RunConfig&);  // `version` and every field; make_config(to_json(c)) is c

/// The upper limit of an EMA's decay in a run of so many steps: the one that is given, or else such
/// that its memory, 1 / (1 - decay) steps, is the share of the run that it is in the paper's
/// setting with the authors' 0.999, 1,000 of 150 epochs of 352 steps; never longer than that.
double ema_limit(const RunConfig&, double steps);

/// Whether soft labels are made by a moving average of the network, and whether there is one.
bool asks_ema(const RunConfig&);
bool uses_ema(const RunConfig&);

/// Whether soft labels are made of what the network said in the epoch before.
bool learns_from_last_epoch(const RunConfig&);

/// Whether views, and so labels, are mixed.
bool mixes(const RunConfig&);

/// Bins of the ECE that a run reports first: 15, as is usual, or the authors' 20.
int ece_bins(Protocol);

/// Throws Error, naming the option and the fact, if no run can have this config.
void validate(const RunConfig&);

/// Throws UsageError if `given`, what a user asked for, has an option that none of these runs uses:
/// that of another loss, say. It would mean nothing, and the user means something.
void refuse_unused(const Json& given, std::span<const RunConfig>);

/// "fashion-mnist, resnet8 and resnet20, 2000 training images, 20 epochs, no augmentation".
std::string describe(std::span<const RunConfig>);

}  // namespace experiments
