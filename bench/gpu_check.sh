#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# gpu_check.sh: everything that only a GPU can tell, in one report. See usage.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'EOF_USAGE'
usage: bench/gpu_check.sh [--out FILE] [--small]

Builds for this machine's GPU, runs the tests (those of kernels under compute-sanitizer too), times
copying, every op and whole training steps, and trains on real images on cuda and on the cpu, which
must agree. Writes all of it to FILE (default: build/gpu_check.md). Exit status 1 if anything failed.

  --small   tiny sizes: rehearses the script in minutes

SOFTLABEL_BUILD=DIR uses a build folder as it is, for example build/cuda-on-host with --small on a
machine with no GPU.
EOF_USAGE
}

out=build/gpu_check.md small=
while [ $# -gt 0 ]; do
  case "$1" in
    --out) out=${2:?--out FILE}; shift 2 ;;
    --small) small=1; shift ;;
    -h | --help) usage; exit ;;
    *) echo "gpu_check: unknown option $1; see bench/gpu_check.sh --help" >&2; exit 2 ;;
  esac
done

stop() { echo "gpu_check: $*" >&2; exit 1; }

if [ -z "${SOFTLABEL_BUILD:-}" ]; then
  nvidia-smi -L >/dev/null 2>&1 || stop "no NVIDIA GPU (nvidia-smi -L finds none); without one, rehearse:" \
    "SOFTLABEL_BUILD=build/cuda-on-host bench/gpu_check.sh --small"
  nvcc=$(command -v nvcc || echo /usr/local/cuda/bin/nvcc)
  [ -x "$nvcc" ] || stop "nvcc was not found: install the CUDA Toolkit, 12.4 or newer"
  ./setup
  build=build/gpu-check
  cmake --preset cuda -B "$build" -DCMAKE_CUDA_ARCHITECTURES=native >/dev/null
  cmake --build "$build"
else
  build=$SOFTLABEL_BUILD
  [ -x "$build/bin/train" ] || stop "SOFTLABEL_BUILD=$build has no bin/train; build it first"
fi
bin=$build/bin

if [ -n "$small" ]; then
  test_options=(-R '^(soft_target_loss|sgd|launch)$')
  bench_options=(--benchmark_min_time=0.001)
  bench_filter='copy/65536/|/128/10/|/272474/|/4096/150|/8/342/8|/1024/512'
  step_options=(--warm-up 1 --steps 1 --classes 10 --image 8x8x3)
  steps=(resnet8:4 densenet-bc-22-4:2)
  run_options=(--train-limit 40 --val-limit 20 --batch-size 10 --epochs 2)
else
  test_options=()
  bench_options=(--benchmark_min_time=0.1)
  bench_filter=.
  step_options=(--warm-up 10 --steps 10 --in-a-row 20)
  steps=(resnet20:128 resnet34:128 densenet-bc-100-12:64)
  run_options=(--train-limit 5000 --val-limit 1000 --batch-size 128 --epochs 10)
fi
# Rounding grows from step to step. In the long run one and two threads of one processor differ by
# 9e-5 in the first ten steps, and by 2e-2 in an epoch.
step_tolerance=1e-3 epoch_tolerance=5e-2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
report=$work/report.md
failures=()

# Whatever comes next into the report ends with an empty line.
section() { printf '## %s\n\n' "$1" >>"$report"; echo "== $1"; }

# Runs a command whose output goes into the report, in a block; a failure is noted, with its errors.
block() {
  local name=$1 status=0
  shift
  echo '```' >>"$report"
  "$@" >>"$report" 2>"$work/errors" || status=$?
  if [ $status -ne 0 ]; then
    failures+=("$name (exit status $status)")
    cat "$work/errors" >>"$report"
  fi
  printf '```\n\n' >>"$report"
}

describe_machine() {
  local gpu driver cudnn
  IFS='|' read -r gpu driver < <(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null |
    sed 's/, /|/') || true
  cudnn=$(cat "$(sed -n 's/^CUDNN_INCLUDE_DIR:PATH=//p' "$build/CMakeCache.txt")"/cudnn_version*.h 2>/dev/null |
    awk '$2 ~ /^CUDNN_(MAJOR|MINOR|PATCHLEVEL)$/ && !seen[$2]++ { printf "%s%s", dot, $3; dot = "." }') || true
  cat <<EOF_MACHINE
| | |
|---|---|
| GPU | ${gpu:-none} |
| driver | ${driver:-none} |
| toolkit | $({ "${nvcc:-nvcc}" --version 2>/dev/null || echo none; } | tail -1) |
| cuDNN | ${cudnn:-none} |
| processor | $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), $(nproc) threads |
| commit | $(git rev-parse --short HEAD)$(git diff --quiet HEAD || echo ', with changes') |
| date | $(date -u +%Y-%m-%dT%H:%MZ) |
| build | $build |
| device | $("$bin/copy_bench" --device=cuda --benchmark_filter=none 2>&1 | sed -n "s|^device: ||p") |

