# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2086,SC2046,SC2034
# In front of the script of every test that boots; guest_lab.h says what there is.
set -u
fail() { echo "FAILED: $*"; exit 1; }
make_device() {
  mkdir /sys/kernel/config/kairo_ssd/kssd0 || fail "no kairo_ssd"
  for pair in "$@"; do
    echo ${pair#*=} > /sys/kernel/config/kairo_ssd/kssd0/${pair%%=*} || fail "attribute $pair"
  done
  echo 1 > /sys/kernel/config/kairo_ssd/kssd0/power || fail "power"
}
remove_device() {
  echo 0 > /sys/kernel/config/kairo_ssd/kssd0/power
  rmdir /sys/kernel/config/kairo_ssd/kssd0
}
use_scheduler() {
  echo $1 > /sys/block/kssd0/queue/scheduler || fail "scheduler $1"
  grep -qF "[$1]" /sys/block/kssd0/queue/scheduler || fail "scheduler $1 is not active"
}
kairo_device() { make_device "$@" && use_scheduler kairo; }
debug=/sys/kernel/debug/block/kssd0/sched
counters=$debug/counters
stats=/sys/kernel/debug/kairo_ssd/kssd0/stats
cell() {
  table=$1 column=$2
  shift 2
  awk -v column=$column -v words="$*" '
    NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; n = split(words, word, " "); next }
    { for (i = 1; i <= n; i++) if ($i != word[i]) next }
    column in at { print $at[column]; found = 1 }
    END { exit !found }' $table || fail "no $column of $* in $table: $(cat $table)" >&2
}
pick() {
  table=$1
  shift
  awk -v names="$*" '
    NR == 1 {
      for (i = 1; i <= NF; i++) at[$i] = i
      n = split(names, name, " ")
      for (i = 1; i <= n; i++) if (!(name[i] in at)) { bad = 1; exit }
      next
    }
    !/^#/ { for (i = 1; i <= n; i++) printf "%s%s", $at[name[i]], i < n ? " " : "\n" }
    END { exit bad || !n }' $table || fail "no $* in $table: $(head -n 1 $table)" >&2
}
count() { cell $counters $2 $1; }
balanced() {
  table=/sys/kernel/debug/block/${1:-kssd0}/sched/counters
  awk 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    { queued += $at["queued"] }
    $at["queued"] != $at["dispatched"] + $at["merged"] ||
      $at["dispatched"] != $at["completed"] { bad = 1 }
    END { exit bad || !queued }' $table || fail "balance: $(cat $table)"
}
