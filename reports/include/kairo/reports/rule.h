// SPDX-License-Identifier: GPL-2.0-only
// Pass rules: what an experiment claims before it is run, in numbers that the report checks.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kairo::reports {

struct LoadReport;
struct Arm;

// In `of`: every arm of the experiment that is a stock scheduler (is_stock()).
inline constexpr std::string_view kBestStock = "best-stock";

// A bound on one figure of an arm. With `of`, `value` is a factor on the same figure of another
// arm: the best of those named, "best" by the direction of the bound. Without, it is in the
// metric's own unit (ns, bytes/s, a fraction). `phase` asks for the figure within a phase of the
// load.
struct Bound {
  std::string metric;
  bool at_most = true;  // else at least
  double value = 0;
  std::vector<std::string> of = {};
  std::string phase = {};
};

// `arm` must keep `bound` and every condition of `where`. With several arms in `bound.of`, those
// that do not keep the conditions of `where` are no peers: a latency bought by starving others does
// not count. A condition whose own `of` names one arm is measured against that arm.
struct Rule {
  std::string text;  // the claim in words
  std::string arm;
  Bound bound;
  std::vector<Bound> where = {};
  std::vector<std::string> loads = {};  // empty: every load
};

enum class RuleVerdict {
  kPass,
  kMiss,
  kNoData  // an arm or a figure is missing: the claim cannot be made
};

std::string_view rule_verdict_text(RuleVerdict verdict);

// One bound as it was measured. Absent: not measured.
struct BoundResult {
  Bound bound;
  RuleVerdict verdict = RuleVerdict::kNoData;
  std::optional<double> value;    // of the arm
  std::optional<double> against;  // of the arm it is measured against
  bool value_at_least = false;    // the true one lies beyond fio's last bin
  bool against_at_least = false;
  std::string against_arm;  // empty for a bound without `of`
};

struct RuleResult {
  Rule rule;
  std::string load;
  RuleVerdict verdict = RuleVerdict::kNoData;
  BoundResult bound;
  std::vector<BoundResult> where;
  std::vector<std::string> set_aside;  // arms of bound.of that did not keep `where`
  std::string note;                    // why there is no verdict
};

// One of the kernel's own schedulers, with no setting of this project (`kv_...`).
bool is_stock(const Arm& arm);

// `decode p99 <= 0.6 of best-stock`, for tables and messages.
std::string bound_text(const Bound& bound);

// Every rule that concerns the load, in their order.
std::vector<RuleResult> evaluate_rules(const std::vector<Rule>& rules, const LoadReport& load);

}  // namespace kairo::reports
