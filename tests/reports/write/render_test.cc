// SPDX-License-Identifier: GPL-2.0-only
// The report as people meet it: one HTML file, and gnuplot's reading of the curves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "folder_fixture.h"
#include "kairo/base/process.h"
#include "kairo/reports/report.h"

namespace kairo::reports {
namespace {

using testing::FolderCopy;
using ::testing::HasSubstr;
using ::testing::Not;

class Rendered : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto report = compare_folders({copy_.path()}, "", copy_.path(), true);
    ASSERT_TRUE(report) << report.error().message;
    html_ = copy_.read("report.html");
  }
  FolderCopy copy_{"campaign"};
  std::string html_;
};

TEST_F(Rendered, IsOneFileThatFetchesNothing) {
  EXPECT_THAT(html_, HasSubstr("<h1>FIXTURE: fixture-depth</h1>"));
  EXPECT_THAT(html_, HasSubstr("<strong>Validity: INVALID</strong>"));
  EXPECT_THAT(html_, HasSubstr("<svg xmlns"));
  EXPECT_THAT(html_, HasSubstr("prefers-color-scheme:dark"));
  for (const char* const fetch : {"<script", "<img", "<link", "url(", "@import", "href=\"http"})
    EXPECT_THAT(html_, Not(HasSubstr(fetch)));
  // Every element that is opened is closed.
  for (const char* const element : {"ul", "li", "p", "table", "tr", "td", "th", "figure", "pre"}) {
    std::size_t open = 0;
    std::size_t closed = 0;
    for (auto at = html_.find('<'); at != std::string::npos; at = html_.find('<', at + 1)) {
      const std::string_view rest = std::string_view(html_).substr(at + 1);
      const std::string name(element);
      if (rest.starts_with(name + ">") || rest.starts_with(name + " ")) ++open;
      if (rest.starts_with("/" + name + ">")) ++closed;
    }
    EXPECT_EQ(open, closed) << element;
    EXPECT_GT(open, 0U) << element << " does not occur, so nothing was compared";
  }
}

TEST_F(Rendered, GnuplotDrawsTheCurves) {
  if (!testing::have_gnuplot())
    GTEST_SKIP() << "gnuplot is not installed (apt-get install gnuplot-nox)";
  const auto drawn = base::run({.argv = {"gnuplot", "report.gp"}, .directory = copy_.path()});
  ASSERT_TRUE(drawn) << drawn.error().message;
  EXPECT_EQ(drawn->exit_code, 0) << drawn->err;
  EXPECT_THAT(copy_.read("gnuplot-mix-decode.svg"), HasSubstr("depth16"));
}

}  // namespace
}  // namespace kairo::reports
