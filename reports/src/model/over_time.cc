// SPDX-License-Identifier: GPL-2.0-only
// Windows and phases: the histogram logs of all runs of an arm put on one time axis.
#include <algorithm>
#include <cmath>
#include <map>

#include "model/summarise.h"

namespace kairo::reports {
namespace {

constexpr double kSlack = 1e-6;  // fio's clock counts whole milliseconds

double width_s(const Load& load) {
  return *load.window_ms / 1000.0;
}

// fio writes a line when the first I/O after a full window completes: the line's window ends there.
// Its middle decides where on the axis it belongs. Times before the begin are rounding.
std::size_t index_of(const ClassWindow& window, double width) {
  return static_cast<std::size_t>(std::max(0.0, window.end_s - width / 2) / width);
}

// Bytes of an average I/O of the class in this run.
std::optional<double> mean_bytes(const Run& run, std::size_t io_class) {
  const auto& result = run.classes[io_class];
  if (!result || !result->bytes || result->ios() == 0) return std::nullopt;
  return static_cast<double>(*result->bytes) / static_cast<double>(result->ios());
}

}  // namespace

std::vector<WindowFigures> windows_of(const Runs& runs, const Load& load, std::size_t io_class) {
  const double width = width_s(load);
  std::vector<Histogram> merged;
  std::vector<double> bytes;
  bool bytes_known = true;
  for (const Run* run : runs) {
    const auto size = mean_bytes(*run, io_class);
    for (const ClassWindow& window : run->windows) {
      if (static_cast<std::size_t>(window.io_class) != io_class) continue;
      const std::size_t at = index_of(window, width);
      // A clock that jumped must not allocate the machine's memory.
      if (at > 1000000) continue;
      if (at >= merged.size()) {
        merged.resize(at + 1);
        bytes.resize(at + 1);
      }
      window.window.add_to(merged[at]);
      bytes_known = bytes_known && size.has_value();
      bytes[at] += size.value_or(0) * static_cast<double>(window.window.count());
    }
  }
  std::vector<WindowFigures> out;
  for (std::size_t i = 0; i < merged.size(); ++i) {
    WindowFigures figures;
    figures.from_s = static_cast<double>(i) * width;
    figures.ios = merged[i].count();
    for (std::size_t p = 0; p < kPercentiles.size(); ++p) {
      if (const auto value = merged[i].supported_percentile(kPercentiles[p].percent))
        figures.percentiles[p] = static_cast<double>(*value);
    }
    if (bytes_known) figures.bytes_per_s = bytes[i] / width / static_cast<double>(runs.size());
    out.push_back(figures);
  }
  return out;
}

namespace {

// What one job of a class did in the windows that lie in the phase as a whole.
struct JobPart {
  std::uint64_t ios = 0;
  std::size_t windows = 0;
};

// The run as it would be, had it consisted of the phase alone.
Run part_of(const Run& run, const Phase& phase, double width) {
  Run part;
  std::map<std::pair<std::size_t, std::size_t>, JobPart> jobs;  // by class and job
  for (const ClassWindow& window : run.windows) {
    if (window.end_s - width < phase.from_s - kSlack || window.end_s > phase.to_s + kSlack)
      continue;
    const auto io_class = static_cast<std::size_t>(window.io_class);
    auto& slot = part.classes[io_class];
    if (!slot) slot.emplace();
    window.window.add_to(slot->latency);
    JobPart& job = jobs[{io_class, window.job}];
    job.ios += window.window.count();
    ++job.windows;
  }
  const double length = phase.to_s - phase.from_s;
  for (std::size_t i = 0; i < kClassCount; ++i) {
    auto& slot = part.classes[i];
    const auto size = mean_bytes(run, i);
    if (!slot || !size) continue;
    // Jobs of a class add up; each is measured over its own windows, as their edges differ.
    double bytes_per_s = 0;
    for (const auto& [key, job] : jobs)
      if (key.first == i)
        bytes_per_s +=
            *size * static_cast<double>(job.ios) / (static_cast<double>(job.windows) * width);
    slot->runtime_ms = static_cast<std::uint64_t>(std::llround(1000 * length));
    slot->bytes = static_cast<std::uint64_t>(std::llround(bytes_per_s * length));
  }
  return part;
}

}  // namespace

PhaseSummary phase_of(const Runs& runs, const Load& load, const Phase& phase) {
  std::vector<Run> parts;
  for (const Run* run : runs) parts.push_back(part_of(*run, phase, width_s(load)));
  Runs views;
  for (const Run& part : parts) views.push_back(&part);
  PhaseSummary out;
  out.phase = phase;
  for (std::size_t i = 0; i < kClassCount; ++i) out.classes[i] = summarise_class(views, i);
  return out;
}

}  // namespace kairo::reports
