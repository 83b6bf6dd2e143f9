# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2086
# In the guest of `kairo engine cost`, which calls cost for each point behind it.
set -u
fail() { echo "FAILED: $*"; exit 1; }
cd /sys/kernel/config/nullb || fail "no null_blk"
mkdir nullcost || fail "no null_blk device"
echo 2 > nullcost/queue_mode; echo 0 > nullcost/irqmode
echo 256 > nullcost/hw_queue_depth; echo 1024 > nullcost/size
echo 1 > nullcost/power || fail "null_blk does not start"
device=/dev/nullcost
echo none > /sys/block/nullcost/queue/scheduler || fail "no $device"
# cost NAME DEPTH BATCH IOS OPTIONS...
cost() {
  out=$1; depth=$2; batch=$3; ios=$4; shift 4
  fio --name=cost "$@" --filename=$device --direct=1 --bs=4k --rw=randread --thread=1 \
    --norandommap=1 --io_size=64g --iodepth=$depth --iodepth_batch=$batch --iodepth_batch_complete_max=$batch \
    --number_ios=$ios --output-format=json --output=/out/$out || { cat /out/$out; fail "$out"; }
}
