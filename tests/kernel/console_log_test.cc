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
       {kLockdep, kRcu, kHungTask,
        std::string_view("[ 1.0] BUG: KASAN: slab-use-after-free in kairo_insert+0x1/0x2\n"),
        std::string_view("[ 1.0] BUG kmalloc-64 (Not tainted): Poison overwritten\n"),
        std::string_view("[ 1.0] UBSAN: shift-out-of-bounds in block/kairo/budget.c:9:8\n"),
        std::string_view("[ 1.0] watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [fio:9]\n"),
        std::string_view("[ 1.0] rcu: INFO: rcu_preempt self-detected stall on CPU\n"),
        std::string_view("[ 1.0] kernel BUG at block/blk-mq.c:1!\n"),
        std::string_view("[ 1.0] BUG: sleeping function called from invalid context at a.c:1\n"),
        std::string_view("[ 1.0] list_del corruption. prev->next should be a, but was b\n"),
        std::string_view("[ 1.0] INFO: trying to register non-static key.\n")})
    EXPECT_THAT(find_kernel_complaints(log), SizeIs(1)) << log;
}

TEST(KernelComplaints, AnOopsThatPanicsShowsBoth) {
  const auto found = find_kernel_complaints(kOops);
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_THAT(found[0], HasSubstr("NULL pointer dereference"));
  EXPECT_THAT(found[1], HasSubstr("Kernel panic"));
}

TEST(KernelComplaints, OrdinaryLinesAreNone) {
  EXPECT_THAT(find_kernel_complaints(
                  "[    0.1] Spectre V2 : WARNING: Unprivileged eBPF is enabled with eIBRS on\n"
                  "[    0.2] debug: the test prints BUG: and WARNING: in the middle\n"
                  "[    0.3] Warning: unable to open an initial console.\n"
                  "[    0.4] blk_update_request: I/O error, dev nullb0, sector 8\n"
                  "[    0.5] FAULT_INJECTION: forcing a failure.\n"
                  "[    0.5] Call Trace:\n"
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
