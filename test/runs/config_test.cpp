// SPDX-License-Identifier: MIT
#include "experiments/runs/config.h"

#include "test/support/catch.h"
#include "test/support/error_of.h"

using namespace experiments;
using Catch::Matchers::Contains;

namespace {

std::string error_of(const Json& settings) {
  return test::error_of([&] { validate(make_config(settings)); });
}

}  // namespace

TEST_CASE("the defaults are the paper's, by network and loss") {
  const RunConfig resnet = make_config(Json::object());
  CHECK(resnet.epochs == 150);
  CHECK(resnet.milestones == std::vector{50, 100});
  CHECK(to_json(resnet) == to_json(RunConfig()));

  const RunConfig densenet = make_config({{"model", "densenet-bc-100-12"}});
  CHECK(densenet.epochs == 200);
  CHECK(densenet.milestones == std::vector{100, 150});

  CHECK(make_config({{"loss", "ls"}}).alpha == 0);
  CHECK(make_config({{"loss", "sd"}}).alpha == 0.6);
  CHECK(make_config({{"loss", "beta"}}).alpha == 0.4);
  CHECK(make_config({{"loss", "sd"}, {"alpha", 0.25}}).alpha == 0.25);

  const RunConfig adamw = make_config({{"optimizer", "adamw"}});
  CHECK(adamw.lr == 0.001);
  CHECK(adamw.weight_decay == 0.01);
  const RunConfig given =
      make_config({{"optimizer", "adamw"}, {"lr", 0.1}, {"weight_decay", 1e-4}});
  CHECK(given.lr == 0.1);
  CHECK(given.weight_decay == 1e-4);

  CHECK(make_config({{"epochs", 20}}).milestones == std::vector{6, 13});
  CHECK(make_config({{"epochs", 2}}).milestones == std::vector{1});
  CHECK(make_config({{"epochs", 1}}).milestones.empty());
  CHECK(make_config({{"epochs", 20}, {"milestones", {5}}}).milestones == std::vector{5});

  CHECK(make_config({{"seed", 7}}).split_seed == 7);
  CHECK(make_config({{"seed", 7}, {"split_seed", 1}}).split_seed == 1);
}

TEST_CASE("an EMA remembers the same share of a short run as of the paper's") {
  const RunConfig c = make_config({{"loss", "beta"}});
  CHECK(ema_limit(c, 150 * 352) == 0.999);
  CHECK(ema_limit(c, 200 * 352) == 0.999);
  CHECK(1 / (1 - ema_limit(c, 960)) == Approx(960 * 0.0189394).epsilon(1e-5));
  CHECK(ema_limit(c, 10) == 0);
  CHECK(ema_limit(make_config({{"loss", "beta"}, {"ema_decay", 0.95}}), 960) == 0.95);
}

TEST_CASE("settings of earlier versions keep their meaning") {
  // gamma - 1 as it was added, 0.02, is alpha 0.6 times that of Eq. 8.
  const Json before = {{"loss", "sd"}, {"alpha", 0.6}, {"gamma", 1.02}, {"ema_decay", 0.999}};
  const RunConfig c = make_config(run_settings({{"run", before}}));
  CHECK(c.alpha * (c.gamma - 1) == Approx(0.02));
  CHECK(c.ema_decay == 0.999);
  CHECK(make_config(run_settings({{"run", to_json(c)}})).gamma == c.gamma);
  CHECK(to_json(make_config(to_json(c))) == to_json(c));
  const RunConfig forgetful =
      make_config(run_settings({{"run", {{"loss", "beta"}, {"ema_decay", 0.0}}}}));
  CHECK(float(ema_limit(forgetful, 1000)) < 1e-20f);
  CHECK(test::error_of([] {
          run_settings({{"run", {{"alpha", 0}, {"gamma", 1.5}}}});
        }) ==
        "gamma 1.5 beside alpha 0 is of an earlier version, whose gamma - 1 alpha did not weigh");
  CHECK_NOTHROW(run_settings({{"run", {{"alpha", 0}, {"gamma", 1.0}}}}));
  CHECK_THAT(test::error_of([] {
               run_settings({{"run", {{"version", 3}}}});
             }),
             Contains("are of version 3, known here are those up to 2: a later softlabel wrote"));
  for (const Json& none : {Json("2"), Json(0), Json(2.5), Json()})
    CHECK_THAT(test::error_of([&] {
                 run_settings({{"run", {{"version", none}}}});
               }),
               Contains("version is ") && Contains("should be a whole number"));
}

