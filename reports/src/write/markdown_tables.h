// SPDX-License-Identifier: GPL-2.0-only
// Tables of report.md with an arm in each row.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "kairo/reports/report.h"

namespace kairo::reports {

// A figure of every arm in one unit.
struct Column {
  std::string title;
  MetricName name;
};

bool class_seen(const LoadReport& load, IoClass io_class);

// The classes of an arm that a table is about: all of it, or a phase.
using Chooser = std::function<ShownValue(const ArmSummary&, const MetricName&)>;

// Markdown of a table in which each column has one unit; the header names it. Without `choose` the
// whole arm is shown.
std::string arms_table(const LoadReport& load, const std::vector<Column>& columns,
                       const Chooser& choose = {});

// Throughput by class, then what it cost.
std::string throughput_tables(const LoadReport& load);

// What the sessions of a replay felt; empty without any.
std::string session_tables(const LoadReport& load);

// A table per class of what each server saw; empty on one machine.
std::string host_tables(const LoadReport& load);

}  // namespace kairo::reports
