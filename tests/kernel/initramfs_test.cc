// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/kernel/initramfs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "fake_tree.h"
#include "guest_init.h"
#include "kairo/base/process.h"
#include "kairo/base/sha256.h"

namespace kairo::kernel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class InitramfsTest : public testing::Test {
 protected:
  // The digest of an archive with the same content, staged anew.
  std::string archive(const std::string& name) {
    const fs::path staging = folder_.path() / (name + ".staging");
    fs::create_directories(staging);
    InitramfsTree tree(staging);
    EXPECT_TRUE(tree.add_text("/init", "#!/bin/sh\n", true));
    EXPECT_TRUE(tree.add_text("/etc/b", "b", false));
    EXPECT_TRUE(tree.add_text("/etc/a", "a", false));
    EXPECT_TRUE(tree.add_program("/bin/true"));
    EXPECT_TRUE(tree.write(folder_.path() / name));
    return *base::sha256_file(folder_.path() / name);
  }
  base::TempDir folder_ = *base::TempDir::create("kairo-initramfs-");
};

TEST_F(InitramfsTest, TheSameContentGivesTheSameBytes) {
  const std::string first = archive("one");
  ::umask(077);
  const std::string second = archive("two");
  ::umask(022);
  EXPECT_EQ(first, second);
}

TEST_F(InitramfsTest, AProgramBringsItsLibraries) {
  archive("one");
  const auto listed =
      base::run_ok({.argv = {"cpio", "--quiet", "-t", "-F", (folder_.path() / "one").string()}});
  ASSERT_TRUE(listed);
  EXPECT_THAT(listed->out, HasSubstr("bin/true\n"));
  EXPECT_THAT(listed->out, HasSubstr("libc.so.6\n"));
  EXPECT_THAT(listed->out, HasSubstr("ld-linux-x86-64.so.2\n"));
}

TEST_F(InitramfsTest, PathsStayInside) {
  InitramfsTree tree(folder_.path() / "staging");
  EXPECT_THAT(tree.add_text("/a/../../b", "x", false).error().message, HasSubstr("'..'"));
  EXPECT_THAT(tree.add_text("relative", "x", false).error().message, HasSubstr("absolute"));
  EXPECT_THAT(tree.add_file("/no/such/file", "/x").error().message, HasSubstr("no such file"));
}

TEST(SharedLibraries, OfAStaticProgramAreNone) {
  const auto found = shared_libraries(base::find_program("busybox"));
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->empty());
}

TEST(GuestMessages, AreReadFromTheConsole) {
  EXPECT_TRUE(guest_is_ready("[ 0.7] kairo-guest: ready\r\n"));
  EXPECT_FALSE(guest_is_ready("[ 0.7] booting\r\n"));
  EXPECT_EQ(guest_exit_code("[ 3.1] kairo-guest: exit 42\r\n"), 42);
  EXPECT_EQ(guest_exit_code("[ 3.1] kairo-guest: exit \r\n"), std::nullopt);
  EXPECT_EQ(guest_exit_code("[ 3.1] kairo-guest: exit 999\r\n"), std::nullopt);
  EXPECT_EQ(guest_exit_code(""), std::nullopt);
}

// A full disk in the middle of packing. Needs a small file system, so root.
TEST_F(InitramfsTest, AFullDiskIsNamedWithTheRemedy) {
  const fs::path small = folder_.path() / "small";
  fs::create_directories(small);
  const auto mounted =
      base::run({.argv = {"mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", small.string()}});
  if (!mounted || mounted->exit_code != 0) GTEST_SKIP() << "mount needs root";
  ASSERT_TRUE(base::write_file(folder_.path() / "large", std::string(1U << 20, 'x')));
  const auto added = InitramfsTree(small / "staging").add_file(folder_.path() / "large", "/large");
  EXPECT_TRUE(base::run_ok({.argv = {"umount", small.string()}}));
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, base::ErrorCode::kUnavailable);
  EXPECT_THAT(added.error().message, HasSubstr("set TMPDIR to another disk"));
}

TEST(InitScript, IsValidShell) {
  for (const bool hands_over : {false, true})
    for (const bool share_root : {false, true}) {
      GuestSpec spec;
      spec.share_root = share_root;
      if (hands_over) spec.out_dir = "/x";
      const auto checked = base::run({.argv = {"sh", "-n"}, .input = init_script(spec)});
      ASSERT_TRUE(checked);
      EXPECT_EQ(checked->exit_code, 0) << checked->err;
    }
}

TEST(InitScript, TouchesTheHostOnlyWhenAskedTo) {
  GuestSpec spec;
  EXPECT_THAT(init_script(spec), Not(HasSubstr("9p")));
  EXPECT_THAT(init_script(spec), HasSubstr("sleep 3\n"));
  spec.accel = Accel::kTcg;
  EXPECT_THAT(init_script(spec), Not(HasSubstr("sleep 3\n")));
  EXPECT_THAT(init_script(spec), Not(HasSubstr("read -r line </dev/ttyS1")));
  spec.out_dir = "/x";
  EXPECT_THAT(init_script(spec), HasSubstr("kairo_out"));
  EXPECT_THAT(init_script(spec), HasSubstr("read -r line </dev/ttyS1"));
  spec.share_root = true;
  EXPECT_THAT(init_script(spec), HasSubstr("kairo_root"));
}

}  // namespace
}  // namespace kairo::kernel
