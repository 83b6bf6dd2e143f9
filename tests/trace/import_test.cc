// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/trace/import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>
#include <map>

#include "kairo/base/files.h"
#include "kairo/trace/sample.h"
#include "kairo/trace/summary.h"

namespace kairo::trace {
namespace {

using hint::Class;
using testing::HasSubstr;

constexpr std::uint64_t kSecond = 1'000'000'000;
const std::filesystem::path kFixtures =
    std::filesystem::path(KAIRO_SOURCE_DIR) / "tests/fixtures/traces";

class ImportTest : public testing::Test {
 protected:
  std::filesystem::path file(std::string_view content, std::string_view name = "t.jsonl") {
    const auto path = dir_.path() / name;
    EXPECT_TRUE(base::write_file(path, content));
    return path;
  }

  base::TempDir dir_ = *base::TempDir::create("kairo-trace-");
};

// Follows a workload that starts with an empty drive and fails the test when an I/O touches what it
// must not.
class Drive {
 public:
  explicit Drive(const Geometry& geometry) : geometry_(geometry) {}

  void apply(const engine::Record& r) {
    const std::uint64_t slot = r.offset / geometry_.block_bytes;
    const std::uint64_t begin = r.offset % geometry_.block_bytes;
    ASSERT_LE(begin + r.length, geometry_.block_bytes) << "crosses an extent";
    auto& written = written_[slot];
    switch (r.cls) {
      case Class::kPrefill:
        // A block fills its extent from front to back, once.
        ASSERT_EQ(begin, written) << "overlaps what is there, or leaves a hole";
        written += r.length;
        break;
      case Class::kPrefetch:
      case Class::kDecode:
        ASSERT_EQ(written, geometry_.block_bytes) << "reads what is not there";
        break;
      case Class::kEvict:
        ASSERT_EQ(r.length, geometry_.block_bytes);
        ASSERT_GT(written, 0U) << "discards what is not there";
        written = 0;
        break;
      case Class::kNormal:
        FAIL() << "no class";
    }
  }

