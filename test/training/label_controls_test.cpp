// SPDX-License-Identifier: MIT
#include "experiments/training/soft_labels/label_controls.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "test/support/catch.h"
#include "test/support/support.h"

using namespace experiments;

namespace {

constexpr int rows = 60, classes = 5;

struct Labels {
  std::vector<float> p;
  std::vector<std::int32_t> y;

  std::vector<float> row(int i) const {
    return {p.begin() + i * classes, p.begin() + (i + 1) * classes};
  }
  double mean_of_true() const {
    double sum = 0;
    for (int i = 0; i < rows; ++i) sum += p[std::size_t(i * classes + y[std::size_t(i)])];
    return sum / rows;
  }
};

Labels some_labels() {
  Labels l{test::random_values(std::size_t(rows * classes), 0.01f, 1, 3), {}};
  for (int i = 0; i < rows; ++i) {
    l.y.push_back(i % 7 % classes);
    float sum = 0;
    for (int c = 0; c < classes; ++c) sum += l.p[std::size_t(i * classes + c)];
    for (int c = 0; c < classes; ++c) l.p[std::size_t(i * classes + c)] /= sum;
  }
  return l;
}

Labels changed(TeacherLabels how, std::uint64_t seed = 1) {
  Labels l = some_labels();
  change_labels(l.p, l.y, classes, how, seed);
  return l;
}

}  // namespace

TEST_CASE("each control keeps the mean label of the true class and sums of 1") {
  const double before = some_labels().mean_of_true();
  for (const TeacherLabels how : {TeacherLabels::own, TeacherLabels::permuted,
                                  TeacherLabels::strength, TeacherLabels::constant}) {
    INFO(name_of(how));
    const Labels l = changed(how);
    CHECK(l.mean_of_true() == Approx(before).epsilon(1e-6));
    for (int i = 0; i < rows; ++i) {
      double sum = 0;
      for (const float p : l.row(i)) sum += p;
      CHECK(sum == Approx(1).epsilon(1e-6));
    }
  }
  CHECK(changed(TeacherLabels::own).p == some_labels().p);
}

TEST_CASE("permuted labels are those of other images of the class, each once") {
  const Labels before = some_labels(), after = changed(TeacherLabels::permuted);
  for (int c = 0; c < classes; ++c) {
    std::multiset<std::vector<float>> given, got;
    for (int i = 0; i < rows; ++i) {
      if (before.y[std::size_t(i)] != c) continue;
      given.insert(before.row(i));
      got.insert(after.row(i));
      CHECK(after.row(i) != before.row(i));
    }
    CHECK(given == got);
  }
  CHECK(changed(TeacherLabels::permuted, 2).p != after.p);
  CHECK(changed(TeacherLabels::permuted).p == after.p);
}

TEST_CASE("strength keeps the true class's probability alone, constant all but it") {
  const Labels before = some_labels(), strength = changed(TeacherLabels::strength),
               constant = changed(TeacherLabels::constant);
  const double mean = before.mean_of_true();
  for (int i = 0; i < rows; ++i) {
    const auto y = std::size_t(before.y[std::size_t(i)]);
    const auto own = before.row(i), s = strength.row(i), k = constant.row(i);
    CHECK(s[y] == Approx(own[y]));
    CHECK(k[y] == Approx(mean).epsilon(1e-6));
    const std::size_t a = (y + 1) % classes, b = (y + 2) % classes;
    CHECK(s[a] == Approx((1 - own[y]) / (classes - 1)).epsilon(1e-5));
    CHECK(s[a] == s[b]);
    CHECK(k[a] / k[b] == Approx(own[a] / own[b]).epsilon(1e-5));
  }
  std::vector<float> sure = {1, 0, 0, 0.5f, 0.5f, 0};
  change_labels(sure, std::vector<std::int32_t>{0, 0}, 3, TeacherLabels::constant, 0);
  CHECK(sure[1] == Approx(0.125));  // nothing is known of the others
  CHECK(sure[4] == Approx(0.25));
  CHECK(sure[5] == 0);
}
