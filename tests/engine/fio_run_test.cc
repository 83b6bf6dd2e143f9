// SPDX-License-Identifier: GPL-2.0-only
// What works: every carrier, class and ring option on a file, with the numbers checked against each
// other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <regex>

#include "fio_lab.h"
#include "kairo/base/process.h"

namespace kairo::engine {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using Counts = std::map<std::string, std::uint64_t>;

std::uint64_t class_ios(const nlohmann::json& sidecar, const std::string& cls) {
  return sidecar.at("classes").at(cls).at("ios").get<std::uint64_t>();
}

TEST(FioRun, EveryCarrierCountsEveryIo) {
  const FioLab lab;
  for (const std::string path : {"none", "label", "ioprio", "auto"}) {
    const auto result = lab.run({"--name=a", "--rw=randread", "--iodepth=8", "--number_ios=1009",
                                 "--kv_path=" + path, lab.stats_option()});
    ASSERT_EQ(result.exit_code, 0) << path << result.err;
    EXPECT_EQ(result.ios("read"), 1009U);
    const auto sidecar = lab.sidecar();
    EXPECT_EQ(class_ios(sidecar, path == "none" ? "normal" : "decode"), 1009U) << path;
    EXPECT_EQ(sidecar.at("issued_ios"), 1009U);
    EXPECT_EQ(sidecar.at("kv_path").at("asked"), path);
    EXPECT_TRUE(sidecar.at("offered_ios").is_null());
    if (path == "auto") {
      // Which one, and what each carrier before it answered.
      const std::string used = sidecar.at("kv_path").at("used").get<std::string>();
      EXPECT_THAT(result.err, HasSubstr("kairo: kv_path=auto uses " + used));
      const auto& probe = sidecar.at("probe");
      EXPECT_NE(probe.at("attr").at("result"), "not probed");
      if (used == "attr") continue;
      EXPECT_THAT(result.err, HasSubstr(used + ": attr refused"));
      if (used == "rwf") continue;
      EXPECT_THAT(result.err, HasSubstr(", rwf refused ("));
      EXPECT_EQ(probe.at("rwf").at("result"), "refused");
      EXPECT_EQ(probe.at("ioprio").at("result"), "accepted");
      EXPECT_EQ(sidecar.at("metadata").at("carried"), false);
    }
  }
}

// The sidecar's count is what strace sees of the job.
TEST(FioRun, CountsItsSystemCalls) {
  const FioLab lab;
  const std::string log = lab.path("strace").string();
  const auto traced = base::run(
      {.argv = {"strace", "-f", "-e", "trace=io_uring_enter", "-o", log, "sh", "-c",
                lab.command({"--name=a", "--rw=randread", "--iodepth=16", "--number_ios=1009",
                             "--iodepth_batch=4", "--kv_path=label", lab.stats_option()})}});
  ASSERT_TRUE(traced && traced->exit_code == 0) << (traced ? traced->err : traced.error().message);
  std::size_t seen = 0;
  const std::string text = base::read_file(log).value_or("");
  for (auto at = text.find("io_uring_enter("); at != std::string::npos;
       at = text.find("io_uring_enter(", at + 1))
    ++seen;
  EXPECT_GT(seen, 1009U / 4);
  EXPECT_EQ(lab.sidecar().at("enter_calls"), seen);
}

TEST(FioRun, ClassesFollowTheDirection) {
  const FioLab lab;
  const auto result = lab.run_ok({"--name=a", "--rw=randrw", "--iodepth=4", "--number_ios=2003",
                                  "--kv_path=label", lab.stats_option()});
  const auto sidecar = lab.sidecar();
  EXPECT_EQ(class_ios(sidecar, "decode"), result.ios("read"));
  EXPECT_EQ(class_ios(sidecar, "prefill"), result.ios("write"));
  EXPECT_EQ(class_ios(sidecar, "decode") + class_ios(sidecar, "prefill"), 2003U);
  EXPECT_EQ(sidecar.at("classes").at("prefill").at("bytes"),
            result.job().at("write").at("io_bytes"));
  EXPECT_EQ(sidecar.at("directions").at("read"), nlohmann::json::array({"decode"}));
  EXPECT_EQ(sidecar.at("directions").at("write"), nlohmann::json::array({"prefill"}));
}

TEST(FioRun, TheLatencyOfEachClassStandsInFiosJson) {
  const FioLab lab;
  const auto result =
      lab.run_ok({"--rw=randread", "--kv_path=label", "--group_reporting", "--number_ios=101",
                  lab.stats_option("%j.json"), "--name=d", "--kv_class=decode", "--name=p",
                  "--kv_class=prefetch", "--number_ios=53", "--name=n", "--kv_class=normal",
                  "--number_ios=17"});
  EXPECT_EQ(prio_counts(result.job().at("read")), (Counts{{"1/0", 101}, {"1/1", 53}, {"0/0", 17}}));
  EXPECT_EQ(class_ios(lab.sidecar("d.json"), "decode"), 101U);
  EXPECT_EQ(class_ios(lab.sidecar("p.json"), "prefetch"), 53U);
  EXPECT_EQ(class_ios(lab.sidecar("n.json"), "normal"), 17U);
}

// What an earlier run left does not outlive the start of the next one, and what this one has is
// there at once: whoever has the file open never sees a part of it.
TEST(FioRun, TheSidecarIsEmptyOrWhole) {
  const FioLab lab;
  const std::string file = lab.write("file.json", "of an earlier run");
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  fs::create_symlink(file, lab.path("stats.json"));
  std::ifstream reader(file);
  ASSERT_EQ(lab.run({"--name=a", "--rw=randread", "--kv_path=label", "--number_ios=101",
                     lab.stats_option()})
                .exit_code,
            0);
  EXPECT_EQ(class_ios(lab.sidecar(), "decode"), 101U);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(reader), {}), "") << "written in place";
  EXPECT_TRUE(fs::is_symlink(lab.path("stats.json")));
  EXPECT_EQ(fs::status(file).permissions(),
            fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  // data, file.json, stats.json
  EXPECT_EQ(std::distance(fs::directory_iterator(lab.path("")), fs::directory_iterator()), 3);

  const auto killed =
      base::run({.argv = {"sh", "-c",
                          "exec timeout -s KILL 2 " +
                              lab.command({"--name=a", "--rw=randread", "--thread=1",
                                           "--time_based=1", "--runtime=60", lab.stats_option()})},
                 .timeout = std::chrono::seconds(60)});
  ASSERT_TRUE(killed) << killed.error().message;
  EXPECT_NE(killed->exit_code, 0);
  EXPECT_EQ(fs::file_size(file), 0U);
}

