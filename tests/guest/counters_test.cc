// SPDX-License-Identifier: GPL-2.0-only
// `kairo counters` in the guest: every name it lists exists on the booted kernel, and every name
// that exists is listed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "guest_lab.h"
#include "kairo/base/files.h"
#include "kairo/base/text.h"
#include "kairo/inspect/snapshot.h"

namespace kairo::testing {
namespace {

using ::testing::IsSubsetOf;

// What is there, found by the shell and not by the code under test: `source/name` lines.
constexpr const char* kList = R"sh(
columns() { # source file keys: the columns of every header line without the keys
  grep -E '^(class|pool|ns|kind|stream|placement) ' $2 | cut -d ' ' -f $(($3 + 1))- | tr ' ' '\n' | sed "s#^#$1/#"
}
list() {
  for file in counters in_flight sizes contexts placement; do columns $file $debug/$file 1; done
  columns latency $debug/latency 2
  columns latency_histogram $debug/latency_histogram 3
  cut -d ' ' -f 1 $debug/control | sed 's#^#control/#'
  cut -d ' ' -f 1 /sys/kernel/debug/io_uring_kv/regions | sed 's#^#regions/#'
  ls /sys/block/kssd0/queue/iosched | sed 's#^#tunables/#'
  (cd /sys/kernel/tracing/events/kairo && ls -d */) | sed 's#\(.*\)/$#tracepoints/\1#'
  cut -d ' ' -f 1 $stats | sed 's#^#flash_model/#'
  columns flash_model_streams $(dirname $stats)/streams 1
  columns flash_model_log $(dirname $stats)/order_log 0
  ls /sys/kernel/config/kairo_ssd/kssd0 | sed 's#^#flash_model_attributes/#'
}
)sh";

std::set<std::string> lines_of(const std::filesystem::path& file) {
  const auto text = base::read_file(file);
  EXPECT_TRUE(text) << (text ? "" : text.error().message);
  std::set<std::string> out;
  if (text)
    for (const std::string_view line : base::split_lines(*text)) out.emplace(line);
  return out;
}

inspect::Snapshot saved_snapshot(const base::TempDir& out, const char* name) {
  const auto text = base::read_file(out.path() / name);
  EXPECT_TRUE(text) << (text ? "" : text.error().message);
  auto snapshot = inspect::parse_snapshot(text ? *text : "", name);
  EXPECT_TRUE(snapshot) << (snapshot ? "" : snapshot.error().message);
  return snapshot ? *snapshot : inspect::Snapshot{};
}

std::string value(const inspect::Snapshot& snapshot, const char* source, const char* row,
                  const char* name) {
  for (const inspect::Reading& reading : snapshot.readings)
    if (reading.source == source && reading.row == row && reading.name == name)
      return reading.value;
  return "no such reading";
}

// The names of the guest's files are the known ones, and those that are always there are among
// them.
void expect_known_names(const std::set<std::string>& listed) {
  std::set<std::string> known, always;
  for (const inspect::KnownName& name : inspect::known_names()) {
    if (name.source == "mq_deadline") continue;
    const std::string full = fmt::format("{}/{}", name.source, name.name);
    known.insert(full);
    if (name.always) always.insert(full);
  }
  EXPECT_GT(listed.size(), 70U);
  EXPECT_THAT(listed, IsSubsetOf(known));
  EXPECT_THAT(always, IsSubsetOf(listed));
}

// No file of the scheduler that is not a source.
void expect_sources(const std::set<std::string>& files) {
  for (const std::string& file : files) {
    if (file == "check") continue;  // for tests, and no counter: tests/guest/merge_scheduler.cc
    const std::string where = "kernel/debug/block/DEV/sched/" + file;
    const auto sources = inspect::sources();
    EXPECT_TRUE(std::any_of(sources.begin(), sources.end(), [&](const inspect::Source& source) {
      return source.where == where;
    })) << file;
  }
}

TEST(Counters, AreExactlyThoseOfTheBootedKernel) {
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  spec.programs.emplace_back(KAIRO_COMMAND_PATH);
  spec.files.push_back({KAIRO_COMMAND_PATH, "/kairo/command"});
  const auto job = [](const char* cls, const char* options) {
    return fmt::format(
        "--name={0} --ioengine=external:{1} --kv_class={0} --kv_path=ioprio --direct=1 --thread=1 "
        "--filename=/dev/kssd0 --bs=64k {2} ",
        cls, engine_path(), options);
  };
  const auto result = boot_ok(
      spec, std::string(kList) +
                "kairo_device size_gib=1\n"
                "/kairo/command counters kssd0 --json > /out/before.json || fail counters\n"
                "fio --output=/dev/null " +
                job("decode", "--rw=randread --number_ios=1009 --iodepth=8") +
                job("prefetch", "--rw=randread --number_ios=503 --iodepth=8") +
                job("prefill", "--rw=randwrite --number_ios=251 --iodepth=8") +
                "|| fail fio\nlist > /out/list\nls $debug > /out/files\n"
                "/kairo/command counters kssd0 --json > /out/after.json || fail counters\n"
                "/kairo/command counters kssd0 --since /out/before.json --json > /out/delta.json ||"
                " fail since\n"
                "/kairo/command counters kssd0 > /out/text || fail text\n"
                "use_scheduler mq-deadline\n"
                "/kairo/command counters kssd0 --json > /out/deadline.json || fail deadline\n"
                "umount /sys/kernel/debug\n"
                "/kairo/command counters kssd0 && fail 'no error without debugfs'\n"
                "[ $? = 77 ] || fail 'wrong exit status without debugfs'\n");
  EXPECT_THAT(result.output, ::testing::HasSubstr("mount -t debugfs"));

  expect_known_names(lines_of(out.path() / "list"));
  expect_sources(lines_of(out.path() / "files"));

  const auto after = saved_snapshot(out, "after.json");
  EXPECT_EQ(value(after, "counters", "decode", "completed"), "1009");
  EXPECT_EQ(value(after, "latency", "prefetch total", "samples"), "503");
  for (const char* const cls : {"normal", "evict"})  // none was sent
    for (const char* const span : {"queue", "device", "total"})
      EXPECT_EQ(value(after, "latency", fmt::format("{} {}", cls, span).c_str(), "samples"), "0");
  const auto text = base::read_file(out.path() / "after.json");
  ASSERT_TRUE(text);
  EXPECT_THAT(*text, ::testing::HasSubstr("\"missing\": []"));
  EXPECT_THAT(*text, ::testing::HasSubstr("\"unlisted\": []"));
  EXPECT_EQ(value(saved_snapshot(out, "delta.json"), "counters", "prefetch", "queued"), "503");
  EXPECT_EQ(value(saved_snapshot(out, "deadline.json"), "mq_deadline", "", "kv_classes"), "0");
}

}  // namespace
}  // namespace kairo::testing
