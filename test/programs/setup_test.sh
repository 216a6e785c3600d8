#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What ./setup says of systems that are too old, before it installs anything, with a made-up apt.
set -euo pipefail
source="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
for tool in bash env sed grep cat head sort tail mktemp rm; do ln -s "$(command -v "$tool")" "$work/bin/$tool"; done

fake() { printf '#!/bin/bash\n%s\n' "$2" >"$work/bin/$1" && chmod +x "$work/bin/$1"; }
fake id 'echo 0'
fake dpkg-query 'exit 1'  # nothing is installed
fake apt-get 'echo "$1" >>"$LOG"; [ "$1" != update ] || echo yes >"$LOG.lists"'
# What apt would install, once its lists are there.
fake apt-cache '[ -e "$LOG.lists" ] || exit 0
case $2 in cmake) v=$CMAKE ;; g++) v=$GXX ;; esac
printf "%s:\n  Installed: (none)\n  Candidate: %s\n" "$2" "$v"'

# expect STATUS TEXT APT-GETS: setup ends so, says that and runs those.
failures=0
expect() {
  local status=0 output
  : >"$work/log"
  output=$(PATH="$work/bin" LOG="$work/log" CMAKE="$cmake" GXX="$gxx" "$source/setup" 2>&1) || status=$?
  output+=" ran: $(paste -sd " " "$work/log")"
  if [ "$status" -ne "$1" ] || ! grep -qF -- "$2" <<<"$output" || [ "${output##* ran: }" != "$3" ]; then
    printf 'CMake %s, g++ %s\nexpected %s, "%s", ran: %s; got %s:\n%s\n\n' "$cmake" "$gxx" "$1" "$2" "$3" "$status" "$output"
    failures=1
  fi
}

cmake=3.22.1-1ubuntu1.22.04.2 gxx=4:11.2.0-1ubuntu1  # Ubuntu 22.04
expect 0 'softlabel: installing cmake ninja-build g++' 'update install'  # its lists were not there
expect 0 'softlabel: installing cmake ninja-build g++' install
cmake=3.25.1-1 gxx=4:12.2.0-3
expect 0 'softlabel: installing' install
cmake=3.18.4-2+deb11u1 gxx=4:10.2.1-1  # Debian 11
expect 1 'needs CMake 3.22 and g++ 11 or clang 14, or newer; here are CMake 3.18.4 and g++ 10.2.1.' ''
rm "$work/log.lists" 2>/dev/null || true
expect 1 'here are CMake 3.18.4 and g++ 10.2.1.' update
cmake=3.25.1-1
expect 1 'here are CMake 3.25.1 and g++ 10.2.1.' ''

# What is here counts before what would be installed.
fake cmake 'echo "cmake version 3.16.3"'
fake c++ 'echo "c++ (Ubuntu 9.4.0-1ubuntu1~20.04.1) 9.4.0"'
gxx=4:12.2.0-3
expect 1 'here are CMake 3.16.3 and g++ 9.4.0.' ''
fake cmake 'echo "cmake version 3.30.0"'
fake c++ 'echo "Debian clang version 13.0.1"'
expect 1 'here are CMake 3.30.0 and clang 13.0.1.' ''
fake c++ 'echo "Ubuntu clang version 14.0.0-1ubuntu1"'
expect 0 'softlabel: installing' install
exit $failures
