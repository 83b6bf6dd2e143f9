// SPDX-License-Identifier: GPL-2.0-only
#include "read/run_series.h"

#include <algorithm>

#include "kairo/base/files.h"
#include "kairo/base/units.h"

namespace kairo::reports {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLogLimit = 256ULL << 20;
constexpr std::string_view kLogPrefix = "hist_clat_hist.";
constexpr std::string_view kLogSuffix = ".log";

// The regular files below `directory`, by their path in it, sorted.
std::vector<std::string> files_below(const fs::path& directory) {
  std::vector<std::string> out;
  std::error_code status;
  for (auto entry = fs::recursive_directory_iterator(directory, status);
       !status && entry != fs::recursive_directory_iterator(); entry.increment(status))
    if (entry->is_regular_file(status))
      out.push_back(fs::relative(entry->path(), directory, status).generic_string());
  std::sort(out.begin(), out.end());
  return out;
}

// `hist_clat_hist.3.log` is of fio's third job.
std::optional<std::uint64_t> job_of_log(std::string_view name) {
  if (!name.starts_with(kLogPrefix) || !name.ends_with(kLogSuffix) ||
      name.size() <= kLogPrefix.size() + kLogSuffix.size())
    return std::nullopt;
  return base::parse_u64(
      name.substr(kLogPrefix.size(), name.size() - kLogPrefix.size() - kLogSuffix.size()));
}

base::Status needs_begin(const fs::path& file, const Run& run) {
  if (run.record.begin_ns) return {};
  return base::bad_input("{}: run.json has no begin_ns, so times cannot be told (repeat this run)",
                         file.string());
}

base::Status read_log(const fs::path& file, std::uint64_t job, const JobClasses& classes,
                      Run& run) {
  KAIRO_CHECK(needs_begin(file, run));
  if (job == 0 || job > classes.size())
    return base::bad_input("{}: fio.json lists {} jobs (do not group them; repeat this run)",
                           file.string(), classes.size());
  KAIRO_TRY(const auto text, base::read_file(file, kLogLimit));
  KAIRO_TRY(auto windows, parse_hist_log(text, file.string()));
  const double begin_s = static_cast<double>(*run.record.begin_ns) / 1e9;
  for (HistWindow& window : windows) {
    const auto direction = static_cast<std::size_t>(window.direction);
    const auto io_class = classes[job - 1][direction];
    if (!io_class) continue;  // several classes in one direction: the log does not tell them apart
    const double end_s = static_cast<double>(window.end_ms) / 1000 - begin_s;
    run.windows.push_back({*io_class, job, end_s, std::move(window)});
  }
  return {};
}

// The logs hold the I/Os up to the last full window: never more than fio counted.
base::Status check_counts(const fs::path& directory, const Run& run) {
  std::array<std::uint64_t, kClassCount> logged{};
  for (const ClassWindow& window : run.windows)
    logged[static_cast<std::size_t>(window.io_class)] += window.window.count();
  for (std::size_t i = 0; i < kClassCount; ++i) {
    const std::uint64_t counted = run.classes[i] ? run.classes[i]->ios() : 0;
    if (logged[i] > counted)
      return base::bad_input(
          "{}: the histogram logs hold {} {} I/Os, fio counted {} (repeat this run)",
          directory.string(), logged[i], kClassNames[i], counted);
  }
  return {};
}

}  // namespace

base::Status read_time_series(const fs::path& directory, const JobClasses& classes, Run& run) {
  std::error_code status;
  std::vector<std::pair<std::uint64_t, fs::path>> logs;
  for (const auto& entry : fs::directory_iterator(directory, status))
    if (const auto job = job_of_log(entry.path().filename().string()))
      logs.emplace_back(*job, entry.path());
  std::sort(logs.begin(), logs.end());
  for (const auto& [job, file] : logs) KAIRO_CHECK(read_log(file, job, classes, run));
  KAIRO_CHECK(check_counts(directory, run));

  for (const std::string& name : files_below(directory / "samples")) {
    const fs::path file = directory / "samples" / name;
    KAIRO_CHECK(needs_begin(file, run));
    KAIRO_TRY(const auto text, base::read_file(file, kLogLimit));
    KAIRO_TRY(auto sampled, parse_samples(text, *run.record.begin_ns, file.string()));
    run.samples.emplace(name, std::move(sampled));
  }
  run.collected = files_below(directory / "collected");
  return {};
}

}  // namespace kairo::reports
