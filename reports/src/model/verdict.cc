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

std::string reason_text(const Reason& reason) {
  std::string out = reason.load;
  if (!reason.arm.empty()) out += (out.empty() ? "" : ", ") + reason.arm;
  if (!out.empty()) out += ": ";
  return out + reason.text + (reason.detail.empty() ? "" : ": " + reason.detail);
}

namespace {

// `mix none (run 1)`; the detail alone when the reason concerns everything.
std::string place_text(const Reason& reason) {
  std::string out = reason.load;
  if (!reason.arm.empty()) out += (out.empty() ? "" : " ") + reason.arm;
  if (out.empty() || reason.detail.empty()) return out + reason.detail;
  return out + " (" + reason.detail + ")";
}

}  // namespace

std::vector<std::string> reason_lines(const std::vector<Reason>& reasons) {
  std::vector<std::string> out;
  std::vector<const Reason*> firsts;
  for (const Reason& reason : reasons) {
    const auto same = std::find_if(firsts.begin(), firsts.end(), [&](const Reason* first) {
      return first->level == reason.level && first->text == reason.text;
    });
    const std::string place = place_text(reason);
    if (same != firsts.end()) {
      if (!place.empty()) out[static_cast<std::size_t>(same - firsts.begin())] += ", " + place;
      continue;
    }
    firsts.push_back(&reason);
    std::string line(reason.level == Validity::kValid ? "note" : validity_text(reason.level));
    line += ": " + reason.text;
    if (!place.empty()) line += ": " + place;
    out.push_back(std::move(line));
  }
  return out;
}

Validity overall(const std::vector<Reason>& reasons) {
  Validity worst = Validity::kValid;
  for (const Reason& reason : reasons) worst = std::max(worst, reason.level);
  return worst;
}

}  // namespace kairo::reports
