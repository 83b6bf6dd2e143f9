// SPDX-License-Identifier: GPL-2.0-only
// The reasons to doubt a report, each with a code for programs and a sentence for people.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "kairo/base/text.h"
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
constexpr std::string_view kSample =
    "the trace is generated, and not known to be long enough to fill the cache before what is "
    "replayed: it shows the path, not a result";
constexpr std::string_view kGenerated =
    "the trace is generated, not a real one: its figures say nothing of real users";
constexpr std::size_t kCpuBusy = place_of(kRunFigures, "cpu_busy");

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
      add(Validity::kInvalid, "fio-failed", "fio failed",
          fmt::format("status {} in run {}", run.record.fio_exit, repeat));
    if (run.job_errors != 0)
      add(Validity::kInvalid, "job-error", "jobs ended with an error",
          fmt::format("{} in run {}", run.job_errors, repeat));
    if (run.short_ios + run.drop_ios != 0)
      add(Validity::kInvalid, "short-io", "short or dropped I/Os",
          fmt::format("{} and {} in run {}", run.short_ios, run.drop_ios, repeat));
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
    const auto busy = arm.run_figures[kCpuBusy].median;
    if (busy && *busy > kBusyLimit)
      add(Validity::kDegraded, "guest-cpu",
          "the guest's CPU is more than 60 % busy, so it is measured and not the scheduler",
          fmt::format("{} %", format_number(100 * *busy)));
    check_spread(arm);
  }

  void load(const LoadReport& load) {
    load_ = load.load.name;
    arm_.clear();
    if (load.load.sample && fills_the_cache(load.load))
      add(Validity::kValid, "generated", std::string(kGenerated));
    else if (load.load.sample)
      add(Validity::kDegraded, "sample", std::string(kSample));
    std::size_t fewest = SIZE_MAX;
    bool cpu_known = true;
    for (const ArmSummary& arm : load.arms) {
      fewest = std::min(fewest, arm.runs.size());
      cpu_known = cpu_known && arm.run_figures[kCpuBusy].median.has_value();
    }
    if (!load.arms.empty() && fewest < kRunsForInterval)
      add(Validity::kDegraded, "few-runs",
          fmt::format("an interval needs {} runs per arm", kRunsForInterval),
          fmt::format("{} here", fewest));
    if (!load.arms.empty() && !cpu_known)
      add(Validity::kValid, "cpu-unknown", "guest CPU use was not measured in every arm");
  }

 private:
  void add(Validity level, std::string code, std::string text, std::string detail = {}) {
    reasons_.push_back({level, std::move(code), load_, arm_, std::move(text), std::move(detail)});
  }

  void check_sidecar(const Run& run, std::size_t io_class) {
    const auto& result = run.classes[io_class];
    if (!result) return;
    if (result->errors.value_or(0) != 0)
      add(Validity::kInvalid, "engine-errors", "I/Os failed",
          fmt::format("{} {} in run {}", base::format_count(*result->errors), kClassNames[io_class],
                      run.record.repeat));
    if (result->unbinned != 0)
      add(Validity::kDegraded, "no-latency",
          fmt::format("no {}, because {}", result->unmeasured != 0 ? "latency" : "percentiles",
                      result->no_latency),
          std::string(kClassNames[io_class]));
    std::uint64_t counted = 0;
    for (const EngineStats& engine : run.engines) {
      if (engine.classes[io_class]) counted += engine.classes[io_class]->ios;
    }
    const auto measured = static_cast<double>(result->ios());
    if (counted == 0 || io_class == 0) return;
    const double excess = static_cast<double>(counted) - measured;
    // The engine counts from its first I/O, fio from the end of the ramp on.
    if (run.ramped && excess > 0) return;
    if (std::abs(excess) > kSidecarTolerance * measured)
      add(Validity::kDegraded, "count-mismatch", "the engine and fio counted different numbers",
          fmt::format("{} and {} {} I/Os in run {}", base::format_count(counted),
                      base::format_count(result->ios()), kClassNames[io_class], run.record.repeat));
  }

  // Whether what the trace had computed before its window is more than the flash tier holds.
  static bool fills_the_cache(const Load& load) {
    const auto bytes = [&](const char* key) -> std::optional<std::uint64_t> {
      const auto fact = load.workload.find(key);
      return fact == load.workload.end() ? std::nullopt : base::parse_u64(fact->second);
    };
    const auto before = bytes("computed_before_bytes");
    const auto flash = bytes("flash_bytes");
    return before && flash && *before >= *flash;
  }

  // Open loop: arrivals that were due and never issued make every latency a matter of run length.
  void check_arrivals(const EngineStats& engine, unsigned repeat) {
    if (engine.sample && !known_as_generated(load_)) {
      const std::string arm = std::exchange(arm_, {});  // the load's doing, not the arm's
      add(Validity::kDegraded, "sample", std::string(kSample));
      arm_ = arm;
    }
    if (!engine.offered_ios || !engine.issued_ios || *engine.offered_ios == 0) return;
    const double achieved =
        static_cast<double>(*engine.issued_ios) / static_cast<double>(*engine.offered_ios);
    if (achieved >= kAchievedLimit) return;
    const auto primary = primary_metric();
    const auto& carried =
        engine.classes[static_cast<std::size_t>(primary.io_class.value_or(IoClass::kDecode))];
    add(carried && carried->ios > 0 ? Validity::kDegraded : Validity::kValid, "overload",
        "fewer than 95 % of a job's arrivals were issued: its latencies depend on how long the run "
        "was",
        fmt::format("{} {} % of {} in run {}", engine.job, format_number(100 * achieved),
                    base::format_count(*engine.offered_ios), repeat));
  }

  // load() says more of it than the engine knows.
  [[nodiscard]] bool known_as_generated(const std::string& name) const {
    const auto& loads = folder_.experiment.loads;
    return std::any_of(loads.begin(), loads.end(),
                       [&](const Load& load) { return load.name == name && load.sample; });
  }

  [[nodiscard]] MetricName primary_metric() const {
    return metric_of(folder_.experiment.metrics.front().name);
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
    if (scheduler != nullptr && base::selected(*scheduler) != arm->scheduler)
      add(Validity::kInvalid, "scheduler", "another scheduler was active",
          fmt::format("run {} had '{}', not '{}'", run.record.repeat, base::selected(*scheduler),
                      arm->scheduler));
    for (const auto& [key, asked] : settings_of(*arm)) {
      const std::string* const found = find_tunable(run.tunables, key);
      if (found != nullptr && *found != asked)
        add(Validity::kInvalid, "setting", "a setting was not what was asked for",
            fmt::format("run {} had {} = {}, not {}", run.record.repeat, key, *found, asked));
    }
  }

  // A wide spread of the primary metric, and runs outside Tukey's fences: told, never dropped.
  void check_spread(const ArmSummary& arm) {
    const MetricName primary = primary_metric();
    if (!primary.io_class || !primary.is_percentile) return;
    const std::vector<double> values = metric_estimate(arm, primary).values();
    if (values.size() < 2) return;
    double mean = 0;
    for (const double value : values) mean += value / static_cast<double>(values.size());
    double square = 0;
    for (const double value : values) square += (value - mean) * (value - mean);
    const double spread =
        std::sqrt(square / static_cast<double>(values.size() - 1)) / std::max(mean, 1e-9);
    if (spread > kSpreadLimit)
      add(Validity::kValid, "spread",
          fmt::format("{} varies by more than 10 % between runs",
                      metric_title(folder_.experiment.metrics.front().name)),
          fmt::format("{} %, {} outlier(s), kept", format_number(100 * spread), outliers(values)));
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
                               out[at].arm != reason.arm || out[at].level != reason.level ||
                               out[at].text != reason.text))
      ++at;
    if (at == out.size()) {
      out.push_back(reason);
      more.push_back(0);
    } else if (out[at].detail != reason.detail) {
      ++more[at];
    }
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (more[i] != 0) out[i].detail += fmt::format(" and {} more", more[i]);
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
