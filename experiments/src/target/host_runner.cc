// SPDX-License-Identifier: GPL-2.0-only
#include "target/host_runner.h"

#include <fmt/ranges.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "kairo/base/files.h"
#include "kairo/base/interrupt.h"
#include "kairo/base/owned_folder.h"
#include "kairo/base/process.h"
#include "kairo/base/short_names.h"
#include "kairo/base/text.h"
#include "kairo/base/units.h"
#include "kairo/reports/run_data.h"
#include "plan/campaign_plan.h"
#include "target/cost_probe.h"

namespace kairo::experiments {
namespace {

// The samplers run beside fio and write their files when told to end. "$@" is fio.
constexpr std::string_view kBeside =
#include "beside.sh.inc"
    ;

std::uint64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000000000U +
         static_cast<std::uint64_t>(now.tv_nsec);
}

struct CpuTime {
  std::uint64_t busy_ns = 0;
  std::uint64_t idle_ns = 0;
};

// The `cpu` line of /proc/stat: user nice system idle iowait irq softirq steal.
std::optional<CpuTime> cpu_time() {
  const auto text = base::read_file("/proc/stat", 1 << 20);
  const long ticks = sysconf(_SC_CLK_TCK);
  if (!text || ticks <= 0) return std::nullopt;
  const auto words = base::split_words(std::string_view(*text).substr(0, text->find('\n')));
  if (words.size() < 9 || words[0] != "cpu") return std::nullopt;
  CpuTime out;
  for (std::size_t i = 1; i < 9; ++i) {
    const auto value = base::parse_u64(words[i]);
    if (!value) return std::nullopt;
    (i == 4 || i == 5 ? out.idle_ns : out.busy_ns) +=
        *value * (1000000000U / static_cast<std::uint64_t>(ticks));
  }
  return out;
}

utsname system_name() {
  utsname out{};
  uname(&out);
  return out;
}

reports::KernelId this_kernel() {
  const utsname system = system_name();
  return {system.release, system.version};
}

class HostRunner {
 public:
  HostRunner(const Campaign& campaign, const JobTexts& jobs, const HostDevice& device,
             QueueSettings& queue)
      : campaign_(campaign), jobs_(jobs), device_(device), queue_(queue) {}

  Status run(const PlannedRun& planned) {
    const GuestRun& run = planned.run;
    KAIRO_TRY(const auto begun, begin_run(campaign_, planned));
    const fs::path& out = begun;
    if (auto set = queue_.apply(*run.arm); !set) return base::fail(set.error(), run.arm->name);
    if (auto kept =
            base::write_file(out / "tunables.txt", reports::to_tunables_text(queue_.current()));
        !kept)
      return kept;
    KAIRO_CHECK(keep("sched/counters", out, "counters-before.txt"));
    KAIRO_TRY(const auto fio, command(run, out, seed_of(campaign_.definition, planned.repeat)));

    reports::RunRecord record = record_of(campaign_.definition, planned);
    record.kernel = this_kernel();
    const auto before = cpu_time();
    record.begin_ns = monotonic_ns();
    const auto done = base::run(fio);
    const std::uint64_t elapsed = monotonic_ns() - *record.begin_ns;
    const auto after = cpu_time();
    if (base::InterruptGuard::interrupted())
      return base::fail(base::kInterrupted,
                        "interrupted; settings of {} are put back, the same command goes on",
                        device_.path);
    if (!done) return base::fail(done.error());
    if (done->exit_code != 0)
      return base::fail(base::ErrorCode::kShort, "load {}, arm {}, repeat {}: fio failed:\n{}",
                        run.load->name, run.arm->name, planned.repeat, done->out);
    KAIRO_CHECK(keep_stacks(campaign_.probe, out));
    KAIRO_CHECK(keep("sched/counters", out, "counters-after.txt"));
    for (const std::string& file : campaign_.definition.collect)
      KAIRO_CHECK(keep(file, out / "collected", file));
    record.virtual_ns = elapsed;
    if (before && after) {
      record.cpu_busy_ns = after->busy_ns - before->busy_ns;
      record.cpu_idle_ns = after->idle_ns - before->idle_ns;
    }
    return end_run(campaign_, record);
  }

 private:
  [[nodiscard]] fs::path debug_file(const std::string& name) const {
    return fs::path("/sys/kernel/debug/block") / device_.name / name;
  }

