// SPDX-License-Identifier: MIT
#include "experiments/analysis/claims.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "engine/system/files.h"
#include "experiments/analysis/image_sampling.h"
#include "experiments/analysis/words.h"

namespace experiments {
namespace {

constexpr double significance = 0.05;

// The factors of a run without those that are compared.
Json rest_of(Json factors, const Comparison& c) {
  for (const Json* side : {&c.left, &c.right})
    for (const auto& [key, value] : side->items()) factors.erase(key);
  return factors;
}

using Runs = std::vector<const FinishedRun*>;

Runs runs_with(const Json& some, std::span<const FinishedRun> measured) {
  Runs runs;
  for (const FinishedRun& run : measured)
    if (contains(run.factors, some)) runs.push_back(&run);
  return runs;
}

using Pairs = std::vector<std::pair<const FinishedRun*, const FinishedRun*>>;

// Each left run with the right runs that equal it in all other factors.
Pairs pair_up(const Comparison& c, const Runs& left, const Runs& right) {
  Pairs pairs;
  for (const FinishedRun* l : left)
    for (const FinishedRun* r : right)
      if (rest_of(l->factors, c) == rest_of(r->factors, c)) pairs.emplace_back(l, r);
  return pairs;
}

// A factor other than the seed in which the pairs differ, or empty.
std::string open_factor(const Comparison& c, const Pairs& pairs) {
  for (const auto& [left, right] : pairs) {
    const Json here = rest_of(left->factors, c), first = rest_of(pairs.front().first->factors, c);
    for (const Json* side : {&here, &first})
      for (const auto& [key, value] : side->items())
        if (key != "seed" && here.value(key, Json()) != first.value(key, Json())) return key;
  }
  return {};
}

/// Runs with the groups of repeats that they are in.
class Measured {
 public:
  Measured(std::span<const FinishedRun> runs, const ImageSampling* images)
      : runs_(runs), groups_(seed_groups(runs)), images_(images) {}

  JudgedComparison difference(const Comparison& c) const;
  JudgedComparison correlation(const Comparison& c) const;

 private:
  std::size_t group_of(const FinishedRun* run) const {
    return std::size_t(
        std::ranges::find_if(
            groups_, [run](const SeedGroup& g) { return std::ranges::count(g.runs, run) > 0; }) -
        groups_.begin());
  }

