// SPDX-License-Identifier: GPL-2.0-only
// libFuzzer target: the readers of a result folder's JSON.
#include <cstdint>
#include <string>

#include "kairo/reports/engine_stats.h"
#include "kairo/reports/fio_json.h"
#include "kairo/reports/run_data.h"
#include "kairo/reports/summary.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kairo::reports;
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto fio = parse_fio_json(text, "fuzz"); fio) {
    // What was accepted must hold what the header promises.
    for (const FioJob& job : fio->jobs) {
      for (const FioDirection& direction : job.directions) {
        const FioLatency& latency = direction.latency;
        const Histogram& histogram = latency.histogram;
        if (histogram.count() == 0 && direction.counted() != 0 && direction.no_latency.empty())
          __builtin_trap();
        if (histogram.count() == 0) continue;
        if (histogram.count() != latency.count ||
            Histogram::bucket_of(latency.min_ns) != histogram.first_bucket() ||
            Histogram::bucket_of(latency.max_ns) != histogram.last_bucket())
          __builtin_trap();
      }
    }
  }
  static_cast<void>(parse_experiment(text, "fuzz"));
  static_cast<void>(parse_run(text, "fuzz"));
  static_cast<void>(parse_engine_stats(text, "fuzz"));
  static_cast<void>(parse_campaign(text, "fuzz"));
  return 0;
}
