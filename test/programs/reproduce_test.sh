#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Which build ./reproduce takes, with made-up GPUs, compilers and cmake.
set -euo pipefail
source="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/bin" "$work/cuda/include" "$work/tree/experiments/paper"
for tool in bash env cat sed grep basename dirname mkdir touch chmod; do ln -s "$(command -v "$tool")" "$work/bin/$tool"; done

fake() { printf '#!/bin/bash\n%s\n' "$2" >"$work/bin/$1" && chmod +x "$work/bin/$1"; }
fake cmake 'echo "cmake $*" >>"$LOG"
[ "$1" = --build ] || exit 0
mkdir -p "build/$3/bin"
touch "build/$3/build.ninja"
printf "#!/bin/bash\necho build/%s \"\$@\"\n" "$3" >"build/$3/bin/$5" && chmod +x "build/$3/bin/$5"'
# A compiler that finds cudnn_version.h where -I says.
fake c++ 'for word in "$@"; do case $word in -I*) [ -e "${word#-I}/cudnn_version.h" ]; exit ;; esac; done'
cp "$source/reproduce" "$work/tree/"
printf '#!/bin/bash\n' >"$work/tree/setup" && chmod +x "$work/tree/setup"
printf '// SPDX\n// Figure 1\n' >"$work/tree/experiments/paper/figure1_sequential.cpp"

gpu() { if [ "$1" = yes ]; then fake nvidia-smi 'echo GPU 0'; else fake nvidia-smi 'exit 9'; fi; }
nvcc() { rm -f "$work/bin/nvcc"; [ "$1" = no ] || fake nvcc :; }
cudnn() { rm -f "$work/cuda/include/cudnn_version.h"; [ "$1" = no ] || touch "$work/cuda/include/cudnn_version.h"; }

# expect STATUS TEXT ARGUMENT...: reproduce with a clean tree ends so and says that.
failures=0
expect() {
  local status=0 wanted=$1 text=$2
  shift 2
  rm -rf "$work/tree/build" "$work/log"
  output=$(cd / && PATH="$work/bin" LOG="$work/log" CUDA_PATH="$work/cuda" CXX=c++ "$work/tree/reproduce" "$@" 2>&1) ||
    status=$?
  if [ "$status" -ne "$wanted" ] || ! grep -qF -- "$text" <<<"$output"; then
    printf 'reproduce %s\nexpected %s, "%s", got %s:\n%s\n\n' "$*" "$wanted" "$text" "$status" "$output"
    failures=1
  fi
}

# A name is an experiment's or its beginning, and no pattern.
there="experiments; there are: figure1_sequential appendix_a1_one appendix_a2_two"
gpu no; nvcc no; cudnn no
for name in appendix_a1_one appendix_a2_two; do printf '// SPDX\n// An appendix\n' >"$work/tree/experiments/paper/$name.cpp"; done
expect 2 'usage: ./reproduce NAME'
expect 2 'usage: ./reproduce NAME' ''
for name in figure figure2 figure1_seq 'figure1 ' 'figure.' '.*' '(' '[' '*' '\' _ --frobnicate $'figure1\nfigure2'; do
  expect 2 "reproduce: ${name@Q} names 0 $there" "$name"
  [ "$(wc -l <<<"$output")" -eq 1 ] || { printf '%s\n' "$output"; failures=1; }
done
expect 2 "reproduce: 'appendix' names 2 $there" appendix
expect 0 'build/release' figure1_sequential --device cpu
expect 0 'build/release' appendix_a2 --device cpu
rm "$work/tree/experiments/paper/"appendix*.cpp

gpu yes; nvcc yes; cudnn yes
expect 0 'reproduce: building with CUDA: there is a GPU' figure1
expect 0 'build/cuda --seeds 3' figure1 --seeds 3
expect 0 'build/cuda --device auto' figure1 --device auto
expect 0 'reproduce: building for the cpu: as asked' figure1 --device cpu
expect 0 'build/release --device=cpu' figure1 --device=cpu
expect 0 'build/cuda --device cpu --device cuda:1' figure1 --device cpu --device cuda:1  # the last one counts
grep -qx 'cmake --build --preset cuda --target figure1_sequential' "$work/log" || { cat "$work/log"; failures=1; }

nvcc no
expect 0 'building for the cpu: there is a GPU, but nvcc is not here (install' figure1
expect 1 'reproduce: --device cuda: nvcc is not here (install' figure1 --device cuda
nvcc yes; cudnn no
expect 0 'building for the cpu: there is a GPU, but cuDNN is not in' figure1
expect 1 'reproduce: --device cuda:0: cuDNN is not in' figure1 --device=cuda:0

gpu no; cudnn yes
if [ ! -e /dev/nvidia0 ]; then
  expect 0 'reproduce: building for the cpu: no GPU is here' figure1 --preset paper
fi
expect 0 'reproduce: building with CUDA: as asked' figure1 --device cuda

# What a finished run does not need goes, and nothing else.
runs=$work/runs
for run in finished unfinished lost 'a b'; do
  mkdir -p "$runs/$run"
  for file in last.safetensors best.safetensors result.json; do echo x >"$runs/$run/$file"; done
done
rm "$runs/unfinished/result.json" "$runs/lost/best.safetensors"
said=$("$work/tree/reproduce" clean "$runs")
left=$(cd "$runs" && find . -name last.safetensors | sort | tr '\n' ' ')
if [ "$left" != './lost/last.safetensors ./unfinished/last.safetensors ' ] || [ "$(find "$runs" -type f | wc -l)" -ne 8 ] ||
  ! grep -q 'of 2 finished runs' <<<"$said"; then
  printf 'clean left %s and said %s\n' "$left" "$said"
  failures=1
fi
! "$work/tree/reproduce" clean "$work/none" >/dev/null 2>&1 || { echo 'clean of nothing passed'; failures=1; }

# What runs take on the disk.
printf '// SPDX\n// Figure 1\n{.stem = "figure1",}\n' >"$work/tree/experiments/paper/figure1_sequential.cpp"
mkdir -p "$work/tree/runs/figure1-quick"
head -c 3000000 /dev/zero >"$work/tree/runs/figure1-quick/file"
"$work/tree/reproduce" --list | grep -qF 'Figure 1 [2.9M in runs/]' || { "$work/tree/reproduce" --list; failures=1; }
exit $failures
