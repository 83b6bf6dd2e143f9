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
debug=/sys/kernel/debug/block/kssd0/sched
counters=$debug/counters
stats=/sys/kernel/debug/kairo_ssd/kssd0/stats
count() {
  awk -v class=$1 -v column=$2 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    $1 == class { print $at[column] }' $counters
}
balanced() {
  for class in normal decode prefetch prefill evict; do
    if [ $(count $class queued) != $(($(count $class dispatched) + $(count $class merged))) ] ||
      [ $(count $class dispatched) != $(count $class completed) ]; then
      fail "balance: $(cat $counters)"
    fi
  done
}
