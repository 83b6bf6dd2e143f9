// SPDX-License-Identifier: GPL-2.0-only
// No text may make the reader of workload files crash, and what it accepts keeps the format's
// rules.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "kairo/engine/workload.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto workload = kairo::engine::parse_workload(text, "fuzz");
  if (!workload) {
    if (!workload.error().message.starts_with("fuzz:")) std::abort();
    return 0;
  }
  std::uint64_t before = 0;
  for (const auto& record : workload->records) {
    if (record.time_ns < before || record.length == 0 || record.length % 4096 != 0 ||
        record.offset + record.length > workload->device_bytes)
      std::abort();
    before = record.time_ns;
  }
  return 0;
}
