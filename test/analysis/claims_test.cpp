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
          .comparisons = {{"test_accuracy", {{"method", "sd"}}, {{"method", "ce"}}, greater}}};
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
  CHECK(judge(sd_beats_ce(), two_methods({0.7, 0.7}, {0.7, 0.7})).verdict == Verdict::undecided);
}

TEST_CASE("all comparisons of a claim must hold") {
  std::vector<FinishedRun> runs = two_methods({0.72, 0.83, 0.94}, {0.70, 0.80, 0.90});
  for (int seed = 0; seed < 3; ++seed)
    runs.push_back(run({{"method", "ls"}, {"seed", seed}}, 0.7 + 0.1 * seed + 0.01 * (seed % 2)));
  Claim claim = sd_beats_ce();
  claim.comparisons.push_back({"test_accuracy", {{"method", "ls"}}, {{"method", "ce"}}, true});
  CHECK(judge(claim, runs).verdict == Verdict::undecided);
  claim.comparisons.push_back({"test_accuracy", {{"method", "sd"}}, {{"method", "ce"}}, false});
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
  CHECK(judged({}).reason == "no run has method sd");
  CHECK(judged(two_methods({0.9, 0.9}, {})).reason == "no run has method ce");

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

TEST_CASE("an unknown quantity is an error") {
  Claim claim = sd_beats_ce();
  claim.comparisons[0].metric = "beauty";
  CHECK_THROWS_AS(judge(claim, std::vector<FinishedRun>()), kernels::Error);
}

TEST_CASE("claims.json has every number of a verdict") {
  const test::TemporaryDirectory directory;
  const auto runs = two_methods({0.72, 0.83, 0.94}, {0.70, 0.80, 0.90});
  const std::vector<Claim> claims = {sd_beats_ce()};
  write_claims(directory.path(), judge(claims, runs));
  const Json json = Json::parse(read_file(directory.path() / "claims.json"));
  const Json& claim = json.at("claims").at(0);
  CHECK(claim.at("name") == "sd_beats_ce");
  CHECK(claim.at("verdict") == "held");
  const Json& comparison = claim.at("comparisons").at(0);
  CHECK(comparison.at("left") == Json{{"method", "sd"}});
  CHECK(comparison.at("verdict") == "held");
  CHECK(comparison.at("difference").at("mean").get<double>() == Approx(3));
  CHECK(comparison.at("difference").at("low").get<double>() == Approx(0.51586).epsilon(1e-4));
  CHECK(comparison.at("difference").at("pairs") == 3);
  CHECK_FALSE(comparison.contains("reason"));
}
