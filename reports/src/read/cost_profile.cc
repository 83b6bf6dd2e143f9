// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/reports/cost_profile.h"

#include <algorithm>

#include "kairo/base/files.h"
#include "kairo/base/text.h"
#include "kairo/base/units.h"
#include "kairo/reports/run_data.h"

namespace kairo::reports {

namespace fs = std::filesystem;
using base::Result;
using base::split_lines;
using base::split_words;
using base::trim;

namespace {

constexpr std::uint64_t kLimit = 64ULL << 20;
constexpr double kMostCount = 1e18;

// The fields of a line between commas, no quotes: perf writes none.
std::vector<std::string_view> split_fields(std::string_view line) {
  std::vector<std::string_view> out;
  for (;;) {
    const auto comma = line.find(',');
    out.push_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return out;
    line.remove_prefix(comma + 1);
  }
}

// `\tffffffff8166139c mas_leaf_max_gap ([kernel.kallsyms])` -> `mas_leaf_max_gap_[k]`
std::string frame_of(std::string_view line) {
  const auto open = line.rfind(" (");
  const std::string_view place =
      open == std::string_view::npos ? std::string_view() : line.substr(open + 2);
  line = trim(line.substr(0, open));
  const auto blank = line.find(' ');
  std::string name(blank == std::string_view::npos ? "[unknown]" : trim(line.substr(blank + 1)));
  std::replace(name.begin(), name.end(), ';', ':');
  const bool kernel =
      (place.starts_with("[") && !place.starts_with("[unknown]") && !place.starts_with("[vdso]")) ||
      place.find(".ko") != std::string_view::npos;
  return kernel ? name + "_[k]" : name;
}

bool is_idle(const std::vector<std::string>& frames) {
  // Innermost first; the halt itself has one or two frames around it.
  for (std::size_t i = 0; i < frames.size() && i < 3; ++i)
    for (const char* const mark : {"_idle", "safe_halt", "mwait"})
      if (frames[i].find(mark) != std::string::npos) return true;
  return frames.empty();
}

// Divides by the I/Os of the run, whose fio.json lies beside.
std::map<std::string, double> per_io(const Counts& counts, std::uint64_t ios) {
  std::map<std::string, double> out;
  for (const auto& [name, count] : counts)
    if (ios != 0) out.emplace(name, static_cast<double>(count) / static_cast<double>(ios));
  return out;
}

// A probe that leaves counts.
struct CountingProbe {
  const char* folder;
  const char* file;
  Result<Counts> (*parse)(std::string_view text, const std::string& source);
  std::map<std::string, double> CostProfile::*member;
};
constexpr CountingProbe kCountingProbes[] = {
    {"cost/stat", "perf-stat.csv", parse_perf_stat, &CostProfile::events_per_io},
    {"cost/calls", "strace.txt", parse_strace, &CostProfile::calls_per_io}};

// Reads what a probe left of every run below `root`; `keep` stores it.
template <class Keep>
base::Status read_probe(const fs::path& root, const char* file, Keep keep) {
  std::error_code status;
  if (!fs::exists(root / "experiment.json", status)) return {};
  KAIRO_TRY(const auto folder, read_result_folder(root));
  for (const Run& run : folder.runs) {
    const fs::path path =
        run_directory(root, run.record.load, run.record.arm, run.record.repeat) / file;
    if (!fs::exists(path, status)) continue;
    KAIRO_TRY(const auto text, base::read_file(path, kLimit));
    KAIRO_CHECK(keep(run, text, path.string()));
  }
  return {};
}

}  // namespace

Result<Counts> parse_perf_stat(std::string_view text, const std::string& source) {
  Counts out;
  std::size_t number = 0;
  for (const std::string_view line : split_lines(text)) {
    ++number;
    if (trim(line).empty() || line.starts_with('#')) continue;
    const std::vector<std::string_view> fields = split_fields(line);
    if (fields.size() < 3 || fields[2].empty())
      return base::bad_input("{}:{}: not a line of perf stat -x, (run the cost runs again)", source,
                             number);
    if (fields[0].starts_with('<')) continue;
    const auto value = base::parse_double(fields[0]);
    const double scale = fields[1] == "msec" ? 1e6 : 1;
    if (!value || !(*value >= 0) || *value * scale > kMostCount)
      return base::bad_input("{}:{}: '{}' is not a count (run the cost runs again)", source, number,
                             fields[0].substr(0, 40));
    out[std::string(fields[2])] = static_cast<std::uint64_t>(*value * scale);
  }
  if (out.empty())
    return base::bad_input("{}: no event was counted (run the cost runs again)", source);
  return out;
}

Result<Counts> parse_strace(std::string_view text, const std::string& source) {
  Counts out;
  bool in_table = false;
  std::size_t number = 0;
  for (const std::string_view line : split_lines(text)) {
    ++number;
    const std::vector<std::string_view> words = split_words(line);
    if (words.empty()) continue;
    if (words.front().starts_with("---")) {
      in_table = true;
      continue;
    }
    if (!in_table || words.back() == "total" || words.back() == "syscall") continue;
    // % time, seconds, usecs/call, calls, [errors,] syscall
    const auto calls = words.size() == 5 || words.size() == 6 ? base::parse_u64(words[3])
                                                              : std::optional<std::uint64_t>();
    if (!calls)
      return base::bad_input("{}:{}: not a line of strace -c (run the cost runs again)", source,
                             number);
    out[std::string(words.back())] += *calls;
  }
  if (out.empty())
    return base::bad_input("{}: no table of strace -c (run the cost runs again)", source);
  return out;
}

Result<std::string> fold_stacks(std::string_view text, const std::string& source) {
  Counts stacks;
  std::string command;
  std::vector<std::string> frames;
  bool open = false;
  const auto close = [&] {
    if (open && !(command == "swapper" && is_idle(frames))) {
      std::string stack = command;
      for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) stack += ";" + *frame;
      ++stacks[stack];
    }
    open = false;
    frames.clear();
  };
  std::size_t number = 0;
  for (const std::string_view line : split_lines(text)) {
    ++number;
    if (trim(line).empty()) {
      close();
    } else if (line.front() == '\t' || (line.front() == ' ' && open)) {
      if (!open)
        return base::bad_input("{}:{}: a frame without a sample (not perf script's text)", source,
                               number);
      std::string frame = frame_of(line);
      // Programs without frame pointers leave a long row of these.
      if (frame != "[unknown]" || frames.empty() || frames.back() != frame)
        frames.push_back(std::move(frame));
    } else {
      close();
      command = std::string(trim(line));
      std::replace(command.begin(), command.end(), ';', ':');
      open = true;
    }
  }
  close();
  std::string out;
  for (const auto& [stack, count] : stacks) out += fmt::format("{} {}\n", stack, count);
  return out;
}

