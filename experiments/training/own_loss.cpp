// SPDX-License-Identifier: MIT
#include "experiments/training/own_loss.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "engine/system/shown.h"
#include "kernels/runtime/error.h"

namespace experiments {

using kernels::require;

namespace {

struct Registered {
  std::string name;
  OwnLoss loss;
};

std::deque<Registered>& registered() {  // a deque: names_of<Loss> has views of the names
  static std::deque<Registered> all;
  return all;
}

}  // namespace

void register_loss(const std::string& name, OwnLoss loss) {
  auto& names = names_of<Loss>;
  require(nn::is_name(name), "{} is no name for a loss: it should be of a-z, 0-9 and -",
          nn::in_quotes(name));
  require(std::find(names.begin(), names.end(), name) == names.end(), "there is a loss {} already",
          name);
  require(names.size() < most_losses, "there are {} losses already, the most there can be",
          most_losses);
  names.push_back(registered().emplace_back(Registered{name, std::move(loss)}).name);
}

OwnLoss own_loss(Loss loss) {
  return is_own(loss) ? registered().at(std::size_t(loss) - losses_here).loss : OwnLoss();
}

}  // namespace experiments
