# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Sourced by scripts that take a package of Debian without touching the system's source lists.

# private_apt WORK LOG deb|deb-src [SUITE]: copies the system's Debian entries, with SUITE in place
# of their suites when it is given, to source lists in WORK, and updates these (apt's words: LOG).
# Afterwards "${apt[@]}" SUBCOMMAND ... uses them. Else it prints one `error: ...` line and fails.
private_apt() {
  local work=$1 log=$2 type=$3 suite=${4:-} file archive
  mkdir -p "$work/sources" "$work/lists/partial" "$work/archives/partial"
  # Only entries of the Debian archive: a third-party source has other packages and may have no
  # sources.
  for file in /etc/apt/sources.list.d/*.sources; do
    if [[ -r $file ]] && grep -q 'debian-archive-keyring' "$file"; then
      sed "s/^Types:.*/Types: $type/" "$file" >"$work/sources/$(basename "$file")"
    fi
  done
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    if [[ -r $file ]]; then
      { grep -E '^deb .*[/.]debian' "$file" || true; } | sed "s/^deb /$type /" \
        >"$work/sources/$(basename "$file")"
    fi
  done
  if ! grep -rqs "$type" "$work/sources"; then
    echo "error: no Debian archive found in /etc/apt/sources.list*" >&2
    return 1
  fi
  if [[ -n $suite ]]; then
    # Archives of one suite only, as debian-security, do not have the others.
    archive=$(grep -rhoE 'https?://[^ ]+/debian/?( |$)' "$work/sources" | sort | head -n 1)
    if [[ -z $archive ]]; then
      echo "error: no Debian archive found in /etc/apt/sources.list*" >&2
      return 1
    fi
    rm -r "$work/sources"
    mkdir "$work/sources"
    echo "$type $archive $suite main" >"$work/sources/suite.list"
  fi
  apt=(apt-get -qq
    -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$work/sources"
    -o Dir::State::lists="$work/lists" -o Dir::Cache::archives="$work/archives"
    -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=
    -o Acquire::Languages=none -o Acquire::Retries=2)
  if ! "${apt[@]}" update >"$log" 2>&1; then
    echo "error: apt-get update of the source lists failed, see $log" >&2
    return 1
  fi
}
