// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include "kairo/reports/format.h"
#include "kairo/reports/summary.h"
#include "write/markdown_parts.h"

namespace kairo::reports {
namespace {

// More profiles than this beside each other and the lines grow past 100 columns.
constexpr std::size_t kProfilesPerTable = 5;

using Reports = std::vector<ProfileReport>;

const LoadReport* find_load(const ProfileReport& report, const std::string& name) {
  for (const LoadReport& load : report.report.loads)
    if (load.load.name == name) return &load;
  return nullptr;
}

// In the order in which they first appear over the profiles.
template <class Of>
std::vector<std::string> names_of(const Reports& reports, const Of& of) {
  std::vector<std::string> out;
  for (const ProfileReport& report : reports)
    for (const std::string& name : of(report))
      if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  return out;
}

std::vector<std::string> header_of(const Reports& reports, std::size_t from, std::size_t to,
                                   std::string first) {
  std::vector<std::string> out = {std::move(first)};
  for (std::size_t i = from; i < to; ++i) out.push_back(reports[i].profile);
  return out;
}

// Calls `add` for each stretch of profiles that fits beside each other.
template <class Add>
void each_stretch(std::size_t count, const Add& add) {
  for (std::size_t from = 0; from < count; from += kProfilesPerTable)
    add(from, std::min(count, from + kProfilesPerTable));
}

std::string metric_table(const Reports& reports, const std::string& load_name,
                         const Metric& metric) {
  const auto arms = names_of(reports, [&](const ProfileReport& report) {
    std::vector<std::string> names;
    if (const LoadReport* load = find_load(report, load_name); load != nullptr)
      for (const ArmSummary& arm : load->arms) names.push_back(arm.arm.name);
    return names;
  });
  const MetricName name = metric_of(metric.name);
  const auto value_of = [&](const ProfileReport& report, const std::string& arm_name) {
    const LoadReport* const load = find_load(report, load_name);
    const ArmSummary* const arm = load == nullptr ? nullptr : load->find(arm_name);
    return arm == nullptr ? ShownValue{} : shown_value(*arm, name);
  };
  double largest = 0;
  for (const ProfileReport& report : reports)
    for (const std::string& arm : arms)
      largest = std::max(largest, value_of(report, arm).value.value_or(0));
  const Scale scale = scale_for(largest, name.unit);
  std::string out = fmt::format("\n### {}{}{}, {} is better\n\n", metric_title(metric.name),
                                scale.name.empty() ? "" : " ", scale.name,
                                metric.better == Better::kLower ? "lower" : "higher");
  each_stretch(reports.size(), [&](std::size_t from, std::size_t to) {
    Table table(header_of(reports, from, to, "arm"));
    for (const std::string& arm : arms) {
      std::vector<std::string> row = {arm};
      for (std::size_t i = from; i < to; ++i) {
        row.push_back(shown_text(value_of(reports[i], arm), scale.factor));
      }
      table.add(std::move(row));
    }
    out += (from == 0 ? "" : "\n") + table.markdown();
  });
  return out;
}

std::string claims(const Reports& reports) {
  const auto rules = names_of(reports, [](const ProfileReport& report) {
    std::vector<std::string> names;
    for (const LoadReport& load : report.report.loads)
      for (const RuleResult& rule : load.rules)
        names.push_back(fmt::format("{}: {}", load.load.name, rule.rule.text));
    return names;
  });
  if (rules.empty()) return {};
  std::string out = "\n## Claims\n\n";
  // Claims are sentences: numbered here, one row each below.
  for (std::size_t i = 0; i < rules.size(); ++i)
    out += bullet(fmt::format("{}: {}", i + 1, plain(rules[i])));
  each_stretch(reports.size(), [&](std::size_t from, std::size_t to) {
    Table table(header_of(reports, from, to, "claim"));
    for (std::size_t i = 0; i < rules.size(); ++i) {
      std::vector<std::string> row = {std::to_string(i + 1)};
      for (std::size_t at = from; at < to; ++at) {
        std::string cell(kNotAvailable);
        for (const LoadReport& load : reports[at].report.loads)
          for (const RuleResult& rule : load.rules)
            if (fmt::format("{}: {}", load.load.name, rule.rule.text) == rules[i])
              cell = rule_verdict_text(rule.verdict);
        row.push_back(std::move(cell));
      }
      table.add(std::move(row));
    }
    out += "\n" + table.markdown();
  });
  return out;
}

}  // namespace

std::string to_summary_markdown(const Campaign& campaign, const Reports& reports) {
  std::string out =
      fmt::format("# {} on {} device profiles\n\n", plain(campaign.name), reports.size());
  out += wrap("**Question.** " + plain(campaign.question), 0, 0) + "\n\n";
  for (const ProfileReport& report : reports)
    out += bullet(fmt::format("[{0}]({0}/report.md): {1}. {2}", report.profile,
                              validity_text(overall(report.report.reasons)),
                              plain(report.report.answer)));
  out += claims(reports);
  const auto loads = names_of(reports, [](const ProfileReport& report) {
    std::vector<std::string> names;
    for (const LoadReport& load : report.report.loads) names.push_back(load.load.name);
    return names;
  });
  for (const std::string& load : loads) {
    out += fmt::format("\n## Load: {}\n", load);
    const std::vector<Metric>& metrics = reports.front().report.metrics;
    for (std::size_t i = 0; i < metrics.size(); ++i)
      if (i == 0 || metrics[i].better == Better::kHigher)
        out += metric_table(reports, load, metrics[i]);
  }
  return out +
         "\nMedians over the runs of each profile; `*` is the percentile of all runs' samples "
         "together.\nIntervals, tests and plots are in each profile's report.\n";
}

}  // namespace kairo::reports
