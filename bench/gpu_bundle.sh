#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# gpu_bundle.sh: what bench/gpu_check.sh --bundle needs on a machine that has a GPU and little else.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'EOF_USAGE'
usage: bench/gpu_bundle.sh [--out DIR] [--architectures LIST] [--on-host]

Builds programs, tests and benches for GPUs and processors that this machine need not have, and
packs them into DIR (default: build/gpu-bundle), with what they need: shared libraries other than
CUDA's, 7,000 images, golden files, scripts. Less than 40 MB. Take DIR to a machine with a GPU that has the
CUDA Toolkit's cuBLAS, cuDNN 9 (of pip too), bash and python3, and there:

    DIR/bench/gpu_check.sh --bundle DIR --out report.md

  --architectures LIST  of GPUs (default: 90, and newer ones by way of PTX; 80-real;90 for two)
  --on-host             CUDA-on-host in the place of a GPU: rehearses with gpu_check.sh --small
EOF_USAGE
}

out=build/gpu-bundle architectures=90 kind=cuda
while [ $# -gt 0 ]; do
  case "$1" in
    --out) out=${2:?--out DIR}; shift 2 ;;
    --architectures) architectures=${2:?--architectures LIST}; shift 2 ;;
    --on-host) kind=cuda-on-host; shift ;;
    -h | --help) usage; exit ;;
    *) echo "gpu_bundle: unknown option $1; see bench/gpu_bundle.sh --help" >&2; exit 2 ;;
  esac
done
stop() { echo "gpu_bundle: $*" >&2; exit 1; }

./setup
[ $kind = cuda ] || ./setup cuda-on-host
build=build/bundle-$kind
cmake --preset $kind -B "$build" -DCMAKE_CUDA_ARCHITECTURES="$architectures" -DSOFTLABEL_NATIVE=OFF -DSOFTLABEL_MPI=OFF \
  -DCMAKE_CXX_FLAGS=-march=x86-64-v3 -DSOFTLABEL_TESTS=nn >/dev/null
programs=(softlabel_tests train step_bench)
for source in bench/*_bench.cpp; do programs+=("$(basename "$source" .cpp)"); done
cmake --build "$build" --target "${programs[@]}"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{bin,lib,data/fashion-mnist,golden,bench,nn}
for program in "${programs[@]}"; do strip --strip-debug -o "$work/bin/$program" "$build/bin/$program"; done  # names of kernels stay
# CUDA's are there; the C library must be.
ldd "$work"/bin/* | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | sort -u |
  grep -vE '/(libc|libm|ld-linux[^/]*|libdl|libpthread|librt|libcu[a-z]+|libnv[a-z]+)\.so' |
  xargs -I{} cp -L {} "$work/lib/"
cp test/golden/*.safetensors "$work/golden/"
cp bench/*.py "$work/bench/"
cp nn/softlabel_torch.py "$work/nn/"
python3 - /usr/share/datasets/fashion-mnist "$work/data/fashion-mnist" <<'EOF_PYTHON'
import gzip, pathlib, struct, sys
source, target = map(pathlib.Path, sys.argv[1:])
for part, count in ("train", 6000), ("t10k", 1000):  # the first of each
    for name, header, size in ("images-idx3", 16, 28 * 28), ("labels-idx1", 8, 1):
        name = f"{part}-{name}-ubyte"
        data = gzip.open(source / f"{name}.gz").read()
        cut = data[:4] + struct.pack(">i", count) + data[8:header + count * size]
        (target / name).write_bytes(cut)
EOF_PYTHON

rm -rf "$out"
mkdir -p "$out/bench"
cp bench/gpu_check.sh "$out/bench/"
tar -C "$work" -c . | gzip -9 >"$out/bundle.tar.gz"
size=$(du -sm "$out" | cut -f1)
[ "$size" -le 40 ] || stop "$out has $size MB; less than 40 were meant"
glibc=$(objdump -T "$work"/bin/* "$work"/lib/* | grep -oE 'GLIBC_2\.[0-9]+' | sort -Vu | tail -1)
echo "$out: $size MB, for GPUs of ${architectures//;/, }, processors of x86-64-v3, ${glibc/_/ } or newer"
