// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/kernel/series.h"

#include <algorithm>

#include "kairo/base/files.h"
#include "kairo/base/sha256.h"
#include "kairo/base/short_names.h"
#include "kairo/base/text.h"
#include "kairo/base/units.h"

namespace kairo::kernel {
namespace {

constexpr std::uint64_t kMaxPatchBytes = 4ULL << 20;
constexpr std::uint64_t kMaxSeriesBytes = 1ULL << 20;
constexpr std::size_t kIdDigits = 12;

// "--- a/block/bio.c" to "block/bio.c"; "/dev/null" to nothing.
std::string_view path_after(std::string_view line, std::string_view prefix) {
  if (!line.starts_with(prefix)) return {};
  line.remove_prefix(prefix.size());
  return line.substr(0, line.find('\t'));
}

struct Hunk {
  std::string file;
  std::string header;  // the @@ line
  std::uint64_t old_start = 0;
};

// The hunks in order. Patch text inside a commit message would be indented, so "@@" and "---" at
// the start of a line after "diff --git" are the real ones.
std::vector<Hunk> hunks_of(std::string_view patch) {
  std::vector<Hunk> hunks;
  std::string file;
  for (const std::string_view line : base::split_lines(patch)) {
    if (line.starts_with("diff --git a/")) {
      const auto second = line.find(" b/");
      file = second == std::string_view::npos ? std::string() : line.substr(second + 3);
    }
    if (!line.starts_with("@@ -") || file.empty()) continue;
    const std::string_view start = line.substr(4, line.find_first_of(", ", 4) - 4);
    hunks.push_back({file, std::string(line), base::parse_u64(start).value_or(0)});
  }
  return hunks;
}

}  // namespace

std::string Series::id() const {
  std::string all;
  for (const Patch& patch : patches)
    all += fmt::format("{} {}\n", base::sha256(patch.text), patch.name);
  return base::sha256(all).substr(0, kIdDigits);
}

Result<Series> load_series(const fs::path& directory) {
  const fs::path list = directory / "series";
  const auto text = base::read_file(list, kMaxSeriesBytes);
  if (!text)
    return fail(base::ErrorCode::kInput,
                "{} (is this a Kairo checkout? `kairo kernel export` "
                "writes it)",
                text.error().message);
  Series series{.directory = directory, .patches = {}};
  std::size_t number = 0;
  for (const std::string_view whole : base::split_lines(*text)) {
    const std::string_view line = base::trim(whole);
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    if (line.find('/') != std::string_view::npos)
      return bad_input("{}:{}: '{}': patches are files of the same folder", list.string(), number,
                       line);
    const std::string name(line);
    if (std::any_of(series.patches.begin(), series.patches.end(),
                    [&](const Patch& patch) { return patch.name == name; }))
      return bad_input("{}:{}: '{}' is named twice", list.string(), number, name);
    auto patch = base::read_file(directory / name, kMaxPatchBytes);
    if (!patch) return fail(patch.error(), fmt::format("{}:{}", list.string(), number));
    series.patches.push_back({name, std::move(*patch)});
  }
  if (series.patches.empty())
    return bad_input("{}: names no patch (write it with `kairo kernel export`)", list.string());
  return series;
}

std::set<std::string> touched_paths(std::string_view patch) {
  std::set<std::string> paths;
  for (const std::string_view line : base::split_lines(patch)) {
    for (const std::string_view prefix : {"--- a/", "+++ b/", "rename from ", "rename to "}) {
      if (const auto path = path_after(line, prefix); !path.empty()) paths.emplace(path);
    }
  }
  return paths;
}

std::set<std::string> touched_paths(const Series& series) {
  std::set<std::string> paths;
  for (const Patch& patch : series.patches) paths.merge(touched_paths(patch.text));
  return paths;
}

std::string failing_hunk(std::string_view patch, std::string_view git_output) {
  constexpr std::string_view kFailed = "error: patch failed: ";
  const auto at = git_output.find(kFailed);
  if (at == std::string_view::npos) return {};
  std::string_view place = git_output.substr(at + kFailed.size());
  place = place.substr(0, place.find('\n'));
  const auto colon = place.rfind(':');
  const std::string file(place.substr(0, colon));
  const auto line = base::parse_u64(place.substr(colon == std::string_view::npos ? 0 : colon + 1));
  std::size_t number = 0;
  std::size_t total = 0;
  std::string header;
  for (const Hunk& hunk : hunks_of(patch)) {
    if (hunk.file != file) continue;
    ++total;
    if (line && hunk.old_start == *line && number == 0) {
      number = total;
      header = hunk.header;
    }
  }
  if (number == 0) return std::string(place);
  return fmt::format("{}, hunk {} of {} ({})", file, number, total, header);
}

}  // namespace kairo::kernel