TEST_CASE("the authors' protocol changes defaults, and nothing that is given") {
  const RunConfig authors = make_config({{"protocol", "authors"}, {"loss", "beta"}});
  CHECK(authors.beta_ranking == kernels::BetaRanking::true_class_probability);
  CHECK(authors.milestones == std::vector{49, 99});
  CHECK(make_config({{"protocol", "authors"}, {"epochs", 3}}).milestones == std::vector{0, 1});
  CHECK(authors.ema_decay == 0.999);
  CHECK(authors.log_epsilon == 1e-8);
  CHECK(make_config({{"loss", "beta"}}).log_epsilon == 0);
  const RunConfig given = make_config({{"protocol", "authors"},
                                       {"loss", "beta"},
                                       {"beta_ranking", "largest"},
                                       {"milestones", {50, 100}},
                                       {"log_epsilon", 0}});
  CHECK(given.beta_ranking == kernels::BetaRanking::largest_probability);
  CHECK(given.milestones == std::vector{50, 100});
  CHECK(given.log_epsilon == 0);
}

TEST_CASE("a config survives its file") {
  RunConfig c;
  c.dataset = "fashion-mnist";
  c.model = "resnet8";
  c.milestones = {};
  c.lr = 0.0125;
  c.weight_decay = 1.0 / 3;
  c.loss = Loss::beta;
  c.beta_ranking = kernels::BetaRanking::true_class_probability;
  c.ema_mode = nn::Mode::eval;
  c.split_kind = data::SplitKind::random;
  c.skip_bad = true;
  c.exif_orientation = false;
  c.schedule = ScheduleKind::cosine;
  c.seed = 0xFFFFFFFFFFFFFFFF;
  c.omega = true;
  c.optimizer = nn::OptimizerOptions::Rule::adamw;
  c.nesterov = true;
  c.warmup_epochs = 2.5;
  c.mixup = 0.2;
  const Json json = to_json(c);
  const Json again = to_json(make_config(Json::parse(json.dump())));
  CHECK(again.dump() == json.dump());
  CHECK(again.at("weight_decay") == 1.0 / 3);
  CHECK(again.at("seed") == 0xFFFFFFFFFFFFFFFF);
  CHECK(again.at("beta_ranking") == "true-class");

  int fields = 0;
  visit_fields(c, [&](const Field& field, auto&) {
    ++fields;
    CHECK(json.contains(field.key()));
    CHECK_FALSE(field.help.empty());
  });
  CHECK(fields == int(json.size()) - 1);  // and the version
}

TEST_CASE("settings without what is found from others make the same run, or follow others") {
  for (const Json& given : {Json::object(), Json{{"loss", "sd"}, {"epochs", 7}},
                            Json{{"loss", "sd"}, {"alpha", 0.25}, {"milestones", {3}}},
                            Json{{"optimizer", "adamw"}, {"model", "densenet-bc-16-12"}},
                            Json{{"protocol", "authors"}, {"loss", "beta"}}}) {
    const Json run = to_json(make_config(given));
    CHECK(without_found(run, {}) == run);
    const Json changes = {{"loss", "ls"}, {"epochs", 300}, {"optimizer", "sgd"}};
    const Json kept = without_found(run, {"loss", "epochs", "optimizer"});
    CHECK(to_json(make_config(kept)) == run);
    const auto changed = [&](Json settings) {
      settings.update(changes);
      return to_json(make_config(settings));
    };
    CHECK(changed(kept) == changed(given));
  }
  const Json run = to_json(make_config({{"seed", 3}}));
  CHECK(without_found(run, {"seed", "epochs"}).at("split_seed") == 3);
  CHECK_FALSE(without_found(run, {"seed", "epochs"}).contains("milestones"));
  CHECK(without_found(run, {"epochs"}).at("alpha") == 1);
  CHECK(without_found({{"epochs", true}}, {"model"}) == Json{{"epochs", true}});
}

