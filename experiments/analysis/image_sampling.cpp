// SPDX-License-Identifier: MIT
#include "experiments/analysis/image_sampling.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "data/sets/image_list.h"
#include "engine/process/progress.h"
#include "experiments/analysis/table.h"
#include "experiments/runs/run_files.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/philox.h"

namespace experiments {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr int bins = 15;
constexpr std::array<std::string_view, 7> sampled = {
    "test_accuracy",     "test_nll",        "test_brier",     "test_ece",
    "test_debiased_ece", "test_scaled_nll", "test_scaled_ece"};
using Values = std::array<double, sampled.size()>;

/// What is measured of each image, at T = 1 and at the temperature that was fitted.
struct Measured {
  std::vector<Prediction> plain, scaled;  // the latter empty if there is no temperature
};

/// How often each image is drawn in a resample.
std::vector<int> draw(int images, int resample) {
  std::vector<int> times(std::size_t(images), 0);
  for (int i = 0; i < images; i += 4) {
    const kernels::Philox4 words = kernels::philox4x32(
        {std::uint32_t(i / 4), std::uint32_t(resample), 0, 0}, 0x696d6167, 0x65730000);
    for (int k = 0; k < 4 && i + k < images; ++k)
      ++times[std::size_t(std::uint64_t{words[k]} * std::uint64_t(images) >> 32)];
  }
  return times;
}

/// A resample of one run: means and bins, each image as often as it was drawn.
struct Resample {
  double accuracy = 0, nll = 0, brier = 0, ece = 0, debiased_ece = 0;

  Resample(const std::vector<Prediction>& of_image, const std::vector<int>& times) {
    std::array<ReliabilityBin, bins> bin{};
    for (std::size_t i = 0; i < of_image.size(); ++i) {
      const Prediction& p = of_image[i];
      ReliabilityBin& b = bin[std::size_t(bin_of(p.confidence, bins))];
      const int n = times[i];
      b.count += n;
      b.confidence += n * p.confidence;
      b.accuracy += n * int(p.correct);
      accuracy += n * int(p.correct);
      nll += n * p.nll;
      brier += n * p.brier;
    }
    for (ReliabilityBin& b : bin) {
      b.confidence /= std::max(b.count, 1);
      b.accuracy /= std::max(b.count, 1);
    }
    for (double* sum : {&accuracy, &nll, &brier}) *sum /= double(of_image.size());
    ece = expected_calibration_error(bin);
    debiased_ece = debiased_calibration_error(bin);
  }
};

Values values_of(const Measured& m, const std::vector<int>& times) {
  const Resample plain(m.plain, times);
  Values values = {plain.accuracy,     plain.nll, plain.brier, plain.ece,
                   plain.debiased_ece, unknown,   unknown};
  if (m.scaled.empty()) return values;
  const Resample scaled(m.scaled, times);
  values[5] = scaled.nll;
  values[6] = scaled.ece;
  return values;
}

/// Compares what the logits say with what the run has measured; they are kept in float16.
void check_outputs(const std::vector<Prediction>& found, const Metrics& test,
                   const std::filesystem::path& directory) {
  double nll = 0;
  for (const Prediction& p : found) nll += p.nll / double(found.size());
  kernels::require(
      int(found.size()) == test.samples && !(std::abs(nll - test.nll) > 0.01 * (1 + test.nll)),
      "{0}/{1} is not of this run: {2} images with a mean NLL of {3:.4f}, and the run was tested "
      "on {4}, with {5:.4f}; remove {0} to run again",
      directory.string(), run_files::logits, found.size(), nll, test.samples, test.nll);
}

/// The covariances of the columns of `draws`, [resamples][groups].
ImageSampling::Matrix covariances(const ImageSampling::Matrix& draws) {
  const std::size_t groups = draws.front().size();
  const auto n = double(draws.size());
  std::vector<double> mean(groups);
  for (const auto& row : draws)
    for (std::size_t g = 0; g < groups; ++g) mean[g] += row[g] / n;
  ImageSampling::Matrix matrix(groups, std::vector<double>(groups));
  for (const auto& row : draws)
    for (std::size_t a = 0; a < groups; ++a)
      for (std::size_t b = 0; b <= a; ++b)
        matrix[a][b] += (row[a] - mean[a]) * (row[b] - mean[b]) / (n - 1);
  for (std::size_t a = 0; a < groups; ++a)
    for (std::size_t b = a + 1; b < groups; ++b) matrix[a][b] = matrix[b][a];
  return matrix;
}

}  // namespace

bool ImageSampling::is_known() const {
  return std::ranges::any_of(images, [](int n) { return n > 0; });
}

double ImageSampling::variance_of_difference(std::string_view metric, std::size_t a,
                                             std::size_t b) const {
  const auto found = covariance.find(metric);
  if (found == covariance.end() || std::max(a, b) >= found->second.size()) return 0;
  const Matrix& c = found->second;
  const double variance = c[a][a] + c[b][b] - 2 * c[a][b];
  return std::isnan(variance) ? 0 : std::max(0.0, variance);
}

Interval ImageSampling::widened(const Interval& i, std::string_view metric, std::size_t a,
                                std::size_t b, double scale) const {
  const double variance = variance_of_difference(metric, a, b);
  return variance > 0 ? with_image_variance(i, scale * scale * variance, images[a]) : i;
}

