// SPDX-License-Identifier: GPL-2.0-only
// Every job file of the engine, on a file: it runs, and its jobs do what their names say. Shortened
// to a second and to 64 MiB where it has 1 GiB.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "fio_lab.h"
#include "job_text.h"
#include "kairo/base/process.h"

namespace kairo::engine {
namespace {

namespace fs = std::filesystem;

std::string shortened(const fs::path& job) {
  return engine::job_with(job, {{"size=1g", "size=64m"},
                                {"=512m", "=32m"},
                                {"=120m", "=6m"},
                                {"=960m", "=48m"},
                                {"=128m", "=8m"},
                                {"runtime=10", "runtime=1"}});
}

// The classes of the whole file that completed I/O.
std::set<std::string> classes_of(const FioLab& lab) {
  std::set<std::string> out;
  for (const auto& file : fs::directory_iterator(lab.path("stats"))) {
    const auto sidecar = lab.sidecar("stats/" + file.path().filename().string());
    for (const auto& [name, numbers] : sidecar.at("classes").items()) {
      EXPECT_EQ(numbers.at("errors"), 0) << file.path();
      if (numbers.at("ios") > 0) out.insert(name);
    }
  }
  return out;
}

class Jobs : public testing::TestWithParam<JobFile> {
 protected:
  [[nodiscard]] static fs::path job_path() {
    return fs::path(KAIRO_SOURCE_DIR) / "fio-engine/jobs" / GetParam().name;
  }
};

TEST_P(Jobs, DoWhatTheySay) {
  const std::set<std::string>& classes = GetParam().classes;
  const FioLab lab;
  const std::string file = lab.write("job.fio", shortened(job_path()));
  ASSERT_TRUE(base::make_directory(lab.path("stats")));
  const auto result = lab.run_file(file, {lab.stats_option("stats/%j-%n.json")});
  ASSERT_EQ(result.exit_code, 0) << result.err << result.out;
  EXPECT_EQ(classes_of(lab), classes);
}

// A disk that is full when the job ends, for anybody: the kernel takes the first KiB of a file.
// What is read then is nothing, and no part of the figures.
TEST(Sidecar, ThatDoesNotFitStaysEmptyAndIsSaidSo) {
  const FioLab lab;
  const std::vector<std::string> options = {"--name=a",        "--rw=randread",
                                            "--number_ios=5",  "--kv_class=decode",
                                            "--kv_path=label", lab.stats_option()};
  ASSERT_EQ(lab.run(options).exit_code, 0);
  ASSERT_EQ(lab.sidecar().at("classes").at("decode").at("ios"), 5);
  base::Command full;
  full.argv = {"bash", "-c", "trap '' XFSZ; ulimit -f 1; exec " + lab.command(options)};
  const auto result = base::run(full);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(result->err, testing::HasSubstr("stats.json: cannot be written: File too large"));
  EXPECT_EQ(base::read_file(lab.path("stats.json")).value(), "");
  for (const auto& entry : fs::directory_iterator(lab.path("")))
    EXPECT_EQ(entry.path().string().find(".part"), std::string::npos) << entry.path();
}

// fio by itself would give each job a file of its own, where no class meets another.
TEST_P(Jobs, ShareOneFileWithoutAFileName) {
  const FioLab lab;
  const std::string file = lab.write("job.fio", shortened(job_path()));
  ASSERT_TRUE(base::make_directory(lab.path("here")));
  const auto result = base::run({.argv = {"fio", "--ioengine=external:" + FioLab::engine(), file},
                                 .directory = lab.path("here"),
                                 .timeout = std::chrono::seconds(60)});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->exit_code, 0) << result->err << result->out;
  std::set<std::string> files;
  for (const auto& entry : fs::directory_iterator(lab.path("here")))
    files.insert(entry.path().filename().string());
  EXPECT_EQ(files, std::set<std::string>{"kairo.data"});
}

INSTANTIATE_TEST_SUITE_P(Files, Jobs, testing::ValuesIn(job_files()), [](const auto& job) {
  return std::regex_replace(std::string(job.param.name), std::regex("[^a-z]"), "_");
});

// The list has all of them; trace.fio needs a workload and is run by fio_replay_test.
TEST(JobFiles, EachHasATest) {
  std::set<std::string> there;
  for (const auto& file : fs::directory_iterator(fs::path(KAIRO_SOURCE_DIR) / "fio-engine/jobs"))
    there.insert(file.path().filename().string());
  std::set<std::string> tested = {"trace.fio"};
  for (const JobFile& job : job_files()) tested.insert(job.name);
  EXPECT_EQ(there, tested);
}

// What verify.fio looks for is found: a byte that changed fails the job that reads it.
TEST(JobFiles, VerifyNoticesAChange) {
  const FioLab lab;
  std::string text = shortened(fs::path(KAIRO_SOURCE_DIR) / "fio-engine/jobs/verify.fio");
  const std::size_t decode = text.find("[decode]\n");
  ASSERT_NE(decode, std::string::npos);
  text.insert(decode, "[damage]\nstonewall\nrw=write\nverify=0\nnumber_ios=1\n\n");
  const auto result = lab.run_file(lab.write("job.fio", text), {});
  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.err + result.out, testing::HasSubstr("verify: bad"));
}

}  // namespace
}  // namespace kairo::engine
