// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "kairo/reports/rule.h"
#include "read/json_reader.h"

namespace kairo::reports {

// A rule as experiment.json has it, both ways. Problems go to the reader's JsonProblem.
Json rule_json(const Rule& rule);
Rule read_rule(const JsonReader& reader);

// The member `key`, the name of a metric.
std::string read_metric_name(const JsonReader& reader, const char* key);

// A rule with what was measured, as report.json has it.
Json rule_result_json(const RuleResult& result);

}  // namespace kairo::reports
