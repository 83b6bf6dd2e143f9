// SPDX-License-Identifier: GPL-2.0-only
// What boot_guest() says when it cannot do what was asked. No kernel is needed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "fake_tree.h"
#include "kairo/base/interrupt.h"
#include "kairo/kernel/build.h"
#include "kairo/kernel/guest.h"

namespace kairo::kernel {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using testing::HasSubstr;

class GuestFailures : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* const program : {"qemu-system-x86_64", "busybox", "cpio"}) {
      if (base::find_program(program).empty()) GTEST_SKIP() << program << " is not installed";
    }
  }
  // The header of a bzImage and nothing behind it.
  fs::path garbage_image() const { return image_with({}); }
  // With some of its bytes replaced.
  fs::path image_with(const std::vector<std::pair<std::size_t, std::string_view>>& changes) const {
    std::string image(64U << 10, '\xf4');
    image.replace(0x1fe, 2, "\x55\xaa");
    for (const auto& [offset, bytes] : changes) image.replace(offset, bytes.size(), bytes);
    image.replace(0x202, 4, "HdrS");
    const fs::path file = folder_.path() / "bzImage";
    EXPECT_TRUE(base::write_file(file, image));
    return file;
  }
  GuestSpec spec() const {
    GuestSpec out;
    out.kernel_image = garbage_image();
    out.script = "true";
    out.timeout = std::chrono::seconds(6);
    return out;
  }
  base::TempDir folder_ = *base::TempDir::create("kairo-guest-test-");
};

TEST_F(GuestFailures, AKernelThatDoesNotBoot) {
  const auto result = boot_guest(spec());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kShort);
  EXPECT_THAT(result.error().message, HasSubstr("bzImage: the kernel d"));
  EXPECT_THAT(result.error().message, testing::AnyOf(HasSubstr("console"), HasSubstr("QEMU")));
}

// Both are no boot; only one that hangs is worth another try.
TEST_F(GuestFailures, AKernelThatHangsIsKnownFromOneThatEnds) {
  GuestSpec hangs = spec();
  // A setup of four sectors for the boot protocol 2.2, loaded high, that jumps to itself.
  hangs.kernel_image =
      image_with({{0x1f1, "\x04"}, {0x200, "\xeb\xfe"}, {0x206, "\x02\x02"}, {0x211, "\x01"}});
  const auto result = boot_guest(hangs);
  ASSERT_FALSE(result);
  EXPECT_TRUE(boot_timed_out(result.error())) << result.error().message;
  EXPECT_THAT(result.error().message, HasSubstr("did not boot within 6 s"));

  hangs.kernel_image = "/nonexistent";
  EXPECT_FALSE(boot_timed_out(boot_guest(hangs).error()));
}

// Before a guest has begun its script there is nothing to fetch: it ends at once, and its files
// with it.
TEST_F(GuestFailures, AnInterruptWhileItBootsLeavesNothing) {
  const fs::path temporary = folder_.path() / "tmp";
  ASSERT_TRUE(base::make_directory(temporary));
  const ScopedEnv tmpdir("TMPDIR", temporary.string());
  GuestSpec endless = spec();
  endless.timeout = std::chrono::seconds(120);
  endless.out_dir = folder_.path() / "out";
  std::signal(SIGINT, SIG_DFL);  // a background job of a shell ignores it
  const base::InterruptGuard guard;
  // As soon as it has made its files: a kernel that does not boot ends soon by itself.
  std::thread later([&temporary] {
    for (int tries = 0; tries < 60'000 && fs::is_empty(temporary); ++tries)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ::kill(::getpid(), SIGINT);
  });
  const auto begin = std::chrono::steady_clock::now();
  const auto result = boot_guest(endless);
  later.join();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, base::kInterrupted) << result.error().message;
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
  EXPECT_TRUE(fs::is_empty(temporary));
}

TEST_F(GuestFailures, WhatIsNoKernelIsRefusedBeforeQemu) {
  GuestSpec wrong = spec();
  wrong.kernel_image = "/etc/passwd";
  EXPECT_THAT(boot_guest(wrong).error().message, HasSubstr("not a bzImage"));
  wrong.kernel_image = folder_.path() / "missing";
  EXPECT_THAT(boot_guest(wrong).error().message, HasSubstr("no such kernel image"));
  EXPECT_EQ(boot_guest(wrong).error().code, ErrorCode::kInput);
}

TEST_F(GuestFailures, ValuesOutOfRange) {
  GuestSpec wrong = spec();
  wrong.smp = 9;
  EXPECT_THAT(boot_guest(wrong).error().message, HasSubstr("1 to 8"));
  wrong = spec();
  wrong.mem_mib = 16;
  EXPECT_THAT(boot_guest(wrong).error().message, HasSubstr("at least"));
  wrong = spec();
  wrong.timeout = std::chrono::seconds(0);
  EXPECT_EQ(boot_guest(wrong).error().code, ErrorCode::kUsage);
  EXPECT_THAT(parse_accel("hvf").error().message, HasSubstr("icount, tcg or kvm"));
}

TEST_F(GuestFailures, FilesThatDoNotFitIntoTheMemory) {
  GuestSpec large = spec();
  large.mem_mib = 64;
  ASSERT_TRUE(base::write_file(folder_.path() / "large", std::string(8U << 20, 'x')));
  large.files = {{folder_.path() / "large", "/large"}};
  EXPECT_THAT(boot_guest(large).error().message, HasSubstr("raise the memory"));
}

TEST_F(GuestFailures, FilesThatCannotBeTaken) {
  GuestSpec wrong = spec();
  wrong.files = {{folder_.path() / "none", "/x"}};
  EXPECT_THAT(boot_guest(wrong).error().message, HasSubstr("none: no such file"));
  wrong.files = {{"/etc/passwd", "relative"}};
  EXPECT_THAT(boot_guest(wrong).error().message, HasSubstr("must be absolute"));
}

TEST_F(GuestFailures, AMissingToolNamesItsPackage) {
  const GuestSpec good = spec();
  const ScopedEnv path("PATH", folder_.path().string());
  const auto result = boot_guest(good);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(result.error().message, HasSubstr("apt-get install qemu-system-x86"));
}

TEST_F(GuestFailures, AKernelThatWasNotBuilt) {
  const ScopedEnv cache("KAIRO_CACHE", folder_.path().string());
  EXPECT_EQ(built_image("lab").error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(built_image("base").error().message, HasSubstr("kairo kernel build --base"));
  EXPECT_THAT(built_image("fast").error().message, HasSubstr("lab, debug, base or stock"));
}

}  // namespace
}  // namespace kairo::kernel
