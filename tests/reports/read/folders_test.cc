// SPDX-License-Identifier: GPL-2.0-only
// Folders side by side, and the small files in them that are not as usual.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "folder_fixture.h"
#include "kairo/reports/report.h"

namespace kairo::reports {
namespace {

using testing::FolderCopy;
using ::testing::HasSubstr;

// The captured campaign on a drive of `dies`; the device's own figures are the same.
void put_on(const std::filesystem::path& folder, const char* name, const char* dies) {
  const auto file = folder / "experiment.json";
  std::string text = base::read_file(file).value_or("");
  const std::string device = "{\"name\": \"temporary file\", \"parameters\": {}}";
  const auto at = text.find(device);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, device.size(),
               fmt::format("{{\"name\": \"{}\", \"parameters\": {{\"dies\": \"{}\", \"page\": "
                           "\"64\"}}}}",
                           name, dies));
  ASSERT_TRUE(base::write_file(file, text));
  for (const char* const arm : {"depth4", "depth16"})
    for (unsigned repeat = 1; repeat <= 6; ++repeat)
      ASSERT_TRUE(base::write_file(run_directory(folder, "mix", arm, repeat) / "device.txt",
                                   "elapsed_ns 1000\ndie_busy_ns 7168\n"));
}

TEST(Folders, EachRunIsMeasuredByItsOwnDrive) {
  const FolderCopy first("campaign");
  const auto second = first.path().parent_path() / "larger";
  std::filesystem::copy(first.path(), second, std::filesystem::copy_options::recursive);
  put_on(first.path(), "small", "8");
  put_on(second, "large", "16");
  const auto out = first.path().parent_path() / "out";
  const auto report = compare_folders({first.path(), second}, "", out);
  ASSERT_TRUE(report) << report.error().message;
  const std::size_t used = place_of(kRunFigures, "utilisation");
  ASSERT_EQ(report->loads[0].arms.size(), 4U);
  for (const ArmSummary& arm : report->loads[0].arms)
    EXPECT_EQ(arm.run_figures[used].median, arm.arm.name.starts_with("campaign:") ? 0.896 : 0.448)
        << arm.arm.name;
  EXPECT_EQ(report->device_name, "small and large");
  EXPECT_EQ(report->device.at("dies"), "8 (campaign), 16 (larger)");
  EXPECT_EQ(report->device.at("page"), "64");
  EXPECT_THAT(to_markdown(*report),
              HasSubstr("DEGRADED: the folders differ: device dies: 8 and 16"));
}

TEST(Tunables, OfSeveralLinesAreKeptWhole) {
  const std::string text =
      "scheduler none [adios]\n"
      "iosched/lat_model_read base : 1 ns\n  slope: 2 ns/KiB\n"
      "iosched/lat_model_write base : 3 ns\n\tslope: 4 ns/KiB\n"
      "nr_requests 64\n";
  const auto read = parse_tunables(text, "t");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->size(), 4U);
  EXPECT_EQ(read->at("iosched/lat_model_read"), "base : 1 ns\nslope: 2 ns/KiB");
  EXPECT_EQ(read->at("iosched/lat_model_write"), "base : 3 ns\nslope: 4 ns/KiB");
  EXPECT_EQ(read->at("nr_requests"), "64");
  EXPECT_EQ(*parse_tunables(to_tunables_text(*read), "t"), *read);
  // As folders have it that were made before further lines were indented.
  std::string flat = text;
  for (auto at = flat.find_first_of("\n"); at != std::string::npos; at = flat.find('\n', at + 1))
    while (at + 1 < flat.size() && (flat[at + 1] == ' ' || flat[at + 1] == '\t'))
      flat.erase(at + 1, 1);
  const auto old = parse_tunables(flat, "t");
  ASSERT_TRUE(old) << old.error().message;
  EXPECT_EQ(*old, *read);
}

TEST(Tunables, OfSeveralLinesDoNotSpoilAReport) {
  const FolderCopy copy("campaign");
  copy.write("runs/mix/depth4/1/tunables.txt",
             "scheduler [none]\niosched/lat_model_read base : 1\nslope: 2\n"
             "iosched/lat_model_write base : 3\nslope: 4\n");
  const auto report = compare_folders({copy.path()}, "", copy.path());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(copy.read("report.md"), HasSubstr("iosched/lat_model_read=base : 1 slope: 2"));
  EXPECT_THAT(copy.read("env.json"), HasSubstr("\"base : 3\\nslope: 4\""));
}

TEST(Tunables, TheSameNameTwiceIsStillRefused) {
  const auto read = parse_tunables("scheduler none\nnr_requests 1\nscheduler none\n", "t");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("t:3: 'scheduler' appears twice"));
  EXPECT_THAT(parse_tunables("slope: 2\n", "t").error().message, HasSubstr("t:1: goes on with no"));
}

}  // namespace
}  // namespace kairo::reports