TEST_CASE("what no run can have is refused in one line") {
  CHECK(error_of(Json::object()) == "");
  CHECK(error_of({{"alpha", 2}}) == "alpha is 2, should be a number, in [0, 1]");
  CHECK(error_of({{"alpha", -0.1}}) == "alpha is -0.1, should be a number, in [0, 1]");
  CHECK(error_of({{"temperature", 0}}) == "temperature is 0, should be a number, greater than 0");
  CHECK(error_of({{"student_temperature", -1}}) ==
        "student_temperature is -1, should be a number, greater than 0");
  CHECK(error_of({{"smoothing", 1}}) == "smoothing is 1, should be a number, in [0, 1)");
  CHECK(error_of({{"log_epsilon", -1e-8}}) ==
        "log_epsilon is -1e-08, should be a number, 0 or greater");
  CHECK(error_of({{"epochs", 0}}) == "epochs is 0, should be a whole number from 1 to 2147483647");
  CHECK(error_of({{"batch_size", 0}}) ==
        "batch_size is 0, should be a whole number from 1 to 2147483647");
  CHECK(error_of({{"lr", 0}}) == "lr is 0, should be a number, greater than 0");
  CHECK(error_of({{"momentum", 1}}) == "momentum is 1, should be a number, in [0, 1)");
  CHECK(error_of({{"val_fraction", 1}}) == "val_fraction is 1, should be a number, in [0, 1)");
  CHECK(error_of({{"beta_a", 0}}) == "beta_a is 0, should be a number, greater than 0");
  CHECK(error_of({{"effective_label", 0.9}}) ==
        "`effective_label` solves the soft labels of `loss` sd and beta, not of ce");
  CHECK(error_of({{"loss", "sd"}, {"effective_label", 0.5}}) ==
        "`effective_label` is 0.5, should be between `alpha`, which is 0.6, and 1");
  CHECK(error_of({{"dataset", "image-folder"}, {"skip_bad", true}, {"exif_orientation", false}}) ==
        "");
  CHECK(error_of({{"dataset", "cub200-2011"}, {"skip_bad", true}, {"exif_orientation", false}}) ==
        "");
  CHECK(error_of({{"skip_bad", true}}) ==
        "`skip_bad` is for data sets of picture files, which cifar100 is not");
  CHECK(error_of({{"exif_orientation", false}}) ==
        "`no_exif_orientation` is for data sets of picture files, which cifar100 is not");
  CHECK(error_of({{"dataset", "cub200-2011"}, {"test_fraction", 0.3}}) ==
        "`test_fraction` is for `dataset` image-folder; cub200-2011 has a test set");
  CHECK(error_of({{"dataset", "image-folder"}, {"test_fraction", 1}}) ==
        "test_fraction is 1, should be a number, in (0, 1)");
  CHECK(error_of({{"milestones", {10, 5}}}) == "`milestones` 10,5 should be ascending epochs");
  CHECK(error_of({{"lr", 1e-20}, {"milestones", {1}}, {"lr_factor", 1e-25}}) ==
        "`lr` 1e-20 falls by `lr_factor` 1e-25 to 1e-45, too near 0 for float32");
  CHECK(error_of({{"lr", 1e-20}, {"milestones", {1}}, {"lr_factor", 1e-17}}) == "");
  CHECK(error_of({{"omega", true}}) == "`omega` weighs a teacher's soft labels: use `loss` sd");
  CHECK(error_of({{"nesterov", true}, {"momentum", 0}}) ==
        "`nesterov` looks ahead along the momentum: `momentum` should be above 0");
  CHECK(error_of({{"epochs", 3}, {"warmup_epochs", 3.5}}) ==
        "`warmup_epochs` is 3.5, of the 3 epochs that there are: the rate would never be `lr`");
  CHECK(error_of({{"epochs", 3}, {"warmup_epochs", 3}}) == "");
  CHECK(error_of({{"warmup_epochs", -1}}) ==
        "warmup_epochs is -1, should be a number, 0 or greater");
  CHECK(error_of({{"clip_norm", -1}}) == "clip_norm is -1, should be a number, 0 or greater");
  CHECK(error_of({{"adam_beta2", 1}}) == "adam_beta2 is 1, should be a number, in [0, 1)");
  CHECK(error_of({{"adam_epsilon", 0}}) == "adam_epsilon is 0, should be a number, greater than 0");
  CHECK(error_of({{"optimizer", "adam"}}) == "optimizer is adam, should be one of sgd, adamw");
  CHECK(error_of({{"mixup", -1}}) == "mixup is -1, should be a number, 0 or greater");
  for (const char* way : {"mixup", "cutmix"}) {
    CHECK(error_of({{"loss", "beta"}, {way, 1}}) == "");
    CHECK(
        error_of({{"loss", "beta"}, {"beta_ranking", "true-class"}, {way, 1}}) ==
        std::string("`beta_ranking` true-class ranks by the probability of a picture's class, and "
                    "of mixed ones there are two: rank by the largest, or leave out `") +
            way + "`");
  }
  CHECK(error_of({{"dataset", "mnist"}}) ==
        "`dataset` mnist is unknown; there are fashion-mnist, cifar10, cifar100, tiny-imagenet, "
        "cub200-2010, cub200-2011, image-folder");
  CHECK(error_of({{"loss", "mse"}}) ==
        "loss is mse, should be one of ce, ls, sd, beta, ema, soft, pskd, ols, zipf");
  CHECK(error_of({{"epochs", 2.5}}) ==
        "epochs is 2.5, should be a whole number from 1 to 2147483647");
  CHECK(error_of({{"lr", "fast"}}) == "lr is \"fast\", should be a number, greater than 0");
  CHECK(error_of({{"epoch", 3}}) == "no option of a run is called epoch (did you mean epochs?)");
  CHECK(error_of(5) == "a run's options should be an object");
}

