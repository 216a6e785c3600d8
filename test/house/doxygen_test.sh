#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The pages of all public declarations are made without a warning: no name in them is unknown.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
command -v doxygen >/dev/null || { echo "doxygen is not here"; exit 77; }
pages=$(mktemp -d)
trap 'rm -rf "$pages"' EXIT
(cat docs/Doxyfile && echo "OUTPUT_DIRECTORY = $pages") | doxygen -
