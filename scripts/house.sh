#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Measures the C++ of a tree against scripts/house-limits: functions and files that are too long.
# Layout is what clang-format writes: a function ends with `}` alone, in the column where it began.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/house.sh [DIR]

Prints the functions above 60 lines, the files above 400 and the median file, and fails where there is
more than scripts/house-limits of DIR (default: this tree) allows. Those numbers only go down: a
change that needs a larger one says why, as does a line `except FILE REASON` for the functions of a
file.
TEXT
}

case ${1:-} in
  -h | --help) usage; exit 0 ;;
esac
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/..}"

_sources() {
  find . \( -name build -o -name .git -o -name fixtures \) -prune -o \
    \( -name '*.cc' -o -name '*.h' -o -name '*.hpp' \) -printf '%P\n' | LC_ALL=C sort
}

# "LINES FILE:LINE SIGNATURE" of each function.
_functions() {
  awk '
    FNR == 1 { start[0] = start[2] = raw = in_class = 0 }
    # Between R"( and )" nothing is code.
    raw { if (index($0, ")\"")) raw = 0; next }
    /R"\(/ && !/R"\(.*\)"/ { raw = 1 }
    /^[^ \t#}\/)]/ && !/^(public|private|protected|case|default).*:$/ {
      if (!/^template/) { start[0] = FNR; text[0] = $0; in_class = /^(class|struct|union)/ }
    }
    in_class && /^  [^ \t#}\/)]/ { start[2] = FNR; text[2] = $0 }
    /^}$/ && start[0] { print FNR - start[0] + 1, FILENAME ":" start[0], text[0]; start[0] = 0 }
    in_class && /^  }$/ && start[2] { print FNR - start[2] + 1, FILENAME ":" start[2], text[2]; start[2] = 0 }
    /^}/ { in_class = 0 }
  ' "$@"
}

_indent() { while IFS= read -r line; do printf '  %s\n' "$line"; done <<<"$1"; }

# Why the functions of FILE may be long; fails when nothing says so.
_reason() { awk -v file="$1" '$1 == "except" && $2 == file { $1 = $2 = ""; print substr($0, 3); found = 1 } END { exit !found }' scripts/house-limits; }

mapfile -t files < <(_sources)
((${#files[@]})) || { echo "house: no C++ below $PWD" >&2; exit 2; }
lengths=$(for file in "${files[@]}"; do printf '%s %s\n' "$(wc -l <"$file")" "$file"; done | sort -rn)
functions=
excepted=
while IFS= read -r line; do
  file=${line#* }
  if reason=$(_reason "${file%%:*}"); then
    excepted+="$line ($reason)"$'\n'
  else
    functions+="$line"$'\n'
  fi
done < <(_functions "${files[@]}" | awk '$1 > 60' | sort -rn)
functions=${functions%$'\n'}
long_files=$(awk '$1 > 400' <<<"$lengths")

echo "functions above 60 lines:"
_indent "${functions:-none}"
[[ -z $excepted ]] || { echo "which may be:"; _indent "${excepted%$'\n'}"; }
echo "files above 400 lines:"
_indent "${long_files:-none}"

status=0
_hold() { # NAME MEASURED
  local limit
  limit=$(awk -v name="$1" '$1 == name { print $2 }' scripts/house-limits)
  [[ $limit =~ ^[0-9]+$ ]] || { echo "house: scripts/house-limits has no number for $1" >&2; exit 2; }
  printf '%-20s %4d (at most %d)\n' "$1" "$2" "$limit"
  if (($2 > limit)); then
    echo "house: $1 is $2, more than $limit" >&2
    status=1
  elif [[ $1 == long* ]] && (($2 < limit)); then
    echo "house: $1 can be $2 in scripts/house-limits now" >&2
  fi
}
_hold long_functions "$(grep -c . <<<"$functions" || true)"
_hold longest_function "$(awk 'NR == 1 { n = $1 } END { print n + 0 }' <<<"$functions")"
_hold long_files "$(grep -c . <<<"$long_files" || true)"
_hold median_file "$(awk '{ n[NR] = $1 } END { print n[int((NR + 1) / 2)] }' <<<"$lengths")"
exit $status
