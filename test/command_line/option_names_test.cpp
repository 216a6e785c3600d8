// SPDX-License-Identifier: MIT
#include "experiments/command_line/option_names.h"

#include "test/support/catch.h"

using experiments::with_option_names;

TEST_CASE("keys of settings in a library's text become options, and nothing else does") {
  CHECK(with_option_names("`batch_size` is 0: `no_exif_orientation`") ==
        "--batch-size is 0: --no-exif-orientation");
  CHECK(with_option_names("`keep_teacher_logits` of `teacher`") ==
        "--keep-teacher-logits of --teacher");
  for (const char* same : {"", "`", "`lr", "/tmp/`x`/`y", "`batch-size`", "batch_size"})
    CHECK(with_option_names(same) == same);
  CHECK(with_option_names("a`b`lr`") == "a`b--lr");
}