TEST_CASE("a config in code is held to the same ranges") {
  RunConfig c;
  c.lr = 1e-46;
  CHECK(test::error_of([&] { validate(c); }) ==
        "`lr` is 1e-46, too near 0 for float32, should be a number, greater than 0");
  c = {};
  c.epochs = 0;
  CHECK(test::error_of([&] { validate(c); }) ==
        "`epochs` is 0, should be a whole number from 1 to 2147483647");
}

TEST_CASE("every field of a file is held to its type and range") {
  const std::vector<Json> wrong = {Json(), Json::array({true}), Json::object(), Json::array({{1}})};
  RunConfig c;
  visit_fields(c, [&](const Field& field, const auto& member) {
    using T = std::decay_t<decltype(member)>;
    std::vector<Json> values = wrong;
    if (!std::is_same_v<T, bool>) values.emplace_back(true);
    if (!std::is_same_v<T, std::string>) values.emplace_back("3");
    if (!std::is_arithmetic_v<T> || std::is_same_v<T, bool>) values.emplace_back(1);
    if (std::is_same_v<T, int>)
      for (const Json& value : {Json(4294967297), Json(-5), Json(1.5)}) values.push_back(value);
    if (std::is_same_v<T, std::uint64_t>)
      for (const Json& value : {Json(-1), Json(1.5), Json(1e30)}) values.push_back(value);
    if (std::is_same_v<T, double> && field.range.f32) values.emplace_back(1e-46);
    for (const Json& value : values) {
      INFO(field.name << ": " << value);
      CHECK(error_of(Json{{field.key(), value}}).starts_with(field.key() + " "));
    }
  });
}

TEST_CASE("runs are described in a line") {
  const auto described = [](const Json& settings) {
    const RunConfig config = make_config(settings);
    return describe({&config, 1});
  };
  CHECK(described(Json::object()) ==
        "cifar100, resnet34, all training images, 150 epochs, standard augmentation");
  CHECK(described({{"optimizer", "adamw"}, {"augment", "none"}, {"mixup", 1}, {"cutmix", 1}}) ==
        "cifar100, resnet34, all training images, 150 epochs, no augmentation, mixup, CutMix, "
        "AdamW");
}

