// SPDX-License-Identifier: GPL-2.0-only
// libFuzzer target: the readers of a result folder's text files. The first byte says which.
#include <cstdint>
#include <string>

#include "kairo/reports/cost_profile.h"
#include "kairo/reports/run_data.h"

using namespace kairo::reports;

namespace {

void hist_log(const std::string& text) {
  const auto windows = parse_hist_log(text, "fuzz");
  if (!windows) return;
  Histogram sum;
  std::uint64_t count = 0;
  for (const HistWindow& window : *windows) {
    window.add_to(sum);
    count += window.count();
  }
  if (sum.count() != count) __builtin_trap();
}

// What is written of it is read as the same.
void tunables(const std::string& text) {
  const auto values = parse_tunables(text, "fuzz");
  if (!values) return;
  const auto again = parse_tunables(to_tunables_text(*values), "fuzz");
  if (!again || *again != *values) __builtin_trap();
}

void samples(const std::string& text) {
  const auto file = parse_samples(text, 0, "fuzz");
  if (!file) return;
  for (const auto& [name, column] : file->series)
    if (column.size() != file->at_s.size()) __builtin_trap();
}

// What was folded can be read again and drawn.
void stacks(const std::string& text) {
  const auto folded = fold_stacks(text, "fuzz");
  if (folded && !parse_folded(*folded, "fuzz")) __builtin_trap();
  const auto counts = parse_folded(text, "fuzz");
  if (counts) static_cast<void>(flame_svg(*counts, "fuzz"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'h':
      hist_log(text);
      break;
    case 's':
      samples(text);
      break;
    case 'f':
      stacks(text);
      break;
    case 'c':
      static_cast<void>(parse_counters(text, "fuzz"));
      break;
    case 'k':
      static_cast<void>(parse_key_values(text, "fuzz"));
      break;
    case 'u':
      tunables(text);
      break;
    case 'p':
      static_cast<void>(parse_perf_stat(text, "fuzz"));
      break;
    case 't':
      static_cast<void>(parse_strace(text, "fuzz"));
      break;
    default:
      break;
  }
  return 0;
}
