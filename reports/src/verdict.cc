// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/reports/verdict.h"

#include <algorithm>
#include <cmath>

#include "kairo/reports/statistics.h"

namespace kairo::reports {

std::string_view verdict_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::kImproved:
      return "improved";
    case Verdict::kRegressed:
      return "regressed";
    case Verdict::kNoDifference:
      return "no difference detected";
    case Verdict::kNotEnoughData:
      break;
  }
  return "not enough data";
}

Verdict decide(const Metric& metric, const Evidence& evidence) {
  if (!evidence.ratio || !evidence.p_holm) return Verdict::kNotEnoughData;
  const double reachable = smallest_mann_whitney_p(evidence.base_runs, evidence.test_runs) *
                           static_cast<double>(std::max<std::size_t>(1, evidence.family));
  if (reachable > kAlpha) return Verdict::kNotEnoughData;
  if (*evidence.p_holm > kAlpha || std::abs(*evidence.ratio - 1) <= metric.margin)
    return Verdict::kNoDifference;
  const bool lower = *evidence.ratio < 1;
  return lower == (metric.better == Better::kLower) ? Verdict::kImproved : Verdict::kRegressed;
}

std::string_view validity_text(Validity validity) {
  switch (validity) {
    case Validity::kValid:
      return "VALID";
    case Validity::kDegraded:
      return "DEGRADED";
    case Validity::kInvalid:
      break;
  }
  return "INVALID";
}

Validity overall(const std::vector<Reason>& reasons) {
  Validity worst = Validity::kValid;
  for (const Reason& reason : reasons) worst = std::max(worst, reason.level);
  return worst;
}

}  // namespace kairo::reports
