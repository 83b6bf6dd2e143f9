// SPDX-License-Identifier: GPL-2.0-only
// Arms against the base: a table each, what each gains and pays, and every median with its
// interval.
#include <fmt/ranges.h>

#include <algorithm>

#include "kairo/reports/format.h"
#include "write/markdown_parts.h"

namespace kairo::reports {
namespace {

std::string with_interval(const Estimate& estimate, double factor) {
  std::string out =
      std::string(at_least_mark(estimate.at_least)) + format_optional(estimate.median, factor);
  if (estimate.interval)
    out += fmt::format(" [{}, {}{}]", format_number(estimate.interval->low * factor),
                       at_least_mark(estimate.high_at_least),
                       format_number(estimate.interval->high * factor));
  return out;
}

// Words that keep the table narrow; report.json has the long form.
std::string_view short_verdict(Verdict verdict) {
  if (verdict == Verdict::kNoDifference) return "not detected";
  return verdict == Verdict::kNotEnoughData ? "too few data" : verdict_text(verdict);
}

std::string row_title(const ComparisonRow& row, const Scale& scale) {
  return fmt::format("{}{}{} {}", metric_title(row.metric.name), scale.name.empty() ? "" : " ",
                     scale.name, row.metric.better == Better::kLower ? "↓" : "↑");
}

std::string comparison_table(const Comparison& comparison) {
  Table table({"metric", "base", "arm", "ratio [95 %]", "p", "difference"}, {5});
  for (const ComparisonRow& row : comparison.rows) {
    const MetricName name = metric_of(row.metric.name);
    const double largest = std::max(row.base.median.value_or(0), row.test.median.value_or(0));
    const Scale scale = scale_for(largest, name.unit);
    const auto median = [&](const Estimate& estimate) {
      return std::string(at_least_mark(estimate.at_least)) +
             format_optional(estimate.median, scale.factor);
    };
    std::string ratio = ratio_text(row);
    if (row.ratio_interval)
      ratio += fmt::format(" [{}, {}]", format_number(row.ratio_interval->low),
                           format_number(row.ratio_interval->high));
    table.add({row_title(row, scale), median(row.base), median(row.test), ratio,
               row.p_holm ? format_p(*row.p_holm) : std::string(kNotAvailable),
               std::string(short_verdict(row.verdict))});
  }
  return table.markdown();
}

// Every metric of every arm with its interval, as many metrics beside each other as a mail holds.
std::string interval_tables(const Report& report, const LoadReport& load) {
  constexpr std::size_t kPerTable = 2;
  std::string out;
  for (std::size_t from = 0; from < report.metrics.size(); from += kPerTable) {
    const std::size_t to = std::min(report.metrics.size(), from + kPerTable);
    std::vector<std::string> header = {"arm", "n"};
    std::vector<Scale> scales;
    for (std::size_t i = from; i < to; ++i) {
      const MetricName name = metric_of(report.metrics[i].name);
      double largest = 0;
      for (const ArmSummary& arm : load.arms)
        largest = std::max(largest, metric_estimate(arm, name).median.value_or(0));
      scales.push_back(scale_for(largest, name.unit));
      header.push_back(fmt::format("{}{}{}", metric_title(report.metrics[i].name),
                                   scales.back().name.empty() ? "" : " ", scales.back().name));
    }
    Table table(header);
    for (const ArmSummary& arm : load.arms) {
      std::vector<std::string> row = {arm.arm.name, std::to_string(arm.runs.size())};
      for (std::size_t i = from; i < to; ++i)
        row.push_back(with_interval(metric_estimate(arm, metric_of(report.metrics[i].name)),
                                    scales[i - from].factor));
      table.add(std::move(row));
    }
    out += "\n" + table.markdown();
  }
  return out;
}

// `kairo: improved decode p99 (0.066 ×); regressed CPU per I/O (1.08 ×)`, one line per arm.
std::string trade_offs(const LoadReport& load) {
  std::string out;
  for (const Comparison& comparison : load.comparisons) {
    std::vector<std::string> parts;
    for (const Verdict verdict : {Verdict::kImproved, Verdict::kRegressed}) {
      std::vector<std::string> rows;
      for (const ComparisonRow& row : comparison.rows)
        if (row.verdict == verdict)
          rows.push_back(fmt::format("{} ({} ×)", metric_title(row.metric.name), ratio_text(row)));
      if (!rows.empty())
        parts.push_back(fmt::format("{} {}", verdict_text(verdict), fmt::join(rows, ", ")));
    }
    if (!parts.empty())
      out += bullet(fmt::format("{}: {}", comparison.arm, fmt::join(parts, "; ")));
  }
  return out;
}

}  // namespace

std::string comparison_section(const Report& report, const LoadReport& load) {
  std::string out;
  if (const std::string trades = trade_offs(load); !trades.empty())
    out += fmt::format("\n### Trade-offs against {}\n\n{}", report.base_arm, trades);
  for (const Comparison& comparison : load.comparisons) {
    const ArmSummary& arm = *load.find(comparison.arm);
    const ArmSummary& base = *load.find(report.base_arm);
    out += fmt::format("\n### {} against {}, {} + {} runs{}\n\n{}", comparison.arm, report.base_arm,
                       arm.runs.size(), base.runs.size(),
                       on_different_kernels(arm, base) ? ", different kernels" : "",
                       comparison_table(comparison));
  }
  return out + "\n### Medians and their 95 % intervals\n" + interval_tables(report, load);
}

}  // namespace kairo::reports
