#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# gpu_check.sh: everything that only a GPU can tell, in one report. See usage.
set -euo pipefail

usage() {
  cat <<'EOF_USAGE'
usage: bench/gpu_check.sh [--bundle DIR] [--out FILE] [--small] [--only STAGE]

Says what this machine's GPU makes of softlabel: first steps with every launch waited for, tests,
times of training steps beside PyTorch's, what a profiler counts, bandwidths, training on real images
on cuda (twice, and without graphs: the same bits) and on the cpu (which must agree), and
compute-sanitizer. Each stage has a time limit, the most valuable come first, and what each says is in
FILE (default: build/gpu_check.md) at once, so that a report that was cut off is good up to there.
Exit status 1 if a stage failed or had too little time.

  --bundle DIR  takes the programs of bench/gpu_bundle.sh: installs, builds and fetches nothing, and
                ends within nine minutes. Without it: builds for this machine's GPU first, and each
                stage may take ten times as long
  --small       tiny sizes: rehearses the script
  --only STAGE  that one: STAGES

SOFTLABEL_BUILD=DIR uses a build folder as it is, for example build/cuda-on-host with --small on a
machine with no GPU. SOFTLABEL_PYTHON says which python has PyTorch (default: python3).
EOF_USAGE
}

# Name and seconds. Those of a bundle, which must have ended in nine minutes.
stages=(machine:10 first_steps:35 tests:75 steps:65 pytorch:115 profile:45 bandwidth:55 training:40 sanitizer:90)

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bundle='' out='' small='' only=''
options=("$@")
while [ $# -gt 0 ]; do
  case "$1" in
    --bundle) bundle=$(realpath "${2:?--bundle DIR}"); shift 2 ;;
    --out) out=${2:?--out FILE}; shift 2 ;;
    --small) small=1; shift ;;
    --only) only=${2:?--only STAGE}; shift 2 ;;
    -h | --help) usage | sed "s/: STAGES/: $(IFS=,; echo "${stages[*]%:*}" | sed 's/,/, /g')/"; exit ;;
    *) echo "gpu_check: unknown option $1; see bench/gpu_check.sh --help" >&2; exit 2 ;;
  esac
done
out=${out:-$root/build/gpu_check.md}

stop() { echo "gpu_check: $*" >&2; exit 1; }

# Sets bin, data (options of programs that read images) and scripts.
find_programs() {
  data=() scripts=$root/bench
  if [ -n "$bundle" ]; then
    programs=${SOFTLABEL_UNPACKED:-}
    if [ -z "$programs" ]; then
      [ -f "$bundle/bundle.tar.gz" ] || stop "$bundle has no bundle.tar.gz; bench/gpu_bundle.sh makes it"
      programs=$work/bundle
      mkdir "$programs"
      tar -xzf "$bundle/bundle.tar.gz" -C "$programs"
      export SOFTLABEL_UNPACKED=$programs
    fi
    bin=$programs/bin data=(--data-dir "$programs/data") scripts=$programs/bench
    export SOFTLABEL_TEST_DATA=$programs/golden
    # What comes in wheels of Python lies in folders that no loader looks into.
    export LD_LIBRARY_PATH=$programs/lib:$(libraries_of_wheels)${LD_LIBRARY_PATH:-}
  elif [ -n "${SOFTLABEL_BUILD:-}" ]; then
    bin=$SOFTLABEL_BUILD/bin
    [ -x "$bin/train" ] || stop "SOFTLABEL_BUILD=$SOFTLABEL_BUILD has no bin/train; build it first"
  else
    nvidia-smi -L >/dev/null 2>&1 || stop "no NVIDIA GPU (nvidia-smi -L finds none); without one, rehearse:" \
      "SOFTLABEL_BUILD=build/cuda-on-host bench/gpu_check.sh --small"
    [ -x "$nvcc" ] || stop "nvcc was not found: install the CUDA Toolkit, 12.4 or newer"
    bin=$root/build/gpu-check/bin
    [ -n "$only" ] && [ -x "$bin/train" ] && return
    cd "$root"
    ./setup
    cmake --preset cuda -B build/gpu-check -DCMAKE_CUDA_ARCHITECTURES=native >/dev/null
    cmake --build build/gpu-check
    cd - >/dev/null
  fi
}

