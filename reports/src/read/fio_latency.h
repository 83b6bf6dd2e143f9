// SPDX-License-Identifier: GPL-2.0-only
// The latency objects of fio's JSON, with what its options and its version leave out of them.
#pragma once

#include <string>

#include "kairo/reports/fio_json.h"
#include "read/json_reader.h"

namespace kairo::reports {

// The options a job ran with, its own before the global ones; and what its fio prints.
struct JobContext {
  TextMap options;
  bool prints_counts = true;  // N: since fio 3.18

  // The option is given, and not as 0.
  [[nodiscard]] bool on(const char* option) const;
  // It is given as 0.
  [[nodiscard]] bool off(const char* option) const;
  // `fio ran with OPTION=VALUE`
  [[nodiscard]] std::string text(const char* option) const;
};

// Whether this fio (`fio-3.33`) prints how many latencies there are.
bool prints_counts(const std::string& version);

// How many latencies there are, by N or, from a fio without it, by the bins. `ios` is what fio
// issued of them.
std::uint64_t read_count(const JsonReader& reader, const JobContext& job, std::uint64_t ios);

// Refuses what does not follow from the bins, and missing bins but those that clat_percentiles=0
// left out.
FioLatency read_latency(const JsonReader& reader, const JobContext& job, std::uint64_t ios);

}  // namespace kairo::reports
