// SPDX-License-Identifier: GPL-2.0-only
// The reasons to doubt a report, each with a code for programs and a sentence for people.
#include <algorithm>
#include <cmath>
#include <iterator>

#include "kairo/base/units.h"
#include "kairo/reports/format.h"
#include "kairo/reports/report.h"

namespace kairo::reports {
namespace {

constexpr double kBusyLimit = 0.60;      // above it the guest's CPU is measured, not the scheduler
constexpr double kAchievedLimit = 0.95;  // of the offered arrivals
constexpr double kSidecarTolerance = 0.01;
constexpr double kSpreadLimit = 0.10;
constexpr std::size_t kRunsForInterval = 6;

class Finder {
 public:
  explicit Finder(const ResultFolder& folder) : folder_(folder) {}

  std::vector<Reason> take() { return std::move(reasons_); }

  void whole() {
    const Experiment& experiment = folder_.experiment;
    if (experiment.fixture)
      add(Validity::kInvalid, "fixture", "made from captured test files, not from a measurement");
    if (!folder_.missing.empty())
      add(Validity::kInvalid, "incomplete",
          fmt::format("{} of {} planned runs are missing, first {}", folder_.missing.size(),
                      folder_.missing.size() + folder_.runs.size(), folder_.missing.front()));
    else if (!experiment.complete)
      add(Validity::kInvalid, "incomplete", "the experiment was interrupted before its end");
    const auto left_out = experiment.environment.find("arms_left_out");
    if (left_out != experiment.environment.end())
      add(Validity::kDegraded, "arms-left-out",
          "not possible on this kernel, so not compared: " + left_out->second);
    const auto arms_on = experiment.environment.find("arms_on");
    if (arms_on != experiment.environment.end())
      add(Validity::kValid, "one-kernel",
          "arms of the base kernel ran with the others on " + arms_on->second);
    const auto tool = experiment.environment.find("tool");
    if (tool != experiment.environment.end() && tool->second.find("dirty") != std::string::npos)
      add(Validity::kValid, "dirty",
          "made with a tool built from uncommitted changes: " + tool->second);
  }

  void run(const Run& run) {
    load_ = run.record.load;
    arm_ = run.record.arm;
    const unsigned repeat = run.record.repeat;
    if (run.record.fio_exit != 0)
      add(Validity::kInvalid, "fio-failed",
          fmt::format("fio ended with status {} in run {}", run.record.fio_exit, repeat));
    if (run.job_errors != 0)
      add(Validity::kInvalid, "job-error",
          fmt::format("{} job(s) ended with an error in run {}", run.job_errors, repeat));
    if (run.short_ios + run.drop_ios != 0)
      add(Validity::kInvalid, "short-io",
          fmt::format("{} short and {} dropped I/Os in run {}", run.short_ios, run.drop_ios,
                      repeat));
    for (std::size_t i = 0; i < kClassCount; ++i) check_sidecar(run, i);
    for (const EngineStats& engine : run.engines) {
      check_arrivals(engine, repeat);
      if (engine.path_asked == engine.path_used) continue;
      arm_.clear();  // the kernel's doing, not the arm's
      add(Validity::kValid, "carrier",
          fmt::format("hints asked for by {}, carried by {}", engine.path_asked, engine.path_used));
      arm_ = run.record.arm;
    }
    check_tunables(run);
    if (!run.hosts.empty()) {
      load_.clear();
      arm_.clear();
      add(Validity::kDegraded, "hosts",
          fmt::format("ran on {} fio servers: the settings of their queues were not seen from here",
                      run.hosts.size()));
    }
  }

  void add_all(std::vector<Reason> reasons) {
    std::move(reasons.begin(), reasons.end(), std::back_inserter(reasons_));
  }

  void arm(const LoadReport& load, const ArmSummary& arm) {
    load_ = load.load.name;
    arm_ = arm.arm.name;
    const auto busy = arm.of_run("cpu_busy").median;
    if (busy && *busy > kBusyLimit)
      add(Validity::kDegraded, "guest-cpu",
          fmt::format("guest CPU {} % busy: above 60 % the CPU is measured, not the scheduler",
                      format_number(100 * *busy)));
    check_spread(arm);
  }

