// SPDX-License-Identifier: GPL-2.0-only
// What is on a drive: images stand in for drives, libblkid reads both alike.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include "kairo/base/device_guard.h"
#include "kairo/base/files.h"
#include "kairo/base/process.h"

namespace kairo::base {
namespace {

using testing::HasSubstr;

class DeviceContent : public testing::Test {
 protected:
  std::string image(const char* size = "64M") {
    const std::string path = (dir_->path() / fmt::format("image{}", ++count_)).string();
    EXPECT_TRUE(run_ok({.argv = {"truncate", "-s", size, path}}));
    return path;
  }
  // What is found, as a person reads it; "" for nothing.
  static std::string found(const std::string& path) {
    const auto uses = content_uses(path);
    return uses ? (uses->empty() ? "" : describe(*uses)) : "error: " + uses.error().message;
  }
  static void put(const std::string& path, std::uint64_t offset, std::string_view bytes) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(offset));
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  Result<TempDir> dir_ = TempDir::create("kairo-test-");
  int count_ = 0;
};

using namespace std::string_literals;
using namespace std::string_view_literals;

TEST_F(DeviceContent, AnEmptyDriveHoldsNothing) {
  EXPECT_EQ(found(image()), "");
  // What fio leaves: nothing that anybody would want back.
  const std::string noise = image("1M");
  std::string text;
  for (unsigned i = 0, x = 1; i < (1U << 20); ++i, x = x * 1103515245 + 12345)
    text += static_cast<char>(x >> 16);
  put(noise, 0, text);
  EXPECT_EQ(found(noise), "");
}

TEST_F(DeviceContent, FileSystemsAndSwapAreNamed) {
  const std::string ext4 = image();
  ASSERT_TRUE(run_ok({.argv = {"mkfs.ext4", "-q", "-L", "my data", ext4}}));
  EXPECT_EQ(found(ext4), "holds an ext4 file system (label \"my data\")");
  const std::string swap = image();
  ASSERT_TRUE(run_ok({.argv = {"mkswap", swap}}));
  EXPECT_EQ(found(swap), "holds a swap area");
  if (find_program("mkfs.xfs").empty()) GTEST_SKIP() << "no mkfs.xfs (apt-get install xfsprogs)";
  const std::string xfs = image("512M");
  ASSERT_TRUE(run_ok({.argv = {"mkfs.xfs", "-q", xfs}}));
  EXPECT_EQ(found(xfs), "holds a xfs file system");
}

// Of a file system that lost its checksum the data may still be wanted.
TEST_F(DeviceContent, ADamagedFileSystemIsNamed) {
  const std::string ext4 = image();
  ASSERT_TRUE(run_ok({.argv = {"mkfs.ext4", "-q", "-O", "metadata_csum", ext4}}));
  put(ext4, 1024 + 1020, "\x01\x02\x03\x04"sv);
  EXPECT_EQ(found(ext4), "holds an ext4 file system");
}

// The first bytes of each, as the tools write them.
TEST_F(DeviceContent, VolumesAndRaidsAreNamed) {
  const std::string luks = image();
  put(luks, 0, "LUKS\xba\xbe\x00\x01"sv);
  EXPECT_EQ(found(luks), "holds a LUKS encrypted volume");
  const std::string lvm = image();
  put(lvm, 512, "LABELONE\x01\0\0\0\0\0\0\0\0\0\0\0\x20\0\0\0LVM2 001"sv);
  EXPECT_EQ(found(lvm), "holds an LVM physical volume");
  // md 0.90 lies at the end, where the head of the drive says nothing.
  const std::string md = image();
  put(md, (64U << 20) - (64U << 10), "\xfc\x4e\x2b\xa9\0\0\0\0\x5a\0\0\0"sv);
  EXPECT_EQ(found(md), "holds a part of an md RAID");
}

TEST_F(DeviceContent, PartitionTablesAreNamedWholeOrNot) {
  const std::string dos = image();
  // One Linux partition of 20,480 sectors from sector 2048.
  put(dos, 446, "\0\0\0\0\x83\0\0\0\0\x08\0\0\0\x50\0\0"sv);
  put(dos, 510, "\x55\xaa");
  EXPECT_EQ(found(dos), "holds a partition table (dos)");
  for (const auto& [offset, mark] :
       {std::pair{510, "\x55\xaa"}, std::pair{512, "EFI PART"}, std::pair{4096, "EFI PART"}}) {
    const std::string part = image("1M");
    put(part, static_cast<std::uint64_t>(offset), mark);
    EXPECT_THAT(found(part), HasSubstr("partition table")) << offset;
  }
}

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = ~0U;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc % 2 != 0 ? 0xedb88320U : 0);
  }
  return ~crc;
}

// The header of a GPT (UEFI specification, 5.3.2) whose entries are all zero.
std::string gpt_header(std::uint64_t own, std::uint64_t other, std::uint64_t entries,
                       std::uint64_t last) {
  constexpr std::uint32_t kEntries = 128, kEntryBytes = 128;
  std::string out = "EFI PART\0\0\x01\0\x5c\0\0\0"s + std::string(76, '\0');
  const auto set = [&](std::size_t at, auto value) {
    std::memcpy(out.data() + at, &value, sizeof(value));
  };
  set(24, own);
  set(32, other);
  set(40, std::uint64_t{34});
  set(48, last - 33);
  set(56, std::uint64_t{1});  // of its GUID
  set(72, entries);
  set(80, kEntries);
  set(84, kEntryBytes);
  set(88, crc32(std::string(kEntries * kEntryBytes, '\0')));
  set(16, crc32(out));
  return out;
}

// Whoever wrote zeroes over the beginning has partitions all the same: the other copy is at the
// end.
TEST_F(DeviceContent, APartitionTableIsFoundByItsBackup) {
  const std::string gpt = image();
  constexpr std::uint64_t kLast = (64U << 20) / 512 - 1;
  put(gpt, kLast * 512, gpt_header(kLast, 1, kLast - 32, kLast));
  EXPECT_EQ(found(gpt), "holds a partition table (gpt)");
}

TEST_F(DeviceContent, WhatCannotBeReadIsNoEmptyDrive) {
  EXPECT_THAT(found((dir_->path() / "absent").string()), HasSubstr("so what is on it is unknown"));
  // Opens, and refuses to be read.
  EXPECT_THAT(found(dir_->path().string()), HasSubstr("so what is on it is unknown"));
}

TEST_F(DeviceContent, ALabelCannotDriveTheTerminal) {
  const std::string ext4 = image();
  ASSERT_TRUE(run_ok({.argv = {"mkfs.ext4", "-q", "-L", "a\x1b[2Jb", ext4}}));
  EXPECT_EQ(found(ext4), "holds an ext4 file system (label \"a?[2Jb\")");
}

}  // namespace
}  // namespace kairo::base
