// SPDX-License-Identifier: GPL-2.0-only
#include "plan/plan.h"

#include <set>

#include "kairo/base/files.h"
#include "kairo/base/process.h"
#include "kairo/base/sha256.h"
#include "kairo/base/short_names.h"
#include "kairo/engine/find_engine.h"
#include "kairo/kernel/build.h"
#include "kairo/trace/sample.h"
#include "plan/campaign_plan.h"
#include "plan/environment.h"
#include "plan/workload_gaps.h"
#include "plan/workload_source.h"

namespace kairo::experiments {
namespace {

// An image for each kernel that an arm names. Where arms are on two of them, both have the device
// of the present series: a difference between two devices would pass for one between kernels.
Status find_kernels(const RunOptions& options, Campaign& campaign) {
  std::set<std::string> named;
  for (const reports::Arm& arm : campaign.definition.arms) named.insert(arm.kernel);
  for (const std::string& name : named) {
    if (name == kPatchedKernel && !options.kernel.empty()) {
      campaign.kernel_images[name] = options.kernel;
      continue;
    }
    const std::string config = name == kPatchedKernel ? "lab" : name;
    const auto image =
        named.size() == 1 ? kernel::built_image(config) : kernel::current_image(config);
    if (!image && name != kPatchedKernel)
      return base::fail(image.error(), "for the arms of the " + name + " kernel, or --one-kernel");
    if (!image) return base::fail(image.error());
    campaign.kernel_images[name] = *image;
  }
  return {};
}

void print_gaps(const Campaign& campaign, const LoadDefinition& load, const ClassCounts& ios,
                std::uint64_t duration_ns) {
  for (const std::string& gap : workload_gaps(ios, duration_ns, campaign.definition.metrics,
                                              campaign.definition.repeats_of(load)))
    fmt::print(stderr, "load {}: {}\n", load.name, gap);
}

}  // namespace

Result<Campaign> make_plan(const RunOptions& options, const Definition& definition,
                           const fs::path& profile, const fs::path& out_dir) {
  Campaign out;
  KAIRO_TRY(out.profile, load_profile(profile));
  out.profile_stem = profile.stem().string();
  for (const std::string& text : options.sets) {
    KAIRO_TRY(auto change, parse_override(text));
    out.overrides.push_back(std::move(change));
  }
  out.definition = definition;
  if (options.one_kernel && use_one_kernel(out.definition))
    out.environment["arms_on"] = "the patched kernel";
  out.out_dir = out_dir;
  out.command = reproduce_command(
      options, definition, definition.profiles.size() > 1 ? out.profile_stem : options.profile);
  KAIRO_CHECK(prepare_jobs(out));
  out.parallel_guests = guests_of(options);
  return out;
}

fs::path trace_of(const RunOptions& options, const LoadDefinition& load) {
  return options.trace.empty() ? load.trace : fs::path(options.trace);
}

Status find_parts(const RunOptions& options, Campaign& campaign) {
  if (options.target == "vm") KAIRO_CHECK(find_kernels(options, campaign));
  KAIRO_CHECK(base::require_program("fio", "fio"));
  campaign.fio = base::find_program("fio");
  KAIRO_TRY(campaign.engine, engine::find_engine());
  campaign.environment.merge(host_environment(campaign.kernel_images, campaign.engine));
  for (const reports::Arm& arm : campaign.definition.arms) {
    if (arm.script.empty() || options.target == "host") continue;
    KAIRO_CHECK(base::require_program("bpftrace", "bpftrace"));
    campaign.bpftrace = base::find_program("bpftrace");
    KAIRO_TRY(const auto hash, base::sha256_file(tracing_dir() / arm.script));
    campaign.environment[fmt::format("bpftrace_{}_sha256", arm.script)] = hash;
  }
  for (const LoadDefinition& load : campaign.definition.loads) {
    if (!load.samples.empty() && campaign.sampler.empty()) {
      KAIRO_TRY(campaign.sampler, find_sampler());
    }
  }
  return {};
}

namespace {

// Calls `use` with the file that the load replays. A trace that is generated is one for so long.
template <class Use>
auto with_trace(const RunOptions& options, const LoadDefinition& load, const Use& use)
    -> decltype(use(fs::path())) {
  const fs::path given = trace_of(options, load);
  if (!given.empty()) return use(given);
  KAIRO_TRY(const auto folder, base::TempDir::create("kairo-trace-"));
  const GeneratedTrace& wanted = *load.generated;
  const fs::path made =
      folder.path() / fmt::format("generated-{}-{}.jsonl", wanted.requests, wanted.seed);
  KAIRO_CHECK(base::write_file(made, trace::make_sample(wanted.requests, wanted.seed)));
  return use(made);
}

}  // namespace

Status make_workloads(const RunOptions& options, Campaign& campaign) {
  for (const LoadDefinition& load : campaign.definition.loads) {
    if (!load.replays()) continue;
    KAIRO_TRY(auto workload, with_trace(options, load, [&](const fs::path& trace) {
                return make_workload(trace, campaign.profile, campaign.out_dir,
                                     fs::path("workloads") / (load.name + ".workload"));
              }));
    print_gaps(campaign, load, workload.ios, workload.duration_ns);
    campaign.workloads.emplace(load.name, std::move(workload));
  }
  return {};
}

Status check_workloads(const RunOptions& options, const Campaign& campaign) {
  for (const LoadDefinition& load : campaign.definition.loads) {
    if (!load.replays()) continue;
    KAIRO_TRY(const auto loaded, with_trace(options, load, [&](const fs::path& trace) {
                return load_workload(trace, campaign.profile);
              }));
    print_gaps(campaign, load, count_classes(loaded.workload), loaded.workload.duration_ns);
  }
  return {};
}

}  // namespace kairo::experiments
