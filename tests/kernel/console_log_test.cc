// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/kernel/console_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kairo::kernel {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

// The reports as the kernel prints them, shortened in the middle.
constexpr std::string_view kWarn =
    "[    3.1] sd: quiet before\r\n"
    "[    3.200001] ------------[ cut here ]------------\r\n"
    "[    3.200002] WARNING: CPU: 0 PID: 61 at block/blk-mq.c:301 blk_mq_rq_cpu+0x1d/0x30\r\n"
    "[    3.200003] Modules linked in:\r\n"
    "[    3.200004] CPU: 0 UID: 0 PID: 61 Comm: sh Not tainted 6.12.117 #1\r\n"
    "[    3.200005] ---[ end trace 0000000000000000 ]---\r\n"
    "[    3.300000] after\r\n";

constexpr std::string_view kLockdep =
    "[    5.100000] ======================================================\n"
    "[    5.100001] WARNING: possible circular locking dependency detected\n"
    "[    5.100002] 6.12.117 #1 Not tainted\n"
    "[    5.100003] ------------------------------------------------------\n"
    "[    5.100004] fio/77 is trying to acquire lock:\n"
    "[    5.100005] but task is already holding lock:\n"
    "[    5.100006] stack backtrace:\n";

constexpr std::string_view kRcu =
    "[    0.9][    T1] =============================\n"
    "[    0.9][    T1] WARNING: suspicious RCU usage\n"
    "[    0.9][    T1] -----------------------------\n"
    "[    0.9][    T1] block/blk.c:12 suspicious rcu_dereference_check() usage!\n";

constexpr std::string_view kOops =
    "[    2.000001] BUG: kernel NULL pointer dereference, address: 0000000000000008\n"
    "[    2.000002] #PF: supervisor read access in kernel mode\n"
    "[    2.000003] Oops: Oops: 0000 [#1] PREEMPT SMP NOPTI\n"
    "[    2.000004] Kernel panic - not syncing: Fatal exception\n";

constexpr std::string_view kHungTask =
    "[  243.1] INFO: task fio:88 blocked for more than 120 seconds.\n"
    "[  243.1]       Not tainted 6.12.117 #1\n";

// K13, as kernel/irq/spurious.c and nvme print it when a drive shares its line and no vector is its
// own.
constexpr std::string_view kNobodyCared =
    "[   31.402113] irq 11: nobody cared (try booting with the \"irqpoll\" option)\r\n"
    "[   31.402119] CPU: 0 UID: 0 PID: 0 Comm: swapper/0 Not tainted 6.12.117 #1\r\n"
    "[   31.402125] Hardware name: QEMU Standard PC (Q35 + ICH9, 2009)\r\n"
    "[   31.402131] Call Trace:\r\n"
    "[   31.402137]  <IRQ>\r\n"
    "[   31.402143]  dump_stack_lvl+0x36/0x50\r\n"
    "[   31.402149]  __report_bad_irq+0x35/0xb0\r\n"
    "[   31.402191] handlers:\r\n"
    "[   31.402197] [<00000000d7a0a7b1>] nvme_irq\r\n"
    "[   31.402203] Disabling IRQ #11\r\n"
    "[   61.500001] nvme nvme0: I/O tag 12 (100c) QID 1 timeout, completion polled\r\n";

// dump_stack() under a title that no list has.
constexpr std::string_view kUnknownTitle =
    "[ 1.0] quiet\n"
    "[ 2.0] kv_region: the tree has lost an extent\n"
    "[ 2.0] CPU: 0 UID: 0 PID: 61 Comm: sh Not tainted 6.12.117 #1\n"
    "[ 2.0] Hardware name: QEMU Standard PC (Q35 + ICH9, 2009)\n"
    "[ 2.0] Call Trace:\n"
    "[ 2.0]  <TASK>\n";

constexpr std::string_view kInjectedFault =
    "[ 4.0] FAULT_INJECTION: forcing a failure.\n"
    "[ 4.0] name fail_io_timeout, interval 1, probability 100, space 0, times 0\n"
    "[ 4.0] CPU: 0 UID: 0 PID: 0 Comm: swapper/0 Not tainted 6.12.117 #1\n"
    "[ 4.0] Hardware name: QEMU Standard PC (Q35 + ICH9, 2009)\n"
    "[ 4.0] Call Trace:\n"
    "[ 4.0]  <IRQ>\n"
    "[ 4.0]  should_fail_ex+0x12a/0x1a0\n";

