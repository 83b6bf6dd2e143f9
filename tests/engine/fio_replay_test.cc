// SPDX-License-Identifier: GPL-2.0-only
// kv_trace: every record once, at its place, in its time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "fio_lab.h"
#include "kairo/trace/import.h"
#include "kairo/trace/sample.h"

namespace kairo::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kDevice = 64ULL << 20;
using Counts = std::map<std::string, std::uint64_t>;

struct Line {
  std::uint64_t time_ns;
  std::string cls;
  std::uint64_t offset;
  std::uint64_t length;
};

std::string workload(std::vector<Line> lines, std::uint64_t duration_ns) {
  std::stable_sort(lines.begin(), lines.end(),
                   [](const Line& a, const Line& b) { return a.time_ns < b.time_ns; });
  std::ostringstream out;
  out << "# kairo-workload 1\n# device_bytes=" << kDevice << "\n# records=" << lines.size()
      << "\n# duration_ns=" << duration_ns
      << "\n# source=engine test\n# sample=true\ntime_ns,class,offset,length,session\n";
  for (const Line& line : lines)
    out << line.time_ns << ',' << line.cls << ',' << line.offset << ',' << line.length << ",1\n";
  out << "# end records=" << lines.size() << "\n";
  return out.str();
}

// `count` records of a class, spread over `duration_ns` and the device.
void add(std::vector<Line>& lines, const std::string& cls, std::uint64_t count,
         std::uint64_t length, std::uint64_t duration_ns) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t blocks = (kDevice - length) / 4096;
    lines.push_back({i * duration_ns / count, cls, i * 7919 % blocks * 4096, length});
  }
}

constexpr std::uint64_t kDuration = 700'000'000;

std::string mixed_workload() {
  std::vector<Line> lines;
  add(lines, "decode", 307, 65536, kDuration);
  add(lines, "prefetch", 151, 131072, kDuration);
  add(lines, "prefill", 41, 1 << 20, kDuration);
  add(lines, "evict", 23, 2 << 20, kDuration);
  return workload(lines, kDuration);
}

Counts class_counts(const nlohmann::json& sidecar, const char* what) {
  Counts counts;
  for (const auto& [name, numbers] : sidecar.at("classes").items()) {
    if (numbers.at(what) != 0) counts[name] = numbers.at(what).get<std::uint64_t>();
  }
  return counts;
}

TEST(Replay, EveryRecordOnce) {
  const FioLab lab;
  const std::string file = lab.write("w.kairo", mixed_workload());
  const auto result = lab.run_ok({"--name=t", "--rw=rw", "--bs=1m", "--iodepth=32",
                                  "--kv_path=label", "--kv_trace=" + file, lab.stats_option()});
  const auto sidecar = lab.sidecar();
  EXPECT_EQ(class_counts(sidecar, "ios"),
            (Counts{{"decode", 307}, {"prefetch", 151}, {"prefill", 41}, {"evict", 23}}));
  EXPECT_EQ(class_counts(sidecar, "bytes"), (Counts{{"decode", 307 * 65536},
                                                    {"prefetch", 151 * 131072},
                                                    {"prefill", 41 << 20},
                                                    {"evict", 23 * (2 << 20)}}));
  EXPECT_EQ(sidecar.at("offered_ios"), 522U);
  EXPECT_EQ(sidecar.at("issued_ios"), 522U);
  EXPECT_EQ(sidecar.at("trace").at("source"), "engine test");
  // fio's own accounting agrees.
  const auto& job = result.job();
  EXPECT_EQ(result.ios("read"), 458U);
  EXPECT_EQ(result.ios("write"), 41U);
  EXPECT_EQ(result.ios("trim"), 23U);
  EXPECT_EQ(job.at("read").at("io_bytes"), 307 * 65536 + 151 * 131072);
  EXPECT_EQ(job.at("trim").at("io_bytes"), 23 * (2 << 20));
  EXPECT_EQ(prio_counts(job.at("read")), (Counts{{"1/0", 307}, {"1/1", 151}}));
  EXPECT_EQ(job.at("write").at("clat_ns").at("N"), 41);
  EXPECT_EQ(job.at("trim").at("clat_ns").at("N"), 23);
  // In its time: the last record is due shortly before the end.
  EXPECT_GE(job.at("job_runtime").get<std::uint64_t>(), 690U);
}

