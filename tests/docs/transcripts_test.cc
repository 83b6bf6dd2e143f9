// SPDX-License-Identifier: GPL-2.0-only
// Runs what the walk-throughs in docs/ show and compares what it prints. In a fence
//
//   ```console drive
//   $ command, on several lines when they end in a backslash
//   what it prints
//   ```
//
// the second word says what the block needs: nothing, `drive` (root and a loop device, which is
// $DRIVE), `guest` (the built lab kernel), `kernel` (KAIRO_DOCS_KERNEL=1: builds kernels, an hour).
// Without it the block and what follows in its file are left out. The blocks of a file run one
// after the other in one empty folder. Numbers and widths may differ, words may not;
// KAIRO_UPDATE_DOCS=1 writes the new output into the file.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "kairo/base/files.h"
#include "kairo/base/process.h"
#include "kairo/base/text.h"
#include "kairo/kernel/build.h"
#include "kairo/kernel/paths.h"
#include "kairo/kernel/series.h"
#include "kairo/test_support/skip.h"

namespace kairo {
namespace {

namespace fs = std::filesystem;

struct Line {
  std::string text;
  bool command = false;
};

// Numbers become `#`, and so do hashes; blanks and rules of tables lose their width.
std::string shape_of(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    bool digit = false;
    while (end < text.size() && (std::isxdigit(static_cast<unsigned char>(text[end])) != 0 ||
                                 ((text[end] == '.' || text[end] == ',') && digit))) {
      digit = digit || std::isdigit(static_cast<unsigned char>(text[end])) != 0;
      ++end;
    }
    const bool word = i != 0 && std::isalpha(static_cast<unsigned char>(text[i - 1])) != 0 &&
                      std::isdigit(static_cast<unsigned char>(text[i])) == 0;
    if (digit && !word) {
      out += '#';
      i = end;
      continue;
    }
    const char c = text[i++];
    if ((c == ' ' || c == '-') && !out.empty() && out.back() == c) continue;
    out += c;
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

TEST(Shape, KeepsWordsAndForgetsNumbers) {
  EXPECT_EQ(shape_of("decode p99: 1,234.5 µs at 0x1f"), "decode p#: # µs at #x#");
  EXPECT_EQ(shape_of("| a   |---:| 3ab4f2"), "| a |-:| #");
  EXPECT_NE(shape_of("kairo is best"), shape_of("none is best"));
}

// A loop device that stands for the reader's drive.
class Drive {
 public:
  explicit Drive(const fs::path& directory) {
    if (::geteuid() != 0) return;
    const std::string image = (directory / "drive").string();
    if (!base::run_ok({.argv = {"truncate", "-s", "1G", image}})) return;
    const auto made = base::run({.argv = {"losetup", "--find", "--show", image}});
    if (made && made->exit_code == 0) path_ = made->out.substr(0, made->out.find('\n'));
  }
  ~Drive() {
    if (!path_.empty()) static_cast<void>(base::run({.argv = {"losetup", "--detach", path_}}));
  }
  Drive(const Drive&) = delete;
  Drive& operator=(const Drive&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class Walk {
 public:
  Walk() : scratch_(*base::TempDir::create("kairo-docs-")), drive_(scratch_.path()) {
    fs::create_directory(scratch_.path() / "work");
  }

  // Why a block cannot be run here; empty when it can.
  [[nodiscard]] std::string obstacle(std::string_view need) const {
    if (need == "drive" && drive_.path().empty()) return "needs root and a loop device";
    if (need == "guest" && !kernel::built_image("lab"))
      return kernel::built_image("lab").error().message;
    if (need == "kernel" && std::getenv("KAIRO_DOCS_KERNEL") == nullptr)
      return fmt::format("{}builds kernels: KAIRO_DOCS_KERNEL=1 runs it",
                         test_support::kCannotBeHere);
    return {};
  }

  std::string run(const std::string& command) {
    const char* const path = std::getenv("PATH");
    const auto done =
        base::run({.argv = {"bash", "-o", "pipefail", "-c", command},
                   .directory = scratch_.path() / "work",
                   .environment = {
                       {"PATH", fmt::format("{}:{}", KAIRO_PROGRAMS, path == nullptr ? "" : path)},
                       {"DRIVE", drive_.path()}}});
    EXPECT_TRUE(done && done->exit_code == 0)
        << command << "\n"
        << (done ? done->out + done->err : done.error().message);
    return done ? done->out : "";
  }

 private:
  base::TempDir scratch_;
  Drive drive_;
};

constexpr std::string_view kRecordedOn = "Recorded on ";

// The line of a file with `kernel` blocks that says of which series they are.
std::string recorded_on() {
  const auto series = kernel::load_series(kernel::series_dir());
  EXPECT_TRUE(series) << (series ? "" : series.error().message);
  if (!series) return std::string(kRecordedOn) + "n/a.";
  return fmt::format("{}series {} of {} patches.", kRecordedOn, series->id(),
                     series->patches.size());
}

// A file, line by line: what it says that its commands print is compared with what they do.
class Page {
 public:
  Page(fs::path file, bool update) : file_(std::move(file)), update_(update) {}

  void read(std::string_view line) {
    if (!in_block_ && line.starts_with("```console"))
      begin(line);
    else if (!in_block_)
      copy(line);
    else if (line.starts_with("```"))
      end(line);
    else if (line.starts_with("$ ") || !unfinished_.empty())
      command(line);
    else
      wanted_ += fmt::format("{}\n", line);
  }

  [[nodiscard]] const std::string& text() const { return out_; }
  [[nodiscard]] unsigned commands() const { return commands_; }
  [[nodiscard]] bool has_series() const { return has_series_; }
  [[nodiscard]] const std::string& left_out() const { return left_out_; }

 private:
  void begin(std::string_view line) {
    const std::string need(base::trim(line.substr(10)));
    if (left_out_.empty()) left_out_ = walk_.obstacle(need);
    in_block_ = left_out_.empty();
    out_ += fmt::format("{}\n", line);
    shown_.clear();
    wanted_.clear();
  }

  void end(std::string_view line) {
    compare();
    in_block_ = false;
    copy(line);
  }

  void command(std::string_view line) {
    compare();
    unfinished_ += fmt::format("{}\n", line.substr(unfinished_.empty() ? 2 : 0));
    wanted_.clear();
    shown_.clear();
    out_ += fmt::format("{}\n", line);
    if (line.ends_with('\\')) return;
    ++commands_;
    shown_ = walk_.run(std::exchange(unfinished_, ""));
    out_ += shown_;
  }

  void copy(std::string_view line) {
    const bool names_series = line.starts_with(kRecordedOn);
    has_series_ = has_series_ || names_series;
    out_ += names_series && update_ && walk_.obstacle("kernel").empty() ? recorded_on() + '\n'
                                                                        : fmt::format("{}\n", line);
  }

  void compare() const {
    if (update_) return;
    EXPECT_EQ(shape_of(wanted_), shape_of(shown_)) << file_;
  }

  fs::path file_;
  bool update_;
  Walk walk_;
  std::string out_;
  std::string shown_;       // of the last command
  std::string wanted_;      // what the file says it prints
  std::string unfinished_;  // a command whose last line so far ends in a backslash
  bool in_block_ = false;
  unsigned commands_ = 0;
  bool has_series_ = false;
  std::string left_out_;
};

class Transcripts : public ::testing::TestWithParam<const char*> {};

TEST_P(Transcripts, AreWhatTheCommandsPrint) {
  const fs::path file = fs::path(KAIRO_SOURCE_DIR) / "docs" / GetParam();
  const auto text = base::read_file(file);
  ASSERT_TRUE(text) << text.error().message;
  const bool update = std::getenv("KAIRO_UPDATE_DOCS") != nullptr;
  Page page(file, update);
  for (const std::string_view line : base::split_lines(*text)) page.read(line);
  // Nobody compares the numbers of these blocks: the reader is told how old they are.
  EXPECT_TRUE(page.has_series() || text->find("```console kernel") == std::string::npos)
      << file << ": no line `" << kRecordedOn << "...`";
  if (update) {
    ASSERT_TRUE(base::write_file(file, page.text()));
  }
  EXPECT_TRUE(page.commands() != 0 || !page.left_out().empty()) << "no command in it";
  if (page.commands() == 0) GTEST_SKIP() << page.left_out();
  if (page.left_out().empty()) return;
  // With some of it run, it is no skip.
  EXPECT_FALSE(test_support::skip_fails(page.left_out())) << page.left_out();
  std::printf("left out: %s\n", page.left_out().c_str());
}

INSTANTIATE_TEST_SUITE_P(Docs, Transcripts,
                         ::testing::Values("walk-drive.md", "walk-runtime.md", "walk-kernel.md"));

}  // namespace
}  // namespace kairo
