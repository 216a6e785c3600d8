// SPDX-License-Identifier: MIT
#include "experiments/analysis/claims.h"

#include "engine/system/files.h"
#include "kernels/runtime/error.h"
#include "test/support/catch.h"
#include "test/support/temporary_directory.h"

using namespace experiments;

namespace {

FinishedRun run(Json factors, double accuracy) {
  FinishedRun m{.name = factors.dump(), .factors = std::move(factors), .result = {}};
  m.result.test.accuracy = accuracy;
  return m;
}

// Runs of two methods with these accuracies, seed by seed.
std::vector<FinishedRun> two_methods(const std::vector<double>& sd, const std::vector<double>& ce) {
  std::vector<FinishedRun> runs;
  for (std::size_t i = 0; i < sd.size(); ++i)
    runs.push_back(run({{"method", "sd"}, {"seed", i}}, sd[i]));
  for (std::size_t i = ce.size(); i-- > 0;)
    runs.push_back(run({{"seed", i}, {"method", "ce"}}, ce[i]));
  return runs;
}

Claim sd_beats_ce(bool greater = true) {
  return {.name = "sd_beats_ce",
          .statement = "SD is more accurate than CE.",
          .source = "Figure 3",
          .comparisons = {{"test_accuracy",
                           {{"method", "sd"}},
                           {{"method", "ce"}},
                           greater ? Claimed::greater : Claimed::smaller}}};
}

}  // namespace

TEST_CASE("a claim is held, not held or undecided by the interval of the paired difference") {
  // Differences of 1, 2 and 3 points although the methods overlap: mean 2, half width
  // 4.3027 * 1 / sqrt(3) = 2.4841. Of 2, 3 and 4: mean 3, the same half width.
  const auto undecided = two_methods({0.71, 0.82, 0.93}, {0.70, 0.80, 0.90});
  const auto apart = two_methods({0.72, 0.83, 0.94}, {0.70, 0.80, 0.90});

  const JudgedClaim held = judge(sd_beats_ce(), apart);
  CHECK(held.verdict == Verdict::held);
  REQUIRE(held.comparisons.size() == 1);
  REQUIRE(held.comparisons[0].difference);
  CHECK(held.comparisons[0].difference->mean == Approx(3));
  CHECK(held.comparisons[0].difference->half_width == Approx(2.48414).epsilon(1e-5));
  CHECK(held.comparisons[0].difference->count == 3);
  CHECK(held.comparisons[0].reason.empty());

  CHECK(judge(sd_beats_ce(), undecided).verdict == Verdict::undecided);
  CHECK(judge(sd_beats_ce(false), apart).verdict == Verdict::not_held);
  CHECK(judge(sd_beats_ce(false), undecided).verdict == Verdict::undecided);
  const auto worse = two_methods({0.70, 0.80, 0.90}, {0.72, 0.83, 0.94});
  CHECK(judge(sd_beats_ce(), worse).verdict == Verdict::not_held);
  CHECK(judge(sd_beats_ce(false), worse).verdict == Verdict::held);
  CHECK(judge(sd_beats_ce(), two_methods({0.7, 0.7}, {0.7, 0.7})).verdict == Verdict::equivalent);
  CHECK(judge(sd_beats_ce(), two_methods({0.7}, {0.7})).verdict == Verdict::undecided);
}

TEST_CASE("what is the same has to be shown to be, within a margin") {
  // Differences of 0.1, 0 and -0.1 points: within half a point, and of 1, 0 and -1, which may be.
  const auto near = two_methods({0.701, 0.8, 0.899}, {0.7, 0.8, 0.9});
  const auto far = two_methods({0.71, 0.8, 0.89}, {0.7, 0.8, 0.9});
  CHECK(judge(sd_beats_ce(), near).verdict == Verdict::equivalent);
  CHECK(judge(sd_beats_ce(), far).verdict == Verdict::undecided);
  Claim same = sd_beats_ce();
  same.comparisons[0].claimed = Claimed::same;
  CHECK(judge(same, near).verdict == Verdict::held);
  CHECK(judge(same, far).verdict == Verdict::undecided);
  CHECK(judge(same, two_methods({0.8, 0.91, 1}, {0.7, 0.8, 0.9})).verdict == Verdict::not_held);

  CHECK(margin_of(metric("val_accuracy"), 80) == 0.5);
  CHECK(*margin_of(metric("test_scaled_nll"), -3) == Approx(0.3));
  CHECK(*margin_of(metric("test_debiased_ece"), 5) == Approx(0.5));
  CHECK_FALSE(margin_of(metric("train_confidence_variance"), 1));
}

TEST_CASE("verdicts are adjusted over all comparisons that are judged together") {
  // t = 4.65 and p = 0.043 alone: not among two.
  const auto runs = two_methods({0.723, 0.823, 0.912}, {0.70, 0.80, 0.90});
  CHECK(judge(sd_beats_ce(), runs).verdict == Verdict::held);
  const auto both = judge(std::vector{sd_beats_ce(), sd_beats_ce()}, runs);
  const JudgedComparison& c = both[0].comparisons[0];
  CHECK(both[0].verdict == Verdict::undecided);
  CHECK(c.p < 0.05);
  CHECK(c.p_holm == Approx(2 * c.p));
  CHECK(c.p_benjamini_hochberg == Approx(c.p));
  CHECK(c.adjusted_level == Approx(0.975));
}

