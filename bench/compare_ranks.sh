#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Images per second of a run by N ranks of one thread each, with batch norm of their own and of all,
# over those of one process with N threads: in turns, medians of the rounds.
#   usage: bench/compare_ranks.sh [RANKS [ROUNDS]]     (2 ranks, 5 rounds)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
ranks=${1:-2} rounds=${2:-5}
train=build/release/bin/train
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

# NAME COMMAND...: of the second epoch, in which all plans are made.
measure() {
  local name=$1
  shift
  rm -rf "$work/run"
  "$@" $options --out "$work/run" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
  tail -1 "$work/run/epochs.csv" | cut -d, -f8 >>"$work/$name"
}
median() { sort -g "$work/$1" | sed -n "$((rounds / 2 + 1))p"; }

printf '%-22s %10s %10s %6s %10s %6s\n' network "1 process" "$ranks ranks" ratio "sync" ratio
for network in resnet20:128:5120 densenet-bc-40-12:64:640; do
  IFS=: read -r model batch images <<<"$network"
  options="--dataset cifar100 --model $model --batch-size $batch --train-limit $images --val-limit 100 --epochs 2"
  for ((i = 0; i < rounds; ++i)); do
    measure one "$train" --threads "$ranks"
    measure own mpirun --bind-to none -np "$ranks" "$train" --threads 1
    measure sync mpirun --bind-to none -np "$ranks" "$train" --threads 1 --sync-batch-norm
  done
  awk -v m="$model, $batch" -v a="$(median one)" -v b="$(median own)" -v c="$(median sync)" \
    'BEGIN { printf "%-22s %10.0f %10.0f %6.2f %10.0f %6.2f\n", m, a, b, b / a, c, c / a }'
  rm "$work"/{one,own,sync}
done
