// SPDX-License-Identifier: GPL-2.0-only
// What a run looked like over time: fio's histogram logs and sampled files of debugfs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/reports/fio_json.h"
#include "kairo/reports/histogram.h"

namespace kairo::reports {

// One line of a histogram log: the I/Os that completed since the line before it. Sparse, because a
// window holds few I/Os and a campaign many windows.
struct HistWindow {
  std::uint64_t end_ms = 0;  // by the clock of the log
  Direction direction = Direction::kRead;
  std::vector<std::pair<unsigned, std::uint64_t>> buckets;

  [[nodiscard]] std::uint64_t count() const;
  void add_to(Histogram& histogram) const;
};

// Reads a log that fio wrote with write_hist_log: `ms, direction, bytes, counts...`. The counts are
// 1,856 or, with log_hist_coarseness k, 1,856 / 2^k; a group of 2^k buckets goes to its middle one.
// Refused: another number of counts, a direction that is none, time that runs backwards.
base::Result<std::vector<HistWindow>> parse_hist_log(std::string_view text,
                                                     const std::string& source);

// A file of debugfs as it was at several times. A value that a sample lacks is absent.
struct SampledFile {
  std::vector<double> at_s;  // from the begin of the load
  std::map<std::string, std::vector<std::optional<double>>> series;
  // `key word` lines, a state for example; empty where a sample lacks it.
  std::map<std::string, std::vector<std::string>> words = {};
};

// Reads what the sampler wrote: a line `@ <monotonic ns>`, then the file as it was. Numbers are
// found in three forms: a table (series `row.column`), if the file begins with its header, `key
// value` lines (`key`), and `name key=number ...` lines (`name.key`). `key word` lines are words;
// other text is left out.
base::Result<SampledFile> parse_samples(std::string_view text, std::uint64_t begin_ns,
                                        const std::string& source);

}  // namespace kairo::reports
