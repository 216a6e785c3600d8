// SPDX-License-Identifier: MIT
#include "experiments/analysis/claims.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/system/files.h"

namespace experiments {
namespace {

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

JudgedComparison judge(const Comparison& c, std::span<const FinishedRun> measured) {
  const Metric& q = metric(c.metric);
  JudgedComparison judged{.comparison = c};
  const Runs left = runs_with(c.left, measured), right = runs_with(c.right, measured);
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
  if (!judged.reason.empty()) return judged;
  const auto [mean, half] = std::pair(judged.difference->mean, judged.difference->half_width);
  const double toward = c.greater ? mean : -mean;
  judged.verdict = toward - half > 0   ? Verdict::held
                   : toward + half < 0 ? Verdict::not_held
                                       : Verdict::undecided;
  return judged;
}

Json to_json(const JudgedComparison& judged) {
  const Comparison& c = judged.comparison;
  Json json = {{"quantity", c.metric},
               {"left", c.left},
               {"right", c.right},
               {"claimed", c.greater ? "left is greater" : "left is smaller"},
               {"verdict", name_of(judged.verdict)},
               {"unit", metric(c.metric).title}};
  const auto& d = judged.difference;
  json["difference"] = d ? Json{{"mean", d->mean},
                                {"low", d->mean - d->half_width},
                                {"high", d->mean + d->half_width},
                                {"stddev", d->stddev},
                                {"pairs", d->count}}
                         : Json();
  if (!judged.reason.empty()) json["reason"] = judged.reason;
  return json;
}

}  // namespace

JudgedClaim judge(const Claim& claim, std::span<const FinishedRun> measured) {
  JudgedClaim judged{.claim = claim};
  for (const Comparison& c : claim.comparisons) judged.comparisons.push_back(judge(c, measured));
  const auto is = [](Verdict v) {
    return [v](const JudgedComparison& c) { return c.verdict == v; };
  };
  if (std::ranges::any_of(judged.comparisons, is(Verdict::not_held)))
    judged.verdict = Verdict::not_held;
  else if (!judged.comparisons.empty() &&
           std::ranges::all_of(judged.comparisons, is(Verdict::held)))
    judged.verdict = Verdict::held;
  return judged;
}

std::vector<JudgedClaim> judge(std::span<const Claim> claims,
                               std::span<const FinishedRun> measured) {
  std::vector<JudgedClaim> judged;
  for (const Claim& claim : claims) judged.push_back(judge(claim, measured));
  return judged;
}

void write_claims(const std::filesystem::path& directory, std::span<const JudgedClaim> judged) {
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
  const Json all = {{"interval", "paired differences over seeds: mean and 95 % interval (t)"},
                    {"claims", claims}};
  write_file(directory / "claims.json", to_text(all, 2) + "\n");
}

}  // namespace experiments
