// SPDX-License-Identifier: GPL-2.0-only
// What a run cost and how its sessions fared: figures that no class has.
#include "run_figures.h"

#include <algorithm>
#include <cmath>

#include "kairo/base/units.h"
#include "kairo/reports/histogram.h"

namespace kairo::reports {
namespace {

std::optional<double> per(std::optional<double> sum, double count) {
  if (!sum || !(count > 0)) return std::nullopt;
  return *sum / count;
}

std::optional<double> number(std::optional<std::uint64_t> value) {
  return value ? std::optional<double>(static_cast<double>(*value)) : std::nullopt;
}

std::optional<double> number_of(const TextMap& map, const char* key) {
  const auto found = map.find(key);
  return found == map.end() ? std::nullopt : base::parse_double(found->second);
}

std::optional<double> utilisation(const Run& run, std::optional<std::uint64_t> dies) {
  const auto die_busy = number_of(run.device, "die_busy_ns");
  const auto elapsed = number_of(run.device, "elapsed_ns");
  if (!dies || *dies == 0 || !die_busy || !elapsed) return std::nullopt;
  return per(die_busy, *elapsed * static_cast<double>(*dies));
}

// Absent without garbage collection: such a drive erases nothing.
std::optional<double> write_amplification(const Run& run) {
  const auto written = number_of(run.device, "pages_programmed");
  const auto moved = number_of(run.device, "pages_moved");
  const auto erased = number_of(run.device, "blocks_erased");
  if (!written || !moved || !erased || *erased == 0) return std::nullopt;
  return per(*written + *moved, *written);
}

std::optional<double> cpu_busy(const RunRecord& record) {
  const auto busy = number(record.cpu_busy_ns);
  const auto idle = number(record.cpu_idle_ns);
  if (!busy || !idle) return std::nullopt;
  return per(busy, *busy + *idle);
}

// Calls, I/Os and bytes as the engine counted them, ramp included. Absent unless every job of the
// run has a sidecar that counts calls.
struct EngineCalls {
  double enters = 0;
  double ios = 0;
  double bytes = 0;
};

std::optional<EngineCalls> engine_calls(const Run& run) {
  EngineCalls out;
  if (run.engines.empty() || run.engines.size() != run.job_names) return std::nullopt;
  for (const EngineStats& engine : run.engines) {
    if (!engine.enter_calls) return std::nullopt;
    out.enters += static_cast<double>(*engine.enter_calls);
    for (const auto& counted : engine.classes) {
      if (!counted) continue;
      out.ios += static_cast<double>(counted->ios);
      out.bytes += static_cast<double>(counted->bytes);
    }
  }
  return out;
}

std::optional<double> cost_figure(const Run& run, std::string_view name) {
  const auto ios = static_cast<double>(run.ios);
  if (name == "virtual_ns_per_io") return per(number(run.record.cpu_busy_ns), ios);
  if (name == "switches_per_io") return per(number(run.context_switches), ios);
  if (name == "user_ns_per_io") return per(run.user_ns, ios);
  if (name == "system_ns_per_io") return per(run.system_ns, ios);
  const auto calls = engine_calls(run);
  if (!calls) return std::nullopt;
  return name == "enters_per_io" ? per(calls->enters, calls->ios)
                                 : per(calls->bytes, calls->enters);
}

// Times to first token, or steps per second, sorted.
std::vector<double> session_values(const Run& run, bool ttft) {
  std::vector<double> out;
  for (const EngineStats& engine : run.engines)
    for (const SessionFigures& session : engine.sessions) {
      if (ttft)
        out.push_back(static_cast<double>(session.ttft_ns));
      else if (session.steps_per_s)
        out.push_back(*session.steps_per_s);
    }
  std::sort(out.begin(), out.end());
  return out;
}

// fio's rule on sorted values; nullopt when fewer than ten lie beyond, on the side that counts.
std::optional<double> quantile(const std::vector<double>& sorted, double percent) {
  if (sorted.size() < samples_needed(std::max(percent, 100 - percent))) return std::nullopt;
  const auto rank =
      static_cast<std::size_t>(std::ceil(percent / 100 * static_cast<double>(sorted.size())));
  return sorted[rank == 0 ? 0 : rank - 1];
}

std::optional<double> session_figure(const Run& run, std::string_view name) {
  const bool ttft = name.starts_with("ttft_");
  const std::vector<double> values = session_values(run, ttft || name == "sessions");
  if (values.empty()) return std::nullopt;
  if (name == "sessions") return static_cast<double>(values.size());
  if (name == "session_fairness") {
    // Of the time per step: a session whose steps come back all at once has an absurd rate.
    std::vector<double> times;
    for (const double rate : values) times.push_back(1 / rate);
    return jain_index(times);
  }
  if (name == "ttft_max_ns") return values.back();
  if (name == "ttft_p90_ns") return quantile(values, 90);
  return quantile(values, name == "steps_p10_per_s" ? 10 : 50);
}

}  // namespace

std::optional<double> jain_index(const std::vector<double>& values) {
  double sum = 0;
  double squares = 0;
  for (const double value : values) {
    sum += value;
    squares += value * value;
  }
  if (values.size() < 2 || !(squares > 0)) return std::nullopt;
  return sum * sum / (static_cast<double>(values.size()) * squares);
}

std::optional<double> run_figure(const Run& run, std::string_view name,
                                 std::optional<std::uint64_t> dies) {
  if (name == "utilisation") return utilisation(run, dies);
  if (name == "write_amplification") return write_amplification(run);
  if (name == "cpu_busy") return cpu_busy(run.record);
  if (name.ends_with("_io") || name == "bytes_per_enter") return cost_figure(run, name);
  return session_figure(run, name);
}

}  // namespace kairo::reports
