// SPDX-License-Identifier: MIT
#include "experiments/config.h"

#include "test/catch.h"
#include "test/error_of.h"

using namespace experiments;

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

  CHECK(make_config({{"epochs", 20}}).milestones == std::vector{6, 13});
  CHECK(make_config({{"epochs", 2}}).milestones == std::vector{1});
  CHECK(make_config({{"epochs", 1}}).milestones.empty());
  CHECK(make_config({{"epochs", 20}, {"milestones", {5}}}).milestones == std::vector{5});

  CHECK(make_config({{"seed", 7}}).split_seed == 7);
  CHECK(make_config({{"seed", 7}, {"split_seed", 1}}).split_seed == 1);
}

TEST_CASE("the authors' protocol changes defaults, and nothing that is given") {
  const RunConfig authors = make_config({{"protocol", "authors"}, {"loss", "beta"}});
  CHECK(authors.beta_ranking == kernels::BetaRanking::true_class_probability);
  CHECK(authors.milestones == std::vector{49, 99});
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
  CHECK(fields == int(json.size()));
}

TEST_CASE("what no run can have is refused in one line") {
  CHECK(error_of(Json::object()) == "");
  CHECK(error_of({{"alpha", 2}}) == "--alpha is 2, should be in [0, 1]");
  CHECK(error_of({{"alpha", -0.1}}) == "--alpha is -0.1, should be in [0, 1]");
  CHECK(error_of({{"temperature", 0}}) == "--temperature is 0, should be greater than 0");
  CHECK(error_of({{"student_temperature", -1}}) ==
        "--student-temperature is -1, should be greater than 0");
  CHECK(error_of({{"smoothing", 1}}) == "--smoothing is 1, should be in [0, 1)");
  CHECK(error_of({{"log_epsilon", -1e-8}}) == "--log-epsilon is -1e-08, should be 0 or greater");
  CHECK(error_of({{"epochs", 0}}) == "--epochs is 0, should be at least 1");
  CHECK(error_of({{"batch_size", 0}}) == "--batch-size is 0, should be at least 1");
  CHECK(error_of({{"lr", 0}}) == "--lr is 0, should be greater than 0");
  CHECK(error_of({{"momentum", 1}}) == "--momentum is 1, should be in [0, 1)");
  CHECK(error_of({{"val_fraction", 1}}) == "--val-fraction is 1, should be in [0, 1)");
  CHECK(error_of({{"beta_a", 0}}) == "--beta-a is 0, should be greater than 0");
  CHECK(error_of({{"effective_label", 0.9}}) ==
        "--effective-label solves the soft labels of --loss sd and beta, not of ce");
  CHECK(error_of({{"loss", "sd"}, {"effective_label", 0.5}}) ==
        "--effective-label is 0.5, should be between --alpha and 1");
  CHECK(error_of({{"dataset", "image-folder"}, {"skip_bad", true}, {"exif_orientation", false}}) ==
        "");
  CHECK(error_of({{"dataset", "cub200-2011"}, {"skip_bad", true}, {"exif_orientation", false}}) ==
        "");
  CHECK(error_of({{"skip_bad", true}}) ==
        "--skip-bad is for data sets of picture files, which cifar100 is not");
  CHECK(error_of({{"exif_orientation", false}}) ==
        "--no-exif-orientation is for data sets of picture files, which cifar100 is not");
  CHECK(error_of({{"dataset", "cub200-2011"}, {"test_fraction", 0.3}}) ==
        "--test-fraction is for --dataset image-folder; cub200-2011 has a test set");
  CHECK(error_of({{"dataset", "image-folder"}, {"test_fraction", 1}}) ==
        "--test-fraction is 1, should be between 0 and 1");
  CHECK(error_of({{"milestones", {10, 5}}}) ==
        "--milestones 10,5 should be ascending epochs from 1 on");
  CHECK(error_of({{"omega", true}}) == "--omega weighs a teacher's soft labels: use --loss sd");
  CHECK(error_of({{"dataset", "mnist"}}) ==
        "--dataset mnist is unknown; there are fashion-mnist, cifar10, cifar100, tiny-imagenet, "
        "cub200-2010, cub200-2011, image-folder");
  CHECK(error_of({{"loss", "mse"}}) == "--loss is \"mse\", should be one of ce, ls, sd, beta, ema");
  CHECK(error_of({{"epochs", 2.5}}) == "--epochs is 2.5, should be a whole number");
  CHECK(error_of({{"lr", "fast"}}) == "--lr cannot be \"fast\"");
  CHECK(error_of({{"epoch", 3}}) == "config: nothing is called epoch");
}