TEST_CASE("what a run does not use is refused if it was given") {
  const auto refused = [](const Json& given) {
    const RunConfig config = make_config(given);
    return test::error_of([&] { refuse_unused(given, {&config, 1}); });
  };
  CHECK(refused(Json::object()) == "");
  CHECK(refused({{"temperature", 3}}) == "`temperature` is for `loss` sd, ema, not ce");
  CHECK(refused({{"loss", "beta"}, {"temperature", 3}}) ==
        "`temperature` is for `loss` sd, ema, not beta");
  CHECK(refused({{"loss", "sd"}, {"temperature", 3}}) == "");
  CHECK(refused({{"smoothing", 0.1}}) == "`smoothing` is for `loss` ls, not ce");
  CHECK(refused({{"loss", "sd"}, {"beta_a", 2}}) == "`beta_a` is for `loss` beta, not sd");
  CHECK(refused({{"evaluate_ema", true}, {"ema_decay", 0.9}}).empty());
  CHECK(refused({{"evaluate_ema", true}, {"ema_mode", "eval"}}) ==
        "`ema_mode` is for an EMA model that makes labels, and this one makes none");
  CHECK(refused({{"alpha", 0.5}}) ==
        "`alpha` is for `loss` ls, sd, beta, ema, soft, pskd, ols, not ce");
  CHECK(refused({{"teacher_model", "resnet8"}}) == "`teacher_model` is for `loss` sd, not ce");
  for (const char* key : {"ema_decay", "ema_init", "ema_mode", "ema_buffers"}) {
    const Json value = to_json(RunConfig()).at(key);
    for (const char* loss : {"ce", "ls", "sd", "beta", "ema"}) {
      INFO(key << " " << loss);
      const bool uses = std::string_view(loss) == "beta" || std::string_view(loss) == "ema";
      CHECK(refused({{"loss", loss}, {key, value}}).empty() == uses);
    }
    CHECK(refused({{"loss", "beta"}, {"beta_ranking", "random"}, {key, value}}).find("random") !=
          std::string::npos);
  }
  CHECK(refused({{"loss", "sd"}, {"effective_label", 0.9}, {"temperature", 2}}) != "");
  CHECK(refused({{"loss", "beta"}, {"effective_label", 0.9}, {"beta_a", 2}}) != "");
  CHECK(refused({{"loss", "ls"}, {"gamma", 1.1}}) ==
        "`gamma` is weighed by `alpha`, as Eq. 8 has it, and that is 0");
  CHECK(refused({{"loss", "sd"}, {"gamma", 1.1}}) == "");
  CHECK(refused({{"loss", "sd"}, {"temperature", 4}, {"scale_by_temperature", true}}) ==
        "`scale_by_temperature` is a factor of `student_temperature` squared, and that is 1");
  CHECK(refused({{"student_temperature", 4}, {"scale_by_temperature", true}}) == "");
  CHECK(refused({{"schedule", "cosine"}, {"milestones", {5}}}) ==
        "`milestones` is for `schedule` multi-step");
  CHECK(refused({{"schedule", "constant"}, {"lr_factor", 0.5}}) != "");
  CHECK(refused({{"epochs", 10}, {"milestones", {5, 9}}}) == "");
  CHECK(
      refused({{"epochs", 10}, {"milestones", {5, 10}}}).starts_with("`milestones` has an epoch"));
  CHECK(refused({{"val_fraction", 0}, {"val_limit", 5}}) != "");
  CHECK(refused({{"split_seed", 3}}) == "");
  CHECK(refused({{"val_fraction", 0}, {"split_seed", 3}, {"train_limit", 100}}) == "");
  CHECK(refused({{"val_fraction", 0}, {"split_seed", 3}}).starts_with("`split_seed` chooses"));
  for (const char* key : {"momentum", "nesterov"}) {
    const Json value = key == std::string_view("momentum") ? Json(0.5) : Json(true);
    CHECK(refused({{key, value}}) == "");
    CHECK(refused({{"optimizer", "adamw"}, {key, value}}) ==
          std::string("`") + key + "` is for `optimizer` sgd");
  }
  for (const char* key : {"adam_beta1", "adam_beta2", "adam_epsilon"}) {
    CHECK(refused({{"optimizer", "adamw"}, {key, 0.5}}) == "");
    CHECK(refused({{key, 0.5}}) == std::string("`") + key + "` is for `optimizer` adamw");
  }
  CHECK(refused({{"omega", false}, {"effective_label", 0}}) == "");  // these ask for nothing

  const std::vector<RunConfig> both = {make_config({{"loss", "beta"}}),
                                       make_config({{"loss", "sd"}})};
  CHECK(test::error_of([&] { refuse_unused({{"beta_a", 2}}, both); }) == "");
  CHECK(test::error_of([&] {
          refuse_unused({{"smoothing", 0.2}}, both);
        }) == "`smoothing` is for `loss` ls, not sd");
}