ImageSampling sample_test_images(const std::filesystem::path& directory,
                                 std::span<const FinishedRun> runs, int resamples) {
  ImageSampling sampling;
  const std::vector<SeedGroup> groups = seed_groups(runs);
  sampling.images.resize(groups.size());
  std::vector<std::vector<Measured>> measured(groups.size());
  std::vector<std::string> without;  // of each group the first run that has left no logits
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (const FinishedRun* run : groups[g].runs) {
      const auto outputs = read_test_outputs(directory / run->name);
      sampling.images[g] = outputs ? int(outputs->labels.size()) : 0;
      if (!outputs) {
        without.push_back(run->name);
        break;
      }
      Measured& m = measured[g].emplace_back(Measured{predict(outputs->view()), {}});
      check_outputs(m.plain, run->result.test, directory / run->name);
      if (const auto& scaled = run->result.test.scaled; scaled && !scaled->at_bound())
        m.scaled = predict(outputs->view(), scaled->temperature);
    }
  }
  if (!sampling.is_known()) return sampling;
  if (!without.empty())
    note(fmt::format("no {} in {}: intervals there are over seeds, and not over test images",
                     run_files::logits, data::first_few(without)));

  std::array<ImageSampling::Matrix, sampled.size()> draws;  // [resamples][groups]
  for (int r = 0; r < resamples; ++r) {
    std::map<int, std::vector<int>> times;  // by size of the test set: groups of one have the same
    for (auto& of_metric : draws) of_metric.emplace_back(groups.size(), unknown);
    for (std::size_t g = 0; g < groups.size(); ++g) {
      const int images = sampling.images[g];
      if (images == 0) continue;
      std::vector<int>& drawn = times[images];
      if (drawn.empty()) drawn = draw(images, r);
      Values mean{};
      for (const Measured& m : measured[g]) {
        const Values values = values_of(m, drawn);
        for (std::size_t q = 0; q < mean.size(); ++q)
          mean[q] += values[q] / double(measured[g].size());
      }
      for (std::size_t q = 0; q < mean.size(); ++q) draws[q].back()[g] = mean[q];
    }
  }
  for (std::size_t q = 0; q < sampled.size(); ++q)
    sampling.covariance.emplace(sampled[q], covariances(draws[q]));
  return sampling;
}

void set_over_images(const ImageSampling& sampling, std::span<FinishedRun> runs) {
  const std::vector<SeedGroup> groups = seed_groups(runs);
  std::map<const FinishedRun*, OverImages> of_run;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    OverImages known{.images = sampling.images[g], .variance = {}};
    for (const auto& [key, matrix] : sampling.covariance)
      if (!std::isnan(matrix[g][g])) known.variance.emplace(key, matrix[g][g]);
    for (const FinishedRun* run : groups[g].runs) of_run[run] = known;
  }
  for (FinishedRun& run : runs) run.over_images = of_run[&run];
}

std::string means_over(const ImageSampling* sampling) {
  return sampling == nullptr ? "t over seeds" : "t over seeds, of test data over images too";
}

std::string to_csv(const ImageSampling& sampling) {
  std::vector<Json> rows;
  for (const auto& [key, matrix] : sampling.covariance)
    for (std::size_t a = 0; a < matrix.size(); ++a)
      for (std::size_t b = 0; b <= a; ++b)
        if (!std::isnan(matrix[a][b]) && sampling.images[a] == sampling.images[b])
          rows.push_back({{"quantity", key},
                          {"images", sampling.images[a]},
                          {"group", a + 1},
                          {"other", b + 1},
                          {"covariance", matrix[a][b]}});
  return rows.empty() ? "" : csv(rows);
}

ImageSampling read_image_sampling(const std::filesystem::path& csv, std::size_t groups) try {
  static const std::vector<std::string> columns = {"quantity", "images", "group", "other",
                                                   "covariance"};
  ImageSampling sampling;
  sampling.images.resize(groups);
  const Table table(csv, columns);
  table.refuse_other_columns(columns);
  for (const Table::Row& row : table.rows()) {
    const auto quantity = row.get<std::string>("quantity");
    try {
      index_of(quantity, sampled);
    } catch (const Unfit& e) {
      row.refuse(fmt::format("quantity {}", e.what()));
    }
    const Range place = from(1, double(groups));
    const auto a = std::size_t(row.get<int>("group", place) - 1),
               b = std::size_t(row.get<int>("other", place) - 1);
    const int images = row.get<int>("images", at_least(1));
    for (const std::size_t group : {a, b}) {
      int& known = sampling.images[group];
      if (known != 0 && known != images)
        row.refuse(fmt::format("images is {}, should be {}, as above", images, known));
      known = images;
    }
    ImageSampling::Matrix& matrix = sampling.covariance[quantity];
    if (matrix.empty()) matrix.assign(groups, std::vector<double>(groups, unknown));
    if (!std::isnan(matrix[a][b]))
      row.refuse(fmt::format("{} of these groups stands there twice", quantity));
    matrix[a][b] = matrix[b][a] = row.get<double>("covariance", a == b ? at_least(0) : Range{});
  }
  return sampling;
} catch (const kernels::Error& e) {
  kernels::fail("{}; remove it to draw without it", e.what());
}

}  // namespace experiments