 private:
  Geometry geometry_;
  std::map<std::uint64_t, std::uint64_t> written_;  // bytes written, by slot
};

TEST_F(ImportTest, ExtentsAreNeverSharedAndTotalsAddUp) {
  struct Case {
    std::uint64_t seed;
    std::uint64_t flash_mib;
    std::uint64_t memory_mib;
    double scale;
    std::uint64_t prefill_kib;
    std::uint64_t prefetch_kib;
  };
  const Case cases[] = {
      {1, 4096, 256, 1.0 / 64, 1024, 128}, {2, 1024, 0, 1.0 / 64, 512, 64},
      {3, 1024, 512, 1.0 / 256, 128, 256}, {4, 16384, 64, 1.0 / 32, 1024, 128},
      {5, 512, 0, 3.0 / 1024, 1024, 128},
  };
  for (const Case& c : cases) {
    ImportOptions options;
    options.trace = file(make_sample(300, c.seed));
    options.geometry.scale = c.scale;
    options.device_bytes = c.flash_mib << 20;
    options.memory_bytes = c.memory_mib << 20;
    options.cold = true;
    options.window = Window{0, 100'000 * kSecond};
    options.prefill_bytes = c.prefill_kib << 10;
    options.prefetch_bytes = c.prefetch_kib << 10;
    options.decode_read_fraction = 0.001;
    options.seed = c.seed;
    const auto made = import_trace(options);
    ASSERT_TRUE(made) << made.error().message;
    const Simulation& s = made->simulation;

    Drive drive(made->geometry);
    std::uint64_t last = 0;
    for (std::size_t i = 0; i < made->workload.records.size(); ++i) {
      const engine::Record& r = made->workload.records[i];
      ASSERT_GE(r.time_ns, last);
      last = r.time_ns;
      ASSERT_NO_FATAL_FAILURE(drive.apply(r)) << "seed " << c.seed << " record " << i;
    }

    EXPECT_EQ(s.window.requests, 300U);
    EXPECT_EQ(s.window.blocks,
              s.window.memory + s.window.in_flight + s.window.flash + s.window.computed);
    EXPECT_EQ(s.reads_given_up, 0U) << "seed " << c.seed;
    EXPECT_EQ(s.writes_given_up, 0U) << "seed " << c.seed;
    const Summary summary = summarize(made->workload);
    const auto bytes = [&](Class cls) { return summary.classes[hint::index(cls)].bytes; };
    const std::uint64_t block = made->geometry.block_bytes;
    EXPECT_EQ(bytes(Class::kPrefetch), s.window.flash * block);
    // Blocks behind a gap are computed but not written again.
    EXPECT_LE(bytes(Class::kPrefill), (s.window.computed + s.appended_blocks) * block);
    EXPECT_GE(bytes(Class::kPrefill), s.appended_blocks * block + block);
    EXPECT_LE(bytes(Class::kEvict), bytes(Class::kPrefill));
  }
}

TEST_F(ImportTest, WhatIsWrittenIsReadBack) {
  ImportOptions options;
  options.trace = file(make_sample(200, 2), "generated.jsonl");
  const auto made = import_trace(options);
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_TRUE(write_workload(dir_.path() / "w.txt", made->workload, made->header));
  const auto read = engine::read_workload(dir_.path() / "w.txt");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->device_bytes, 16ULL << 30);
  EXPECT_EQ(read->duration_ns, 2 * kSecond);
  EXPECT_EQ(read->source, "generated.jsonl");
  EXPECT_TRUE(read->sample);
  ASSERT_EQ(read->records.size(), made->workload.records.size());
  for (std::size_t i = 0; i < read->records.size(); ++i) {
    const engine::Record& a = read->records[i];
    const engine::Record& b = made->workload.records[i];
    ASSERT_TRUE(a.time_ns == b.time_ns && a.offset == b.offset && a.length == b.length &&
                a.session == b.session && a.cls == b.cls)
        << i;
  }
  for (const Class cls : {Class::kDecode, Class::kPrefetch, Class::kPrefill, Class::kEvict})
    EXPECT_GT(read->ios[hint::index(cls)], 0U) << hint::name(cls);
}

TEST_F(ImportTest, SameSeedSameWorkload) {
  ImportOptions options;
  options.trace = file(make_sample(200, 2));
  options.spread_ns = kSecond;
  const auto text = [&] {
    const auto made = import_trace(options);
    EXPECT_TRUE(made);
    return made ? format_workload(made->workload, made->header) : std::string();
  };
  const std::string first = text();
  EXPECT_EQ(text(), first);
  options.seed = 2;
  EXPECT_NE(text(), first);
}

// Faster replay moves the same I/O in less time.
TEST_F(ImportTest, TimeScaleOnlyChangesTimes) {
  ImportOptions options;
  options.trace = file(make_sample(200, 2));
  options.window = Window{10 * kSecond, 8 * kSecond};
  options.time_scale = 1;
  options.prefetch_mib_per_s = 100;
  const auto slow = import_trace(options);
  options.time_scale = 4;
  options.prefetch_mib_per_s = 400;  // the pace is device time
  const auto fast = import_trace(options);
  ASSERT_TRUE(slow && fast);
  EXPECT_EQ(slow->workload.duration_ns, 4 * fast->workload.duration_ns);
  ASSERT_EQ(slow->workload.records.size(), fast->workload.records.size());
  for (std::size_t i = 0; i < slow->workload.records.size(); ++i) {
    ASSERT_EQ(slow->workload.records[i].offset, fast->workload.records[i].offset);
    ASSERT_EQ(slow->workload.records[i].time_ns / 4, fast->workload.records[i].time_ns);
  }
}

// Golden file of the fixture; KAIRO_UPDATE_GOLDEN=1 writes it anew.
TEST_F(ImportTest, FixtureGivesTheGoldenWorkload) {
  ImportOptions options;
  options.trace = kFixtures / "generated-12.jsonl";
  options.geometry.scale = 4.0 / 1024;
  options.device_bytes = 16 << 20;
  options.memory_bytes = 4 << 20;
  options.window = Window{kSecond, 2 * kSecond};
  options.decode_read_fraction = 0.01;
  const auto made = import_trace(options);
  ASSERT_TRUE(made) << made.error().message;
  const std::string text = format_workload(made->workload, made->header);
  const auto golden = kFixtures / "generated-12.workload";
  if (std::getenv("KAIRO_UPDATE_GOLDEN") != nullptr) {
    ASSERT_TRUE(base::write_file(golden, text));
  }
  const auto expected = base::read_file(golden);
  ASSERT_TRUE(expected) << expected.error().message;
  EXPECT_EQ(text, *expected);
}

// A drive that starts full evicts for each write one block, from the first write on.
TEST_F(ImportTest, AFullDriveEvictsOneBlockPerBlockWritten) {
  struct Case {
    const char* name;
    std::uint64_t blocks;
  };
  for (const Case& c :
       {Case{"zeros.jsonl", 2}, Case{"bailian-whole-seconds.jsonl", 6}, Case{"hash64.jsonl", 3},
        Case{"full-blocks-only.jsonl", 5}, Case{"azure-quoted.csv", 3}, Case{"burstgpt.csv", 1}}) {
    ImportOptions options;
    options.trace = kFixtures / c.name;
    options.window = Window{0, 16 * kSecond};
    const auto made = import_trace(options);
    ASSERT_TRUE(made) << made.error().message;
    const Summary summary = summarize(made->workload);
    const auto& prefill = summary.classes[hint::index(Class::kPrefill)];
    EXPECT_EQ(prefill.bytes, c.blocks * made->geometry.block_bytes) << c.name;
    EXPECT_EQ(summary.classes[hint::index(Class::kEvict)].records, c.blocks) << c.name;
  }
}

TEST_F(ImportTest, BlocksHaveTheTokensOfTheirFormat) {
  ImportOptions options;
  options.trace = kFixtures / "bailian-whole-seconds.jsonl";
  const auto made = import_trace(options);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->geometry.block_tokens, 16U);
  EXPECT_EQ(made->trace_duration_ns, 61 * kSecond);
  options.block_tokens = 512;
  const auto wrong = import_trace(options);
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("(give --block-tokens 16)"));
}

