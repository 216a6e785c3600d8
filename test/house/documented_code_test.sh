#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The files that the documentation shows whole, from their licence on, compile.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
awk -v work="$work" '
  /^```cpp$/ { getline; if (/SPDX-License-Identifier/) { out = work "/" ++files ".cpp"; print >out }; next }
  /^```/ { out = "" }
  out { print >out }' docs/*.md
compile() { "${CXX:-c++}" -std=c++20 -fsyntax-only -I. -DSOFTLABEL_HAS_CUDA=0 "$1"; }
found=0
for file in "$work"/*.cpp; do
  compile "$file"
  found=$((found + 1))
done
[ "$found" -ge 1 ]
# That it sees what does not compile.
sed 's/Experiment beyond_/Experimint beyond_/' "$work/1.cpp" >"$work/wrong.cpp"
! compile "$work/wrong.cpp" 2>/dev/null || exit 1