// The job file, with the classes of the workload and no other.
TEST(Replay, TheJobFile) {
  const FioLab lab;
  const std::string file = lab.write("w.kairo", mixed_workload());
  const auto result = lab.run_file(KAIRO_SOURCE_DIR "/fio-engine/jobs/trace.fio",
                                   {"--size=64m", lab.stats_option()}, {{"KAIRO_TRACE", file}});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(class_counts(lab.sidecar(), "ios"),
            (Counts{{"decode", 307}, {"prefetch", 151}, {"prefill", 41}, {"evict", 23}}));
}

// From a request trace to what its requests felt: every record of the import is replayed, and each
// session with a whole decode step has its time to the first token. The published trace where it
// lies beside the checkout, else a generated one.
TEST(Replay, ARequestTraceFromImportToTokens) {
  const FioLab lab;
  trace::ImportOptions options;
  options.trace =
      fs::path(KAIRO_SOURCE_DIR).parent_path() / "shared/data/mooncake_conversation.jsonl";
  if (!fs::exists(options.trace)) {
    options.trace = lab.path("generated.jsonl");
    ASSERT_TRUE(base::write_file(options.trace, trace::make_sample(200, 2)));
  }
  options.geometry.scale = 1.0 / 256;
  options.memory_bytes = 16ULL << 20;
  options.device_bytes = 256ULL << 20;
  const auto imported = trace::import_trace(options);
  ASSERT_TRUE(imported) << imported.error().message;
  const fs::path file = lab.path("w.kairo");
  ASSERT_TRUE(trace::write_workload(file, imported->workload, imported->header));
  Counts records;
  std::set<std::uint32_t> decoding;
  for (const Record& record : imported->workload.records) {
    ++records[std::string(hint::name(record.cls))];
    if (record.cls == hint::Class::kDecode) decoding.insert(record.session);
  }
  for (const std::string depend : {"0", "1"}) {
    const auto result = lab.run({"--name=t", "--rw=rw", "--bs=1m", "--size=256m", "--iodepth=128",
                                 "--kv_path=label", "--kv_trace=" + file.string(),
                                 "--kv_depend=" + depend, lab.stats_option()});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const auto sidecar = lab.sidecar();
    EXPECT_EQ(class_counts(sidecar, "ios"), records);
    EXPECT_EQ(sidecar.at("offered_ios"), imported->workload.records.size());
    const auto& sessions = sidecar.at("trace").at("sessions");
    EXPECT_EQ(sessions.at("count"), decoding.size());
    EXPECT_GT(sessions.at("ttft_ns_p50"), 0);
    EXPECT_GT(sessions.at("steps_per_s_p50"), 0.0);
  }
}

// The largest depth is the least that works: all of it arrives late, and none is lost.
TEST(Replay, AQueueOfOneReplaysAllOfIt) {
  const FioLab lab;
  const std::string file = lab.write("w.kairo", mixed_workload());
  const auto result = lab.run_ok({"--name=t", "--rw=rw", "--bs=1m", "--iodepth=1",
                                  "--kv_path=label", "--kv_trace=" + file, lab.stats_option()});
  EXPECT_EQ(lab.sidecar().at("issued_ios"), 522U);
}

TEST(Replay, OneClassOfIt) {
  const FioLab lab;
  const std::string file = lab.write("w.kairo", mixed_workload());
  const auto result =
      lab.run_ok({"--kv_path=label", "--iodepth=32", "--kv_trace=" + file, lab.stats_option("%j"),
                  "--name=d", "--rw=read", "--bs=64k", "--kv_class=decode", "--name=e",
                  "--rw=randtrim", "--kv_class=evict"});
  EXPECT_EQ(class_counts(lab.sidecar("d"), "ios"), (Counts{{"decode", 307}}));
  EXPECT_EQ(class_counts(lab.sidecar("e"), "ios"), (Counts{{"evict", 23}}));
}

