// SPDX-License-Identifier: GPL-2.0-only
// Figures by key, from the report.json files of result folders.
//
// A key is [DEVICE:]LOAD/ARM/METRIC[/OF]: `mix/kairo/decode.p99_us`, with a fourth part the ratio
// to that arm: `reference-s10:mix/kairo/prefill.bytes_per_s/none`. METRIC is one of a report, with
// its own unit or with another of the same kind: _us or _ms for _ns, mb_per_s or gb_per_s for
// bytes_per_s, utilisation_percent for utilisation. DEVICE is needed where several reports have the
// load. LOAD@PHASE is a phase of it. The arm rule-2 is the peer that the second claim of the load
// (that concerns the device) held its arm against: the best of those that kept its conditions.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"

namespace kairo::evidence {

struct Key {
  std::string device;
  std::string load;
  std::string arm;
  std::string metric;
  std::string of;
};

base::Result<Key> parse_key(std::string_view text);

// nullopt is what the report calls n/a.
using Value = std::optional<double>;

struct ResultReport {
  std::filesystem::path file;
  std::string experiment;
  std::string device;
  std::string series;
  std::map<std::string, Value> figures;  // by LOAD/ARM/METRIC, in the report's units
  std::map<std::string, bool> at_least;  // those that lie in fio's last bin, which has no end
};

// Every report.json in and below the folders. Refuses (kInput) a folder without one, and a file
// that is no report.
base::Result<std::vector<ResultReport>> read_results(
    const std::vector<std::filesystem::path>& folders);

struct Found {
  Value value;
  std::string series;
};

// Refuses a key that no report or more than one has, what lies in fio's last bin, and a ratio to 0.
base::Result<Found> find_figure(const std::vector<ResultReport>& reports, const Key& key);

}  // namespace kairo::evidence