  void load(const LoadReport& load) {
    load_ = load.load.name;
    arm_.clear();
    if (load.load.sample)
      add(Validity::kDegraded, "sample",
          "the trace is the project's small sample: it shows the path, not a result");
    std::size_t fewest = SIZE_MAX;
    bool cpu_known = true;
    for (const ArmSummary& arm : load.arms) {
      fewest = std::min(fewest, arm.runs.size());
      cpu_known = cpu_known && arm.of_run("cpu_busy").median.has_value();
    }
    if (!load.arms.empty() && fewest < kRunsForInterval)
      add(Validity::kDegraded, "few-runs",
          fmt::format("{} per arm: an interval needs {}", format_runs(fewest), kRunsForInterval));
    if (!load.arms.empty() && !cpu_known)
      add(Validity::kValid, "cpu-unknown", "guest CPU use was not measured in every arm");
  }

 private:
  void add(Validity level, std::string code, std::string text) {
    std::string where = load_;
    if (!arm_.empty()) where += (where.empty() ? "" : ", ") + arm_;
    if (!where.empty()) text = where + ": " + text;
    reasons_.push_back({level, std::move(code), load_, arm_, std::move(text)});
  }

  void check_sidecar(const Run& run, std::size_t io_class) {
    const auto& result = run.classes[io_class];
    if (!result) return;
    if (result->errors.value_or(0) != 0)
      add(Validity::kInvalid, "engine-errors",
          fmt::format("{} {} I/Os failed in run {}", base::format_count(*result->errors),
                      kClassNames[io_class], run.record.repeat));
    std::uint64_t counted = 0;
    for (const EngineStats& engine : run.engines) {
      if (engine.classes[io_class]) counted += engine.classes[io_class]->ios;
    }
    const auto measured = static_cast<double>(result->latency.count());
    if (counted == 0 || io_class == 0) return;
    const double excess = static_cast<double>(counted) - measured;
    // The engine counts from its first I/O, fio from the end of the ramp on.
    if (run.ramped && excess > 0) return;
    if (std::abs(excess) > kSidecarTolerance * measured)
      add(Validity::kDegraded, "count-mismatch",
          fmt::format("the engine counted {} {} I/Os, fio {} in run {}",
                      base::format_count(counted), kClassNames[io_class],
                      base::format_count(result->latency.count()), run.record.repeat));
  }

  // Open loop: arrivals that were due and never issued make every latency a matter of run length.
  void check_arrivals(const EngineStats& engine, unsigned repeat) {
    if (engine.sample)
      add(Validity::kDegraded, "sample",
          "the trace is the project's small sample: it shows the path, not a result");
    if (!engine.offered_ios || !engine.issued_ios || *engine.offered_ios == 0) return;
    const double achieved =
        static_cast<double>(*engine.issued_ios) / static_cast<double>(*engine.offered_ios);
    if (achieved >= kAchievedLimit) return;
    const auto primary = primary_metric();
    const auto& carried =
        engine.classes[static_cast<std::size_t>(primary.io_class.value_or(IoClass::kDecode))];
    add(carried && carried->ios > 0 ? Validity::kDegraded : Validity::kValid, "overload",
        fmt::format(
            "job '{}' issued only {} % of its {} arrivals in run {}: its latencies depend on "
            "how long the run was",
            engine.job, format_number(100 * achieved), base::format_count(*engine.offered_ios),
            repeat));
  }

  [[nodiscard]] MetricName primary_metric() const {
    return *parse_metric_name(folder_.experiment.metrics.front().name);
  }

  // `none [kairo] kyber` as sysfs prints it, or the name alone.
  static std::string active_scheduler(const std::string& text) {
    const auto open = text.find('[');
    const auto close = text.find(']');
    if (open == std::string::npos || close == std::string::npos || close < open) return text;
    return text.substr(open + 1, close - open - 1);
  }

