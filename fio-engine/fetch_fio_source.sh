#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Puts the source of the installed fio, configured, into DIRECTORY: the engine needs fio's own
# headers of exactly the version that will load it, and Debian has no package of them.
#
# usage: fetch_fio_source.sh DIRECTORY PACKAGE-VERSION
#        fetch_fio_source.sh DIRECTORY newest SUITE    what that suite of Debian has, unpatched
#
# The system's source lists stay as they are: a private copy of their Debian entries, turned into
# deb-src, is used with a private state directory. Prints one `error: ...` line and leaves no
# DIRECTORY behind when something fails.
set -euo pipefail

if [[ $# -lt 2 || $# -gt 3 ]]; then
  echo "usage: $0 DIRECTORY PACKAGE-VERSION [SUITE]" >&2
  exit 2
fi
directory=$1
version=$2
suite=${3:-}
log=$directory.log

_die() {
  echo "error: $1" >&2
  exit 1
}

for tool in apt-get dpkg-source make; do
  command -v "$tool" >/dev/null || _die "$tool is missing (apt-get install dpkg-dev make)"
done

mkdir -p "$(dirname "$directory")"
work=$(mktemp -d "$directory.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
# shellcheck source=scripts/private_apt.sh
. "$(dirname "$0")/../scripts/private_apt.sh"
private_apt "$work" "$log" deb-src "$suite" || exit 1
shopt -s nullglob
if [[ -z $suite ]]; then
  (cd "$work" && "${apt[@]}" source "fio=$version" >>"$log" 2>&1) ||
    _die "the archive has no source of fio $version, see $log"
else
  # Mirrors that keep only some of a suite's files have the upstream tarball at times and the
  # package's own files not: the tarball, whose hash apt has checked, is all that is needed.
  (cd "$work" && "${apt[@]}" source --download-only fio >>"$log" 2>&1) || true
  tarball=("$work"/fio_*.orig.tar.*[!c])
  [[ ${#tarball[@]} -eq 1 ]] || _die "the archive has no source of fio in $suite, see $log"
  tar -C "$work" -xf "${tarball[0]}"
fi

unpacked=("$work"/fio-*/)
[[ ${#unpacked[@]} -eq 1 ]] || _die "apt-get source left no fio directory, see $log"
# Only config-host.h is generated; nothing of fio is compiled.
(cd "${unpacked[0]}" && ./configure --disable-native --prefix=/usr >>"$log" 2>&1) ||
  _die "fio's configure failed, see $log"
[[ -s ${unpacked[0]}/config-host.h ]] || _die "fio's configure wrote no config-host.h, see $log"
mv -T "${unpacked[0]}" "$directory"