TEST(KernelComplaints, AWarningIsExcerptedFromItsCutToItsEnd) {
  const auto found = find_kernel_complaints(kWarn);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found[0], StartsWith("[    3.200001] ------------[ cut here ]"));
  EXPECT_THAT(found[0], HasSubstr("---[ end trace"));
  EXPECT_THAT(found[0], Not(HasSubstr("after")));
  EXPECT_THAT(found[0], Not(HasSubstr("\r")));
}

TEST(KernelComplaints, EveryKindIsSeen) {
  for (const std::string_view log :
       {kLockdep,
        kRcu,
        kHungTask,
        std::string_view("[ 1.0] BUG: KASAN: slab-use-after-free in kairo_insert+0x1/0x2\n"),
        std::string_view("[ 1.0] BUG kmalloc-64 (Not tainted): Poison overwritten\n"),
        std::string_view("[ 1.0] UBSAN: shift-out-of-bounds in block/kairo/budget.c:9:8\n"),
        std::string_view("[ 1.0] watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [fio:9]\n"),
        std::string_view("[ 1.0] rcu: INFO: rcu_preempt self-detected stall on CPU\n"),
        std::string_view("[ 1.0] kernel BUG at block/blk-mq.c:1!\n"),
        std::string_view("[ 1.0] BUG: sleeping function called from invalid context at a.c:1\n"),
        std::string_view("[ 1.0] list_del corruption. prev->next should be a, but was b\n"),
        std::string_view("[ 1.0] INFO: trying to register non-static key.\n"),
        std::string_view("[ 1.0] watchdog: Watchdog detected hard LOCKUP on cpu 0\n"),
        std::string_view("[ 1.0] csd: Detected non-responsive CSD lock (#1) on CPU#0\n"),
        std::string_view("[ 1.0] traps: PANIC: double fault, error_code: 0x0\n"),
        std::string_view("[ 1.0] irq 11: nobody cared (try booting with the \"irqpoll\" option)\n"),
        std::string_view("[ 1.0] irq event 11: bogus return value 40000\n"),
        std::string_view("[ 1.0] Disabling IRQ #11\n"),
        std::string_view("[ 1.0] __common_interrupt: No irq handler for 0.35\n"),
        std::string_view("[ 1.0] Uhhuh. NMI received for unknown reason 30 on CPU 0.\n"),
        std::string_view(
            "[ 1.0] NOHZ tick-stop error: local softirq work is pending, handler #08!!!\n"),
        std::string_view("[ 1.0] softirq: huh, entered softirq 4 BLOCK 00000000c0ffee00 with "
                         "preempt_count 00000100, exited with 00000101?\n"),
        std::string_view("[ 1.0] nvme nvme0: I/O tag 1 (1001) QID 1 timeout, completion polled\n"),
        std::string_view("[ 1.0] nvme nvme0: I/O tag 1 (1001) opcode 0x2 (I/O Cmd) QID 1 timeout, "
                         "aborting req_op:READ(0) size:4096\n"),
        std::string_view("[ 1.0] VFS: Busy inodes after unmount of kssd0 (ext4)\n"),
        std::string_view(
            "[ 1.0] unregister_netdevice: waiting for lo to become free. Usage count = 1\n"),
        std::string_view("[ 1.0] sysfs: cannot create duplicate filename '/block/kssd0/sched'\n"),
        std::string_view(
            "[ 1.0] EXT4-fs error (device kssd0): ext4_lookup:1819: inode #2: comm ls: "
            "iget: checksum invalid\n"),
        std::string_view("[ 1.0] Aborting journal on device kssd0-8.\n"),
        std::string_view("[ 1.0] fio: page allocation failure: order:4, mode:0xcc0(GFP_KERNEL)\n"),
        std::string_view("[ 1.0] Out of memory: Killed process 88 (fio) total-vm:1000kB\n"),
        std::string_view("[ 1.0] kmemleak: 3 new suspected memory leaks (see "
                         "/sys/kernel/debug/kmemleak)\n"),
        std::string_view("[ 1.0] list_add double add: new=a, prev=a, next=b.\n"),
        kUnknownTitle})
    EXPECT_THAT(find_kernel_complaints(log), SizeIs(1)) << log;
}

