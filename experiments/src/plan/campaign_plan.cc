// SPDX-License-Identifier: GPL-2.0-only
#include "plan/campaign_plan.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "kairo/base/files.h"
#include "kairo/base/owned_folder.h"
#include "kairo/base/sha256.h"
#include "kairo/base/short_names.h"
#include "plan/folder_identity.h"
#include "plan/workload_gaps.h"

namespace kairo::experiments {
namespace {

// fio's histogram logs on the monotonic clock, which the samples have too. Groups of four buckets:
// 3 % wide, a quarter of the bytes.
std::vector<std::string> histogram_log_options(unsigned window_ms) {
  return {"write_hist_log=${KAIRO_OUT}/hist",
          fmt::format("log_hist_msec={}", window_ms),
          "log_hist_coarseness=2",
          "per_job_logs=1",
          "log_alternate_epoch=1",
          "log_alternate_epoch_clock_id=1"};
}

// What is changed in a job file must keep what the runner and the report need of it.
Status check_overrides(std::string_view where, const std::vector<JobOverride>& overrides) {
  for (const JobOverride& change : overrides)
    if (change.key == "kv_stats")
      return base::fail(base::ErrorCode::kUsage,
                        "{} {}={}: the report reads the classes of I/Os from the files that the "
                        "job file names (leave it out)",
                        where, change.key, change.value);
  return check_job_options(where, overrides);
}

std::vector<reports::Rule> rules_for(const Campaign& campaign) {
  std::vector<reports::Rule> out;
  for (const RuleDefinition& rule : campaign.definition.rules)
    if (rule.profiles.empty() || std::find(rule.profiles.begin(), rule.profiles.end(),
                                           campaign.profile_stem) != rule.profiles.end())
      out.push_back(rule.rule);
  return out;
}

// The facts the guests of an earlier, interrupted campaign reported; refuses a folder that holds
// something else.
Result<reports::TextMap> earlier_facts(const fs::path& file, const reports::Experiment& planned) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return reports::TextMap{};
  KAIRO_TRY(const auto text, base::read_file(file, 16 << 20));
  KAIRO_TRY(const auto earlier, reports::parse_experiment(text, file.string()));
  if (const std::string other = difference(earlier, planned); !other.empty())
    return base::bad_input("{}: holds another experiment or other settings: {}", file.string(),
                           other);
  return earlier.environment;
}

}  // namespace

std::uint64_t seed_of(const Definition& definition, unsigned repeat) {
  return definition.seed + repeat - 1;
}

unsigned most_repeats(const Definition& definition) {
  unsigned most = 0;
  for (const LoadDefinition& load : definition.loads)
    most = std::max(most, definition.repeats_of(load));
  return most;
}

Result<JobTexts> prepare_jobs(const Campaign& campaign) {
  JobTexts out;
  KAIRO_CHECK(check_overrides("--set", campaign.overrides));
  for (const auto& [arm, overrides] : campaign.definition.arm_overrides)
    KAIRO_CHECK(check_overrides(fmt::format("arm {}:", arm), overrides));
  for (const LoadDefinition& load : campaign.definition.loads) {
    auto text = base::read_file(load.job, 1 << 20);
    if (!text) return base::fail(text.error());
    KAIRO_CHECK(check_job_options(load.job.string() + ":", job_options(*text)));
    if (load.window_ms) text = add_to_global(*text, histogram_log_options(*load.window_ms));
    auto changed = apply_overrides(*text, campaign.overrides);
    if (!changed) return base::fail(changed.error(), load.job.filename().string());
    // After the changes, which may name any job of the file.
    std::vector<std::string> absent;
    if (const auto workload = campaign.workloads.find(load.name);
        workload != campaign.workloads.end())
      absent = absent_classes(workload->second.ios);
    for (const reports::Arm& arm : campaign.definition.arms) {
      const auto own = campaign.definition.arm_overrides.find(arm.name);
      std::string text_of_arm = *changed;
      if (own != campaign.definition.arm_overrides.end()) {
        auto again = apply_overrides(*changed, own->second);
        if (!again) return base::fail(again.error(), fmt::format("arm {}", arm.name));
        text_of_arm = std::move(*again);
      }
      out.by_run.emplace(std::pair(load.name, arm.name), remove_jobs_of(text_of_arm, absent));
    }
    out.by_load.emplace(load.name, remove_jobs_of(*changed, absent));
  }
  return out;
}

