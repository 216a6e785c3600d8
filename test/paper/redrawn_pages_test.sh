#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The committed pages of results are what today's programs make of the committed tables of runs.
set -euo pipefail
build=$(realpath "${1:?}")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
docs/results/check "$build/bin"

# That it finds what it looks for, on one page.
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
mkdir -p "$copy/docs" "$copy/experiments"
cp -r docs/results "$copy/docs"
cp -r experiments/paper "$copy/experiments"
find "$copy/docs/results" -name '*-results.csv' -not -path '*/quick/figure1-*' -delete
sed -i '2s/,0\.\([0-8]\)/,0.9\1/' "$copy/docs/results/quick/figure1-summary.csv"
! "$copy/docs/results/check" "$build/bin" >"$copy/said"
grep -q 'figure1-summary.csv: line 2' "$copy/said"
