// SPDX-License-Identifier: GPL-2.0-only
#include "plan/plan_text.h"

#include "kairo/base/short_names.h"
#include "plan/campaign_plan.h"

namespace kairo::experiments {
namespace {

template <class Pairs>
std::string pairs_text(const Pairs& pairs) {
  std::string out;
  for (const auto& [name, value] : pairs) out += fmt::format(" {}={}", name, value);
  return out;
}

std::string kernel_text(const std::string& kernel) {
  return kernel == kPatchedKernel ? "patched" : kernel;
}

std::string arm_text(const reports::Arm& arm) {
  return fmt::format("arm {}: scheduler {}, {} kernel{}\n", arm.name, arm.scheduler,
                     kernel_text(arm.kernel), pairs_text(settings_of(arm)));
}

std::string load_text(const Campaign& campaign, const LoadDefinition& load) {
  auto variables = job_variables(campaign, {&load, nullptr}, 0);
  variables.erase("KAIRO_SEED");  // of each run
  std::string out =
      fmt::format("load {}: fio {}{}\n", load.name, load.job.string(), pairs_text(variables));
  if (!load.trace.empty())
    out += fmt::format("  replays {}\n", load.trace.string());
  else if (load.generated)
    out += fmt::format("  replays a generated trace: {}\n", load.generated->command());
  return out;
}

std::string run_text(const PlannedRun& planned) {
  return fmt::format("{:>4} load {} arm {} repeat {}\n", planned.order, planned.run.load->name,
                     planned.run.arm->name, planned.repeat);
}

}  // namespace

std::string plan_text(const Campaign& campaign, bool boots) {
  const Definition& definition = campaign.definition;
  std::string out = fmt::format("{}\nprofile {}:{}\n", campaign.command, campaign.profile.name,
                                pairs_text(campaign.profile.attributes()));
  for (const reports::Arm& arm : definition.arms) out += arm_text(arm);
  for (const LoadDefinition& load : definition.loads) out += load_text(campaign, load);
  if (!boots) {
    for (const PlannedRun& planned : planned_runs(definition)) out += run_text(planned);
    return out;
  }
  for (unsigned repeat = 1; repeat <= most_repeats(definition); ++repeat)
    for (const Boot& boot : boots_of(definition, repeat)) {
      out += fmt::format("boot: {} kernel, seed {}\n", kernel_text(boot.kernel),
                         seed_of(definition, repeat));
      for (const PlannedRun& planned : boot.runs) out += run_text(planned);
    }
  return out;
}

}  // namespace kairo::experiments