libraries_of_wheels() {
  "$python" - 2>/dev/null <<'EOF_PYTHON' || true
import nvidia, pathlib
print("".join(f"{p.parent}:" for base in nvidia.__path__ for p in pathlib.Path(base).rglob("libcud*.so*")
              if p.name.startswith(("libcudnn.so", "libcudart.so"))), end="")
print("".join(f"{p.parent}:" for base in nvidia.__path__ for p in pathlib.Path(base).rglob("libcublas.so*")), end="")
EOF_PYTHON
}

set_sizes() {
  if [ -n "$small" ]; then
    tests='[#soft_target_loss_test],[#sgd_test],[#launch_test]'
    bench_options=(--benchmark_min_time=0.001)
    bench_filter='copy/65536/|/128/10/|/272474/|/4096/150|/8/342/8|/1024/512'
    step_options=(--warm-up 1 --steps 1 --classes 10 --image 8x8x3)
    networks=(resnet8:4 densenet-bc-22-4:2)
    precisions=(tf32)
    peer_options=(--warm-up 1 --steps 1 --rounds 1 --classes 10 --image 8x8x3)
    first_options=(--train-limit 20 --val-limit 10 --batch-size 10)
    run_options=(--train-limit 40 --val-limit 20 --batch-size 10 --epochs 2)
  else
    tests=
    bench_options=(--benchmark_min_time=0.05)
    bench_filter=.
    step_options=(--warm-up 10 --steps 10 --in-a-row 20)
    networks=(resnet20:128 resnet34:128 densenet-bc-100-12:64)
    precisions=(bf16 tf32 f32 exact)
    peer_options=(--warm-up 10 --steps 20 --rounds 2)
    first_options=(--train-limit 256 --val-limit 128 --batch-size 128)
    run_options=(--train-limit 5000 --val-limit 1000 --batch-size 128 --epochs 5)
  fi
  [ -z "$bundle" ] || bench_filter="${bench_filter/#./copy|/128/100/|/1024/1000/|/1000000|/11173962|/131072/64|/32768/128|/8192/256|/32/64}"
  # Rounding grows from step to step. In the long run one and two threads of one processor differ by
  # 9e-5 in the first ten steps, and by 2e-2 in an epoch.
  step_tolerance=1e-3 epoch_tolerance=5e-2
}

machine() {
  local gpu driver cudnn
  IFS='|' read -r gpu driver < <(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null |
    sed 's/, /|/') || true
  cat <<EOF_MACHINE
GPU        ${gpu:-none}
driver     ${driver:-none}
toolkit    $({ "$nvcc" --version 2>/dev/null || echo none; } | tail -1)
PyTorch    $("$python" -c 'import torch; print(torch.__version__, "CUDA", torch.version.cuda)' 2>/dev/null || echo none)
processor  $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), $(nproc) threads
programs   $("$bin/train" --version 2>&1 | tr '\n' ' ')
date       $(date -u +%Y-%m-%dT%H:%MZ)
EOF_MACHINE
  "$bin/copy_bench" --device=cuda --benchmark_filter=none 2>&1 | sed -n 's|^device: |device     |p'
}

train() {
  "$bin/train" --dataset fashion-mnist --lr 0.02 --device cuda "${data[@]}" "$@" >"$work/train.log" 2>&1 ||
    { tail -5 "$work/train.log"; return 1; }
}

# Every network and loss for two epochs of two steps, one launch after the other, so that an error
# names its kernel.
first_steps() {
  local failed=0
  export SOFTLABEL_SYNC=1
  first() {
    local name=$1
    shift
    if train --out "$work/first-$name" --epochs 2 "${first_options[@]}" "$@"; then
      echo "$name: $(tail -1 "$work/first-$name/steps.csv")"
    else
      echo "$name: FAILED"
      failed=1
    fi
  }
  first resnet8 --model resnet8
  head -1 "$work/first-resnet8/steps.csv" 2>/dev/null || true
  for network in "${networks[@]%:*}"; do first "$network" --model "$network"; done
  for precision in "${precisions[@]}"; do first "resnet8-$precision" --model resnet8 --precision "$precision"; done
  for loss in ls beta; do first "resnet8-$loss" --model resnet8 --loss $loss; done
  first resnet8-sd --model resnet8 --loss sd --teacher "$work/first-resnet8/best.safetensors"
  first resnet8-adamw --model resnet8 --optimizer adamw --lr 0.001
  return $failed
}

