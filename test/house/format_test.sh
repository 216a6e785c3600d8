#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Lines of the pages end at column 100, but in tables, commands and links; every source is as
# clang-format 14 lays it out; other versions differ in small things.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
too_long() {
  find . -name '*.md' -not -path './docs/results/*' -not -path './build*' -not -path './runs/*' -print0 |
    LC_ALL=C.UTF-8 xargs -0 grep -nE '^.{101}' | grep -vE '^[^:]*:[0-9]+:(\||!\[|\[[^]]*\]: |    )'
}
if too_long; then
  echo "lines of pages should end at column 100"
  exit 1
fi
format=$(command -v clang-format-14 || command -v clang-format || true)
if [ -z "$format" ] || ! "$format" --version | grep -qE 'version 14\.'; then
  echo "clang-format 14 is not here"
  exit 77
fi
find kernels engine nn data experiments bench test docs/examples \( -name '*.cpp' -o -name '*.h' -o -name '*.cu' -o -name '*.cuh' \) \
  -print0 | xargs -0 "$format" --dry-run -Werror
