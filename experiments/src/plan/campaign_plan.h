// SPDX-License-Identifier: GPL-2.0-only
// What a campaign will run, and the result folder it runs into: the same in a guest and on a host.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "kairo/experiments/runner.h"

namespace kairo::experiments {

// The size of decode and prefetch reads in the synthetic jobs (${KAIRO_DECODE_BS} ...): one page of
// 16 tokens of one layer, and what devices see of larger reads. reference: Llama-3-8B geometry.
inline constexpr std::uint64_t kDecodeBytes = std::uint64_t{64} << 10;
inline constexpr std::uint64_t kPrefetchBytes = std::uint64_t{128} << 10;

// One run: a load under an arm.
struct GuestRun {
  const LoadDefinition* load = nullptr;
  const reports::Arm* arm = nullptr;
};

// The job files as they run: by load and arm, and by load alone for an arm that changes nothing.
struct JobTexts {
  std::map<std::string, std::string> by_load;
  std::map<std::pair<std::string, std::string>, std::string> by_run;
};

base::Result<JobTexts> prepare_jobs(const Campaign& campaign);

// experiment.json as planned, not complete yet.
reports::Experiment describe(const Campaign& campaign, const JobTexts& jobs);

// As many as the load with the most of them has.
unsigned most_repeats(const Definition& definition);

std::uint64_t seed_of(const Definition& definition, unsigned repeat);

// A repeat: every load that has it under every arm, in an order of its own.
std::vector<GuestRun> shuffled_runs(const Definition& definition, unsigned repeat);

// A run with its place in the campaign.
struct PlannedRun {
  GuestRun run;
  unsigned repeat = 0;
  unsigned order = 0;
};

// A guest to boot: those runs of a repeat that one kernel has, in the repeat's order.
struct Boot {
  std::string kernel;  // reports::Arm::kernel
  unsigned repeat = 0;
  std::vector<PlannedRun> runs;
};

// The guests of a repeat, all with its seed; the first has the kernel of the repeat's first run, so
// that neither kernel is always first.
std::vector<Boot> boots_of(const Definition& definition, unsigned repeat);
// Every run of the definition, repeat after repeat.
std::vector<PlannedRun> planned_runs(const Definition& definition);

// Whether the result folder has it.
bool is_finished(const Campaign& campaign, const PlannedRun& planned);

// run.json as far as the plan knows it.
reports::RunRecord record_of(const Definition& definition, const PlannedRun& planned);

// The variables of the job files for a run, but those that say where the run is.
std::map<std::string, std::string> job_variables(const Campaign& campaign, const GuestRun& run,
                                                 std::uint64_t seed);

// Runs one after the other what is not finished in the folder. The first failure ends it.
base::Status run_missing(const Campaign& campaign, const OnProgress& on_progress,
                         const std::function<base::Status(const PlannedRun&)>& run);

// The folder of a run, empty: what an interrupted one left there is gone.
base::Result<std::filesystem::path> begin_run(const Campaign& campaign, const PlannedRun& planned);

// Writes run.json, without which the run counts as unfinished.
base::Status end_run(const Campaign& campaign, const reports::RunRecord& record);

// Writes experiment.json as it is.
base::Status write_experiment(const Campaign& campaign, const reports::Experiment& experiment);

// Writes experiment.json and returns it with the facts that an earlier, interrupted campaign found.
// Refuses a folder that holds another experiment.
base::Result<reports::Experiment> begin_folder(const Campaign& campaign,
                                               reports::Experiment planned);

// The same on a drive that is there, in the host's time, with what is known of it.
base::Result<reports::Experiment> begin_folder_of_drive(const Campaign& campaign,
                                                        const JobTexts& jobs,
                                                        const std::string& name,
                                                        const reports::TextMap& facts);

// Marks the folder complete and adds what the runs told of their system.
base::Status end_folder(const Campaign& campaign, reports::Experiment experiment,
                        const reports::TextMap& facts);

}  // namespace kairo::experiments
