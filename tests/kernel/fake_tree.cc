// SPDX-License-Identifier: GPL-2.0-only
#include "fake_tree.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "git.h"

namespace kairo::kernel {

namespace fs = std::filesystem;

void make_fake_base(const fs::path& tree) {
  ASSERT_TRUE(base::write_below(tree, "block/bio.c", twenty_lines()));
  ASSERT_TRUE(base::write_below(tree, "fs/read.c", twenty_lines()));
  ASSERT_TRUE(base::write_below(tree, "Makefile", "all:\n"));
  const std::map<std::string, std::string> dates = {{"GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z"},
                                                    {"GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z"}};
  for (const std::vector<std::string>& step : std::vector<std::vector<std::string>>{
           {"init", "--quiet", "--initial-branch=master"},
           {"add", "--all"},
           {"commit", "--quiet", "-m", "linux-source-6.12 6.12.1-1"},
           {"tag", "base"}}) {
    const auto done = git_text(tree, step, {}, dates);
    ASSERT_TRUE(done) << done.error().message;
  }
}

void commit_change(const fs::path& tree, const std::string& file, const std::string& content,
                   const std::string& subject) {
  ASSERT_TRUE(base::write_below(tree, file, content));
  ASSERT_TRUE(git_text(tree, {"add", "--all"}));
  const auto done = git_text(tree, {"commit", "--quiet", "-m", subject}, {},
                             {{"GIT_AUTHOR_DATE", "2026-01-02T03:04:05Z"}});
  ASSERT_TRUE(done) << done.error().message;
}

std::string twenty_lines(unsigned number, const std::string& changed) {
  std::string text;
  for (unsigned i = 1; i <= 20; ++i)
    text += i == number ? changed + "\n" : "line " + std::to_string(i) + "\n";
  return text;
}

void write_executable(const fs::path& file, const std::string& script) {
  ASSERT_TRUE(base::write_below(file.parent_path(), file.filename(), "#!/bin/sh\n" + script));
  ::chmod(file.c_str(), 0755);
}

}  // namespace kairo::kernel