# Names and times of test cases as they end, for a report that is cut off.
tests() {
  CUDA_ON_HOST=${CUDA_ON_HOST:-order=random} "$bin/softlabel_tests" ${tests:+"$tests"} --filenames-as-tags --durations yes
}

step() {
  "$bin/step_bench" --device cuda --model "${1%:*}" --batch-size "${1#*:}" "${step_options[@]}" "${@:2}"
}

# Synthetic images, each step a graph and not; launches_per_step: of our kernels, calls of cuDNN and
# cuBLAS, copies, graphs.
steps() {
  local failed=0
  for precision in "${precisions[@]}"; do
    for network in "${networks[@]}"; do step "$network" --precision "$precision" || failed=1; done
  done
  for network in "${networks[@]}"; do
    step "$network" --precision "${precisions[0]}" --graph off || failed=1
    step "$network" --precision "${precisions[0]}" --loss sd || failed=1
  done
  return $failed
}

pytorch() {
  "$python" -c 'import torch' 2>/dev/null || { echo "$python has no PyTorch"; return 77; }
  local device=cuda
  [ -z "$small" ] || device=$("$python" -c 'import torch; print("cuda" if torch.cuda.is_available() else "cpu")')
  compare() {
    "$python" "$scripts/compare_pytorch.py" --binary "$bin/step_bench" --device "$device" \
      --models "$(IFS=,; echo "${networks[*]}")" "${peer_options[@]}" "$@"
  }
  compare
  # Compiling takes longer than all else.
  [ "$device" = cpu ] || compare --compile --rounds 1
}

# Of a step of each network: for each kind of op calls, milliseconds, bytes and arithmetic; where ncu
# is, for each kernel calls, microseconds, MB read and written, and the share of warps that were active.
profile() {
  local failed=0
  for network in "${networks[@]}"; do
    echo "$network, ${precisions[0]}"
    step "$network" --precision "${precisions[0]}" --ops || failed=1
  done
  command -v ncu >/dev/null || { echo 'kernels: ncu (Nsight Compute) is not here'; return $failed; }
  local metrics=gpu__time_duration.sum,dram__bytes_read.sum,dram__bytes_write.sum,sm__warps_active.avg.pct_of_peak_sustained_active
  for network in "${networks[@]}"; do
    echo "$network, ${precisions[0]}"
    ncu --profile-from-start off --clock-control none --metrics "$metrics" --csv --print-units base \
      "$bin/step_bench" --device cuda --model "${network%:*}" --batch-size "${network#*:}" \
      --precision "${precisions[0]}" --graph off --warm-up 3 --steps 1 --profile >"$work/ncu.csv" 2>"$work/ncu.log" ||
      { tail -3 "$work/ncu.csv" "$work/ncu.log"; failed=1; continue; }
    "$python" - "$work/ncu.csv" <<'EOF_PYTHON' || failed=1
import collections, csv, sys
lines = [line for line in open(sys.argv[1]) if line.startswith('"')]
kernels = collections.defaultdict(lambda: collections.defaultdict(list))
for row in csv.DictReader(lines):
    kernels[row["Kernel Name"].split("(")[0][-70:]][row["Metric Name"].split("__")[1].split(".")[0]].append(
        float(row["Metric Value"].replace(",", "")))
def total(kernel, what): return sum(kernels[kernel][what])
print(f"{'calls':>6} {'us':>9} {'MB read':>9} {'written':>9} {'warps %':>8}  kernel")
for k in sorted(kernels, key=lambda k: -total(k, "time_duration")):
    warps = kernels[k]["warps_active"]
    print(f"{len(warps):6} {total(k, 'time_duration') / 1e3:9.1f} {total(k, 'bytes_read') / 1e6:9.1f} "
          f"{total(k, 'bytes_write') / 1e6:9.1f} {sum(warps) / max(1, len(warps)):8.1f}  {k}")
sys.exit(not kernels)
EOF_PYTHON
  done
  return $failed
}