reports::Experiment describe(const Campaign& campaign, const JobTexts& jobs) {
  const Definition& definition = campaign.definition;
  reports::Experiment out;
  out.name = definition.name;
  out.question = definition.question;
  out.arms = definition.arms;
  out.base_arm = definition.base_arm;
  out.device_name = campaign.profile.name;
  for (const auto& [name, value] : campaign.profile.attributes())
    out.device.emplace(name, std::to_string(value));
  for (const LoadDefinition& load : definition.loads) {
    reports::Load described;
    described.name = load.name;
    described.description = load.description;
    described.job_file = jobs.by_load.at(load.name);
    described.job_sha256 = base::sha256(described.job_file);
    const auto workload = campaign.workloads.find(load.name);
    described.kind = workload == campaign.workloads.end() ? "synthetic" : "trace";
    if (workload != campaign.workloads.end()) {
      described.workload = workload->second.facts;
      described.sample = workload->second.sample;
    }
    if (load.repeats) described.repeats = load.repeats;
    described.window_ms = load.window_ms;
    described.phases = load.phases;
    out.loads.push_back(std::move(described));
  }
  out.repeats = definition.repeats;
  for (unsigned repeat = 1; repeat <= most_repeats(definition); ++repeat)
    out.seeds.push_back(seed_of(definition, repeat));
  out.metrics = definition.metrics;
  out.rules = rules_for(campaign);
  out.command = campaign.command;
  out.environment = campaign.environment;
  return out;
}

std::vector<GuestRun> shuffled_runs(const Definition& definition, unsigned repeat) {
  std::vector<GuestRun> runs;
  const std::uint64_t seed = seed_of(definition, repeat);
  for (const LoadDefinition& load : definition.loads) {
    if (repeat > definition.repeats_of(load)) continue;
    for (const reports::Arm& arm : definition.arms) runs.push_back({&load, &arm});
  }
  std::mt19937_64 random(seed);
  // std::shuffle's result is not the same in every standard library.
  for (std::size_t i = runs.size(); i > 1; --i) std::swap(runs[i - 1], runs[random() % i]);
  return runs;
}

std::vector<Boot> boots_of(const Definition& definition, unsigned repeat) {
  std::vector<Boot> out;
  for (const GuestRun& run : shuffled_runs(definition, repeat)) {
    auto boot = std::find_if(out.begin(), out.end(),
                             [&](const Boot& other) { return other.kernel == run.arm->kernel; });
    if (boot == out.end()) boot = out.insert(out.end(), {run.arm->kernel, repeat, {}});
    boot->runs.push_back({run, repeat, 0});
  }
  auto order =
      static_cast<unsigned>((repeat - 1) * definition.loads.size() * definition.arms.size());
  for (Boot& boot : out)
    for (PlannedRun& planned : boot.runs) planned.order = ++order;
  return out;
}

std::vector<PlannedRun> planned_runs(const Definition& definition) {
  std::vector<PlannedRun> out;
  for (unsigned repeat = 1; repeat <= most_repeats(definition); ++repeat)
    for (const GuestRun& run : shuffled_runs(definition, repeat))
      out.push_back({run, repeat, static_cast<unsigned>(out.size()) + 1});
  return out;
}

bool is_finished(const Campaign& campaign, const PlannedRun& planned) {
  return reports::run_is_finished(reports::run_directory(campaign.out_dir, planned.run.load->name,
                                                         planned.run.arm->name, planned.repeat));
}

