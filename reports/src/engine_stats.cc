// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/reports/engine_stats.h"

#include "json_reader.h"

namespace kairo::reports {

base::Result<EngineStats> parse_engine_stats(std::string_view text, const std::string& source) {
  const auto json = parse_json(text, source);
  if (!json) return base::fail(json.error());
  JsonProblem problem{source, "repeat this run"};
  const JsonReader reader(*json, &problem);
  reader.expect_schema("kairo-engine-stats");

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
    out.classes[static_cast<std::size_t>(*io_class)] = counted;
  }
  out.offered_ios = reader.maybe_u64("offered_ios");
  out.issued_ios = reader.maybe_u64("issued_ios");
  if (problem.error) return base::fail(*problem.error);
  return out;
}

}  // namespace kairo::reports
