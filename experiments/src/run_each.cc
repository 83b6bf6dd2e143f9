// SPDX-License-Identifier: GPL-2.0-only
#include "run_each.h"

#include "kairo/base/interrupt.h"
#include "kairo/base/short_names.h"

namespace kairo::experiments {
namespace {

reports::ExperimentVerdict failed(const std::string& name, std::string why) {
  reports::ExperimentVerdict out;
  out.name = name;
  out.failure = std::move(why);
  return out;
}

}  // namespace

Status gate_status(bool gate, const std::string& objection) {
  if (!gate || objection.empty()) return {};
  return fail(ErrorCode::kShort, "gate: {}", objection);
}

RunsOfAll run_each(const std::vector<std::string>& names, bool gate, const RunOne& run) {
  RunsOfAll out;
  for (const std::string& name : names) {
    if (base::InterruptGuard::interrupted()) {
      out.verdicts.push_back(failed(name, "interrupted before it began"));
      if (!out.first) out.first = base::Error{base::kInterrupted, name + ": did not begin"};
      continue;
    }
    fmt::print(stderr, "experiment {}\n", name);
    const auto verdict = run(name);
    out.verdicts.push_back(verdict ? *verdict : failed(name, verdict.error().message));
    const Status passed =
        verdict ? gate_status(gate, verdict->objection) : Status(fail(verdict.error()));
    if (passed) continue;
    base::report_error(passed.error());
    if (!out.first) out.first = passed.error();
  }
  return out;
}

}  // namespace kairo::experiments
