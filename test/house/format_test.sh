#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every source is as clang-format 14 lays it out; other versions differ in small things.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
format=$(command -v clang-format-14 || command -v clang-format || true)
if [ -z "$format" ] || ! "$format" --version | grep -qE 'version 14\.'; then
  echo "clang-format 14 is not here"
  exit 77
fi
find kernels engine nn data experiments bench test docs/examples \( -name '*.cpp' -o -name '*.h' -o -name '*.cu' -o -name '*.cuh' \) \
  -print0 | xargs -0 "$format" --dry-run -Werror