Result<Counts> parse_folded(std::string_view text, const std::string& source) {
  Counts out;
  std::size_t number = 0;
  for (const std::string_view line : split_lines(text)) {
    ++number;
    if (line.empty()) continue;
    const auto blank = line.rfind(' ');
    const auto count = blank == std::string_view::npos ? std::optional<std::uint64_t>()
                                                       : base::parse_u64(line.substr(blank + 1));
    if (!count || blank == 0 || *count > (1ULL << 40))
      return base::bad_input("{}:{}: not `frames COUNT` (run the cost runs again)", source, number);
    out[std::string(line.substr(0, blank))] += *count;
  }
  return out;
}

Result<std::vector<CostProfile>> read_cost_profiles(const fs::path& directory) {
  std::map<std::pair<std::string, std::string>, CostProfile> profiles;
  const auto of = [&](const Run& run) -> CostProfile& {
    CostProfile& profile = profiles[{run.record.load, run.record.arm}];
    profile.load = run.record.load;
    profile.arm = run.record.arm;
    return profile;
  };
  for (const CountingProbe& probe : kCountingProbes) {
    const auto keep = [&](const Run& run, const std::string& text,
                          const std::string& source) -> base::Status {
      KAIRO_TRY(const auto counts, probe.parse(text, source));
      of(run).*probe.member = per_io(counts, run.ios);
      return {};
    };
    KAIRO_CHECK(read_probe(directory / probe.folder, probe.file, keep));
  }
  const auto keep_stacks = [&](const Run& run, const std::string& text,
                               const std::string& source) -> base::Status {
    KAIRO_CHECK(parse_folded(text, source));
    of(run).folded = text;
    return {};
  };
  KAIRO_CHECK(read_probe(directory / "cost/stacks", "stacks.folded", keep_stacks));
  std::vector<CostProfile> out;
  for (auto& [key, profile] : profiles) out.push_back(std::move(profile));
  return out;
}

}  // namespace kairo::reports
