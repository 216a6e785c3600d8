// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <span>
#include <vector>

namespace experiments {

/// Mean over repeats with its 95 % confidence interval by Student's t: mean +- half_width. With the
/// variance of test images in it, it is the wider one of that and of the repeats alone: three
/// repeats that happen to agree hide their spread behind the many degrees of freedom of images.
struct Interval {
  double mean = 0;
  double half_width = 0;  // 0 for a single repeat: there is no interval then
  double stddev = 0;      // sample standard deviation, n - 1
  int count = 0;
  double standard_error = 0, degrees = 0;  // over all that is known to vary

  double half_width_at(double level) const;
};
Interval interval(std::span<const double> repeats);

/// The interval of a[i] - b[i]. Repeats that share their seed share what the seed decides (split,
/// first weights, order), so its spread cancels. Throws Error unless there are equally many.
Interval paired_difference(std::span<const double> a, std::span<const double> b);

/// The interval over repeats and over test images, which all repeats have in common: to the
/// variance of the mean over repeats comes that under sampling of `images` images. Degrees of
/// freedom by Satterthwaite (1946).
Interval with_image_variance(Interval, double variance, int images);

/// Of the two-sided t test that the mean is 0; as the interval, the larger one of two. 1 for a
/// single repeat, which tests nothing.
double p_value(const Interval&);

/// Of the two one-sided t tests (Schuirmann 1987) that the mean is within (-margin, margin): small
/// where it is shown to be.
double p_of_equivalence(const Interval&, double margin);

/// Hedges' g: the mean in standard deviations over repeats, times the factor that takes away the
/// bias of few; none for fewer than 3 repeats, or without a spread.
std::optional<double> hedges_g(const Interval&);

/// The least difference that such a comparison finds with a probability of 80 %; none for a single
/// repeat.
std::optional<double> detectable_difference(const Interval&);

/// p values adjusted over their family: by Holm (1979), such that the chance of any false finding
/// is bounded, and by Benjamini and Hochberg (1995), such that the share of false ones among those
/// found is.
std::vector<double> holm(std::span<const double> p);
std::vector<double> benjamini_hochberg(std::span<const double> p);

/// For each p value 1 - 0.05 / (hypotheses that Holm's procedure has not rejected when it is this
/// one's turn, those after the last rejection together): the level of an interval that excludes 0
/// exactly where Holm's adjusted p is below 0.05.
std::vector<double> holm_levels(std::span<const double> p);

/// Spearman's rank correlation, ties at their mean rank; none for fewer than two pairs, and where
/// all x or all y are equal. Throws Error unless there are equally many.
std::optional<double> rank_correlation(std::span<const double> x, std::span<const double> y);

/// Pairs of x and y, by their seeds.
struct PairsOfSeed {
  std::vector<double> x, y;
};

/// Of the exact two-sided permutation test that x and y have nothing to do with each other within a
/// seed: how often the mean of their rank correlations would be as far from 0 if each order of the
/// y of a seed were as likely. Also where all seeds agree, so that a t test sees no spread. None
/// where a seed has more than 9 pairs, whose orders take too long to count, or no correlation.
std::optional<double> permutation_p(std::span<const PairsOfSeed>);

}  // namespace experiments
