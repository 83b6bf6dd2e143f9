#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# clang-tidy over every C++ source of the default build, one process per core.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ -f build/default/compile_commands.json ]] || cmake --preset default
git ls-files -- '*.cc' | xargs -P "$(nproc)" -n 4 clang-tidy-14 -p build/default --quiet
