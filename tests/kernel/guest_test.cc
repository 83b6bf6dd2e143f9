// SPDX-License-Identifier: GPL-2.0-only
// Boots the lab kernel in virtual time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "kairo/base/files.h"
#include "kairo/kernel/build.h"
#include "kairo/kernel/guest.h"
#include "kairo/test_support/skip.h"

namespace kairo::kernel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// A test program whose only job is to boot a kernel is itself skipped without one.
class NeedsKernel : public testing::Environment {
 public:
  void SetUp() override {
    const auto image = built_image("lab");
    std::string reason = image ? std::string() : image.error().message;
    for (const char* const program : {"qemu-system-x86_64", "busybox", "cpio", "fio"}) {
      if (base::find_program(program).empty()) reason = std::string(program) + " is not installed";
    }
    if (!reason.empty()) test_support::skip_program(reason);
  }
};

[[maybe_unused]] const auto* const kEnvironment =
    testing::AddGlobalTestEnvironment(new NeedsKernel);

GuestSpec lab(const std::string& script) {
  GuestSpec spec;
  spec.kernel_image = *built_image("lab");
  spec.script = script;
  spec.timeout = std::chrono::seconds(400);
  return spec;
}

// Keeps every processor of the host busy while it lives.
class BusyHost {
 public:
  BusyHost() {
    for (unsigned i = 0; i < std::max(2U, std::thread::hardware_concurrency()); ++i)
      threads_.emplace_back([this] {
        while (!stop_.load(std::memory_order_relaxed)) {
        }
      });
  }
  BusyHost(const BusyHost&) = delete;
  BusyHost& operator=(const BusyHost&) = delete;
  ~BusyHost() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

// As the drives that QEMU emulates need it: they work beside the guest's processor, in host time.
TEST(Guest, IdleTimeCanPassAsOnTheHost) {
  GuestSpec spec = lab("nproc; sleep 7");
  use_host_time(spec);
  const auto begin = std::chrono::steady_clock::now();
  const auto result = boot_guest(spec);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->exit_code, 0);
  EXPECT_EQ(result->output, "2\n");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::seconds(7));
}

TEST(Guest, ReturnsStatusOutputAndFiles) {
  const auto out = base::TempDir::create("kairo-guest-out-");
  ASSERT_TRUE(out);
  std::vector<std::string> lines;
  GuestSpec spec =
      lab("echo out; echo err >&2; cat /etc/given; date +%Y; mkdir /out/d; echo kept >/out/d/f\n"
          "test -d /sys/kernel/debug/block && test -d /sys/kernel/config && test -d "
          "/sys/kernel/tracing "
          "|| exit 9\nexit 7");
  ASSERT_TRUE(base::write_file(out->path() / "given", "given\n"));
  spec.files = {{out->path() / "given", "/etc/given"}};
  spec.out_dir = out->path() / "out";
  spec.on_line = [&](std::string_view line) { lines.emplace_back(line); };
  const auto result = boot_guest(spec);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->exit_code, 7);
  EXPECT_EQ(result->output, "out\nerr\ngiven\n2024\n");
  EXPECT_THAT(lines, ElementsAre("out", "err", "given", "2024"));
  EXPECT_THAT(result->kernel_complaints, IsEmpty());
  EXPECT_EQ(base::read_file(out->path() / "out/d/f").value_or(""), "kept\n");
}

// The claim everything else rests on: virtual time does not see the host.
TEST(Guest, TheSameSeedGivesTheSameBytesAlsoOnABusyHost) {
  GuestSpec spec =
      lab("d=/sys/kernel/config/nullb/a; mkdir $d; echo 1 >$d/memory_backed 2>/dev/null\n"
          "echo 2 >$d/irqmode; echo 100000 >$d/completion_nsec; echo 1 >$d/power\n"
          "fio --name=a --filename=/dev/a --ioengine=io_uring --direct=1 --rw=randrw --bs=4k "
          "--iodepth=8 --number_ios=2000 --randrepeat=1 --output-format=json+\n");
  spec.programs = {base::find_program("fio")};
  spec.seed = 7;
  const auto quiet = boot_guest(spec);
  ASSERT_TRUE(quiet) << quiet.error().message;
  ASSERT_EQ(quiet->exit_code, 0) << quiet->output;
  EXPECT_THAT(quiet->output, HasSubstr("\"clat_ns\""));
  const BusyHost busy;
  const auto loaded = boot_guest(spec);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(quiet->output, loaded->output);
  EXPECT_EQ(quiet->console, loaded->console);
}

TEST(Guest, HasTheProcessorsAskedFor) {
  GuestSpec spec = lab("nproc");
  spec.smp = 3;
  const auto result = boot_guest(spec);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->output, "3\n");
}

TEST(Guest, AKernelWarningIsReported) {
  const auto result = boot_guest(
      lab("echo '<4>WARNING: CPU: 0 PID: 1 at block/test.c:1 made by the test' >/dev/kmsg"));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->exit_code, 0);
  ASSERT_THAT(result->kernel_complaints, SizeIs(1));
  EXPECT_THAT(result->kernel_complaints[0], HasSubstr("made by the test"));
}

TEST(Guest, ACommandThatRunsTooLongIsStopped) {
  GuestSpec spec = lab("echo started; while :; do :; done");
  spec.accel = Accel::kTcg;
  spec.timeout = std::chrono::seconds(40);
  const auto result = boot_guest(spec);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, base::ErrorCode::kShort);
  EXPECT_THAT(result.error().message, HasSubstr("ran longer than 40 s"));
  EXPECT_THAT(result.error().message, HasSubstr("kairo-guest: ready"));
}

TEST(Guest, TheHostsProgramsRunOnTheSharedRoot) {
  GuestSpec spec =
      lab("bash -c 'echo $BASH_VERSION | cut -c1'; echo mine >/etc/kairo-test; "
          "cat /etc/kairo-test; ls /tmp");
  spec.accel = Accel::kTcg;
  spec.share_root = true;
  const auto result = boot_guest(spec);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->exit_code, 0);
  EXPECT_EQ(result->output, "5\nmine\n");
  EXPECT_FALSE(std::filesystem::exists("/etc/kairo-test"));
}

}  // namespace
}  // namespace kairo::kernel