reports::RunRecord record_of(const Definition& definition, const PlannedRun& planned) {
  reports::RunRecord out;
  out.load = planned.run.load->name;
  out.arm = planned.run.arm->name;
  out.repeat = planned.repeat;
  out.order = planned.order;
  out.seed = seed_of(definition, planned.repeat);
  return out;
}

std::map<std::string, std::string> job_variables(const Campaign& campaign, const GuestRun& run,
                                                 std::uint64_t seed) {
  const auto rate = [&](double share, std::uint64_t bytes) {
    return std::to_string(std::llround(std::max(1.0, campaign.profile.read_rate(share, bytes))));
  };
  return {{"KAIRO_SECONDS", std::to_string(campaign.definition.seconds_of(*run.load))},
          {"KAIRO_SEED", std::to_string(seed)},
          {"KAIRO_DECODE_BS", std::to_string(kDecodeBytes)},
          {"KAIRO_PREFETCH_BS", std::to_string(kPrefetchBytes)},
          {"KAIRO_DECODE_IOPS", rate(run.load->decode_share, kDecodeBytes)},
          {"KAIRO_PREFETCH_IOPS", rate(run.load->prefetch_share, kPrefetchBytes)}};
}

Status run_missing(const Campaign& campaign, const OnProgress& on_progress,
                   const std::function<Status(const PlannedRun&)>& run) {
  std::vector<PlannedRun> missing = planned_runs(campaign.definition);
  std::erase_if(missing, [&](const PlannedRun& planned) { return is_finished(campaign, planned); });
  Progress progress;
  progress.total = static_cast<unsigned>(missing.size());
  for (const PlannedRun& next : missing) {
    ++progress.started;
    progress.what =
        fmt::format("{} {}, repeat {}", next.run.load->name, next.run.arm->name, next.repeat);
    on_progress(progress);
    KAIRO_CHECK(run(next));
  }
  return {};
}

Result<fs::path> begin_run(const Campaign& campaign, const PlannedRun& planned) {
  KAIRO_TRY(const auto folder, base::OwnedFolder::claim(campaign.out_dir));
  return folder.begin(
      reports::run_directory({}, planned.run.load->name, planned.run.arm->name, planned.repeat));
}

Status end_run(const Campaign& campaign, const reports::RunRecord& record) {
  KAIRO_TRY(const auto folder, base::OwnedFolder::claim(campaign.out_dir));
  const fs::path name = reports::run_directory({}, record.load, record.arm, record.repeat);
  if (auto written =
          base::write_file(campaign.out_dir / name / "run.json", reports::to_json_text(record));
      !written)
    return written;
  return folder.end(name);
}

Status write_experiment(const Campaign& campaign, const reports::Experiment& experiment) {
  KAIRO_TRY(const auto folder, base::OwnedFolder::claim(campaign.out_dir));
  return folder.write("experiment.json", reports::to_json_text(experiment));
}

Result<reports::Experiment> begin_folder(const Campaign& campaign, reports::Experiment planned) {
  const fs::path file = campaign.out_dir / "experiment.json";
  KAIRO_TRY(const auto facts, earlier_facts(file, planned));
  planned.environment.insert(facts.begin(), facts.end());
  KAIRO_CHECK(write_experiment(campaign, planned));
  return planned;
}

Result<reports::Experiment> begin_folder_of_drive(const Campaign& campaign, const JobTexts& jobs,
                                                  const std::string& name,
                                                  const reports::TextMap& facts) {
  reports::Experiment planned = describe(campaign, jobs);
  planned.virtual_time = false;
  planned.device_name = name;
  planned.device = facts;
  return begin_folder(campaign, std::move(planned));
}

Status end_folder(const Campaign& campaign, reports::Experiment experiment,
                  const reports::TextMap& facts) {
  for (const auto& [key, value] : facts) experiment.environment[key] = value;
  experiment.complete = true;
  return write_experiment(campaign, experiment);
}

}  // namespace kairo::experiments