TEST_CASE("a claim may be about all comparisons, most of them, or one") {
  std::vector<FinishedRun> runs;
  for (const auto& [method, gain] : {std::pair{"ce", 0.0}, {"a", 0.05}, {"b", 0.06}, {"c", -0.05}})
    for (int seed = 0; seed < 5; ++seed)
      runs.push_back(
          run({{"method", method}, {"seed", seed}}, 0.5 + gain + 0.001 * (seed * seed % 3)));
  const auto verdict = [&](Needed needed, const std::vector<const char*>& methods) {
    Claim claim{.name = "n", .statement = "s", .source = "o", .comparisons = {}, .needed = needed};
    for (const char* method : methods)
      claim.comparisons.push_back({"test_accuracy", {{"method", method}}, {{"method", "ce"}}});
    return judge(claim, runs).verdict;
  };
  CHECK(verdict(Needed::all, {"a", "b", "c"}) == Verdict::not_held);
  CHECK(verdict(Needed::most, {"a", "b", "c"}) == Verdict::held);
  CHECK(verdict(Needed::most, {"a", "c"}) == Verdict::not_held);
  CHECK(verdict(Needed::one, {"a", "c"}) == Verdict::held);
  CHECK(verdict(Needed::one, {"c"}) == Verdict::not_held);
}

TEST_CASE("a claim may be about a correlation within seeds") {
  std::vector<FinishedRun> runs;
  for (int seed = 0; seed < 3; ++seed)
    for (int t = 0; t < 5; ++t) {
      // Seeds differ more than runs of a seed; of seed 2 two neighbours stand the other way round.
      const int place = seed == 2 && (t == 1 || t == 2) ? 3 - t : t;
      runs.push_back(run({{"temperature", t}, {"seed", seed}}, 0.5 - 0.1 * seed + 0.01 * place));
      runs.back().result.teacher.emplace().predictive_uncertainty = t + 10 * seed;
    }
  const Claim claim{.name = "n",
                    .statement = "s",
                    .source = "o",
                    .comparisons = {{"test_accuracy",
                                     Json::object(),
                                     {},
                                     Claimed::greater,
                                     "teacher_predictive_uncertainty"}}};
  const JudgedClaim judged = judge(claim, runs);
  CHECK(judged.verdict == Verdict::held);
  const Interval& rho = judged.comparisons[0].difference.value();
  CHECK(rho.mean == Approx((1 + 1 + 0.9) / 3));
  CHECK(rho.count == 3);
  // As extreme: all three in order, or two and one of the four with two neighbours exchanged; or
  // the other way round.
  CHECK(*judged.comparisons[0].p_permutation == Approx(2 * (1 + 3 * 4) / std::pow(120, 3)));
  CHECK(judged.comparisons[0].p == p_value(rho));  // which is the larger
  CHECK(judged.comparisons[0].sides() ==
        "rank correlation of predictive uncertainty (nats) with test accuracy (%) within a seed");
  runs.resize(7);
  CHECK(judge(claim, runs).comparisons[0].reason == "a seed has 2 runs with both values");
}

TEST_CASE("claims on calibration have the same after temperature scaling beside them") {
  std::vector<FinishedRun> runs = two_methods({0.7, 0.7, 0.7}, {0.7, 0.7, 0.7});
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const bool sd = runs[i].factors["method"] == "sd";
    runs[i].result.test.ece = (sd ? 0.01 : 0.1) + 0.001 * double(i % 3);
    runs[i].result.test.scaled = TemperatureScaled{
        .temperature = 2, .nll = 1, .ece = (sd ? 0.03 : 0.02) + 0.001 * double(i % 2)};
  }
  Claim claim = sd_beats_ce(false);
  claim.comparisons[0].metric = "test_ece";
  const JudgedClaim judged = judge(claim, runs);
  CHECK(judged.verdict == Verdict::held);
  const auto& beside = judged.comparisons[0].beside;
  REQUIRE(beside.size() == 2);
  CHECK(beside[0].comparison.metric == "test_debiased_ece");
  CHECK(beside[0].reason == "only 0 of 3 pairs have a value");
  CHECK(beside[1].comparison.metric == "test_scaled_ece");
  CHECK(beside[1].verdict == Verdict::not_held);
}