  // Copies a debugfs file that exists; a stock kernel has none of ours. One that is there and
  // cannot be read, or not be written down, would leave a hole in the result.
  [[nodiscard]] Status keep(const std::string& name, const fs::path& folder,
                            const fs::path& to) const {
    std::error_code status;
    if (!fs::exists(debug_file(name), status)) return {};
    KAIRO_TRY(const auto text, base::read_file(debug_file(name), 16 << 20));
    return base::write_below(folder, to, text);
  }

  [[nodiscard]] Result<base::Command> command(const GuestRun& run, const fs::path& out,
                                              std::uint64_t seed) const {
    const fs::path job = fs::path("jobs") / (run.load->name + "-" + run.arm->name + ".fio");
    KAIRO_TRY(const auto folder, base::OwnedFolder::claim(campaign_.out_dir));
    KAIRO_CHECK(folder.write(job, jobs_.by_run.at({run.load->name, run.arm->name})));
    std::string samples;
    for (const SampleDefinition& sample : run.load->samples) {
      const fs::path to = out / "samples" / sample.file;
      KAIRO_CHECK(base::make_directory(to.parent_path()));
      samples += base::shell_quote({"start", std::to_string(sample.every_ms),
                                    debug_file(sample.file).string(), to.string()}) +
                 ";";
    }
    const auto workload = campaign_.workloads.find(run.load->name);
    base::Command out_command;
    out_command.argv = {"sh", "-c", std::string(kBeside), "sh"};
    const std::vector<std::string> prefix =
        probe_prefix(campaign_.probe, out.string(), StacksOf::kFio);
    out_command.argv.insert(out_command.argv.end(), prefix.begin(), prefix.end());
    for (const std::string& word :
         {campaign_.fio.string(), std::string("--output-format=json+"),
          "--output=" + (out / "fio.json").string(), (campaign_.out_dir / job).string()})
      out_command.argv.push_back(word);
    out_command.environment = job_variables(campaign_, run, seed);
    out_command.environment["sampler"] = campaign_.sampler.string();
    out_command.environment["samples"] = samples;
    out_command.environment["KAIRO_DEV"] = device_.path;
    out_command.environment["KAIRO_ENGINE"] = "external:" + campaign_.engine.string();
    out_command.environment["KAIRO_OUT"] = out.string();
    out_command.environment["KAIRO_TRACE"] =
        workload == campaign_.workloads.end() ? std::string() : workload->second.file.string();
    out_command.merge_stderr = true;
    return out_command;
  }

  const Campaign& campaign_;
  const JobTexts& jobs_;
  const HostDevice& device_;
  QueueSettings& queue_;
};

reports::TextMap host_facts() {
  reports::TextMap out;
  const utsname system = system_name();
  out["kernel"] =
      fmt::format("{} {} {} {}", system.sysname, system.release, system.version, system.machine);
  if (const auto text = base::read_file("/proc/cmdline", 1 << 16))
    out["cmdline"] = std::string(base::trim(text->substr(0, text->find('\n'))));
  return out;
}

}  // namespace

Result<std::vector<std::string>> leave_out_impossible_arms(Definition& definition,
                                                           const HostDevice& device) {
  KAIRO_TRY(auto queue, QueueSettings::save(device));
  std::vector<std::string> left_out;
  std::erase_if(definition.arms, [&](const reports::Arm& arm) {
    const auto applied = queue.apply(arm);
    if (!applied) left_out.push_back(fmt::format("{}: {}", arm.name, applied.error().message));
    return !applied;
  });
  KAIRO_CHECK(queue.restore());
  if (definition.arms.empty())
    return base::fail(base::ErrorCode::kUnavailable, "{}: no arm is possible here: {}", device.path,
                      fmt::join(left_out, "; "));
  if (std::none_of(definition.arms.begin(), definition.arms.end(),
                   [&](const reports::Arm& arm) { return arm.name == definition.base_arm; }))
    definition.base_arm = definition.arms.front().name;
  return left_out;
}

Status run_host_campaign(const Campaign& campaign, const HostDevice& device,
                         const OnProgress& on_progress) {
  KAIRO_TRY(const auto jobs, prepare_jobs(campaign));
  KAIRO_TRY(auto experiment, begin_folder_of_drive(campaign, jobs, device.name, device.facts));

  const base::InterruptGuard guard;
  KAIRO_TRY(auto queue, QueueSettings::save(device));
  HostRunner runner(campaign, jobs, device, queue);
  if (auto done = run_missing(campaign, on_progress,
                              [&](const PlannedRun& next) { return runner.run(next); });
      !done)
    return done;
  KAIRO_CHECK(queue.restore());
  return end_folder(campaign, std::move(experiment), host_facts());
}

}  // namespace kairo::experiments
