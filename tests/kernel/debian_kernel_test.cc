// SPDX-License-Identifier: GPL-2.0-only
#include "debian_kernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_tree.h"
#include "kairo/base/files.h"
#include "kairo/base/process.h"
#include "kairo/kernel/stock.h"

namespace kairo::kernel {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using ::testing::AllOf;
using ::testing::HasSubstr;

class DebianKernelTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(folder_); }
  [[nodiscard]] fs::path folder() const { return folder_->path(); }
  [[nodiscard]] CachePaths paths() const { return cache_paths(folder() / "cache"); }

  void write(const fs::path& file, const std::string& text) const {
    fs::create_directories(file.parent_path());
    ASSERT_TRUE(base::write_file(file, text));
  }

  // An apt that knows these packages and cannot update.
  void fake_apt(const std::string& packages) const {
    const std::pair<const char*, std::string> programs[] = {
        {"apt-cache", "printf '" + packages + "'"}, {"apt-get", "exit 100"}};
    for (const auto& [name, body] : programs) {
      const fs::path program = folder() / "bin" / name;
      write(program, "#!/bin/sh\n" + body + "\n");
      fs::permissions(program, fs::perms::owner_all);
    }
  }

  base::Result<base::TempDir> folder_ = base::TempDir::create("kairo-debian-");
};

void ignore(std::string_view /*line*/) {}

TEST_F(DebianKernelTest, WhatIsUnpackedNeedsNoApt) {
  fs::create_directories(paths().debian / "6.12.1-1_6.12.1+deb12-amd64.partial");
  const fs::path root = paths().debian / "6.12.1-2_6.12.1+deb12-amd64";
  fs::create_directories(root);
  const ScopedEnv path("PATH", folder().string());
  const auto kernel = fetch_debian_kernel(paths(), "6.12.1-2", ignore);
  ASSERT_TRUE(kernel) << kernel.error().message;
  EXPECT_EQ(kernel->release, "6.12.1+deb12-amd64");
  EXPECT_EQ(kernel->image, root / "boot/vmlinuz-6.12.1+deb12-amd64");
  EXPECT_EQ(kernel->headers, root / "usr/src/linux-headers-6.12.1+deb12-amd64");
  // Half of one is none.
  EXPECT_EQ(fetch_debian_kernel(paths(), "6.12.1-1", ignore).error().code, ErrorCode::kUnavailable);
}

TEST_F(DebianKernelTest, AnArchiveThatHasGoneOnIsSaid) {
  fake_apt("linux-headers-6.12.1+deb12-cloud-amd64\\nlinux-headers-6.12.12+deb12-amd64-x\\n");
  const ScopedEnv path("PATH", (folder() / "bin").string() + ":/usr/bin:/bin");
  const auto kernel = fetch_debian_kernel(paths(), "6.12.1-2~deb12u1", ignore);
  ASSERT_FALSE(kernel);
  EXPECT_EQ(kernel.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(kernel.error().message,
              AllOf(HasSubstr("6.12.1-2~deb12u1"), HasSubstr("kairo kernel fetch")));
}

TEST_F(DebianKernelTest, ModulesComeUnpacked) {
  const DebianKernel kernel{.release = "r", .image = {}, .headers = {}, .modules = folder() / "m"};
  const std::string binary(
      "\x7f"
      "ELF\0\xff\n\r",
      8);
  write(folder() / "m/kernel/drivers/block/null_blk.ko", binary);
  ASSERT_TRUE(
      base::run_ok({.argv = {"xz", (folder() / "m/kernel/drivers/block/null_blk.ko").string()}}));
  write(folder() / "m/modules.order",
        "kernel/a/not_null_blk.ko\nkernel/drivers/block/null_blk.ko\n");
  const auto copied = copy_module(kernel, "null_blk", folder() / "out.ko");
  ASSERT_TRUE(copied) << copied.error().message;
  EXPECT_EQ(base::read_file(folder() / "out.ko").value(), binary);
  EXPECT_THAT(copy_module(kernel, "blk", folder() / "out.ko").error().message,
              HasSubstr("no module blk"));
}

// What boot_guest() puts on board.
TEST_F(DebianKernelTest, AnImageBringsItsModulesInOrder) {
  const fs::path build = folder() / "build";
  const fs::path image = build / "arch/x86/boot/bzImage";
  write(image, "");
  EXPECT_TRUE(image_modules(image).value().empty());
  write(build / "modules/order", "b.ko\na.ko nr_devices=0\n");
  write(build / "modules/b.ko", "");
  EXPECT_THAT(image_modules(image).error().message, HasSubstr("a.ko"));
  write(build / "modules/a.ko", "");
  const auto modules = image_modules(image).value();
  ASSERT_EQ(modules.size(), 2U);
  EXPECT_EQ(modules[0].file, build / "modules/b.ko");
  EXPECT_EQ(modules[1].file, build / "modules/a.ko");
  EXPECT_EQ(modules[1].parameters, " nr_devices=0");
}

}  // namespace
}  // namespace kairo::kernel
