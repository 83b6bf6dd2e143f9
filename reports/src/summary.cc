// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/reports/summary.h"

#include <algorithm>

#include "kairo/base/files.h"
#include "read/json_reader.h"
#include "report_files.h"

namespace kairo::reports {

namespace fs = std::filesystem;

namespace {

constexpr const char* kFileName = "campaign.json";

Json figures_json(const LoadReport& load, const std::vector<Metric>& metrics) {
  Json arms = Json::object();
  for (const ArmSummary& arm : load.arms) {
    Json& out = arms[arm.arm.name];
    for (const Metric& metric : metrics) {
      const auto value = shown_value(arm, metric_of(metric.name)).value;
      out[metric.name] = value ? Json(*value) : Json(nullptr);
    }
  }
  return arms;
}

Json profile_json(const ProfileReport& profile) {
  Json loads = Json::object();
  for (const LoadReport& load : profile.report.loads) {
    Json rules = Json::array();
    for (const RuleResult& rule : load.rules)
      rules.push_back({{"text", rule.rule.text}, {"verdict", rule_verdict_text(rule.verdict)}});
    loads[load.load.name] = {{"arms", figures_json(load, profile.report.metrics)},
                             {"rules", std::move(rules)}};
  }
  return {{"validity", validity_text(overall(profile.report.reasons))},
          {"gate", gate_objection(profile.report)},
          {"answer", profile.report.answer},
          {"loads", std::move(loads)}};
}

}  // namespace

std::string to_json_text(const Campaign& campaign) {
  const Json document = {{"schema", "kairo-campaign"},
                         {"version", 1},
                         {"name", campaign.name},
                         {"question", campaign.question},
                         {"folders", campaign.folders}};
  return document.dump(2) + "\n";
}

base::Result<Campaign> parse_campaign(std::string_view text, const std::string& source) {
  JsonDocument document(text, source, "run the experiment again", "kairo-campaign");
  const JsonReader reader = document.top();
  Campaign out;
  out.name = reader.text("name");
  out.question = reader.text("question");
  const Json folders = reader.json().value("folders", Json());
  if (!folders.is_array() || folders.empty()) reader.refuse("folders", "not an array of names");
  for (const Json& folder : folders) {
    if (!folder.is_string() || !is_valid_name(folder.get<std::string>()))
      reader.refuse("folders", "one is not the name of a folder");
    else
      out.folders.push_back(folder.get<std::string>());
  }
  return document.result(std::move(out));
}

bool is_campaign(const fs::path& directory) {
  std::error_code status;
  return fs::is_regular_file(directory / kFileName, status);
}

base::Result<std::vector<ProfileReport>> compare_campaign(const fs::path& directory,
                                                          const std::string& base_arm, bool html) {
  const fs::path file = directory / kFileName;
  KAIRO_TRY(const auto text, base::read_file(file, 1 << 20));
  KAIRO_TRY(const auto campaign, parse_campaign(text, file.string()));
  std::vector<ProfileReport> reports;
  for (const std::string& folder : campaign.folders) {
    const fs::path path = directory / folder;
    KAIRO_TRY(auto report, compare_folders({path}, base_arm, path, html));
    reports.push_back({folder, std::move(report)});
  }
  for (const auto& [name, content] :
       {std::pair{"summary.md", to_summary_markdown(campaign, reports)},
        std::pair{"summary.json", to_summary_json(campaign, reports)}}) {
    KAIRO_CHECK(write_report_file({directory}, directory, name, content));
  }
  return reports;
}

std::string to_summary_json(const Campaign& campaign, const std::vector<ProfileReport>& reports) {
  Json profiles = Json::object();
  for (const ProfileReport& report : reports) profiles[report.profile] = profile_json(report);
  const Json document = {{"schema", "kairo-summary"},
                         {"version", 1},
                         {"name", campaign.name},
                         {"question", campaign.question},
                         {"profile_order", campaign.folders},
                         {"profiles", std::move(profiles)}};
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string gate_objection(const std::vector<ProfileReport>& reports) {
  for (const ProfileReport& report : reports) {
    if (const std::string objection = gate_objection(report.report); !objection.empty())
      return report.profile + ": " + objection;
  }
  return {};
}

}  // namespace kairo::reports