# GB/s: bytes() of the op over its best time; of_copy: the time of copying as many bytes (device to
# device, in the same run) over the op's; best_us: microseconds.
bandwidth() {
  local failed=0
  for bench in copy soft_target_loss sgd batch_norm pool beta_labels copy_channels; do
    "$bin/${bench}_bench" --device=cuda --benchmark_counters_tabular=true \
      --benchmark_filter="$bench_filter" "${bench_options[@]}" || failed=1
  done
  return $failed
}

# compare_runs FILE COLUMN ROWS TOLERANCE: a column of both runs' FILE, up to so many rows.
compare_runs() {
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

training() {
  local failed=0 run
  for run in cuda cuda-again cuda-eager cpu; do
    local more=()
    [ $run != cuda-eager ] || more=(--graph off)
    train --model resnet8 --precision exact "${run_options[@]}" --device "${run%%-*}" "${more[@]}" --out "$work/run-$run" || return 1
    tail -1 "$work/train.log"
  done
  compare_runs steps.csv loss 10 "$step_tolerance" || failed=1
  compare_runs epochs.csv train_loss 1000 "$epoch_tolerance" || failed=1
  for run in cuda-again cuda-eager; do
    if cmp "$work/run-cuda/last.safetensors" "$work/run-$run/last.safetensors"; then
      echo "cuda and $run: the same bits"
    else
      failed=1
    fi
  done
  return $failed
}

sanitizer() {
  command -v compute-sanitizer >/dev/null || { echo 'compute-sanitizer is not here'; return 77; }
  local tool failed=0 each='[#soft_target_loss_test],[#beta_labels_test],[#sgd_test],[#adamw_test],[#batch_norm_test],[#pool_test],[#augment_test]'
  for tool in memcheck racecheck; do
    echo "$tool"
    compute-sanitizer --tool $tool --error-exitcode 9 "$bin/softlabel_tests" "$each~[numbers]" \
      --filenames-as-tags 2>&1 | tail -15 || failed=1
  done
  return $failed
}

python=${SOFTLABEL_PYTHON:-python3}
nvcc=$(command -v nvcc || echo /usr/local/cuda/bin/nvcc)
PATH=$PATH:${nvcc%/*}
if [ -n "$only" ]; then
  declare -F "$only" >/dev/null && [[ " ${stages[*]%:*} " = *" $only "* ]] ||
    stop "no stage $only; those are: ${stages[*]%:*}"
fi
work=${SOFTLABEL_WORK:-}
if [ -z "$work" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi
find_programs
set_sizes
if [ -n "$only" ]; then
  "$only"
  exit
fi

export SOFTLABEL_WORK=$work
mkdir -p "$(dirname "$out")"
printf '# What this GPU says of softlabel\n\n' >"$out"
results=()
finish() {
  printf '## Outcome\n\n| stage | | s |\n|---|---|--:|\n' >>"$out"
  printf '%s\n' "${results[@]}" >>"$out"
  sed -n '/^## Outcome/,$p' "$out" | tail -n +3
  echo "report: $out"
}
running=
trap '[ -z "$running" ] || kill "$running" 2>/dev/null; results+=("| (stopped by a signal) | | |"); printf "\`\`\`\n\n" >>"$out"; finish; rm -rf "$work"; exit 143' TERM INT
failed=0
for stage in "${stages[@]}"; do
  name=${stage%:*} limit=${stage#*:} status=0 start=$SECONDS
  [ -n "$bundle" ] || limit=$((10 * limit))
  echo "== $name"
  printf '## %s\n\n```\n' "$name" >>"$out"
  timeout -k 2 "$limit" "${BASH_SOURCE[0]}" "${options[@]}" --only "$name" >>"$out" 2>&1 &
  running=$!
  wait $running || status=$?
  [ $status != 124 ] || sleep 1  # what was stopped may have a last word
  printf '```\n\n' >>"$out"
  case $status in
    0) outcome=passed ;;
    77) outcome='left out' ;;
    124 | 137) outcome="longer than $limit s" failed=1 ;;
    *) outcome="FAILED ($status)" failed=1 ;;
  esac
  results+=("| $name | $outcome | $((SECONDS - start)) |")
done
finish
exit $failed
