// SPDX-License-Identifier: GPL-2.0-only
#include "target/fleet.h"

#include <algorithm>
#include <chrono>

#include "kairo/base/files.h"
#include "kairo/base/interrupt.h"
#include "kairo/base/owned_folder.h"
#include "kairo/base/process.h"
#include "kairo/base/short_names.h"
#include "kairo/base/units.h"
#include "plan/campaign_plan.h"

namespace kairo::experiments {
namespace {

// Beyond the load's own time: a server that never answers must not hold the campaign for ever.
constexpr std::chrono::seconds kPatience{120};

// What distinguishes two arms for a queue that we do not touch.
std::string queue_of(const reports::Arm& arm) {
  reports::Arm queue = arm;
  queue.job_options.clear();
  std::string out = arm.scheduler;
  for (const auto& [key, value] : reports::settings_of(queue))
    out += fmt::format(" {}={}", key, value);
  return out;
}

class FleetRunner {
 public:
  FleetRunner(const Campaign& campaign, const JobTexts& jobs, const Fleet& fleet)
      : campaign_(campaign), jobs_(jobs), fleet_(fleet) {}

  Status run(const PlannedRun& planned) {
    const GuestRun& run = planned.run;
    KAIRO_TRY(const auto begun, begin_run(campaign_, planned));
    const fs::path& out = begun;
    reports::RunRecord record = record_of(campaign_.definition, planned);
    const std::string text = job_text(run, record.seed);
    record.classes = job_classes(text);
    const fs::path name =
        fs::path("jobs") / fmt::format("{}-{}.fio", run.load->name, run.arm->name);
    KAIRO_TRY(const auto folder, base::OwnedFolder::claim(campaign_.out_dir));
    KAIRO_CHECK(folder.write(name, text));

    const auto begin = std::chrono::steady_clock::now();
    const auto done = base::run(command(run, campaign_.out_dir / name, out));
    if (base::InterruptGuard::interrupted())
      return base::fail(base::kInterrupted, "interrupted; the same command goes on");
    if (!done) return base::fail(done.error());
    if (done->exit_code != 0)
      return base::fail(base::ErrorCode::kShort,
                        "load {}, arm {}, repeat {}: fio --client {}:\n{}{}", run.load->name,
                        run.arm->name, planned.repeat,
                        done->timed_out ? "got no answer in time" : "failed", done->out,
                        base::read_file(out / "fio.json", 1 << 16).value_or(""));
    record.virtual_ns = static_cast<std::uint64_t>(
        std::chrono::nanoseconds(std::chrono::steady_clock::now() - begin).count());
    return end_run(campaign_, record);
  }

 private:
  // The servers know nothing of our environment: every variable gets its value here.
  [[nodiscard]] std::string job_text(const GuestRun& run, std::uint64_t seed) const {
    auto variables = job_variables(campaign_, run, seed);
    variables["KAIRO_DEV"] = fleet_.device;
    variables["KAIRO_ENGINE"] = "external:" + fleet_.engine;
    variables["KAIRO_OUT"] = ".";
    // Sidecars would stay on the servers, all of them under one name.
    return set_variables(
        remove_option(jobs_.by_run.at({run.load->name, run.arm->name}), "kv_stats"), variables);
  }

  [[nodiscard]] base::Command command(const GuestRun& run, const fs::path& job,
                                      const fs::path& out) const {
    base::Command out_command;
    out_command.argv = {campaign_.fio.string(), "--eta=never", "--output-format=json+",
                        "--output=" + (out / "fio.json").string()};
    for (const FleetHost& host : fleet_.hosts) {
      out_command.argv.push_back(fmt::format("--client=ip:{},{}", host.name, host.port));
      out_command.argv.push_back(job.string());
    }
    out_command.merge_stderr = true;
    out_command.timeout =
        std::chrono::seconds(campaign_.definition.seconds_of(*run.load)) + kPatience;
    return out_command;
  }

  const Campaign& campaign_;
  const JobTexts& jobs_;
  const Fleet& fleet_;
};

}  // namespace

Result<FleetHost> parse_host(std::string_view text) {
  FleetHost out;
  const auto colon = text.rfind(':');
  out.name = std::string(text.substr(0, colon));
  const auto port = colon == std::string_view::npos ? std::optional<std::uint64_t>(out.port)
                                                    : base::parse_u64(text.substr(colon + 1));
  if (out.name.empty() || out.name.find_first_of(" ,") != std::string::npos || !port ||
      *port == 0 || *port > 65535)
    return base::fail(base::ErrorCode::kUsage,
                      "--hosts {}: not NAME or NAME:PORT (example: 10.0.0.1:8765)", text);
  out.port = static_cast<unsigned>(*port);
  return out;
}

Result<std::vector<std::string>> fit_to_fleet(Definition& definition) {
  const std::string& queue = queue_of(definition.arms.front());
  for (const reports::Arm& arm : definition.arms)
    if (queue_of(arm) != queue)
      return base::fail(
          base::ErrorCode::kUsage,
          "arms {} and {} differ in scheduler or tunables, which fio's servers do not set: set "
          "them "
          "on the hosts, name one arm per run (--arms {}), and put the folders side by side with "
          "kairo report compare",
          definition.arms.front().name, arm.name, definition.arms.front().name);
  std::vector<std::string> left_out;
  std::erase_if(definition.loads, [&](const LoadDefinition& load) {
    if (!load.replays()) return false;
    left_out.push_back(fmt::format("{}: replays a file, which the hosts do not have", load.name));
    return true;
  });
  if (definition.loads.empty())
    return base::fail(base::ErrorCode::kUnavailable, "no load is possible on several hosts: {}",
                      left_out.front());
  for (LoadDefinition& load : definition.loads) {
    load.window_ms.reset();
    load.phases.clear();
    load.samples.clear();
  }
  definition.collect.clear();
  return left_out;
}

Status run_fleet_campaign(const Campaign& campaign, const Fleet& fleet,
                          const OnProgress& on_progress) {
  KAIRO_TRY(const auto jobs, prepare_jobs(campaign));
  KAIRO_TRY(auto experiment, begin_folder_of_drive(campaign, jobs, fleet.device, {}));
  const base::InterruptGuard guard;
  FleetRunner runner(campaign, jobs, fleet);
  if (auto done = run_missing(campaign, on_progress,
                              [&](const PlannedRun& next) { return runner.run(next); });
      !done)
    return done;
  return end_folder(campaign, std::move(experiment), {});
}

}  // namespace kairo::experiments
