// SPDX-License-Identifier: GPL-2.0-only
// The example for runtimes: it reads a file to its end with whatever carrier this kernel has, and
// what it did not read it does not call read. strace answers reads as a file would that changes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kairo/base/files.h"
#include "kairo/base/process.h"

namespace kairo::hint {
namespace {

using testing::HasSubstr;
using testing::Not;

class KvReader : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(base::write_file(file_, std::string(41 * 65536, 'k'))); }

  static base::ProcessResult run(std::vector<std::string> argv) {
    auto result = base::run({.argv = std::move(argv), .timeout = std::chrono::seconds(60)});
    EXPECT_TRUE(result) << result.error().message;
    return result ? *result : base::ProcessResult{};
  }
  // With what strace does to its reads; of each thread, the first of the main one is the probe.
  [[nodiscard]] base::ProcessResult run_with(const std::string& inject) const {
    return run({"strace", "-f", "-o", log_, "-e", "trace=preadv2", "-e", "inject=preadv2:" + inject,
                KAIRO_KV_READER, file_});
  }
  [[nodiscard]] std::string log() const { return base::read_file(log_).value_or(""); }

  base::Result<base::TempDir> dir_ = base::TempDir::create("kairo-kv-reader-");
  std::string file_ = (dir_->path() / "kv").string();
  std::string log_ = (dir_->path() / "log").string();
};

TEST_F(KvReader, ReadsAFile) {
  const auto result = run({KAIRO_KV_READER, file_});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("hints travel by "));
  EXPECT_THAT(result.out, HasSubstr("41 blocks of 65536 bytes read"));
}

TEST_F(KvReader, WhatCannotBeReadIsNamed) {
  const auto absent = run({KAIRO_KV_READER, file_ + ".none"});
  EXPECT_EQ(absent.exit_code, 3);
  EXPECT_THAT(absent.err, HasSubstr("No such file"));
  const auto small = run({KAIRO_KV_READER, file_, "4194304"});
  EXPECT_EQ(small.exit_code, 3);
  EXPECT_THAT(small.err, HasSubstr("has no whole block of 4194304 bytes"));
  EXPECT_EQ(run({KAIRO_KV_READER, file_, "5000"}).exit_code, 2);
}

// Both threads read on where a read ended early.
TEST_F(KvReader, AShortReadIsFinished) {
  const auto result = run_with("retval=4096:when=5");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("41 blocks of 65536 bytes read"));
  std::size_t rests = 0;
  const std::string text = log();
  for (auto at = text.find("iov_len=61440"); at != std::string::npos;
       at = text.find("iov_len=61440", at + 1))
    ++rests;
  EXPECT_EQ(rests, 2U) << text;
}

TEST_F(KvReader, TheEndBeforeTheEndIsAnError) {
  // Nothing more, and a part of a block that O_DIRECT gives at the end of a file only.
  for (const std::string end : {"retval=0:when=5", "retval=5000:when=5"}) {
    const auto result = run_with(end);
    EXPECT_EQ(result.exit_code, 3) << end;
    EXPECT_THAT(result.err, HasSubstr(": it became shorter while it was read"));
    EXPECT_THAT(result.out, Not(HasSubstr("blocks of")));
  }
  const auto failed = run_with("error=EIO:when=5");
  EXPECT_EQ(failed.exit_code, 3);
  EXPECT_THAT(failed.err, HasSubstr("Input/output error"));
}

// As it happens: each read takes 20 ms, and the file is cut when some have been done.
TEST_F(KvReader, AFileThatIsTruncatedMeanwhile) {
  const std::string read =
      base::shell_quote({"strace", "-f", "-o", log_, "-e", "trace=preadv2", "-e",
                         "inject=preadv2:delay_enter=20000", KAIRO_KV_READER, file_});
  const auto result =
      run({"sh", "-c",
           read + " & pid=$!; until [ $(wc -l <" + log_ +
               ") -gt 10 ]; do sleep 0.01; done; truncate -s 65536 " + file_ + "; wait $pid"});
  EXPECT_EQ(result.exit_code, 3) << result.out;
  EXPECT_THAT(result.err, HasSubstr("it became shorter while it was read"));
  EXPECT_THAT(result.out, Not(HasSubstr("blocks of")));
}

}  // namespace
}  // namespace kairo::hint
