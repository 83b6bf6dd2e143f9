// SPDX-License-Identifier: GPL-2.0-only
// What fio --client brought back from two servers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "folder_fixture.h"
#include "kairo/reports/report.h"

namespace kairo::reports {
namespace {

using testing::FolderCopy;
using ::testing::HasSubstr;
using testing::kFixtures;

const std::string kHosts[] = {"127.0.0.1:18765", "127.0.0.1:18766"};

std::string captured() {
  return base::read_file(kFixtures / "fio/hosts.json").value_or("");
}

// A run folder with the captured output.
class TwoHosts : public ::testing::Test {
 protected:
  void SetUp() override {
    copy_.write("fio.json", captured());
    ASSERT_TRUE(copy_.replace("run.json", "\"classes\": {}",
                              "\"classes\": {\"writer\": {\"write\": \"prefill\"}}"));
    for (const char* const sidecar : {"engine-decode.json", "engine-replay.json"})
      std::filesystem::remove(copy_.path() / sidecar);
  }
  FolderCopy copy_{"engine-run"};
};

TEST_F(TwoHosts, MergeByBins) {
  const auto run = read_run(copy_.path());
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->ios, 2U * (1024 + 601));
  ASSERT_EQ(run->hosts.size(), 2U);
  for (const IoClass io_class : {IoClass::kDecode, IoClass::kPrefetch, IoClass::kPrefill}) {
    const auto i = static_cast<std::size_t>(io_class);
    Histogram sum;
    std::uint64_t longest = 0;
    for (const std::string& host : kHosts) {
      ASSERT_TRUE(run->hosts.at(host)[i]) << host;
      sum.merge(run->hosts.at(host)[i]->latency);
      longest = std::max(longest, run->hosts.at(host)[i]->max_ns);
    }
    ASSERT_TRUE(run->classes[i]);
    EXPECT_TRUE(run->classes[i]->latency == sum) << class_name(io_class);
    EXPECT_EQ(run->classes[i]->max_ns, longest);
  }
  // Of one class by run.json, so fio's own bytes; mixed classes without a sidecar have none.
  EXPECT_EQ(run->classes[static_cast<std::size_t>(IoClass::kPrefill)]->bytes, 2U * 601 * 16384);
  EXPECT_FALSE(run->classes[static_cast<std::size_t>(IoClass::kDecode)]->bytes);
}

TEST_F(TwoHosts, HaveATableAndAReason) {
  ResultFolder folder = testing::make_folder(1, 0.5);
  folder.runs.clear();
  for (const char* const arm : {"base", "test"}) {
    auto run = read_run(copy_.path());
    ASSERT_TRUE(run) << run.error().message;
    run->record.arm = arm;
    run->tunables.clear();
    folder.runs.push_back(std::move(*run));
  }
  const auto report = build_report(folder, "");
  ASSERT_TRUE(report) << report.error().message;
  const std::string text = to_markdown(*report);
  EXPECT_THAT(text, HasSubstr("### decode by host"));
  EXPECT_THAT(text, HasSubstr("| 127.0.0.1:18766 | test |"));
  EXPECT_THAT(text, HasSubstr("ran on 2 fio servers"));
  EXPECT_THAT(to_report_json(*report), HasSubstr("\"127.0.0.1:18765\": {"));
}

TEST(Hosts, ASumThatIsNotTheirsIsRefused) {
  std::string text = captured();
  const auto all = text.find("All clients");
  ASSERT_NE(all, std::string::npos);
  const auto at = text.find("\"total_ios\" : 2048", all);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 18, "\"total_ios\" : 2049");
  EXPECT_THAT(parse_fio_json(text, "hosts.json").error().message,
              HasSubstr("the servers' add up to 2048"));
}

}  // namespace
}  // namespace kairo::reports