TEST(Replay, TheRunTimeCutsIt) {
  const FioLab lab;
  const std::string file = lab.write("w.kairo", mixed_workload());
  const auto result =
      lab.run_ok({"--name=t", "--rw=rw", "--bs=1m", "--iodepth=32", "--kv_path=label",
                  "--runtime=300ms", "--kv_trace=" + file, lab.stats_option()});
  const auto issued = lab.sidecar().at("issued_ios").get<std::uint64_t>();
  EXPECT_GT(issued, 100U);
  EXPECT_LT(issued, 400U);
  EXPECT_EQ(result.total_ios(), issued);
}

// Bytes land where the record says, nowhere else, and an eviction takes them away again.
TEST(Replay, WritesAndEvictsAtTheirPlace) {
  const FioLab lab;
  lab.write("data", std::string(kDevice, '\0'));
  const std::uint64_t kept = 5ULL << 20;
  const std::uint64_t evicted = 40ULL << 20;
  const std::string file = lab.write("w.kairo", workload({{0, "prefill", kept, 8192},
                                                          {0, "prefill", evicted, 65536},
                                                          {300'000'000, "evict", evicted, 65536}},
                                                         300'000'000));
  const auto result =
      lab.run_ok({"--name=t", "--rw=rw", "--bs=64k", "--iodepth=4", "--kv_path=label",
                  "--kv_trace=" + file, "--end_fsync=1", lab.stats_option()});
  const auto data = base::read_file(lab.path("data"));
  ASSERT_TRUE(data);
  ASSERT_EQ(data->size(), kDevice);
  const std::size_t first = data->find_first_not_of('\0');
  const std::size_t last = data->find_last_not_of('\0');
  ASSERT_NE(first, std::string::npos);
  EXPECT_GE(first, kept);
  EXPECT_LT(first, kept + 64);
  EXPECT_LT(last, kept + 8192);
  EXPECT_GE(last, kept + 8192 - 64);
}

// Session 1 decodes at 0 what it is still writing: with dependencies the decode follows the write.
// 64 records of session 2 are not held up.
std::string dependent_workload() {
  std::ostringstream out;
  out << "# kairo-workload 1\n# device_bytes=" << kDevice
      << "\n# records=81\n# duration_ns=200000000\n# source=engine test\n# sample=true\n"
         "time_ns,class,offset,length,session\n";
  for (int i = 0; i < 16; ++i) out << "0,prefill," << i * (1 << 20) << ",1048576,1\n";
  out << "0,decode,0,65536,1\n";
  for (int i = 0; i < 64; ++i)
    out << 1'000'000 * (i + 1) << ",decode," << i * 65536 << ",65536,2\n";
  out << "# end records=81\n";
  return out.str();
}

TEST(Replay, DependenciesAndSessions) {
  const FioLab lab;
  const std::string file = lab.write("w.kairo", dependent_workload());
  for (const std::string depend : {"0", "1"}) {
    const auto result =
        lab.run({"--name=t", "--rw=rw", "--bs=1m", "--iodepth=64", "--direct=1", "--kv_path=label",
                 "--kv_trace=" + file, "--kv_depend=" + depend, lab.stats_option()});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const auto sidecar = lab.sidecar();
    EXPECT_EQ(class_counts(sidecar, "ios"), (Counts{{"decode", 65}, {"prefill", 16}}));
    const auto& sessions = sidecar.at("trace").at("sessions");
    EXPECT_EQ(sidecar.at("trace").at("depend"), depend == "1");
    ASSERT_EQ(sessions.at("count"), 2);
    EXPECT_EQ(sessions.at("each").at(0).at("steps"), 1);
    EXPECT_TRUE(sessions.at("each").at(0).at("steps_per_s").is_null());
    EXPECT_EQ(sessions.at("each").at(1).at("steps"), 64);
    // One step a millisecond where the device keeps up; what it held up comes back in a burst.
    EXPECT_GT(sessions.at("each").at(1).at("steps_per_s"), 1.0);
    // All sixteen writes are due at 0, so the slowest ends where the decode may begin.
    if (depend == "1") {
      EXPECT_GE(sessions.at("each").at(0).at("ttft_ns"),
                result.job().at("write").at("clat_ns").at("max"));
    }
  }
}

}  // namespace
}  // namespace kairo::engine
