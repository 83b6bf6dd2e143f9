// SPDX-License-Identifier: GPL-2.0-only
// What is refused, with what and how to fix, before any I/O.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "fio_lab.h"
#include "kairo/test_support/skip.h"

namespace kairo::engine {
namespace {

using testing::HasSubstr;
using testing::Not;

const char* const kHeader =
    "# kairo-workload 1\n# device_bytes=67108864\n# records=2\n# duration_ns=2000\n# source=t\n"
    "# sample=true\ntime_ns,class,offset,length,session\n";

struct Case {
  std::vector<std::string> options;
  std::string message;
  bool by_fio = false;  // its parser says it, and no job begins
};

// The lines of a text that begin with `prefix`, each once: two jobs say the same.
std::set<std::string> lines_with(const std::string& prefix, const std::string& text) {
  std::set<std::string> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(prefix)) found.insert(line);
  return found;
}

// Refused with a message of one line that names no directory of the build, and without any I/O.
void expect_refusal(const FioResult& result, const std::string& message) {
  EXPECT_NE(result.exit_code, 0) << message;
  const auto said = lines_with("kairo: ", result.err);
  EXPECT_EQ(said.size(), 1U) << message << '\n' << result.err;
  for (const std::string& line : said) EXPECT_THAT(line, HasSubstr(message));
  // What a message of several lines would leave.
  std::istringstream lines(result.err);
  for (std::string line; std::getline(lines, line);)
    EXPECT_TRUE(line.starts_with("kairo: ") || line.starts_with("fio: ")) << line;
  EXPECT_THAT(result.err + result.out, Not(HasSubstr(KAIRO_SOURCE_DIR)));
  ASSERT_FALSE(result.json.is_null()) << message << result.out;
  EXPECT_EQ(result.total_ios(), 0U) << message;
}

void expect_refused(const FioLab& lab, const Case& c) {
  std::vector<std::string> options = {"--name=a", "--number_ios=5", "--rw=randread"};
  options.insert(options.end(), c.options.begin(), c.options.end());
  const auto result = lab.run(options);
  if (!c.by_fio) return expect_refusal(result, c.message);
  EXPECT_NE(result.exit_code, 0) << c.message;
  EXPECT_THAT(result.err + result.out, HasSubstr(c.message));
  EXPECT_THAT(result.err, Not(HasSubstr("kairo: ")));
  EXPECT_TRUE(result.json.is_null()) << "a job began";
}

TEST(FioRefuse, AnotherFio) {
  const FioLab lab;
  expect_refusal(lab.run_mismatched({"--name=a", "--rw=randread", "--number_ios=5"}),
                 "kairo: this engine was built for fio-0.0, and this is fio-");
}

TEST(FioRefuse, OptionValues) {
  const FioLab lab;
  for (const Case& c : std::vector<Case>{
           {{"--kv_class=decod"}, "'decod' is not a class (give one of normal, decode, prefetch"},
           {{"--kv_split=decode/101"}, "'101' is not a percentage"},
           {{"--kv_split=decode/60:prefetch/60"}, "add up to 120"},
           {{"--kv_bssplit=4x/decode"}, "'4x' is not a block size"},
           {{"--kv_split=decode/50", "--kv_class=decode"}, "kv_class and kv_split both say"},
           {{"--kv_split=decode/50", "--kv_map=x"}, "kv_split and kv_map both say"},
           {{"--kv_map=/no/such/map"}, "kv_map: /no/such/map: no such file"},
           {{"--kv_prio=decode=2/4:prefetch=2/4"}, "decode and prefetch have the same priority"},
           {{"--kv_path=ioprio", "--kv_prio_hint=0"}, "nothing would tell them apart"},
           {{"--kv_deadline=decode/2"}, "'2' is not a time"},
           {{"--kv_model_id=65536"}, "model 65536 is more than 65535"},
           {{"--kv_model_id=4294967297"}, "kv_model_id: max value out of range", true},
           {{"--kv_session_id=4294967296"}, "kv_session_id: max value out of range", true},
           {{"--kv_pool_id=65536"}, "pool 65536 is more than 65535"},
           {{"--kv_group_id=65536"}, "group 65536 is more than 65535"},
           {{"--kv_rate=4294967306"}, "kv_rate: max value out of range", true},
           {{"--kv_recompute=101"}, "recompute 101 is not a percentage"},
           {{"--kv_lifetime=ever"}, "persistent", true},  // fio lists the values there are
           {{"--kv_sessions=0"}, "'0' is not a number of sessions"},
           {{"--kv_sessions=2", "--kv_session_id=1"}, "kv_session_id both say the session"},
           {{"--kv_semantics=x"}, "'x' is not one of ephemeral"},
           {{"--rw=randtrim", "--kv_evict_op=discard"}, "is a file, which has no discard"},
           {{"--kv_depend=1"}, "kv_depend is about a replay"},
           {{"--kv_path=file"}, "kv_path=file: the class of an open file is for direct I/O"},
           {{"--kv_path=file", "--direct=1", "--kv_split=decode/50"}, "one class for its reads"},
           {{"--kv_path=file", "--direct=1", "--verify=crc32c"}, "reads that verify could not"},
           {{"--kv_path=region"}, "kv_path=region: the class of a region is for direct I/O"},
           {{"--kv_path=region", "--direct=1", "--kv_split=decode/50"}, "a region has one class"},
           {{"--kv_path=label", "--cmdprio_percentage=10"}, "cmdprio_* and kv_path=label both set"},
           {{"--kv_path=magic"}, "ioprio", true},
           {{"--kv_prio=high"}, "neither one of be, rt, mqd3, kairo"},
           {{"--kv_rate=200000000"}, "kv_rate is outside 0 .. 100000000"},
           {{"--kv_path=label", "--kv_class=prefill"}, "kv_class=prefill: this job reads"},
           {{"--rw=randrw", "--kv_class=decode"}, "kv_class=decode: this job writes"},
           {{"--rw=randtrim", "--kv_class=decode"}, "kv_class=decode: this job trims"},
           {{"--kv_rate=10", "--rate_iops=10"}, "kv_rate says when I/O starts, and so do"},
           {{"--kv_rate=10", "--thinktime=10"}, "(leave those out)"},
           {{"--kv_rate=10", "--hipri"}, "hipri polls without pause"},
           {{"--hipri"}, "hipri: there is polling for direct I/O only (set direct=1"},
           {{"--iodepth=100000"}, "iodepth is at most 32768"},
       })
    expect_refused(lab, c);
}

// Whatever would carry it, and before the carrier is asked for.
TEST(FioRefuse, AClassOfTheOtherDirectionAlikeByEachCarrier) {
  const FioLab lab;
  for (const char* const path :
       {"none", "label", "ioprio", "rwf", "attr", "file", "region", "auto"})
    expect_refused(lab, {{"--rw=randwrite", "--direct=1", "--kv_class=decode",
                          std::string("--kv_path=") + path},
                         "kairo: kv_class=decode: this job writes, and class decode does not"});
  for (const char* const list : {"--kv_split=prefetch/50,decode/50", "--kv_class=decode,decode",
                                 "--kv_bssplit=4k/decode,4k/decode"})
    expect_refused(lab, {{"--rw=randrw", "--kv_path=ioprio", list}, "a write cannot be decode"});
}

TEST(FioRefuse, OverlappingMaps) {
  const FioLab lab;
  const std::string map = lab.write("m.csv", "0,64k,decode\n32k,96k,prefetch\n");
  expect_refused(lab, {{"--kv_map=" + map}, map + ":2: overlaps the range of line 1"});
  const std::string good = lab.write("g.csv", "0,64k,decode,1,1\n");
  expect_refused(lab, {{"--kv_map=" + good, "--kv_sessions=2"}, "kv_sessions and kv_map both say"});
  const std::string other = lab.write("n.csv", "file=elsewhere\n0,64k,decode\n");
  expect_refused(lab, {{"--kv_map=" + other}, "file=elsewhere is not a file of the job"});
}

// More entries than a ring can have.
TEST(FioRefuse, ARingThatCannotBeSetUp) {
  const FioLab lab;
  expect_refused(lab, {{"--iodepth=40000"}, "no io_uring with iodepth=40000: Invalid argument"});
}

TEST(FioRefuse, SidecarFiles) {
  const FioLab lab;
  expect_refused(lab,
                 {{"--kv_stats=/no/such/directory/s.json"},
                  "kv_stats=/no/such/directory/s.json: the folder /no/such/directory does not"});
  expect_refused(lab, {{"--kv_stats=s-%x.json"}, "only %j (job name), %n"});
  // The first of two jobs may be on its way, so not "no I/O" here.
  const auto shared = lab.run({"--name=a", "--rw=randread", "--number_ios=5", "--numjobs=2",
                               "--kv_rate=10", lab.stats_option()});
  EXPECT_NE(shared.exit_code, 0);
  EXPECT_THAT(shared.err, HasSubstr("another job is writing it (put %j, the job's name, or %n"));
}

// A refused run leaves no numbers behind, not those of an earlier run either.
TEST(FioRefuse, OldStatisticsDoNotSurvive) {
  const FioLab lab;
  lab.write("stats.json", "old");
  expect_refused(lab, {{lab.stats_option(), "--iodepth=100000"}, "iodepth is at most"});
  EXPECT_EQ(base::read_file(lab.path("stats.json")).value(), "");
}

// An explicit carrier that the kernel does not have is an error, never a silent fall-back. On a
// kernel with Kairo there is nothing to refuse.
TEST(FioRefuse, RwfOnAKernelWithout) {
  const FioLab lab;
  const auto result =
      lab.run({"--name=a", "--rw=randread", "--number_ios=5", "--kv_path=rwf", lab.stats_option()});
  if (result.exit_code == 0) {
    EXPECT_EQ(lab.sidecar().at("kv_path").at("used"), "rwf");
    GTEST_SKIP() << test_support::kCannotBeHere << "this kernel has RWF_KV_*";
  }
  expect_refusal(result, "kairo: kv_path=rwf: " + lab.path("data").string());
  EXPECT_THAT(result.err, HasSubstr("refuses RWF_KV_*"));
  EXPECT_THAT(result.err, HasSubstr("kv_path=ioprio"));
}

// In one line, before any I/O.
TEST(FioRefuse, AttrOnAKernelWithout) {
  const FioLab lab;
  const auto result = lab.run({"--name=a", "--rw=randread", "--number_ios=5", "--direct=1",
                               "--kv_path=attr", "--kv_model_id=7", lab.stats_option()});
  if (result.exit_code == 0) {
    EXPECT_EQ(lab.sidecar().at("kv_path").at("used"), "attr");
    GTEST_SKIP() << test_support::kCannotBeHere << "this kernel has the attribute";
  }
  const std::string line =
      "kairo: kv_path=attr: this kernel's io_uring has no attribute for KV hints";
  expect_refusal(result, line);
  EXPECT_THAT(result.err, HasSubstr("or use kv_path=rwf, ioprio or auto)\n"));
  EXPECT_EQ(base::read_file(lab.path("stats.json")).value(), "");
}

// A carrier that this kernel refuses with `line`, or has: then the test is skipped.
void expect_refused_carrier(const std::string& path, const char* what, const std::string& line) {
  const FioLab lab;
  const auto result = lab.run({"--name=a", "--rw=randread", "--number_ios=5", "--direct=1",
                               "--kv_path=" + path, lab.stats_option()});
  if (result.exit_code == 0) {
    EXPECT_EQ(lab.sidecar().at("kv_path").at("used"), path);
    GTEST_SKIP() << test_support::kCannotBeHere << "this kernel has " << what;
  }
  expect_refusal(result, line);
}

TEST(FioRefuse, FileClassesOnAKernelWithout) {
  expect_refused_carrier("file", "classes of open files",
                         "refuses F_SET_KV_CLASS (Invalid argument) (boot a kernel");
}

TEST(FioRefuse, RegionsOnAKernelWithout) {
  expect_refused_carrier("region", "regions", "refuses regions (Invalid argument) (boot a kernel");
}

TEST(FioRefuse, RealTimeWithoutPrivilege) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root to give privilege up";
  const FioLab lab;
  lab.write("data", std::string(65536, 'x'));
  std::filesystem::permissions(lab.path(""), std::filesystem::perms::all);
  std::filesystem::permissions(lab.path("data"), std::filesystem::perms::all);
  expect_refused(lab, {{"--size=64k", "--kv_path=ioprio", "--kv_prio=rt", "--uid=65534"},
                       "kv_prio=rt: no privilege for the real-time I/O class"});
}

