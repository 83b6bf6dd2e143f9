#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The engine with a fio that is newer than the installed one: builds that fio in the cache, the
# engine against its headers, and runs the tests that go through fio with both.
#
# usage: check_newer_fio.sh PROJECT-DIRECTORY BUILD-DIRECTORY
#
# KAIRO_NEWER_FIO=DIR names a source tree of fio in which it was built; else the source comes from
# Debian's later suites, once. Exit status 77 when none of them gives one.
set -euo pipefail

project=$1
build=$2
cache=${KAIRO_CACHE:-$HOME/.cache/kairo}
source_dir=${KAIRO_NEWER_FIO:-$cache/fio-newer}

_skip() {
  echo "skipped: $1"
  exit 77
}

_quiet() { # command...: its output only when it fails
  local log
  log=$(mktemp)
  "$@" >"$log" 2>&1 || {
    tail -n 30 "$log"
    exit 1
  }
  rm "$log"
}

if [[ -z ${KAIRO_NEWER_FIO:-} && ! -e $source_dir/config-host.h ]]; then
  for suite in trixie forky sid; do
    "$project/fio-engine/fetch_fio_source.sh" "$source_dir" newest "$suite" && break
  done
  [[ -e $source_dir/config-host.h ]] || _skip "no later suite of Debian gave a source of fio"
fi
if [[ ! -x $source_dir/fio ]]; then
  _quiet make -C "$source_dir" -j "$(nproc)" fio
fi

installed=$(fio --version)
export PATH=$source_dir:$PATH
newer=$(fio --version)
[[ $newer != "$installed" ]] || _skip "$source_dir has the installed $installed"
echo "engine for $newer (installed: $installed)"

suites=(abi_test fio_{run,refuse,notice,classes,parity,jobs,open_loop,replay}_test)
cd "$project"
_quiet cmake --preset default -B "$build" -DKAIRO_FIO_SOURCE="$source_dir"
_quiet cmake --build "$build" --target kairo_engine kairo_engine_mismatch "${suites[@]}"
cd "$build"
printf -v names '%s|' "${suites[@]}"
ctest --output-on-failure --no-tests=error -R "^(${names%|})\$"
