# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Sourced by quickstart, check and .ci/run: packages, build, kernel.

kairo_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export KAIRO_CACHE=${KAIRO_CACHE:-$HOME/.cache/kairo}
export CCACHE_DIR=${CCACHE_DIR:-$KAIRO_CACHE/ccache}

say() { printf '\n== %s\n' "$*" >&2; }
die() {
  printf 'kairo: %s\n' "$*" >&2
  exit 77
}

# Prints the names in the given package lists that are not installed.
_missing_packages() {
  local name
  sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$@" | awk '{ print $1 }' | while read -r name; do
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q '^install ok installed' ||
      printf '%s\n' "$name"
  done
}

# install_packages yes|ask LIST...: says what it will install before it does.
install_packages() {
  local consent=$1 missing root=()
  shift
  command -v apt-get >/dev/null || die "no apt-get: Kairo sets itself up on Debian 12 (install the packages of scripts/debian-packages by hand)"
  mapfile -t missing < <(_missing_packages "$@")
  ((${#missing[@]})) || return 0
  say "To be installed from Debian's archive: ${missing[*]}"
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die "not root and no sudo: run  apt-get install ${missing[*]}  as root, then again"
    root=(sudo)
  fi
  if [[ $consent == ask && -t 0 ]]; then
    local answer
    read -r -p "Install them? [Y/n] " answer
    [[ $answer =~ ^[Nn] ]] && die "nothing installed (needed: ${missing[*]})"
  fi
  "${root[@]}" apt-get update -q >&2
  DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}" >&2 ||
    die "apt-get could not install: ${missing[*]} (see its message above)"
}

# build_targets TARGET...
build_targets() {
  say "Building $* (build/default)"
  (cd "$kairo_root" && cmake --preset default >build-configure.log 2>&1) || {
    cat "$kairo_root/build-configure.log" >&2
    rm -f "$kairo_root/build-configure.log"
    return 1
  }
  rm -f "$kairo_root/build-configure.log"
  cmake --build "$kairo_root/build/default" --target "$@" >&2
}

# The answer of a report and its validity, each reason for less than VALID and whether the trace is a
# real one (at most three lines), the table of its first load, and where the rest is: with
# show_programs at most 15 lines for six arms.
show_report() { # DIR
  kairo report compare "$1" --html | awk '
    NR <= 2 { print }
    /^  (INVALID|DEGRADED): |^  note: the trace is generated/ { reason[++reasons] = $0 }
    END {
      shown = reasons > 3 ? 2 : reasons
      for (i = 1; i <= shown; ++i) print reason[i]
      if (shown < reasons) print "  and " reasons - shown " more reasons, in the report"
    }'
  awk '/^## Load: / { load = 1 } load && /^\|/ { table = 1 } table && !/^\|/ { exit }
    table && !/^\|[-:|]+$/' "$1/report.md"
  echo "report: $1/report.html (and report.md)"
}

# Where what was built is: nothing is installed.
show_programs() {
  local build=$kairo_root/build/default
  echo "kairo, kv_reader: export PATH=$build/cli:$build/uapi:\$PATH"
  echo "for fio: --ioengine=external:$build/fio-engine/kairo.so"
}

# Whether DIR has a result with every run in it, and not one that the same command goes on with.
is_finished() { grep -qs '"complete": true' "$1/experiment.json"; }

kairo() { "$kairo_root/build/default/cli/kairo" "$@"; }

# The patched lab kernel; fetches and builds only what changed.
build_kernel() {
  say "Kernel: fetch, patch, build (cached in $KAIRO_CACHE)"
  kairo kernel fetch
  kairo kernel build --config lab
}