  static const std::string* find_tunable(const TextMap& tunables, const std::string& key) {
    for (const auto& [name, value] : tunables) {
      if (name == key || name.ends_with("/" + key) || key.ends_with("/" + name)) return &value;
    }
    return nullptr;
  }

  void check_tunables(const Run& run) {
    const auto& arms = folder_.experiment.arms;
    const auto arm = std::find_if(arms.begin(), arms.end(),
                                  [&](const Arm& other) { return other.name == run.record.arm; });
    if (arm == arms.end()) return;
    const std::string* const scheduler = find_tunable(run.tunables, "scheduler");
    if (scheduler != nullptr && active_scheduler(*scheduler) != arm->scheduler)
      add(Validity::kInvalid, "scheduler",
          fmt::format("run {} had scheduler '{}', not '{}'", run.record.repeat,
                      active_scheduler(*scheduler), arm->scheduler));
    for (const auto& [key, asked] : arm->settings) {
      const std::string* const found = find_tunable(run.tunables, key);
      if (found != nullptr && *found != asked)
        add(Validity::kInvalid, "setting",
            fmt::format("run {} had {} = {}, not {}", run.record.repeat, key, *found, asked));
    }
  }

  // A wide spread of the primary metric, and runs outside Tukey's fences: told, never dropped.
  void check_spread(const ArmSummary& arm) {
    const MetricName primary = primary_metric();
    if (!primary.io_class) return;
    const auto& summary = arm.classes[static_cast<std::size_t>(*primary.io_class)];
    if (!summary) return;
    for (std::size_t i = 0; i < kPercentiles.size(); ++i) {
      if (kPercentiles[i].key != primary.figure) continue;
      const std::vector<double> values = summary->percentiles[i].over_runs.values();
      if (values.size() < 2) return;
      double mean = 0;
      for (const double value : values) mean += value / static_cast<double>(values.size());
      double square = 0;
      for (const double value : values) square += (value - mean) * (value - mean);
      const double spread =
          std::sqrt(square / static_cast<double>(values.size() - 1)) / std::max(mean, 1e-9);
      const std::size_t outside = outliers(values);
      if (spread > kSpreadLimit)
        add(Validity::kValid, "spread",
            fmt::format("{} {} varies by {} % between runs ({} outlier(s), kept)",
                        class_name(*primary.io_class), kPercentiles[i].label,
                        format_number(100 * spread), outside));
    }
  }

  const ResultFolder& folder_;
  std::string load_;
  std::string arm_;
  std::vector<Reason> reasons_;
};

// The same reason for several runs of an arm becomes one that says how many more.
std::vector<Reason> condense(const std::vector<Reason>& reasons) {
  std::vector<Reason> out;
  std::vector<std::size_t> more;
  for (const Reason& reason : reasons) {
    std::size_t at = 0;
    while (at < out.size() && (out[at].code != reason.code || out[at].load != reason.load ||
                               out[at].arm != reason.arm || out[at].level != reason.level))
      ++at;
    if (at == out.size()) {
      out.push_back(reason);
      more.push_back(0);
    } else if (out[at].text != reason.text) {
      ++more[at];
    }
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (more[i] != 0) out[i].text += fmt::format(" (and {} more like it)", more[i]);
  }
  return out;
}

}  // namespace

std::vector<Reason> find_reasons(const ResultFolder& folder, const std::vector<LoadReport>& loads) {
  Finder finder(folder);
  finder.whole();
  for (const Run& run : folder.runs) finder.run(run);
  for (const LoadReport& load : loads) {
    finder.load(load);
    for (const ArmSummary& arm : load.arms) finder.arm(load, arm);
    finder.add_all(kernel_reasons(load));
  }
  std::vector<Reason> reasons = condense(finder.take());
  std::stable_sort(reasons.begin(), reasons.end(),
                   [](const Reason& a, const Reason& b) { return a.level > b.level; });
  return reasons;
}

}  // namespace kairo::reports