// A chosen window has I/O, whatever the gaps of the trace.
TEST_F(ImportTest, TheAutomaticWindowIsNotEmpty) {
  const auto record = [](std::uint64_t ms, std::string_view ids) {
    return fmt::format(
        "{{\"timestamp\":{},\"input_length\":700,\"output_length\":5,\"hash_ids\":{}}}\n", ms, ids);
  };
  ImportOptions options;
  options.trace = kFixtures / "idle-gap.jsonl";
  const auto gap = import_trace(options);
  ASSERT_TRUE(gap) << gap.error().message;
  EXPECT_GT(gap->workload.records.size(), 0U);

  // After the first fifth there is one stretch with requests, and they find all in memory.
  options.trace =
      file(record(0, "[1,2]") + record(5'000'000, "[1,2]") + record(7'200'000, "[1,2]"));
  const auto warm = import_trace(options);
  ASSERT_TRUE(warm) << warm.error().message;
  EXPECT_EQ(warm->window.begin_ns, 0U);
  EXPECT_GT(warm->workload.records.size(), 0U);
}

TEST_F(ImportTest, SampleIsMarkedWhenAskedOrGenerated) {
  std::string text = make_sample(50, 1);
  ImportOptions options;
  options.window = Window{0, 20 * kSecond};
  options.trace = file(text);
  EXPECT_TRUE(import_trace(options)->workload.sample);
  text.replace(text.find(", \"generated\": true"), 19, "");  // one real record is enough
  options.trace = file(text);
  EXPECT_FALSE(import_trace(options)->workload.sample);
  options.sample = true;
  EXPECT_TRUE(import_trace(options)->workload.sample);
}

