// SPDX-License-Identifier: GPL-2.0-only
// One experiment on several device profiles: a result folder each, side by side in one folder.
//
//   DIR/campaign.json      schema `kairo-campaign`, version 1: name, question, folders
//   DIR/<profile>/         a result folder
//   DIR/summary.{md,json}  written by `kairo report compare DIR`
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/reports/report.h"

namespace kairo::reports {

struct Campaign {
  std::string name;
  std::string question;
  std::vector<std::string> folders;  // below DIR, in the order of the experiment
};

std::string to_json_text(const Campaign& campaign);
base::Result<Campaign> parse_campaign(std::string_view text, const std::string& source);

// Whether DIR holds a campaign.json.
bool is_campaign(const std::filesystem::path& directory);

struct ProfileReport {
  std::string profile;  // the folder's name
  Report report;
};

// Writes the report of every folder of the campaign, then summary.md and summary.json.
base::Result<std::vector<ProfileReport>> compare_campaign(const std::filesystem::path& directory,
                                                          const std::string& base_arm,
                                                          bool html = false);

// What the profiles say side by side: validity, claims, and for each load a table per metric that
// matters (the primary one and those that should be high), arms down, profiles across.
std::string to_summary_markdown(const Campaign& campaign,
                                const std::vector<ProfileReport>& reports);
std::string to_summary_json(const Campaign& campaign, const std::vector<ProfileReport>& reports);

// What a terminal shows of them, as of a single report.
std::string to_terminal_text(const std::vector<ProfileReport>& reports,
                             const std::filesystem::path& directory, bool html);

// gate_objection() of the first profile that has one, with its name; else empty.
std::string gate_objection(const std::vector<ProfileReport>& reports);

}  // namespace kairo::reports