// Its own standard output, when that is a file, has other lines.
TEST(FioRun, TheSidecarIsAddedToTheOutput) {
  const FioLab lab;
  const auto done =
      base::run({.argv = {"sh", "-c",
                          "exec >\"$0\"; echo before; " +
                              lab.command({"--name=a", "--rw=randread", "--number_ios=101",
                                           "--kv_stats=/dev/stdout"}) +
                              "; echo after",
                          lab.path("out").string()},
                 .timeout = std::chrono::seconds(60)});
  ASSERT_TRUE(done) << done.error().message;
  const std::string out = base::read_file(lab.path("out")).value_or("");
  EXPECT_TRUE(out.starts_with("before\n")) << out;
  EXPECT_TRUE(out.ends_with("after\n")) << out;
  EXPECT_THAT(out, HasSubstr("\"schema\": \"kairo-engine-stats\""));
  EXPECT_THAT(out, HasSubstr("\"fio version\""));
}

TEST(FioRun, RingOptions) {
  const FioLab lab;
  const std::string three_files =
      lab.path("1").string() + ":" + lab.path("2").string() + ":" + lab.path("3").string();
  const std::vector<std::vector<std::string>> cases = {
      {"--fixedbufs"},
      {"--registerfiles"},
      {"--nonvectored=0"},
      {"--nonvectored=1"},
      {"--force_async=3"},
      {"--sqthread_poll"},
      {"--sqthread_poll_cpu=0"},
      {"--fixedbufs", "--registerfiles", "--iodepth_batch=8", "--iodepth_batch_complete_min=4",
       "--iodepth_batch_complete_max=16"},
      {"--iodepth_batch_complete_min=0"},
      {"--thread=1"},
      {"--numjobs=3"},
      {"--numjobs=3", "--thread=1"},
      {"--nrfiles=3", "--registerfiles", "--filename=" + three_files},
      {"--iodepth=1"},
      {"--iodepth=48"},
      {"--bssplit=4k/50:64k/50"},
  };
  for (const auto& options : cases) {
    std::vector<std::string> all = {"--name=a",        "--rw=randrw",
                                    "--iodepth=16",    "--number_ios=499",
                                    "--kv_path=label", lab.stats_option("%n.json")};
    all.insert(all.end(), options.begin(), options.end());
    const auto result = lab.run(all);
    ASSERT_EQ(result.exit_code, 0) << options[0] << result.err;
    std::uint64_t counted = 0;
    for (std::size_t job = 1; job <= result.json.at("jobs").size(); ++job) {
      const auto sidecar = lab.sidecar(std::to_string(job) + ".json");
      counted += class_ios(sidecar, "decode") + class_ios(sidecar, "prefill");
    }
    EXPECT_EQ(counted, 499U * result.json.at("jobs").size()) << options[0];
    EXPECT_EQ(result.total_ios(), counted) << options[0];
  }
}