TEST(FioRefuse, WorkloadFiles) {
  const FioLab lab;
  const std::string end = "# end records=2\n";
  const std::string one = "0,decode,0,4096,1\n";
  const struct {
    std::string text;
    std::string message;
  } cases[] = {
      {"", ": is empty"},
      {std::string(kHeader) + one, "truncated workload"},
      {std::string(kHeader) + one + "1,decod,0,4096,1\n" + end, ":9: class 'decod'"},
      {std::string(kHeader) + "5" + one + "1,decode,0,4096,1\n" + end, ":9: time_ns 1 is before"},
      {std::string(kHeader) + one + "1,decode,67108864,4096,1\n" + end,
       "past the end of the device"},
      {std::string(kHeader) + one + end, "1 records were read, the header says 2"},
  };
  for (const auto& c : cases) {
    const std::string file = lab.write("w.kairo", c.text);
    expect_refused(lab, {{"--kv_trace=" + file, "--rw=rw"}, c.message});
    expect_refused(lab, {{"--kv_trace=" + file, "--rw=rw"}, file});
  }
  expect_refused(lab, {{"--kv_trace=/no/such/file"}, "kv_trace: /no/such/file: no such file"});
}

TEST(FioRefuse, JobsThatCannotReplay) {
  const FioLab lab;
  const std::string file =
      lab.write("w.kairo",
                std::string(kHeader) + "0,decode,0,65536,1\n1,prefill,0,4096,1\n# end records=2\n");
  for (const Case& c : std::vector<Case>{
           {{"--rw=randread", "--bs=64k"}, "the workload writes, and the job's rw= does not"},
           {{"--rw=write", "--bs=64k"}, "the workload reads, and the job's rw= does not"},
           {{"--rw=rw", "--bs=4k"}, "the largest record has 65536 bytes"},
           {{"--rw=rw", "--bs=64k", "--size=32m"}, "is for a device of 67108864 bytes"},
           {{"--rw=rw", "--bs=64k", "--numjobs=2"},
            "numjobs would replay the workload several times"},
           {{"--rw=rw", "--bs=64k", "--verify=crc32c"}, "leave verify out"},
           {{"--rw=rw", "--bs=64k", "--kv_rate=10"}, "kv_rate and kv_trace both say"},
           {{"--rw=rw", "--bs=64k", "--rate=1m"}, "kv_trace says when I/O starts"},
           {{"--rw=rw", "--bs=64k", "--kv_class=evict"}, "has no record of class evict"},
           {{"--rw=rw", "--bs=64k", "--kv_class=normal"}, "kv_class=normal"},
           {{"--rw=rw", "--bs=64k", "--kv_class=decode", "--kv_depend=1"},
            "kv_depend: this job replays class decode only"},
           {{"--rw=rw", "--bs=64k", "--kv_split=decode/50"}, "leave kv_split, kv_bssplit"},
           {{"--rw=rw", "--bs=64k", "--kv_session_id=3"}, "the workload says the session"},
           {{"--rw=rw", "--bs=64k", "--kv_sessions=3"}, "the workload says the session"},
       }) {
    Case with_trace = c;
    with_trace.options.push_back("--kv_trace=" + file);
    expect_refused(lab, with_trace);
  }
}

}  // namespace
}  // namespace kairo::engine
