#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# export_python_test.py, by $SOFTLABEL_PYTHON or python3; skipped where that lacks a package.
exec "${SOFTLABEL_PYTHON:-python3}" "${0%.sh}.py" "$1/bin"
