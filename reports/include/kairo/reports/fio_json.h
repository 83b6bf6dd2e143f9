// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/reports/histogram.h"
#include "kairo/reports/result_folder.h"

namespace kairo::reports {

enum class Direction { kRead, kWrite, kTrim };

inline constexpr std::array<std::string_view, 3> kDirectionNames = {"read", "write", "trim"};

// Completion latencies of one set of I/Os. min and max are exact, the histogram is fio's bins,
// which it does not write with clat_percentiles=0.
struct FioLatency {
  Histogram histogram;
  std::uint64_t count = 0;  // I/Os whose latency fio measured
  std::uint64_t min_ns = 0;
  std::uint64_t max_ns = 0;
  double mean_ns = 0;
};

// The part of a direction that carried one priority label (`prios[]`).
struct FioLabelled {
  unsigned prioclass = 0;
  unsigned prio = 0;
  FioLatency latency;
};

struct FioDirection {
  std::uint64_t bytes = 0;
  std::uint64_t ios = 0;  // issued
  std::uint64_t runtime_ms = 0;
  std::uint64_t short_ios = 0;  // without the syncs that fio counts here (fio_json.cc)
  std::uint64_t drop_ios = 0;
  FioLatency latency;
  std::vector<FioLabelled> labelled;  // empty when fio saw fewer than two labels
  // Why there are I/Os without bins, or without any latency: `fio ran with gtod_reduce=1`. Else
  // empty.
  std::string no_latency;

  // Completed I/Os: those measured, and where fio was told to measure none those it issued.
  [[nodiscard]] std::uint64_t counted() const {
    return latency.count == 0 && !no_latency.empty() ? ios : latency.count;
  }
};

struct FioJob {
  std::string name;
  std::string host;  // `name:port` of the fio server it ran on; empty on this machine
  std::uint64_t group = 0;
  std::optional<std::uint64_t> context_switches;
  std::optional<double> user_ns;  // CPU time of the job's processes, as fio asked the kernel
  std::optional<double> system_ns;
  std::uint64_t error = 0;  // errno of the first failed I/O
  std::array<FioDirection, 3> directions;
  TextMap options;  // without those of [global]
};

struct FioOutput {
  std::string version;  // `fio-3.33`
  std::vector<FioJob> jobs;
  TextMap global_options;
};

// Reads fio 3's json+ output. That of `fio --client` has the jobs of every server in `jobs`; fio's
// own sum over the servers, which has no bins, is only checked against them. Lines before a `{` and
// after its `}` are skipped: fio and its engines print there. Of several documents of one run
// (--status-interval) the last one counts. Nothing is guessed: the text is refused, with the job
// and the reason, when it is truncated, not fio's, of another unit (fio 2 counted microseconds),
// without bins, of several runs, or when its figures do not follow from its bins: counts must add
// up (fio before 3.18 does not print them), every printed percentile must be the one recomputed
// here, min and max must lie in the outer bins. An option that leaves latencies out is no reason to
// refuse what was counted (FioDirection::no_latency). `source` is the file name for messages.
base::Result<FioOutput> parse_fio_json(std::string_view text, const std::string& source);

}  // namespace kairo::reports
