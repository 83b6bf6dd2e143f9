// SPDX-License-Identifier: GPL-2.0-only
// The report in a real browser. Exit status 77, with the reason, where chromium is not installed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "folder_fixture.h"
#include "kairo/base/process.h"
#include "kairo/reports/report.h"
#include "kairo/test_support/skip.h"

namespace kairo::reports {
namespace {

using testing::FolderCopy;
using ::testing::HasSubstr;

class Browser : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (base::find_program("chromium").empty())
      test_support::skip_program("chromium is not installed (apt-get install chromium)");
  }
  void SetUp() override {
    const auto report = compare_folders({copy_.path()}, "", copy_.path(), true);
    ASSERT_TRUE(report) << report.error().message;
  }
  // Runs the browser on report.html and returns what it prints.
  std::string browse(std::vector<std::string> options) {
    std::vector<std::string> argv = {
        "chromium",          "--headless",
        "--no-sandbox",      "--disable-gpu",
        "--hide-scrollbars", "--user-data-dir=" + (copy_.path() / "profile").string()};
    argv.insert(argv.end(), options.begin(), options.end());
    argv.push_back("file://" + (copy_.path() / "report.html").string());
    const auto done = base::run({.argv = argv, .timeout = std::chrono::minutes(4)});
    EXPECT_TRUE(done && done->exit_code == 0) << (done ? done->err : done.error().message);
    return done ? done->out : "";
  }
  FolderCopy copy_{"campaign"};
};

TEST_F(Browser, DrawsItLightAndDark) {
  std::vector<std::string> shots;
  for (const char* const scheme : {"light", "dark"}) {
    const auto picture = copy_.path() / (std::string(scheme) + ".png");
    std::vector<std::string> options = {"--window-size=1100,2600",
                                        "--screenshot=" + picture.string()};
    if (std::string_view(scheme) == "dark")
      options.emplace_back("--blink-settings=preferredColorScheme=0");
    browse(options);
    const auto shot = base::read_file(picture);
    ASSERT_TRUE(shot) << shot.error().message;
    EXPECT_TRUE(shot->starts_with("\x89PNG"));
    // An empty page of this size compresses to some 10 KB; text and three plots do not.
    EXPECT_GT(shot->size(), 60000U) << scheme;
    shots.push_back(*shot);
  }
  EXPECT_NE(shots[0], shots[1]) << "no dark scheme";
}

// What the browser understood, not what was written: the elements of its own document.
TEST_F(Browser, UnderstandsEverySection) {
  const std::string document = browse({"--dump-dom"});
  EXPECT_THAT(document, HasSubstr("<h3>depth16 against depth4, 6 + 6 runs</h3>"));
  EXPECT_THAT(document, HasSubstr("<h2>Reproduce</h2>"));
  EXPECT_THAT(document, HasSubstr("</svg>"));
}

}  // namespace
}  // namespace kairo::reports
