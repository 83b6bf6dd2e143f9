// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/kernel/ktap.h"

#include <optional>

#include "kairo/base/short_names.h"
#include "kairo/base/text.h"
#include "kairo/base/units.h"

namespace kairo::kernel {
namespace {

constexpr std::string_view kSubtest = "# Subtest: ";

// A list of results: the suites of the kernel, or the cases of a suite.
struct Level {
  std::size_t indent = 0;
  std::uint64_t planned = 0;
  std::uint64_t seen = 0;
  std::string suite;
};

struct Line {
  bool ok = false;
  bool skipped = false;
  std::string name;
};

// "not ok 3 kairo_pick_test # SKIP reason"
std::optional<Line> parse_result(std::string_view text) {
  Line line;
  line.ok = text.starts_with("ok ");
  if (!line.ok && !text.starts_with("not ok ")) return std::nullopt;
  line.skipped = text.find(" # SKIP") != std::string_view::npos;
  const auto words = base::split_words(text.substr(0, text.find(" # ")));
  const std::size_t number = line.ok ? 1 : 2;
  if (words.size() <= number || !base::parse_u64(words[number])) return std::nullopt;
  line.name = words.size() > number + 1 ? words[number + 1] : words[number];
  return line;
}

base::Status require_met(const Level& level, std::string_view name) {
  if (level.seen == level.planned) return {};
  return bad_input("{}: '{}' planned {} results and gave {} (did the kernel crash there?)", name,
                   level.suite, level.planned, level.seen);
}

}  // namespace

Result<KtapResult> parse_ktap(std::string_view text, std::string_view name) {
  KtapResult result;
  std::vector<Level> open;
  std::string suite;
  // Ends the lists that are deeper than `indent`; true when there was one, so that the line that
  // ended it is its summary and no case.
  const auto close = [&](std::size_t indent) -> Result<bool> {
    bool closed = false;
    for (; !open.empty() && open.back().indent > indent; open.pop_back(), closed = true)
      KAIRO_CHECK(require_met(open.back(), name));
    return closed;
  };
  std::size_t number = 0;
  for (const std::string_view whole : base::split_lines(text)) {
    ++number;
    const std::string_view line = base::trim(whole);
    const auto indent = whole.find_first_not_of(' ');
    if (line.starts_with(kSubtest)) suite = line.substr(kSubtest.size());
    if (line.starts_with("1..")) {
      const auto planned = base::parse_u64(line.substr(3));
      if (!planned) return bad_input("{}:{}: '{}' is not a plan", name, number, line);
      open.push_back({indent, *planned, 0, suite.empty() ? "all suites" : suite});
      continue;
    }
    const auto found = parse_result(line);
    if (!found) continue;
    KAIRO_TRY(const auto summary, close(indent));
    if (!open.empty() && open.back().indent == indent) ++open.back().seen;
    if (summary) continue;
    if (!found->ok)
      result.failed.push_back(open.empty() ? found->name : open.back().suite + "." + found->name);
    else if (found->skipped)
      ++result.skipped;
    else
      ++result.passed;
  }
  for (; !open.empty(); open.pop_back()) {  // the innermost list knows best where it ended
    KAIRO_CHECK(require_met(open.back(), name));
  }
  if (result.passed + result.skipped + result.failed.size() == 0)
    return bad_input("{}: no KTAP results in it (is the suite built into this kernel?)", name);
  return result;
}

}  // namespace kairo::kernel
