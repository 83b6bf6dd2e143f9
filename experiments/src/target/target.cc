// SPDX-License-Identifier: GPL-2.0-only
#include "target/target.h"

#include <fmt/ranges.h>

#include <chrono>

#include "kairo/base/files.h"
#include "kairo/base/owned_folder.h"
#include "kairo/base/short_names.h"
#include "kairo/base/status_line.h"
#include "kairo/experiments/runner.h"
#include "target/cost_probe.h"
#include "target/host_runner.h"

namespace kairo::experiments {
namespace {

// `run 3 of 36: trace kairo, repeat 1, about 2 min left`, on one line when a person watches.
class ProgressLine {
 public:
  void operator()(const Progress& progress) {
    using std::chrono::duration_cast;
    using std::chrono::seconds;
    const auto spent = std::chrono::steady_clock::now() - start_;
    std::string left;
    // The first runs hold the boot; a forecast from them would mislead.
    if (progress.started > 2)
      left = fmt::format(", about {} s left",
                         duration_cast<seconds>(spent * (progress.total - progress.started + 1) /
                                                (progress.started - 1))
                             .count());
    const std::string text = progress.started == 0
                                 ? fmt::format("{} runs: {}", progress.total, progress.what)
                                 : fmt::format("run {} of {}: {}{}", progress.started,
                                               progress.total, progress.what, left);
    line_.show(text);
  }
  void finish() const { line_.end(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  base::StatusLine line_;
};

// The kernel's own carriers where it has not ours, and the arms it can do; what it cannot is told.
base::Result<HostDevice> prepare_host(const RunOptions& options, Campaign& campaign) {
  auto device = open_host_device(options.device);
  if (!device) return device;
  KAIRO_CHECK(confirm_host_device(*device, options.overwrite));
  KAIRO_TRY(const auto left_out, leave_out_impossible_arms(campaign.definition, *device));
  for (const std::string& arm : left_out) fmt::print(stderr, "left out: {}\n", arm);
  if (!left_out.empty())
    campaign.environment["arms_left_out"] = fmt::format("{}", fmt::join(left_out, "; "));
  if (use_one_kernel(campaign.definition))
    campaign.environment["arms_on"] = "this machine's kernel";
  campaign.environment["target"] = "host";
  campaign.overrides.insert(campaign.overrides.begin(), {"", "kv_path", "auto"});
  return device;
}

base::Result<Fleet> prepare_fleet(const RunOptions& options, Campaign& campaign) {
  Fleet out;
  std::string names;
  for (const std::string& text : options.hosts) {
    KAIRO_TRY(auto host, parse_host(text));
    names += fmt::format("{}{}:{}", names.empty() ? "" : " ", host.name, host.port);
    out.hosts.push_back(std::move(host));
  }
  if (out.hosts.empty())
    return base::fail(
        base::ErrorCode::kUsage,
        "--target hosts: name them (--hosts 10.0.0.1,10.0.0.2; on each: fio --server)");
  // Whether it is in use there, fio and the engine on each host check.
  if (options.overwrite != options.device)
    return base::fail(base::ErrorCode::kUsage,
                      "{}: will be overwritten on {}: say so with --overwrite {}", options.device,
                      names, options.device);
  out.device = options.device;
  out.engine = options.engine.empty() ? campaign.engine.string() : options.engine;
  campaign.environment["target"] = "hosts";
  if (use_one_kernel(campaign.definition)) campaign.environment["arms_on"] = "the hosts' kernels";
  campaign.environment["hosts"] = names;
  campaign.overrides.insert(campaign.overrides.begin(), {"", "kv_path", "auto"});
  return out;
}

}  // namespace

base::Result<Target> prepare_target(const RunOptions& options, Campaign& campaign) {
  Target out;
  if (options.target == "host") {
    KAIRO_TRY(out.device, prepare_host(options, campaign));
  } else if (options.target == "hosts") {
    KAIRO_TRY(out.fleet, prepare_fleet(options, campaign));
  }
  return out;
}

Status run_at(const Target& target, const Campaign& campaign) {
  ProgressLine progress;
  Status done;
  if (target.device)
    done = run_host_campaign(campaign, *target.device, std::ref(progress));
  else if (target.fleet)
    done = run_fleet_campaign(campaign, *target.fleet, std::ref(progress));
  else
    done = run_campaign(campaign, std::ref(progress));
  progress.finish();
  return done;
}

Status run_cost(const RunOptions& options, const Target& target, Campaign campaign) {
  const fs::path result = campaign.out_dir;
  set_repeats(campaign.definition, 1);
  for (const std::string& name : options.cost) {
    campaign.probe = *parse_probe(name);
    KAIRO_TRY(const auto folder, base::OwnedFolder::claim(result));
    KAIRO_TRY(const auto below, folder.claim_below(fs::path("cost") / name));
    campaign.out_dir = below.path();
    if (auto there =
            base::require_program(probe_program(campaign.probe),
                                  campaign.probe == CostProbe::kCalls ? "strace" : "linux-perf");
        !there)
      return there;
    fmt::print(stderr, "cost: {}\n", name);
    KAIRO_CHECK(run_at(target, campaign));
  }
  return {};
}

}  // namespace kairo::experiments
