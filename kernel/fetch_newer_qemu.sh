#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A QEMU whose NVMe drives have flexible data placement (8.1 and later). Virtual time was calibrated
# with the installed one, so another is unpacked beside it, from Debian's backports, once.
#
# usage: fetch_newer_qemu.sh DIRECTORY
#
# Prints DIRECTORY, below which usr/bin/qemu-system-x86_64 and its firmware are, or nothing when the
# installed QEMU will do. Exit status 77 and one `error: ...` line when there is none.
set -euo pipefail

if [[ $# -ne 1 ]]; then
  echo "usage: $0 DIRECTORY" >&2
  exit 2
fi
directory=$1
log=$directory.log

_die() {
  echo "error: $1" >&2
  exit 77
}

_has_placement() { # QEMU
  "$1" -device nvme-subsys,help 2>/dev/null | grep -q '^ *fdp='
}

! _has_placement qemu-system-x86_64 || exit 0
if [[ ! -d $directory ]]; then
  for tool in apt-get dpkg; do
    command -v "$tool" >/dev/null || _die "no QEMU 8.1 or later, and no $tool to fetch it with"
  done
  suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")-backports
  mkdir -p "$(dirname "$directory")"
  work=$(mktemp -d "$directory.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  # shellcheck source=scripts/private_apt.sh
  . "$(dirname "$0")/../scripts/private_apt.sh"
  private_apt "$work" "$log" deb "$suite" || exit 77
  # The libraries are those of the installed QEMU, which this one needs, too.
  (cd "$work" && "${apt[@]}" download qemu-system-{x86,data} seabios >>"$log" 2>&1) ||
    _die "apt gave none from $suite (is the network up?), see $log"
  for package in "$work"/*.deb; do
    dpkg -x "$package" "$work/root"
  done
  _has_placement "$work/root/usr/bin/qemu-system-x86_64" ||
    _die "the QEMU of $suite does not run here or has no placement, see its message: $(
      "$work/root/usr/bin/qemu-system-x86_64" --version 2>&1 | head -n 1)"
  mv -T "$work/root" "$directory"
fi
echo "$directory"