TEST(FioRun, RingFlagsAreReported) {
  const FioLab lab;
  const auto result = lab.run_ok({"--name=a", "--rw=read", "--number_ios=7", "--kv_path=label",
                                  "--sqthread_poll", lab.stats_option()});
  EXPECT_THAT(lab.sidecar().at("ring_flags").dump(), HasSubstr("SQPOLL"));
}

// At depth 1 each sync is a system call of its own at the least; fio itself counts fsync only.
TEST(FioRun, SyncOperations) {
  const FioLab lab;
  const auto enters = [&](const std::string& sync, std::uint64_t fsyncs) {
    const auto result = lab.run({"--name=a", "--rw=randwrite", "--iodepth=1", "--io_size=844k",
                                 "--kv_path=label", sync, lab.stats_option()});
    EXPECT_EQ(result.exit_code, 0) << sync << result.err;
    EXPECT_EQ(result.ios("write"), 211U);
    EXPECT_EQ(class_ios(lab.sidecar(), "prefill"), 211U) << sync;
    EXPECT_EQ(result.job().at("sync").at("total_ios"), fsyncs) << sync;
    return lab.sidecar().at("enter_calls").get<std::uint64_t>();
  };
  const std::uint64_t none = enters("--fsync=0", 0);
  EXPECT_GE(enters("--fsync=7", 30), none + 30);
  EXPECT_GE(enters("--fdatasync=5", 0), none + 42);
  EXPECT_GE(enters("--sync_file_range=write:11", 0), none + 19);
  EXPECT_GE(enters("--end_fsync=1", 0), none + 1);
}

// On a file an eviction punches a hole: blocks go back to the file system.
TEST(FioRun, TrimsOnAFilePunchHoles) {
  const FioLab lab;
  ASSERT_EQ(lab.run({"--name=w", "--rw=write", "--size=4m", "--end_fsync=1"}).exit_code, 0);
  struct stat before = {};
  ASSERT_EQ(stat(lab.path("data").c_str(), &before), 0);
  const auto result = lab.run_ok({"--name=t", "--rw=trim", "--size=4m", "--io_size=2m",
                                  "--iodepth=8", "--kv_path=label", lab.stats_option()});
  EXPECT_EQ(result.ios("trim"), 512U);
  EXPECT_EQ(class_ios(lab.sidecar(), "evict"), 512U);
  EXPECT_EQ(lab.sidecar().at("trims"), "punch hole");
  struct stat after = {};
  ASSERT_EQ(stat(lab.path("data").c_str(), &after), 0);
  EXPECT_EQ(after.st_size, before.st_size);
  // Metadata of the split extents may take a little back.
  EXPECT_LE(after.st_blocks, before.st_blocks - (1 << 20) / 512);
}

