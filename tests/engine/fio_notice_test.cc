// SPDX-License-Identifier: GPL-2.0-only
// What the engine says while fio runs: where it goes, and that it names what is missing and what to
// do about it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include "fio_lab.h"
#include "kairo/test_support/skip.h"
#include "polling.h"

namespace kairo::engine {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

std::size_t count_of(const std::string& words, const std::string& text) {
  std::size_t count = 0;
  for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++count;
  return count;
}

// fio's --output is JSON from its first byte to its last, with jobs that are threads or processes.
TEST(FioNotice, TheFileOfOutputIsJson) {
  const FioLab lab;
  const std::string file = lab.path("o.json").string();
  for (const std::string thread : {"--thread=1", "--thread=0"}) {
    const auto result = lab.run({"--name=a", "--rw=randread", "--number_ios=5", "--kv_path=auto",
                                 thread, "--output=" + file});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(count_of("kairo: kv_path=auto uses ", result.err), 1U) << result.err;
    const std::string text = base::read_file(file).value_or("");
    const auto json = nlohmann::json::parse(text, nullptr, false);
    ASSERT_FALSE(json.is_discarded()) << text.substr(0, 200);
    EXPECT_EQ(json.at("jobs").at(0).at("read").at("total_ios"), 5) << thread;
  }
}

// fio puts words of its own there when a job fails; the engine's stay out.
TEST(FioNotice, ARefusalStaysOutOfTheFileOfOutput) {
  const FioLab lab;
  const std::string file = lab.path("o.json").string();
  const auto result = lab.run(
      {"--name=a", "--rw=randread", "--kv_class=prefill", "--thread=1", "--output=" + file});
  EXPECT_NE(result.exit_code, 0);
  EXPECT_EQ(count_of("kairo: kv_class=prefill", result.err), 1U) << result.err;
  const auto text = base::read_file(file);
  ASSERT_TRUE(text);
  EXPECT_THAT(*text, HasSubstr("\"jobs\""));
  EXPECT_THAT(*text, Not(HasSubstr("kairo: ")));
}

// There is one place that decides where words go.
TEST(FioNotice, NothingElseWritesMessages) {
  unsigned files = 0;
  for (const auto& file : fs::directory_iterator(KAIRO_SOURCE_DIR "/fio-engine/src")) {
    const std::string text = base::read_file(file.path()).value_or("");
    ++files;
    if (file.path().stem() == "notice") continue;
    for (const char* const call : {"log_err(", "log_info(", "printf(", "std::cerr"})
      EXPECT_THAT(text, Not(HasSubstr(call))) << file.path();
  }
  EXPECT_GT(files, 30U);
}

TEST(FioNotice, PollingAndSyncsExcludeEachOther) {
  const FioLab lab;
  for (const std::string sync :
       {"fsync=4", "fdatasync=1", "sync_file_range=write:2", "end_fsync=1", "fsync_on_close=1"}) {
    const auto result = lab.run(
        {"--name=a", "--rw=randwrite", "--direct=1", "--number_ios=16", "--hipri", "--" + sync});
    const std::string name = sync.substr(0, sync.find('='));
    EXPECT_NE(result.exit_code, 0) << sync;
    EXPECT_THAT(result.err, HasSubstr("kairo: hipri: a ring that polls for completions takes no "
                                      "sync, and " +
                                      name + " asks for it (leave hipri or " + name + " out)"));
    ASSERT_FALSE(result.json.is_null());
    EXPECT_EQ(result.total_ios(), 0U) << sync;
  }
  // A job that does not write syncs nothing.
  const auto reads = lab.run(
      {"--name=a", "--rw=randread", "--direct=1", "--number_ios=16", "--hipri", "--fsync=4"});
  EXPECT_THAT(reads.err, Not(HasSubstr("takes no sync")));
}

TEST(FioNotice, WhereNothingPollsHipriIsNamed) {
  const FioLab lab;
  lab.write("data", std::string(65536, 'x'));
  if (can_poll(lab.path("data")) != false)
    GTEST_SKIP() << test_support::kCannotBeHere << "the drive of " << lab.path("data")
                 << " polls, or is not known";
  const std::vector<std::string> job = {"--name=a",   "--rw=randread",   "--direct=1",
                                        "--size=64k", "--number_ios=16", "--iodepth=4",
                                        "--hipri"};
  const std::string words = "kairo: hipri: nothing polls for completions of ";
  const auto before = lab.run(job);
  EXPECT_NE(before.exit_code, 0);
  EXPECT_THAT(before.err, HasSubstr(words + lab.path("data").string() + " (use a drive with"));
  EXPECT_THAT(before.err, HasSubstr("or leave hipri out)"));
  EXPECT_THAT(before.err, Not(HasSubstr("Operation not supported: read")));
  ASSERT_FALSE(before.json.is_null());
  EXPECT_EQ(before.total_ios(), 0U);

  // Of a file that is not there yet the drive is not known: the kernel says it, four times.
  auto late = job;
  late.emplace_back("--create_serialize=0");
  const auto after = lab.run_on(lab.path("new").string(), late);
  EXPECT_NE(after.exit_code, 0);
  EXPECT_THAT(after.err, HasSubstr("Operation not supported: read"));
  EXPECT_EQ(count_of(words + lab.path("new").string(), after.err), 1U) << after.err;
}

TEST(FioNotice, AFileThatCannotBeRegisteredIsNamedWithItsError) {
  const FioLab lab;
  const std::vector<std::string> job = {"--name=a", "--rw=randread", "--number_ios=5",
                                        "--registerfiles"};
  auto late = job;
  late.emplace_back("--create_serialize=0");
  const auto absent = lab.run_on(lab.path("new").string(), late);
  EXPECT_NE(absent.exit_code, 0);
  EXPECT_THAT(absent.err, HasSubstr("kairo: registerfiles: " + lab.path("new").string() +
                                    ": cannot be opened: No such file or directory (leave "
                                    "create_serialize=0 out"));
  if (geteuid() != 0) return;
  // Read by another user than the one that fio laid it out for.
  lab.write("data", std::string(65536, 'x'));
  fs::permissions(lab.path(""), fs::perms::all);
  fs::permissions(lab.path("data"), fs::perms::owner_read);
  auto other = job;
  other.insert(other.end(), {"--size=64k", "--uid=65534"});
  const auto forbidden = lab.run(other);
  EXPECT_NE(forbidden.exit_code, 0);
  EXPECT_THAT(forbidden.err, HasSubstr("cannot be opened: Permission denied (run the job as a"));
}

// tmpfs punches holes and has no ZERO_RANGE; discard has nothing to do with it.
TEST(FioNotice, AFileSystemWithoutZeroRangeIsNamed) {
  struct statfs system = {};
  if (statfs("/dev/shm", &system) != 0 || system.f_type != TMPFS_MAGIC)
    GTEST_SKIP() << "/dev/shm is no tmpfs";
  const auto dir = base::TempDir::create("kairo-test-", "/dev/shm");
  ASSERT_TRUE(dir);
  const std::string file = (dir->path() / "kv").string();
  const FioLab lab;
  const std::vector<std::string> job = {"--name=a", "--rw=trim", "--size=1m", "--iodepth=8",
                                        "--kv_path=label"};
  auto zero = job;
  zero.emplace_back("--kv_evict_op=zero");
  const auto result = lab.run_on(file, zero);
  EXPECT_NE(result.exit_code, 0);
  EXPECT_EQ(count_of("kairo: " + file + ": kv_evict_op=zero: the file system has no ZERO_RANGE",
                     result.err),
            1U)
      << result.err;
  EXPECT_THAT(result.err, HasSubstr("(use kv_evict_op=punch, or a file on ext4 or XFS)"));
  EXPECT_THAT(result.err, Not(HasSubstr("discard")));
  EXPECT_EQ(lab.run_on(file, job).exit_code, 0) << "what the message advises";
}

// A device of characters has no fsync(2). fio would count each as one of 0 us.
TEST(FioNotice, ASyncThatFailsFailsTheJob) {
  const FioLab lab;
  const std::vector<std::string> job = {"--name=a", "--rw=write", "--filesize=64k",
                                        "--number_ios=16"};
  for (const std::string sync : {"--fsync=1", "--fdatasync=1"}) {
    auto synced = job;
    synced.push_back(sync);
    const auto result = lab.run_on("/dev/null", synced);
    EXPECT_NE(result.exit_code, 0) << sync;
    EXPECT_THAT(result.err, HasSubstr("kairo: /dev/null: cannot sync: Invalid argument ("));
  }
  EXPECT_EQ(lab.run_on("/dev/null", job).exit_code, 0);
}

}  // namespace
}  // namespace kairo::engine
