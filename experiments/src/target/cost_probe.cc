// SPDX-License-Identifier: GPL-2.0-only
#include "target/cost_probe.h"

#include "kairo/base/files.h"
#include "kairo/base/process.h"
#include "kairo/reports/cost_profile.h"

namespace kairo::experiments {

namespace {

// What the machine does not count, perf calls `<not supported>`, and the report n/a.
constexpr std::string_view kEvents =
    "instructions,cycles,cache-misses,branch-misses,context-switches,cpu-migrations,task-clock";

constexpr std::uint64_t kStacksLimit = 1ULL << 30;

}  // namespace

std::optional<CostProbe> parse_probe(std::string_view name) {
  if (name == "stat") return CostProbe::kStat;
  if (name == "calls") return CostProbe::kCalls;
  if (name == "stacks") return CostProbe::kStacks;
  return std::nullopt;
}

std::string probe_program(CostProbe probe) {
  if (probe == CostProbe::kNone) return {};
  return probe == CostProbe::kCalls ? "strace" : "perf";
}

std::vector<std::string> probe_prefix(CostProbe probe, const std::string& out, StacksOf whose) {
  switch (probe) {
    case CostProbe::kStat:
      return {"perf", "stat", "-x,", "-o", out + "/perf-stat.csv", "-e", std::string(kEvents),
              "--"};
    case CostProbe::kCalls:
      return {"strace", "-f", "-c", "-o", out + "/strace.txt"};
    case CostProbe::kStacks: {
      // A prime rate does not fall in step with what runs by the clock.
      std::vector<std::string> words = {"perf", "record", "-q",        "-g", "-F",
                                        "997",  "-e",     "cpu-clock", "-o", out + "/perf.data"};
      if (whose == StacksOf::kMachine) words.emplace_back("-a");
      words.emplace_back("--");
      return words;
    }
    case CostProbe::kNone:
      break;
  }
  return {};
}

base::Status keep_stacks(CostProbe probe, const std::filesystem::path& out) {
  if (probe != CostProbe::kStacks) return {};
  std::error_code status;
  std::string text;
  if (std::filesystem::exists(out / "perf.data", status)) {
    base::Command script;
    script.argv.assign(kScriptStacks.begin(), kScriptStacks.end());
    script.argv.insert(script.argv.end(), {"-i", (out / "perf.data").string()});
    KAIRO_TRY(const auto done, base::run_ok(script));
    text = done.out;
  } else {
    KAIRO_TRY(text, base::read_file(out / "stacks.txt", kStacksLimit));
  }
  KAIRO_TRY(const auto folded, reports::fold_stacks(text, (out / "stacks.txt").string()));
  std::filesystem::remove(out / "perf.data", status);
  std::filesystem::remove(out / "stacks.txt", status);
  return base::write_file(out / "stacks.folded", folded);
}

}  // namespace kairo::experiments
