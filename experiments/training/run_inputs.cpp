// SPDX-License-Identifier: MIT
#include "experiments/training/run_inputs.h"

#include "experiments/runs/config.h"
#include "kernels/ranks/ranks.h"
#include "kernels/runtime/error.h"

namespace experiments {

using kernels::require;

void check_inputs(const RunConfig& c, const RunInputs& inputs) {
  const bool teacher = !inputs.teacher.empty(), logits = !inputs.teacher_logits.empty();
  const auto is_for = [&](bool given, const char* option, Loss loss) {
    require(!given || c.loss == loss, "`{}` is for `loss` {}, not {}", option, name_of(loss),
            name_of(c.loss));
  };
  is_for(teacher, "teacher", Loss::sd);
  is_for(logits, "teacher_logits", Loss::sd);
  is_for(!inputs.labels.empty(), "labels", Loss::soft);
  require(c.loss != Loss::sd || teacher || logits,
          "`loss` sd learns from a teacher: give its weights by `teacher`, or what it said of the "
          "training images by `teacher_logits`");
  require(!teacher || !logits,
          "`teacher` and `teacher_logits` are the same to learn from: give one");
  require(inputs.kept_answers.root.empty() || kernels::ranks().count == 1,
          "`keep_teacher_logits` is for one rank: of several each asks the teacher about its own "
          "part of a batch");
  require(inputs.kept_answers.root.empty() || teacher,
          "`keep_teacher_logits` keeps what a `teacher` says of views, and there is none");
  require(c.loss != Loss::soft || !inputs.labels.empty(),
          "`loss` soft learns from soft labels: give their file by `labels`");
  require(!logits || c.teacher_model.empty(),
          "`teacher_model` is the network of `teacher`; `teacher_logits` need none");
  require(!c.omega || inputs.teacher_logits.size() <= 1,
          "`omega` weighs by the size of a teacher's logits, of which the mean of several "
          "`teacher_logits` has none");
  require(!c.omega || !logits || !mixes(c),
          "`omega` weighs by the size of a teacher's logits, and `teacher_logits` have none for "
          "pictures that `mixup` or `cutmix` mixes: a `teacher` itself has");
  require(!inputs.weights.empty() || (!c.new_head && c.freeze == Freeze::none),
          "`{}` is for a network that starts from `weights`", c.new_head ? "new_head" : "freeze");
}

}  // namespace experiments
