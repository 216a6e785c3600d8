#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Who includes whom, against the list of rooms in docs/architecture.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

check() {  # prints the includes that the list does not allow
  awk '
    function room_of(path) {  # the innermost folder that is a room
      while (sub(/\/[^\/]*$/, "", path)) if (path in rooms) return path
      return ""
    }
    function allow(room, other) {  # `other`, and what that may include
      if (other == "" || may[room, other]++) return
      n = split(below[other], list, " ")
      for (i = n; i >= 1; --i) stack[++top] = list[i]
      while (top > 0) allow(room, stack[top--])
    }
    FNR == NR { sub(/:/, ""); room = $1; rooms[room]; sub(/^[^ ]+ */, ""); below[room] = $0; next }
    !started++ { for (room in rooms) allow(room, room) }
    {
      split($0, part, ":#include \"")
      sub(/".*/, "", part[2])
      from = room_of(part[1]); to = room_of(part[2])
      if (to == "" || !((from, to) in may)) printf "%s may not include %s\n", part[1], part[2]
    }' <(sed -n '/^```rooms$/,/^```$/{/^```/d;p}' docs/architecture.md) "$1"
}

includes=$(mktemp)
trap 'rm -f "$includes"' EXIT
grep -rE '^#include "' kernels engine nn data experiments --include=*.{h,cpp,cu,cuh} |
  grep -v '"cuda_on_host/' >"$includes"
[ "$(wc -l <"$includes")" -gt 500 ]
wrong=$(check "$includes")
[ -z "$wrong" ] || { echo "$wrong"; exit 1; }

# That it finds what it looks for.
printf '%s\n' 'nn/a.cpp:#include "data/b.h"' 'kernels/cpu/a.cpp:#include "engine/ops.h"' \
  'experiments/runs/a.h:#include "experiments/training/b.h"' 'engine/a.h:#include "test/b.h"' \
  'experiments/paper/a.cpp:#include "kernels/runtime/b.h"' >"$includes"
[ "$(check "$includes" | wc -l)" -eq 4 ]

# A folder that is too large to be known in an afternoon becomes two. Of kernels/cuda one needs to
# know the operation that one is at.
of_folder() { find "$1" -maxdepth 1 \( -name '*.h' -o -name '*.cpp' -o -name '*.py' -o -name '*.sh' \); }
too_large() {
  while read -r folder; do
    files=$(of_folder "$folder" | wc -l) lines=$(of_folder "$folder" | xargs -r cat | wc -l)
    [ "$files" -le 25 ] || echo "$folder has $files files, more than 25"
    [ "$lines" -le 2000 ] || echo "$folder has $lines lines, more than 2000"
  done
}
large=$(find kernels engine nn data experiments bench -type d | grep -v ^kernels/cuda | too_large)
[ -z "$large" ] || { echo "$large"; exit 1; }
[ "$(too_large <<<test/kernels | wc -l)" -eq 2 ]  # it can count

# Below programs and their command line nothing names an option: settings are called by their keys, as
# `batch_size` (experiments/command_line/option_names.h).
options=$(grep -rnE '"([^"]*[^a-z"-])?--[a-z]' kernels engine nn data \
  experiments/{metrics,runs,training,analysis,report} --include=*.{h,cpp,cu,cuh} |
  grep -v 'apt-get install --reinstall' || true)
[ -z "$options" ] || { echo "$options"; exit 1; }
