// SPDX-License-Identifier: GPL-2.0-only
// How each figure of the tables in metric.h is computed.
#include <algorithm>
#include <cmath>

#include "kairo/base/quantile.h"
#include "kairo/base/units.h"
#include "kairo/reports/histogram.h"
#include "kairo/reports/metric.h"
#include "kairo/reports/run_data.h"
#include "model/run_figures.h"

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

double ios_of(const Run& run) {
  return static_cast<double>(run.ios);
}

// Times to first token, sorted.
std::vector<double> first_tokens(const Run& run) {
  std::vector<double> out;
  for (const EngineStats& engine : run.engines)
    for (const SessionFigures& session : engine.sessions)
      out.push_back(static_cast<double>(session.ttft_ns));
  std::sort(out.begin(), out.end());
  return out;
}

// Steps per second of the sessions that have more than one, sorted.
std::vector<double> step_rates(const Run& run) {
  std::vector<double> out;
  for (const EngineStats& engine : run.engines)
    for (const SessionFigures& session : engine.sessions)
      if (session.steps_per_s) out.push_back(*session.steps_per_s);
  std::sort(out.begin(), out.end());
  return out;
}

// fio's rule on sorted values; nullopt when fewer than ten lie beyond, on the side that counts.
std::optional<double> quantile(const std::vector<double>& sorted, double percent) {
  if (sorted.size() < samples_needed(std::max(percent, 100 - percent))) return std::nullopt;
  return base::quantile(sorted, percent);
}

std::optional<double> percentile_of(const ClassResult& result, const Percentile& percentile) {
  if (result.unbinned != 0) return std::nullopt;
  const auto value = result.latency.supported_percentile(percentile.percent);
  return value ? std::optional<double>(static_cast<double>(*value)) : std::nullopt;
}

}  // namespace

std::optional<double> figures::longest(const ClassResult& result) {
  if (result.ios() == 0 || result.unmeasured != 0) return std::nullopt;
  return static_cast<double>(result.max_ns);
}

std::optional<double> figures::mean(const ClassResult& result) {
  if (result.ios() == 0 || result.unmeasured != 0) return std::nullopt;
  return result.mean_ns;
}

std::optional<double> figures::ios(const ClassResult& result) {
  return static_cast<double>(result.ios());
}

std::optional<double> figures::rate(const ClassResult& result) {
  if (result.ios() == 0 || !result.bytes || result.runtime_ms == 0) return std::nullopt;
  return static_cast<double>(*result.bytes) * 1000 / static_cast<double>(result.runtime_ms);
}

std::optional<double> figures::missed(const ClassResult& result) {
  if (result.with_deadline.value_or(0) == 0) return std::nullopt;
  return static_cast<double>(*result.missed) / static_cast<double>(*result.with_deadline);
}

std::optional<double> figures::utilisation(const Run& run) {
  const auto die_busy = number_of(run.device, "die_busy_ns");
  const auto elapsed = number_of(run.device, "elapsed_ns");
  if (!run.dies || *run.dies == 0 || !die_busy || !elapsed) return std::nullopt;
  return per(die_busy, *elapsed * static_cast<double>(*run.dies));
}

// Absent for a drive that moved nothing: without garbage collection and fast flash.
std::optional<double> figures::write_amplification(const Run& run) {
  const auto written = number_of(run.device, "pages_programmed");
  const auto moved = number_of(run.device, "pages_moved");
  const auto erased = number_of(run.device, "blocks_erased");
  const auto slc_moved = number_of(run.device, "slc_pages_moved").value_or(0);
  if (!written || !moved || !erased || *erased + slc_moved == 0) return std::nullopt;
  return per(*written + *moved + slc_moved, *written);
}

std::optional<double> figures::cpu_busy(const Run& run) {
  const auto busy = number(run.record.cpu_busy_ns);
  const auto idle = number(run.record.cpu_idle_ns);
  if (!busy || !idle) return std::nullopt;
  return per(busy, *busy + *idle);
}

std::optional<double> figures::cpu_per_io(const Run& run) {
  return per(number(run.record.cpu_busy_ns), ios_of(run));
}

std::optional<double> figures::switches_per_io(const Run& run) {
  return per(number(run.context_switches), ios_of(run));
}

std::optional<double> figures::user_per_io(const Run& run) {
  return per(run.user_ns, ios_of(run));
}

std::optional<double> figures::system_per_io(const Run& run) {
  return per(run.system_ns, ios_of(run));
}

std::optional<double> figures::enters_per_io(const Run& run) {
  const auto calls = engine_calls(run);
  return calls ? per(calls->enters, calls->ios) : std::nullopt;
}

std::optional<double> figures::bytes_per_enter(const Run& run) {
  const auto calls = engine_calls(run);
  return calls ? per(calls->bytes, calls->enters) : std::nullopt;
}

std::optional<double> figures::sessions(const Run& run) {
  const std::vector<double> times = first_tokens(run);
  if (times.empty()) return std::nullopt;
  return static_cast<double>(times.size());
}

std::optional<double> figures::ttft_p50(const Run& run) {
  return quantile(first_tokens(run), 50);
}

std::optional<double> figures::ttft_p90(const Run& run) {
  return quantile(first_tokens(run), 90);
}

std::optional<double> figures::ttft_max(const Run& run) {
  const std::vector<double> times = first_tokens(run);
  if (times.empty()) return std::nullopt;
  return times.back();
}

std::optional<double> figures::steps_p10(const Run& run) {
  return quantile(step_rates(run), 10);
}

std::optional<double> figures::steps_p50(const Run& run) {
  return quantile(step_rates(run), 50);
}

std::optional<double> figures::session_fairness(const Run& run) {
  // Of the time per step: a session whose steps come back all at once has an absurd rate.
  std::vector<double> times;
  for (const double rate : step_rates(run)) times.push_back(1 / rate);
  return jain_index(times);
}

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

std::optional<double> figure(const Run& run, const MetricName& name) {
  if (!name.io_class) return kRunFigures[name.place].compute(run);
  const auto& result = run.classes[static_cast<std::size_t>(*name.io_class)];
  if (!result) return std::nullopt;
  return name.is_percentile ? percentile_of(*result, kPercentiles[name.place])
                            : kClassFigures[name.place].compute(*result);
}

std::optional<double> figure(const Run& run, std::string_view metric) {
  return figure(run, metric_of(metric));
}

}  // namespace kairo::reports