  std::span<const FinishedRun> runs_;
  std::vector<SeedGroup> groups_;
  const ImageSampling* images_;
};

JudgedComparison Measured::difference(const Comparison& c) const {
  const Metric& q = metric(c.metric);
  JudgedComparison judged{.comparison = c};
  const Runs left = runs_with(c.left, runs_), right = runs_with(c.right, runs_);
  const Pairs pairs = pair_up(c, left, right);

  std::vector<double> a, b;
  for (const auto& [l, r] : pairs) {
    const auto x = q.of(l->result), y = q.of(r->result);
    if (!x || !y) continue;
    a.push_back(*x * q.scale);
    b.push_back(*y * q.scale);
  }
  const std::string open = open_factor(c, pairs);
  if (left.empty() || right.empty())
    judged.reason = fmt::format("no run has {}", factors_text(left.empty() ? c.left : c.right));
  else if (!open.empty())
    judged.reason = fmt::format("the runs differ in {} as well", open);
  else if (pairs.size() != left.size() || pairs.size() != right.size())
    judged.reason =
        fmt::format("{} runs against {} make {} pairs", left.size(), right.size(), pairs.size());
  else if (a.size() < pairs.size())
    judged.reason = fmt::format("only {} of {} pairs have a value", a.size(), pairs.size());
  else if (a.size() < 2)
    judged.reason = "one pair has no interval";

  if (a.size() < 2 || !open.empty()) return judged;
  judged.difference = paired_difference(a, b);
  judged.margin = margin_of(q, interval(b).mean);
  if (images_ != nullptr)
    judged.difference = images_->widened(*judged.difference, q.key, group_of(left.front()),
                                         group_of(right.front()), q.scale);
  return judged;
}

JudgedComparison Measured::correlation(const Comparison& c) const {
  const Metric &x = metric(c.with), &y = metric(c.metric);
  JudgedComparison judged{.comparison = c};
  std::map<std::string, PairsOfSeed> by_seed;
  for (const FinishedRun* run : runs_with(c.left, runs_)) {
    const auto a = x.of(run->result), b = y.of(run->result);
    if (!a || !b) continue;
    PairsOfSeed& pairs = by_seed[to_text(run->factors.value("seed", Json()))];
    pairs.x.push_back(*a);
    pairs.y.push_back(*b);
  }
  constexpr std::size_t fewest = 3;  // of two the correlation is 1 or -1
  std::vector<double> correlations;
  std::vector<PairsOfSeed> seeds;
  std::size_t least = by_seed.empty() ? 0 : fewest;
  for (const auto& [seed, pairs] : by_seed) {
    least = std::min(least, pairs.x.size());
    seeds.push_back(pairs);
    if (const auto rho = rank_correlation(pairs.x, pairs.y)) correlations.push_back(*rho);
  }
  if (least < fewest)
    judged.reason = fmt::format("a seed has {} runs with both values", least);
  else if (correlations.size() < by_seed.size())
    judged.reason = "all values of a seed are the same";
  else if (correlations.size() < 2)
    judged.reason = "one seed has no interval";
  else
    judged.difference = interval(correlations);
  if (judged.difference) judged.p_permutation = permutation_p(seeds);
  return judged;
}

/// The tests of a family, adjusted for one another, and its verdicts.
void decide(const std::vector<JudgedComparison*>& all) {
  std::vector<JudgedComparison*> family;
  std::vector<double> p, same;
  for (JudgedComparison* j : all) {
    if (!j->difference) continue;
    family.push_back(j);
    j->p = std::max(p_value(*j->difference), j->p_permutation.value_or(0));
    p.push_back(j->p);
    same.push_back(j->p_same = j->margin ? p_of_equivalence(*j->difference, *j->margin) : 1);
  }
  const std::vector<double> adjusted = holm(p), shares = benjamini_hochberg(p),
                            levels = holm_levels(p), same_adjusted = holm(same);
  for (std::size_t i = 0; i < family.size(); ++i) {
    JudgedComparison& j = *family[i];
    j.p_holm = adjusted[i];
    j.p_benjamini_hochberg = shares[i];
    j.adjusted_level = levels[i];
    j.p_same_holm = same_adjusted[i];
    if (!j.reason.empty()) continue;
    const bool differs = j.p_holm < significance, is_same = j.p_same_holm < significance;
    const Claimed claimed = j.comparison.claimed;
    if (claimed == Claimed::same)
      j.verdict = is_same ? Verdict::held : differs ? Verdict::not_held : Verdict::undecided;
    else if (differs)
      j.verdict = (j.difference->mean > 0) == (claimed == Claimed::greater) ? Verdict::held
                                                                            : Verdict::not_held;
    else if (is_same)
      j.verdict = Verdict::equivalent;
  }
}

Verdict verdict_of(const JudgedClaim& j) {
  const auto count = [&](Verdict v) {
    return std::ranges::count(j.comparisons, v, &JudgedComparison::verdict);
  };
  const auto all = std::ssize(j.comparisons);
  const auto held = count(Verdict::held), possible = held + count(Verdict::undecided);
  const auto needed = j.claim.needed == Needed::all    ? all
                      : j.claim.needed == Needed::most ? all / 2 + 1
                                                       : 1;
  if (all == 0) return Verdict::undecided;
  if (held >= needed) return Verdict::held;
  if (j.claim.needed != Needed::all)
    return possible < needed ? Verdict::not_held : Verdict::undecided;
  if (count(Verdict::not_held) > 0) return Verdict::not_held;
  return count(Verdict::undecided) == 0 ? Verdict::equivalent : Verdict::undecided;
}

/// The other measures of what a comparison is about.
std::vector<Comparison> beside(const Comparison& c) {
  std::vector<std::string> keys;
  if (c.metric == "test_ece") keys = {"test_debiased_ece", "test_scaled_ece"};
  if (c.metric == "test_nll") keys = {"test_scaled_nll"};
  std::vector<Comparison> all(keys.size(), c);
  for (std::size_t i = 0; i < keys.size(); ++i) all[i].metric = keys[i];
  return all;
}

Json optional_number(const std::optional<double>& x) { return x ? Json(*x) : Json(); }

Json to_json(const JudgedComparison& judged) {
  const Comparison& c = judged.comparison;
  Json json = {{"compared", judged.sides()}, {"claimed", judged.claim()}, {"quantity", c.metric}};
  if (!c.with.empty()) json["with"] = c.with;
  json["left"] = c.left;
  if (c.with.empty()) json["right"] = c.right;
  json["verdict"] = name_of(judged.verdict);
  json["unit"] = c.with.empty() ? metric(c.metric).title : "rank correlation";
  if (!judged.reason.empty()) json["reason"] = judged.reason;
  const auto& d = judged.difference;
  if (!d) {
    json["difference"] = Json();
  } else {
    const double adjusted = d->half_width_at(judged.adjusted_level);
    json["difference"] = {{"mean", d->mean},
                          {"low", d->mean - d->half_width},
                          {"high", d->mean + d->half_width},
                          {"stddev", d->stddev},
                          {"pairs", d->count},
                          {"standard_error", d->standard_error},
                          {"degrees_of_freedom", d->degrees}};
    if (judged.p_permutation) json["p_permutation"] = *judged.p_permutation;
    json["p"] = judged.p;
    json["p_holm"] = judged.p_holm;
    json["p_benjamini_hochberg"] = judged.p_benjamini_hochberg;
    json["adjusted"] = {{"level", judged.adjusted_level},
                        {"low", d->mean - adjusted},
                        {"high", d->mean + adjusted}};
    json["effect_size"] = optional_number(hedges_g(*d));
    json["detectable"] = optional_number(detectable_difference(*d));
    if (judged.margin)
      json["same_within"] = {
          {"margin", *judged.margin}, {"p", judged.p_same}, {"p_holm", judged.p_same_holm}};
  }
  for (const JudgedComparison& other : judged.beside) json["beside"].push_back(to_json(other));
  return json;
}

}  // namespace

std::optional<double> margin_of(const Metric& q, double reference) {
  if (q.key.ends_with("accuracy")) return 0.5;  // points
  if (q.key.ends_with("nll") || q.key.ends_with("ece")) return 0.1 * std::abs(reference);
  if (q.key.ends_with("uncertainty") || q.key.ends_with("diversity")) return 0.1;  // nats
  return std::nullopt;
}

std::string JudgedComparison::sides() const {
  if (comparison.with.empty()) return against_text(comparison.left, comparison.right);
  const std::string of = factors_text(comparison.left);
  return fmt::format("rank correlation of {} with {} within a seed{}{}",
                     metric(comparison.with).title, metric(comparison.metric).title,
                     of.empty() ? "" : ", ", of);
}

std::string JudgedComparison::claim() const {
  const bool greater = comparison.claimed == Claimed::greater;
  if (!comparison.with.empty()) return greater ? "above 0" : "below 0";
  return fmt::format("{} {}",
                     comparison.claimed == Claimed::same ? "the same"
                     : greater                           ? "higher"
                                                         : "lower",
                     metric(comparison.metric).title);
}

std::vector<JudgedClaim> judge(std::span<const Claim> claims, std::span<const FinishedRun> runs,
                               const ImageSampling* images) {
  const Measured measured(runs, images);
  std::vector<JudgedClaim> judged;
  for (const Claim& claim : claims) {
    JudgedClaim& j = judged.emplace_back(JudgedClaim{.claim = claim});
    for (const Comparison& c : claim.comparisons) {
      j.comparisons.push_back(c.with.empty() ? measured.difference(c) : measured.correlation(c));
      for (const Comparison& other : beside(c))
        j.comparisons.back().beside.push_back(measured.difference(other));
    }
  }
  std::vector<JudgedComparison*> family, others;
  for (JudgedClaim& j : judged)
    for (JudgedComparison& c : j.comparisons) {
      family.push_back(&c);
      for (JudgedComparison& other : c.beside) others.push_back(&other);
    }
  decide(family);
  decide(others);
  for (JudgedClaim& j : judged) j.verdict = verdict_of(j);
  return judged;
}

JudgedClaim judge(const Claim& claim, std::span<const FinishedRun> runs) {
  return judge({&claim, 1}, runs).front();
}

std::string power_text(std::span<const JudgedClaim> claims) {
  std::vector<std::string> keys, parts;
  std::map<std::string, std::vector<double>> detectable;
  for (const JudgedClaim& j : claims)
    for (const JudgedComparison& c : j.comparisons) {
      const std::string& key = c.comparison.metric;
      if (!c.comparison.with.empty() || !c.difference) continue;
      if (!detectable.contains(key)) keys.push_back(key);
      detectable[key].push_back(*detectable_difference(*c.difference));
    }
  for (const std::string& key : keys) {
    std::vector<double>& all = detectable[key];
    std::ranges::sort(all);
    const double median = (all[(all.size() - 1) / 2] + all[all.size() / 2]) / 2;
    parts.push_back(fmt::format("{:.2g} in {}", median, metric(key).title));
  }
  if (parts.empty()) return {};
  return fmt::format(
      "Power: with as many seeds, a single comparison at 5 % would have seen these differences "
      "with a probability of 80 % (medians over the comparisons; adjusted ones need more): {}.",
      fmt::join(parts, "; "));
}

void write_claims(const std::filesystem::path& directory, std::span<const JudgedClaim> judged,
                  bool over_images) {
  Json claims = Json::array();
  for (const JudgedClaim& j : judged) {
    Json comparisons = Json::array();
    for (const JudgedComparison& c : j.comparisons) comparisons.push_back(to_json(c));
    claims.push_back({{"name", j.claim.name},
                      {"statement", j.claim.statement},
                      {"source", j.claim.source},
                      {"verdict", name_of(j.verdict)},
                      {"comparisons", comparisons}});
  }
  const Json all = {
      {"interval",
       fmt::format("paired differences: mean and 95 % interval (t) over seeds{}",
                   over_images ? " and test images"
                               : "; the choice of test images, which adds to it, is not in it")},
      {"claims", claims}};
  write_file(directory / "claims.json", to_text(all, 2) + "\n");
}

}  // namespace experiments
