// SPDX-License-Identifier: GPL-2.0-only
// What the series does below the scheduler: the I/O priority of metadata.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "guest_lab.h"
#include "kairo/base/units.h"

namespace kairo::testing {
namespace {

using ::testing::HasSubstr;

// traced EVENT NAME: how many there are of EVENT in the trace.
// job CLASS OPTION...: fio, by the engine and its I/O priority.
kernel::GuestSpec core_guest() {
  kernel::GuestSpec spec = lab_guest();
  spec.script += fmt::format("engine=external:{}\n", engine_path());
  spec.script += R"sh(
tracing=/sys/kernel/tracing
echo 8192 > $tracing/buffer_size_kb || fail "no trace"
events() { echo $2 > $tracing/events/$1/enable || fail "no event $1"; }
traced() { grep -c ": $1:" $tracing/trace; }
job() {
  class=$1
  shift
  fio --output=/tmp/$class --name=$class --ioengine=$engine --kv_class=$class --kv_path=ioprio \
    --filename=/dev/kssd0 --direct=1 --thread=1 --size=512m --io_size=100g "$@" ||
    fail "$class: $(cat /tmp/$class)"
}
)sh";
  return spec;
}

// Everybody may wait for metadata. Whoever reads or writes it, its I/O has no hint: not that of the
// task, whose data has.
TEST(GuestCore, MetadataHasNoHint) {
  kernel::GuestSpec spec = core_guest();
  for (const char* const program : {KAIRO_STACK_PROBE, "/usr/sbin/mkfs.ext4"})
    spec.programs.emplace_back(program);
  spec.files.push_back({KAIRO_STACK_PROBE, "/kairo/stack_probe"});
  spec.script += R"sh(
make_device size_gib=1 memory_backed=1
use_scheduler kairo
mkfs.ext4 -q -F /dev/kssd0 || fail mkfs
mount -t ext4 /dev/kssd0 /mnt || fail mount
hinted() { /kairo/stack_probe hinted "$@" || fail "hinted $*"; }
events block/block_rq_issue 1
hinted prefill sh -c 'for i in $(seq 97); do
  mkdir /mnt/$i && dd if=/dev/zero of=/mnt/$i/file bs=64k count=1 conv=fsync 2> /dev/null || exit 1
done; sync'
umount /mnt && mount -t ext4 /dev/kssd0 /mnt || fail "mount again"
hinted decode sh -c 'ls -lR /mnt > /dev/null && cat /mnt/*/file > /dev/null'
events block/block_rq_issue 0
# DEV RWBS BYTES () SECTOR + LENGTH CLASS,HINT,LEVEL: 8 is decode, 10 prefill
awk '{ for (i = 1; i < NF; i++) if ($i == "block_rq_issue:") {
    kind = $(i + 2) ~ /M/ ? "metadata" : "data"
    kind = kind " " ($(i + 2) ~ /W/ ? "written" : "read")
    split($(i + 8), priority, ",")
    all[kind]++
    if (priority[2] >= 8) hinted[kind " " priority[2]]++
  } }
  END { for (kind in all) print kind, (all[kind] > 50 ? "often" : "seldom " all[kind])
    for (kind in hinted) print "hinted", kind, hinted[kind] }' $tracing/trace | sort
balanced
)sh";
  const std::string output = boot_ok(spec).output;
  EXPECT_THAT(output, HasSubstr("metadata read often\nmetadata written often\n"));
  EXPECT_THAT(output, HasSubstr("hinted data read 8 "));
  EXPECT_THAT(output, HasSubstr("hinted data written 10 "));
  EXPECT_THAT(output, ::testing::Not(HasSubstr("hinted metadata"))) << output;
}

}  // namespace
}  // namespace kairo::testing