TEST_F(ImportTest, RefusesBadOptionsAndEmptyWindows) {
  const auto trace = file(make_sample(50, 1));
  struct Case {
    void (*change)(ImportOptions&);
    const char* message;
  };
  const Case cases[] = {
      {[](ImportOptions& o) { o.time_scale = 0; }, "--time-scale: 0 is outside"},
      {[](ImportOptions& o) { o.time_scale = std::numeric_limits<double>::quiet_NaN(); },
       "--time-scale: nan"},
      {[](ImportOptions& o) { o.prefill_tokens_per_s = -1; }, "--prefill-speed: -1"},
      {[](ImportOptions& o) { o.prefill_workers = 0; }, "--prefill-workers: 0"},
      {[](ImportOptions& o) { o.prefetch_mib_per_s = 0; }, "--prefetch-mibps: 0"},
      {[](ImportOptions& o) { o.tpot_ns = 0; }, "--tpot: 0"},
      {[](ImportOptions& o) { o.decode_read_fraction = 2; }, "--decode-read-fraction: 2"},
      {[](ImportOptions& o) { o.max_records = 0; }, "--max-records: 0"},
      {[](ImportOptions& o) { o.max_records = 3; }, "more than 3 I/Os in the window"},
      {[](ImportOptions& o) { o.prefetch_bytes = 5000; }, "--prefetch-kib: 4 KiB is not"},
      {[](ImportOptions& o) { o.prefill_bytes = 2 << 20; }, "--prefill-kib: 2048 KiB is not"},
      {[](ImportOptions& o) { o.device_bytes = 5000; }, "--device: 5000 bytes"},
      {[](ImportOptions& o) { o.device_bytes = 1 << 20; }, "the flash tier holds 0 blocks"},
      {[](ImportOptions& o) { o.device_bytes = 1ULL << 50; }, "the flash tier holds 536870912"},
      {[](ImportOptions& o) { o.flash_bytes = 1ULL << 40; }, "--flash: 1 TiB is more than"},
      {[](ImportOptions& o) { o.geometry.model = "x"; }, "unknown model"},
      {[](ImportOptions& o) {
         o.window = Window{90'000 * kSecond, kSecond};
       },
       "no I/O in the window"},
  };
  for (const Case& c : cases) {
    ImportOptions options;
    options.trace = trace;
    c.change(options);
    const auto made = import_trace(options);
    ASSERT_FALSE(made) << c.message;
    EXPECT_EQ(made.error().code, base::ErrorCode::kUsage) << c.message;
    EXPECT_THAT(made.error().message, HasSubstr(c.message));
  }
}

TEST(Writer, HeaderValuesStayOnTheirLine) {
  engine::Workload workload;
  workload.device_bytes = 1 << 20;
  workload.source = "a\nb";
  workload.records.push_back({0, 0, 4096, 0, Class::kDecode});
  const auto read = engine::parse_workload(format_workload(workload, {{"k", "x\ny"}}), "w");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->source, "a?b");
}

TEST(Summary, KnownAnswers) {
  engine::Workload workload;
  workload.device_bytes = 1 << 20;
  workload.duration_ns = 2 * kSecond;
  workload.records = {{0, 0, 4096, 1, Class::kDecode},
                      {99'999'999, 0, 8192, 1, Class::kDecode},
                      {100'000'000, 0, 4096, 2, Class::kDecode},
                      {kSecond, 0, 65536, 2, Class::kEvict}};
  const Summary s = summarize(workload);
  const ClassSummary& decode = s.classes[hint::index(Class::kDecode)];
  EXPECT_EQ(decode.records, 3U);
  EXPECT_EQ(decode.bytes, 16384U);
  EXPECT_EQ(decode.shortest, 4096U);
  EXPECT_EQ(decode.longest, 8192U);
  EXPECT_EQ(decode.peak_records, 2U);
  EXPECT_EQ(decode.peak_bytes, 12288U);
  EXPECT_EQ(s.sessions, 2U);
  EXPECT_EQ(s.last_ns, kSecond);
  const auto json = to_json(s);
  EXPECT_DOUBLE_EQ(json["classes"]["decode"]["per_s"].get<double>(), 1.5);
  EXPECT_TRUE(json["classes"]["prefill"]["min_length"].is_null());
  workload.duration_ns = 0;
  workload.records.resize(1);
  EXPECT_TRUE(to_json(summarize(workload))["classes"]["decode"]["per_s"].is_null());
}

}  // namespace
}  // namespace kairo::trace