TEST(KernelComplaints, AnOopsThatPanicsShowsBoth) {
  const auto found = find_kernel_complaints(kOops);
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_THAT(found[0], HasSubstr("NULL pointer dereference"));
  EXPECT_THAT(found[1], HasSubstr("Kernel panic"));
}

TEST(KernelComplaints, AnInterruptThatNobodyTakesIsShownWithItsHandlers) {
  const auto found = find_kernel_complaints(kNobodyCared);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found[0], StartsWith("[   31.402113] irq 11: nobody cared"));
  EXPECT_THAT(found[0], HasSubstr("nvme_irq"));
  EXPECT_THAT(found[0], HasSubstr("Disabling IRQ #11"));
}

TEST(KernelComplaints, ATraceIsOneWhateverItsTitleAndIsShownWithIt) {
  const auto found = find_kernel_complaints(kUnknownTitle);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found[0], HasSubstr("the tree has lost an extent"));
}

TEST(KernelComplaints, TheLimitOfAControlGroupIsNone) {
  const std::string group =
      "[    5.789263] probe invoked oom-killer: gfp_mask=0x400dc0(GFP_KERNEL_ACCOUNT), order=0\n"
      "[    5.789277] CPU: 0 UID: 0 PID: 60 Comm: probe Not tainted 6.12.117 #1\n"
      "[    5.789285] Call Trace:\n[    5.789287]  <TASK>\n"
      "[    5.789290]  mem_cgroup_out_of_memory+0xee/0x130\n[    5.789300]  </TASK>\n"
      "[    5.790000] Memory cgroup out of memory: Killed process 60 (probe)\n";
  EXPECT_THAT(find_kernel_complaints(group), IsEmpty());
  EXPECT_THAT(find_kernel_complaints(group + "[    6.0] Out of memory: Killed process 1 (sh)\n"),
              SizeIs(1));
}

TEST(KernelComplaints, TheTraceOfAnInjectedFaultIsNone) {
  EXPECT_THAT(find_kernel_complaints(kInjectedFault), IsEmpty());
  // It excuses no other.
  EXPECT_THAT(find_kernel_complaints(std::string(kInjectedFault) + std::string(kUnknownTitle)),
              SizeIs(1));
}

TEST(KernelComplaints, AWarningsOwnWordsAreShown) {
  const auto found = find_kernel_complaints(
      "[ 3.2] ------------[ cut here ]------------\n"
      "[ 3.2] the budget is below nought\n"
      "[ 3.2] WARNING: CPU: 0 PID: 61 at block/kairo/budget.c:28 kairo_budget_take+0xba/0x110\n"
      "[ 3.2] ---[ end trace 0000000000000000 ]---\n");
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found[0], HasSubstr("below nought"));
}

TEST(KernelComplaints, OrdinaryLinesAreNone) {
  EXPECT_THAT(find_kernel_complaints(
                  "[    0.1] Spectre V2 : WARNING: Unprivileged eBPF is enabled with eIBRS on\n"
                  "[    0.2] debug: the test prints BUG: and WARNING: in the middle\n"
                  "[    0.3] Warning: unable to open an initial console.\n"
                  "[    0.4] blk_update_request: I/O error, dev nullb0, sector 8\n"
                  "[    0.5] FAULT_INJECTION: forcing a failure.\n"
                  "[    0.5] Call Trace:\n"
                  "[    0.6] EXT4-fs (kssd0): VFS: Can't find ext4 filesystem\n"
                  "[    0.6] nvme nvme0: 2/0/0 default/read/poll queues\n"
                  "[    0.6] kairo-guest: exit 1\n"),
              IsEmpty());
  EXPECT_THAT(find_kernel_complaints(""), IsEmpty());
}

TEST(KernelComplaints, AnExcerptIsBounded) {
  std::string log = "[ 1.0] WARNING: CPU: 0 PID: 1 at a.c:1\n";
  for (int i = 0; i < 1000; ++i) log += "[ 1.0] trace line\n";
  const auto found = find_kernel_complaints(log);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_LT(found[0].size(), 1000U);
}

TEST(LastLines, WithoutBlankLinesAndEscapes) {
  EXPECT_EQ(last_lines("one\n\x1b[2Jtwo\r\n\nthree\n\n", 2), "two\nthree\n");
  EXPECT_EQ(last_lines("", 3), "");
}

}  // namespace
}  // namespace kairo::kernel
