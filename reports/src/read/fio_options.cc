// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/reports/fio_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace kairo::reports {
namespace {

struct Unreadable {
  std::string_view option;
  std::array<std::string_view, 4> harmless;  // values that change nothing
  std::string_view effect;
  std::string_view remedy;
};

constexpr std::string_view kLeaveOut = "leave it out";
constexpr std::string_view kJsonIsSet = "it is set to write json+ to fio.json";
constexpr std::string_view kLogsAreSet = "the histogram logs are set by the load's window_ms";

// fio 3.33: options.c, init.c and stat.c.
constexpr Unreadable kUnreadable[] = {
    {"group_reporting",
     {"0"},
     "one entry stands for several jobs, so their classes cannot be told apart",
     kLeaveOut},
    {"unified_rw_reporting",
     {"0", "none", "2", "both"},
     "reads, writes and trims become one figure",
     "unified_rw_reporting=none"},
    {"gtod_reduce", {"0"}, "fio measures no latency", kLeaveOut},
    {"disable_clat", {"0"}, "fio measures no completion latency", kLeaveOut},
    {"clat_percentiles", {"1"}, "without bins there are no percentiles", "clat_percentiles=1"},
    {"lat_percentiles",
     {"0"},
     "labels are counted by total latency, not by completion latency",
     "lat_percentiles=0"},
    {"stats", {"1"}, "fio leaves the job out of its output", "stats=1"},
    {"output", {}, kJsonIsSet, kLeaveOut},
    {"output-format", {}, kJsonIsSet, kLeaveOut},
    {"minimal", {}, kJsonIsSet, kLeaveOut},
    {"append-terse", {}, kJsonIsSet, kLeaveOut},
    {"status-interval", {}, "fio writes a document at every interval", kLeaveOut},
    {"write_hist_log", {}, kLogsAreSet, kLeaveOut},
    {"log_hist_msec", {}, kLogsAreSet, "change window_ms"},
    {"log_hist_coarseness", {}, kLogsAreSet, kLeaveOut},
    {"per_job_logs", {"1"}, "the logs of several jobs become one file", kLeaveOut},
    {"log_unix_epoch", {"0"}, kLogsAreSet, kLeaveOut},
    {"log_alternate_epoch", {}, kLogsAreSet, kLeaveOut},
    {"log_alternate_epoch_clock_id", {}, kLogsAreSet, kLeaveOut},
    {"log_store_compressed", {"0"}, "the logs are compressed", kLeaveOut},
};

}  // namespace

std::string fio_option_objection(std::string_view option, std::string_view value) {
  for (const Unreadable& known : kUnreadable) {
    if (known.option != option) continue;
    const auto& fine = known.harmless;
    if (!value.empty() && std::find(fine.begin(), fine.end(), value) != fine.end()) return {};
    return fmt::format("{} ({})", known.effect, known.remedy);
  }
  return {};
}

}  // namespace kairo::reports