TEST(FioRun, VerifyFindsWhatWasWrittenAndWhatWasNot) {
  const FioLab lab;
  const std::vector<std::string> job = {"--name=v",        "--rw=randwrite",  "--size=4m",
                                        "--iodepth=16",    "--verify=crc32c", "--norandommap=0",
                                        "--kv_path=label", lab.stats_option()};
  const auto good = lab.run(job);
  ASSERT_EQ(good.exit_code, 0) << good.err;
  EXPECT_EQ(good.ios("write"), 1024U);
  EXPECT_EQ(good.ios("read"), 1024U);
  // The reads that check are nobody's decode.
  EXPECT_EQ(class_ios(lab.sidecar(), "prefill"), 1024U);
  EXPECT_EQ(class_ios(lab.sidecar(), "decode"), 0U);

  auto text = base::read_file(lab.path("data"));
  ASSERT_TRUE(text);
  text->at(1'000'000) ^= 1;
  ASSERT_TRUE(base::write_file(lab.path("data"), *text));
  auto again = job;
  again.emplace_back("--verify_only");
  const auto bad = lab.run(again);
  EXPECT_NE(bad.exit_code, 0);
  // The block with that byte and no other.
  EXPECT_THAT(bad.err + bad.out, HasSubstr("offset 999424"));
}

// What a job reads and writes, in its order, without the times that later versions of fio note.
std::string io_of(const FioLab& lab, const std::string& path, std::vector<std::string> more = {}) {
  const std::string log = lab.path("iolog").string();
  std::filesystem::remove(log);
  more.insert(more.end(), {"--name=a", "--rw=randrw", "--number_ios=101", "--kv_path=" + path,
                           "--write_iolog=" + log, lab.stats_option()});
  const auto result = lab.run(more);
  EXPECT_EQ(result.exit_code, 0) << path << result.err;
  EXPECT_EQ(result.total_ios(), 101U);
  const std::string text = base::read_file(log).value_or("");
  EXPECT_THAT(text, HasSubstr(" write "));
  return std::regex_replace(text, std::regex("\n[0-9]+ "), "\n");
}

TEST(FioRun, ACarrierChangesNothingButTheHint) {
  const FioLab lab;
  const std::string plain = io_of(lab, "none");
  for (const char* const path : {"label", "ioprio", "auto"}) EXPECT_EQ(io_of(lab, path), plain);
  // The preset rt needs privilege; the refusal without it is tested elsewhere.
  if (geteuid() != 0) GTEST_SKIP() << "the rest needs root";
  EXPECT_EQ(io_of(lab, "ioprio", {"--kv_prio=rt"}), plain);
  EXPECT_EQ(lab.sidecar().at("kv_prio"), "rt");
  EXPECT_EQ(lab.sidecar().at("probe").at("ioprio").at("result"), "accepted");
}

// The options of the ring that fio's numbers do not show, by the calls that they make.
TEST(FioRun, BuffersAndFilesAreRegistered) {
  const FioLab lab;
  const std::string log = lab.path("strace").string();
  for (const auto& [option, call] :
       {std::pair<std::string, std::string>{"--fixedbufs", "IORING_REGISTER_BUFFERS, "},
        {"--registerfiles", "IORING_REGISTER_FILES, "}}) {
    for (const bool with : {true, false}) {
      std::vector<std::string> job = {"--name=a", "--rw=randread", "--iodepth=4",
                                      "--number_ios=16"};
      if (with) job.push_back(option);
      const auto traced = base::run({.argv = {"strace", "-f", "-e", "trace=io_uring_register", "-o",
                                              log, "sh", "-c", lab.command(job)}});
      ASSERT_TRUE(traced && traced->exit_code == 0) << option;
      const std::string text = base::read_file(log).value_or("");
      EXPECT_EQ(text.find(call) != std::string::npos, with) << option << text;
    }
  }
}

}  // namespace
}  // namespace kairo::engine
