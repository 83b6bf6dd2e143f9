// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kairo/base/files.h"
#include "kairo/base/process.h"
#include "kairo/reports/time_series.h"

namespace kairo {
namespace {

TEST(Sampler, ReadsAFileWhileItChanges) {
  const auto dir = base::TempDir::create("kairo-test-");
  ASSERT_TRUE(dir);
  const std::string from = (dir->path() / "budget").string();
  const std::string to = (dir->path() / "out").string();
  const std::string missing = (dir->path() / "missing").string();
  ASSERT_TRUE(base::write_file(from, "budget_kib 100\n"));
  const std::string script =
      "\"$0\" 5 \"$1\" \"$2\" \"$3\" \"$3.out\" & pid=$!; sleep 0.2; echo budget_kib 200 > \"$1\"; "
      "sleep 0.2; kill $pid; wait $pid";
  const auto done = base::run({.argv = {"sh", "-c", script, KAIRO_SAMPLER, from, to, missing}});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->exit_code, 0) << done->err;
  const auto text = base::read_file(to);
  ASSERT_TRUE(text) << text.error().message;
  const auto samples = reports::parse_samples(*text, 0, "out");
  ASSERT_TRUE(samples) << samples.error().message;
  EXPECT_GE(samples->at_s.size(), 4U);
  const auto& column = samples->series.at("budget_kib");
  EXPECT_EQ(column.front(), 100.0);
  EXPECT_EQ(column.back(), 200.0);
  EXPECT_FALSE(std::filesystem::exists(missing + ".out"));
}

TEST(Sampler, RefusesOtherArguments) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{}, {"5"}, {"5", "a"}, {"0", "a", "b"}, {"5", "a", "b", "c"}}) {
    std::vector<std::string> argv = {KAIRO_SAMPLER};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    const auto done = base::run({.argv = argv});
    ASSERT_TRUE(done);
    EXPECT_EQ(done->exit_code, 2);
  }
}

}  // namespace
}  // namespace kairo
