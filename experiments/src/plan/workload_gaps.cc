// SPDX-License-Identifier: GPL-2.0-only
#include "plan/workload_gaps.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "kairo/base/units.h"
#include "kairo/reports/histogram.h"

namespace kairo::experiments {
namespace {

using base::format_count;
using hint::Class;

constexpr std::array kKvClasses = {Class::kDecode, Class::kPrefetch, Class::kPrefill,
                                   Class::kEvict};

// A percentile among the metrics, and of which class.
struct Wanted {
  Class cls;
  const reports::Percentile* percentile;
  std::string name;
};

std::optional<Wanted> percentile_of(const reports::Metric& metric) {
  const auto dot = metric.name.find('.');
  if (dot == std::string::npos) return std::nullopt;
  const auto percentile =
      std::find_if(reports::kPercentiles.begin(), reports::kPercentiles.end(),
                   [&](const auto& known) { return known.key == metric.name.substr(dot + 1); });
  if (percentile == reports::kPercentiles.end()) return std::nullopt;
  for (const Class cls : kKvClasses)
    if (hint::name(cls) == metric.name.substr(0, dot))
      return Wanted{cls, &*percentile, metric.name};
  return std::nullopt;
}

}  // namespace

ClassCounts count_classes(const engine::Workload& workload) {
  ClassCounts out = {};
  for (const engine::Record& record : workload.records) ++out[hint::index(record.cls)];
  return out;
}

std::vector<std::string> absent_classes(const ClassCounts& ios) {
  std::vector<std::string> out;
  for (const Class cls : kKvClasses)
    if (ios[hint::index(cls)] == 0) out.emplace_back(hint::name(cls));
  return out;
}

std::vector<std::string> workload_gaps(const ClassCounts& ios, std::uint64_t duration_ns,
                                       const std::vector<reports::Metric>& metrics,
                                       unsigned repeats) {
  std::vector<std::string> out;
  for (const std::string& name : absent_classes(ios))
    out.push_back(
        fmt::format("{}: no I/O in the window; its jobs are left out, its figures are n/a", name));
  double longer = 1;
  for (const reports::Metric& metric : metrics) {
    const auto wanted = percentile_of(metric);
    if (!wanted) continue;
    const std::uint64_t have = ios[hint::index(wanted->cls)];
    const std::uint64_t need = reports::samples_needed(wanted->percentile->percent);
    if (have == 0 || have >= need) continue;
    longer = std::max(longer, static_cast<double>(need) / static_cast<double>(have));
    const std::string counts =
        fmt::format("{}: {} needs {} I/Os, the window has {}", hint::name(wanted->cls),
                    wanted->percentile->label, format_count(need), format_count(have));
    if (have * repeats < need)
      out.push_back(
          fmt::format("{}, {} runs {}: n/a", counts, repeats, format_count(have * repeats)));
    else
      out.push_back(
          fmt::format("{}: one figure of all {} runs, without an interval", counts, repeats));
  }
  if (longer > 1)
    // A tenth more: another window has other requests.
    out.push_back(fmt::format(
        "a longer window has more (kairo trace import FILE --length {:.0f}s -o W, then --trace W)",
        std::ceil(1.1 * longer * static_cast<double>(duration_ns) / 1e9)));
  return out;
}

}  // namespace kairo::experiments