TEST_CASE("all comparisons of a claim must hold") {
  std::vector<FinishedRun> runs = two_methods({0.73, 0.831, 0.93}, {0.70, 0.80, 0.90});
  for (int seed = 0; seed < 3; ++seed)
    runs.push_back(run({{"method", "ls"}, {"seed", seed}}, 0.7 + 0.1 * seed + 0.01 * (seed % 2)));
  Claim claim = sd_beats_ce();
  claim.comparisons.push_back({"test_accuracy", {{"method", "ls"}}, {{"method", "ce"}}});
  CHECK(judge(claim, runs).verdict == Verdict::undecided);
  claim.comparisons.push_back(
      {"test_accuracy", {{"method", "sd"}}, {{"method", "ce"}}, Claimed::smaller});
  CHECK(judge(claim, runs).verdict == Verdict::not_held);
  CHECK(judge({.name = "n", .statement = "s", .source = "o", .comparisons = {}}, runs).verdict ==
        Verdict::undecided);
}

TEST_CASE("what is missing makes a claim undecided, and is said") {
  const auto judged = [](const std::vector<FinishedRun>& runs, Claim claim = sd_beats_ce()) {
    const JudgedClaim j = judge(claim, runs);
    CHECK(j.verdict == Verdict::undecided);
    return j.comparisons.at(0);
  };
  CHECK(judged({}).reason == "no run has self-distillation");
  CHECK(judged(two_methods({0.9, 0.9}, {})).reason == "no run has cross entropy");

  const auto one = judged(two_methods({0.9}, {0.8}));
  CHECK(one.reason == "one pair has no interval");
  CHECK_FALSE(one.difference);

  const auto unequal = judged(two_methods({0.9, 0.91, 0.92}, {0.8, 0.81}));
  CHECK(unequal.reason == "3 runs against 2 make 2 pairs");
  REQUIRE(unequal.difference);
  CHECK(unequal.difference->count == 2);

  Claim diversity = sd_beats_ce();
  diversity.comparisons[0].metric = "train_confidence_diversity";  // none was measured
  CHECK(judged(two_methods({0.9, 0.9}, {0.8, 0.8}), diversity).reason ==
        "only 0 of 2 pairs have a value");

  // Repeats of two networks are not repeats of one.
  std::vector<FinishedRun> networks;
  for (const char* network : {"resnet", "densenet"})
    for (const char* method : {"sd", "ce"})
      for (int seed = 0; seed < 2; ++seed)
        networks.push_back(
            run({{"network", network}, {"method", method}, {"seed", seed}}, 0.5 + 0.01 * seed));
  const auto open = judged(networks);
  CHECK(open.reason == "the runs differ in network as well");
  CHECK_FALSE(open.difference);
}

TEST_CASE("the power of an even number of comparisons is between the two in the middle") {
  // Differences of 1, 3 and of 1, 9 points: what is seen with 80 % is four times as much.
  std::vector<FinishedRun> runs = two_methods({0.71, 0.83}, {0.70, 0.80});
  for (const double accuracy : {0.71, 0.89})
    runs.push_back(run({{"method", "ls"}, {"seed", runs.size() % 2}}, accuracy));
  Claim claim = sd_beats_ce();
  const auto seen = [&] {
    const std::string text = power_text(std::vector{judge(claim, runs)});
    return std::stod(text.substr(text.find("need more): ") + 12));
  };
  const double of_sd = seen();
  claim.comparisons[0].left = {{"method", "ls"}};
  const double of_ls = seen();
  CHECK(of_ls == Approx(4 * of_sd).epsilon(0.05));  // two digits are told
  claim.comparisons.push_back(sd_beats_ce().comparisons[0]);
  CHECK(seen() == Approx(2.5 * of_sd).epsilon(0.05));
}

TEST_CASE("an unknown quantity is an error") {
  Claim claim = sd_beats_ce();
  claim.comparisons[0].metric = "beauty";
  CHECK_THROWS_AS(judge(claim, std::vector<FinishedRun>()), kernels::Error);
}

TEST_CASE("claims.json has every number of a verdict") {
  const test::TemporaryDirectory directory;
  const auto runs = two_methods({0.72, 0.83, 0.94}, {0.70, 0.80, 0.90});
  const std::vector<Claim> claims = {sd_beats_ce()};
  write_claims(directory.path(), judge(claims, runs), false);
  const Json json = Json::parse(read_file(directory.path() / "claims.json"));
  const Json& claim = json.at("claims").at(0);
  CHECK(claim.at("name") == "sd_beats_ce");
  CHECK(claim.at("verdict") == "held");
  const Json& comparison = claim.at("comparisons").at(0);
  CHECK(comparison.at("left") == Json{{"method", "sd"}});
  CHECK(comparison.at("verdict") == "held");
  CHECK(comparison.at("compared") == "self-distillation against cross entropy");
  CHECK(comparison.at("claimed") == "higher test accuracy (%)");
  CHECK(comparison.at("p").get<double>() == Approx(0.03509).epsilon(1e-3));  // t = 5.196, 2 degrees
  CHECK(comparison.at("adjusted").at("low") == comparison.at("difference").at("low"));
  CHECK(comparison.at("same_within").at("margin") == 0.5);
  CHECK(comparison.at("difference").at("mean").get<double>() == Approx(3));
  CHECK(comparison.at("difference").at("low").get<double>() == Approx(0.51586).epsilon(1e-4));
  CHECK(comparison.at("difference").at("pairs") == 3);
  CHECK_FALSE(comparison.contains("reason"));
}
