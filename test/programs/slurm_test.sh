#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The array job of docs/experiments.md, word for word, as Slurm would run it: it starts the program
# that was built once, with one shard for each task, and neither builds nor installs.
set -euo pipefail
source="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sed -n '/^```bash/,/^```/{/^```/d;p}' "$source/docs/experiments.md" >"$work/array.sh"
grep -q '^#SBATCH --array=1-8 ' "$work/array.sh"
program=$(grep -oE 'build/cuda/bin/[a-z0-9_]+' "$work/array.sh")
[ -e "$source/experiments/paper/$(basename "$program").cpp" ]
# The documented build makes the very program.
grep -q -- "--preset cuda --target $(basename "$program")" "$source/docs/experiments.md"

mkdir -p "$work/$(dirname "$program")" "$work/bin"
printf '#!/bin/bash\necho "$@" >>"%s/log"\n' "$work" >"$work/$program"
chmod +x "$work/$program"
for forbidden in cmake ninja apt-get sudo make; do
  printf '#!/bin/bash\necho "ran %s" >>"%s/log"\n' "$forbidden" "$work" >"$work/bin/$forbidden"
  chmod +x "$work/bin/$forbidden"
done
for task in 1 2 3 4 5 6 7 8; do
  (cd "$work" && PATH="$work/bin:$PATH" SLURM_ARRAY_TASK_ID=$task bash array.sh)
done
for task in 1 2 3 4 5 6 7 8; do echo "--preset paper --device cuda --shard $task/8"; done >"$work/expected"
diff "$work/expected" "$work/log"
