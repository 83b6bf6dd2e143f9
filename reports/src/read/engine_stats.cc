// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/reports/engine_stats.h"

#include <algorithm>

#include "read/json_reader.h"

namespace kairo::reports {
namespace {

std::vector<SessionFigures> read_sessions(const JsonReader& trace) {
  std::vector<SessionFigures> out;
  if (!trace.has("sessions")) return out;
  const JsonReader sessions = trace.object("sessions");
  for (const JsonReader& each : sessions.objects("each")) {
    SessionFigures figures;
    figures.session = each.u64("session");
    figures.ttft_ns = each.u64("ttft_ns");
    figures.steps = each.u64("steps");
    if (each.has("steps_per_s")) {
      figures.steps_per_s = each.number("steps_per_s");
      if (*figures.steps_per_s <= 0) each.refuse("steps_per_s", "not above 0");
    }
    out.push_back(figures);
  }
  if (sessions.u64("count") != out.size()) sessions.refuse("count", "not the number of sessions");
  return out;
}

}  // namespace

void merge(EngineStats& into, const EngineStats& other) {
  const auto add = [](std::optional<std::uint64_t>& sum, std::optional<std::uint64_t> value) {
    if (value) sum = sum.value_or(0) + *value;
  };
  for (std::size_t i = 0; i < kClassCount; ++i) {
    if (!other.classes[i]) continue;
    if (!into.classes[i]) into.classes[i].emplace();
    into.classes[i]->ios += other.classes[i]->ios;
    into.classes[i]->bytes += other.classes[i]->bytes;
    into.classes[i]->errors += other.classes[i]->errors;
    into.classes[i]->late += other.classes[i]->late;
    into.classes[i]->max_late_ns =
        std::max(into.classes[i]->max_late_ns, other.classes[i]->max_late_ns);
    add(into.classes[i]->missed, other.classes[i]->missed);
  }
  add(into.offered_ios, other.offered_ios);
  add(into.issued_ios, other.issued_ios);
  add(into.enter_calls, other.enter_calls);
  into.sessions.insert(into.sessions.end(), other.sessions.begin(), other.sessions.end());
  into.sample = into.sample || other.sample;
}

base::Result<EngineStats> parse_engine_stats(std::string_view text, const std::string& source) {
  JsonDocument document(text, source, "repeat this run", "kairo-engine-stats");
  const JsonReader reader = document.top();

  EngineStats out;
  out.job = reader.text("jobname");
  out.engine = reader.has("engine") ? reader.text("engine") : "";
  const JsonReader path = reader.object("kv_path");
  out.path_asked = path.text("asked");
  out.path_used = path.text("used");
  const JsonReader classes = reader.object("classes");
  for (const auto& [name, unused] : classes.json().items()) {
    const auto io_class = parse_class(name);
    if (!io_class) {
      classes.refuse(name.c_str(), "not a class");
      break;
    }
    const JsonReader member = classes.object(name.c_str());
    EngineClass counted;
    counted.ios = member.u64("ios");
    counted.bytes = member.u64("bytes");
    counted.errors = member.u64("errors");
    counted.late = member.maybe_u64("late").value_or(0);
    counted.max_late_ns = member.maybe_u64("max_late_ns").value_or(0);
    counted.missed = member.maybe_u64("deadline_misses");
    out.classes[static_cast<std::size_t>(*io_class)] = counted;
  }
  out.offered_ios = reader.maybe_u64("offered_ios");
  out.issued_ios = reader.maybe_u64("issued_ios");
  out.enter_calls = reader.maybe_u64("enter_calls");
  if (reader.has("trace")) {
    const JsonReader trace = reader.object("trace");
    out.sample = trace.maybe_flag("sample").value_or(false);
    out.sessions = read_sessions(trace);
  }
  return document.result(std::move(out));
}

}  // namespace kairo::reports
