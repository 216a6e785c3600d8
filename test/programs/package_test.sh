#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# softlabel as others use it: installed, where an outside project finds it, builds docs/examples and
# runs them; and as a part of another project, to which nothing of ours may leak.
set -euo pipefail
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$1
if ! grep -q softlabel-config "$build/cmake_install.cmake" || grep -q '^CMAKE_CXX_FLAGS:.*-fsanitize' "$build/CMakeCache.txt"; then
  echo "this build is not for others"
  exit 77
fi
# Libraries of one compiler's OpenMP are no other's.
CXX=$(sed -n 's/^CMAKE_CXX_COMPILER:[^=]*=//p' "$build/CMakeCache.txt")
export CXX
export CMAKE_GENERATOR=Ninja  # make may not be there
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cmake --install "$build" --prefix "$scratch/softlabel" >/dev/null
"$scratch/softlabel/bin/train" --version
"$scratch/softlabel/bin/predict" --help >/dev/null
cmake -S "$source/docs/examples" -B "$scratch/examples" -DCMAKE_PREFIX_PATH="$scratch/softlabel" \
  -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS='-Wall -Wextra -Wpedantic -Wshadow -Werror' >/dev/null
cmake --build "$scratch/examples" -j 2
ctest --test-dir "$scratch/examples" --output-on-failure
grep -q "makers' own" "$scratch/examples/folder/README.md"  # PyTorch does not know that network
[ "$(grep -rl softlabel_torch "$scratch/examples/folder" | wc -l)" -eq 0 ]
grep -q "$source" -r "$scratch/softlabel/lib/cmake" "$scratch/softlabel/include" && { echo "names the source tree"; exit 1; }

# A parent with targets and options of names that are ours too, in both ways to be a part of it.
mkdir "$scratch/parent"
echo 'int main() {}' >"$scratch/parent/main.cpp"
for way in "add_subdirectory($source softlabel EXCLUDE_FROM_ALL)" \
  "include(FetchContent)
   FetchContent_Declare(softlabel SOURCE_DIR $source)
   FetchContent_MakeAvailable(softlabel)"; do
  cat >"$scratch/parent/CMakeLists.txt" <<EOF
cmake_minimum_required(VERSION 3.22)
project(parent LANGUAGES CXX)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
foreach(name data tests train kernels engine version)
  add_library(\${name} INTERFACE)
endforeach()
$way
add_executable(main main.cpp)
target_link_libraries(main PRIVATE softlabel::training)
if(TARGET Catch2::Catch2 OR TARGET benchmark::benchmark)
  message(FATAL_ERROR "what tests need was looked for")
endif()
EOF
  rm -rf "$scratch/parent/build"
  cmake -S "$scratch/parent" -B "$scratch/parent/build" >/dev/null
  command=$(grep -m 1 '"command".*main.cpp.o' "$scratch/parent/build/compile_commands.json")
  echo "$command"
  [[ $command == *-std=*20* && $command != *-march* && $command != *-W* ]]
done