EOF_MACHINE
}

run_tests() {
  ctest --test-dir "$build" --no-tests=error --output-on-failure "${test_options[@]}" | tail -100
}

sanitized_tests() {
  local tool=$1 tests
  tests=$(for f in kernels/cuda/*.cu; do basename "$f" .cu; done |
    while read -r op; do [ ! -f "test/kernels/${op}_test.cpp" ] || printf '[#%s_test],' "$op"; done)
  compute-sanitizer --tool "$tool" --error-exitcode 9 "$bin/softlabel_tests" "${tests%,}" \
    --filenames-as-tags | tail -20
}

step() {
  "$bin/step_bench" --device cuda --model "${1%:*}" --batch-size "${1#*:}" "${step_options[@]}" "${@:2}"
}

train() {
  "$bin/train" --dataset fashion-mnist --model resnet8 --lr 0.02 "${run_options[@]}" --device "$1" \
    --out "$work/run-$1" >"$work/run-$1.log" 2>&1 || { cat "$work/run-$1.log"; return 1; }
}

# compare FILE COLUMN ROWS TOLERANCE: a column of both runs' FILE, up to so many rows.
compare() {
  paste -d, "$work/run-cuda/$1" "$work/run-cpu/$1" | awk -F, -v name="$2" -v rows="$3" -v tolerance="$4" '
    NR == 1 {
      half = NF / 2
      for (i = 1; i <= half; ++i) if ($i == name) column = i
      printf "%5s  %12s  %12s  %s\n", $1, "on cuda", "on cpu", "relative difference"
      next
    }
    NR <= rows + 1 {
      difference = ($column - $(column + half)) / $(column + half)
      printf "%5d  %12.7f  %12.7f  %.1e\n", $1, $column, $(column + half), difference
      if (!(difference <= tolerance && difference >= -tolerance)) bad = 1
    }
    END {
      bad = bad || NR < 2 || !column
      printf "%s: within %s of each other: %s\n\n", name, tolerance, bad ? "NO" : "yes"
      exit bad
    }'
}

compare_training() {
  train cuda && train cpu || return 1
  local status=0
  compare steps.csv loss 10 "$step_tolerance" || status=1
  compare epochs.csv train_loss 1000 "$epoch_tolerance" || status=1
  for device in cuda cpu; do tail -1 "$work/run-$device.log"; done
  return $status
}

printf '# What this GPU says of softlabel\n\n' >"$report"
section 'Machine'
describe_machine >>"$report"

section 'Tests'
block tests run_tests
if command -v compute-sanitizer >/dev/null; then
  for tool in memcheck racecheck; do
    section "Tests of kernels under compute-sanitizer, $tool"
    block "$tool" sanitized_tests "$tool"
  done
else
  printf 'compute-sanitizer was not found: no test ran under it.\n\n' >>"$report"
fi

section 'Bandwidth'
cat >>"$report" <<'EOF_TEXT'
`GB/s`: bytes() of the op over its best time; `of_copy`: the time of copying as many bytes (device to device, in the same run)
over the op's; `best_us`: microseconds.

EOF_TEXT
for bench in copy soft_target_loss beta_labels sgd batch_norm pool concat_channels; do
  block "${bench}_bench" "$bin/${bench}_bench" --device=cuda --benchmark_counters_tabular=true \
    --benchmark_filter="$bench_filter" "${bench_options[@]}"
done

section 'Training steps'
cat >>"$report" <<'EOF_TEXT'
Synthetic images, in exact, f32, tf32 and bf16; `launches_per_step`: of our kernels, calls of cuDNN and cuBLAS, copies.

EOF_TEXT
for model in "${steps[@]}"; do
  for precision in exact f32 tf32 bf16; do
    block "step of $model, $precision" step "$model" --precision "$precision"
  done
done

section 'Training on real images, cuda and cpu'
block training compare_training

section 'Outcome'
if [ ${#failures[@]} -eq 0 ]; then
  echo 'Everything passed.' >>"$report"
else
  printf -- '- failed: %s\n' "${failures[@]}" >>"$report"
fi
mkdir -p "$(dirname "$out")"
mv "$report" "$out"
tail -n +3 <(sed -n '/^## Outcome/,$p' "$out")
echo "report: $out"
[ ${#failures[@]} -eq 0 ]
