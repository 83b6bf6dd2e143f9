// SPDX-License-Identifier: GPL-2.0-only
// What an I/O says of itself must reach the drive through the devices in between: device mapper,
// arrays and loop. Prime numbers of I/Os go in above, the schedulers of the drives count them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "guest_lab.h"
#include "stack_counts.h"

namespace kairo::testing {
namespace {

namespace counts = stack_counts;
using ::testing::HasSubstr;

// lower NUMBER: a drive of 1 GiB, /dev/kssdNUMBER, under kairo.
// carried DEVICE: sends through it and prints what all drives have counted of it.
constexpr const char* kFunctions = R"sh(
[ -e /proc/sys/user/max_kairo_contexts ] || fail 'no CONFIG_IO_URING_KV'
sectors=$((1 << 20)) # half of a drive
stack() { /kairo/stack_probe "$@" || fail "stack_probe $*"; }
lower() {
  disk=/sys/kernel/config/kairo_ssd/kssd$1
  mkdir $disk && echo 1 > $disk/size_gib && echo 1 > $disk/power || fail "drive $1"
  echo kairo > /sys/block/kssd$1/queue/scheduler || fail "no kairo scheduler"
  # Adaptive, it would split prefill to see whether that is faster.
  echo off > /sys/block/kssd$1/queue/iosched/control || fail control
}
seen() {
  for drive in /sys/kernel/debug/block/kssd*/sched; do
    pick $drive/counters class queued
    pick $drive/contexts kind queued | sed 's/^/context_/'
    pick $drive/semantics kind queued | sed 's/^/flag_/'
  done
}
carried() {
  [ -b $1 ] || fail "$1 is not there"
  : < $1 # now the kernel has looked for partitions
  seen > /tmp/before
  stack send $1
  seen > /tmp/after
  awk 'NR == FNR { n[$1] -= $2; next } { n[$1] += $2 }
    END { for (name in n) if (n[name]) print name, n[name] }' /tmp/before /tmp/after | sort
}
)sh";

kernel::GuestSpec stack_guest() {
  kernel::GuestSpec spec = lab_guest();
  add_built(spec, KAIRO_STACK_PROBE);
  spec.script += kFunctions;
  return spec;
}

// What `stack_probe send` sends when each write and discard reaches `copies` drives.
std::string sent(unsigned copies) {
  return fmt::format(
      "context_lifetime_session {}\ndecode {}\nevict {}\nflag_ephemeral {}\nflag_evict_cleanup {}\n"
      "normal {}\nprefetch {}\nprefill {}\n",
      counts::kDecodeOfContext + counts::kPrefillOfContext * copies,
      counts::kDecodeByPriority + counts::kDecodeOfContext,
      (counts::kCleanUp + counts::kDiscards) * copies, counts::kPrefillOfContext * copies,
      counts::kCleanUp * copies, counts::kNoHint, counts::kPrefetchByFlag,
      (counts::kPrefillByFlag + counts::kPrefillOfContext) * copies);
}

// The device that the script makes, its path in $device.
void expect_carried(const std::string& make, unsigned copies = 1) {
  EXPECT_EQ(boot_ok(stack_guest(), make + "\ncarried $device\n").output, sent(copies));
}

constexpr const char* kCrypt =
    "capi:xts(aes)-plain64 00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef 0";

TEST(GuestStack, Nothing) {
  expect_carried("lower 0\ndevice=/dev/kssd0");
}

TEST(GuestStack, Linear) {
  expect_carried("lower 0\ndevice=$(stack mapped m $sectors linear '/dev/kssd0 0')");
}

TEST(GuestStack, Striped) {
  expect_carried(
      "lower 0\nlower 1\n"
      "device=$(stack mapped m $sectors striped '2 128 /dev/kssd0 0 /dev/kssd1 0')");
}

TEST(GuestStack, Crypt) {
  expect_carried(fmt::format(
      "lower 0\ndevice=$(stack mapped m $sectors crypt '{} /dev/kssd0 0 1 allow_discards')",
      kCrypt));
}

TEST(GuestStack, Striping) {
  expect_carried("lower 0\nlower 1\ndevice=$(stack array 0 /dev/kssd0 /dev/kssd1)");
}

TEST(GuestStack, Mirroring) {
  expect_carried("lower 0\nlower 1\ndevice=$(stack array 1 /dev/kssd0 /dev/kssd1)", 2);
}

TEST(GuestStack, Loop) {
  expect_carried("lower 0\ndevice=$(stack loop /dev/kssd0 512)");
}

// Encrypted on a mirror.
TEST(GuestStack, OneOnTheOther) {
  expect_carried(
      fmt::format("lower 0\nlower 1\nmirror=$(stack array 1 /dev/kssd0 /dev/kssd1)\n"
                  "device=$(stack mapped m $sectors crypt \"{} $mirror 0 1 allow_discards\")",
                  kCrypt),
      2);
}

}  // namespace
}  // namespace kairo::testing
