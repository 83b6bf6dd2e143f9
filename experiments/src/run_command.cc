// SPDX-License-Identifier: GPL-2.0-only
#include "run_command.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "campaign_plan.h"
#include "effort.h"
#include "environment.h"
#include "fleet.h"
#include "kairo/base/files.h"
#include "kairo/base/interrupt.h"
#include "kairo/base/owned_folder.h"
#include "kairo/base/process.h"
#include "kairo/base/sha256.h"
#include "kairo/engine/find_engine.h"
#include "kairo/experiments/definition.h"
#include "kairo/experiments/runner.h"
#include "kairo/kernel/build.h"
#include "kairo/kernel/step_log.h"
#include "kairo/reports/report.h"
#include "kairo/reports/run_data.h"
#include "kairo/reports/summary.h"
#include "kairo/reports/verdicts.h"
#include "results.h"
#include "run_each.h"
#include "target.h"
#include "workload_gaps.h"
#include "workload_source.h"

namespace kairo::experiments {
namespace {

using reports::ExperimentVerdict;

// Removes an earlier result and nothing that a person put beside it.
Status remove_earlier_result(const fs::path& directory) {
  std::error_code status;
  if (!fs::exists(directory, status) || fs::is_empty(directory, status)) return {};
  const auto left = base::OwnedFolder::clear(directory);
  if (!left) return base::fail(left.error(), "--fresh");
  for (const fs::path& file : *left)
    fmt::print(stderr, "left alone, not written by kairo: {}\n", (directory / file).string());
  return {};
}

// The command line that reproduces a result folder, without what only says where it goes. `profile`
// is named when the experiment has several.
std::string reproduce_command(const RunOptions& options, const Definition& definition,
                              const std::string& profile) {
  std::vector<std::string> argv = {"kairo", "experiment", "run", definition.name};
  const auto add = [&](const char* option, const std::string& value) {
    argv.emplace_back(option);
    argv.push_back(value);
  };
  if (options.one_kernel) argv.emplace_back("--one-kernel");
  if (options.target != "vm") {
    add("--target", options.target);
    for (const std::string& host : options.hosts) add("--hosts", host);
    if (!options.engine.empty()) add("--engine", options.engine);
    add("--device", options.device);
    add("--overwrite", options.overwrite);
  }
  for (const std::string& probe : options.cost) add("--cost", probe);
  if (!profile.empty()) add("--profile", profile);
  if (!options.trace.empty()) add("--trace", options.trace);
  for (const std::string& arm : options.arms) add("--arms", arm);
  for (const std::string& load : options.loads) add("--loads", load);
  for (const std::string& set : options.sets) add("--set", set);
  add("--repeats", std::to_string(definition.repeats));
  if (options.seconds != 0) add("--seconds", std::to_string(options.seconds));
  return base::shell_quote(argv);
}

base::Result<Definition> read_definition(const RunOptions& options, const std::string& name) {
  KAIRO_TRY(const auto directory, find_experiment(experiments_dir(), name));
  auto definition = load_definition(directory);
  if (!definition) return definition;
  KAIRO_CHECK(select_arms(*definition, options.arms));
  KAIRO_CHECK(select_loads(*definition, options.loads));
  if (options.repeats != 0) set_repeats(*definition, options.repeats);
  if (options.seconds != 0) set_seconds(*definition, options.seconds);
  if (!options.profile.empty()) KAIRO_CHECK(select_profile(*definition, options.profile));
  return definition;
}

unsigned guests_of(const RunOptions& options) {
  return options.guests != 0 ? options.guests : default_guests();
}

// The experiment on one profile, with its result folder.
base::Result<Campaign> plan(const RunOptions& options, const Definition& definition,
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
  // What is wrong with the jobs is said before anything is built, made or run.
  KAIRO_CHECK(prepare_jobs(out));
  out.parallel_guests = guests_of(options);
  return out;
}

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
    if (!image && name == kBaseKernel)
      return base::fail(image.error(), "for the arms of the base kernel, or --one-kernel");
    if (!image) return base::fail(image.error());
    campaign.kernel_images[name] = *image;
  }
  return {};
}

fs::path trace_of(const RunOptions& options, const LoadDefinition& load) {
  return options.trace.empty() ? load.trace : fs::path(options.trace);
}

void print_gaps(const Campaign& campaign, const LoadDefinition& load, const ClassCounts& ios,
                std::uint64_t duration_ns) {
  for (const std::string& gap : workload_gaps(ios, duration_ns, campaign.definition.metrics,
                                              campaign.definition.repeats_of(load)))
    fmt::print(stderr, "load {}: {}\n", load.name, gap);
}

// Needs no kernel and no fio, and writes nothing.
Status check_workloads(const RunOptions& options, const Campaign& campaign) {
  for (const LoadDefinition& load : campaign.definition.loads) {
    if (load.trace.empty()) continue;
    KAIRO_TRY(const auto loaded, load_workload(trace_of(options, load), campaign.profile));
    print_gaps(campaign, load, count_classes(loaded.workload), loaded.workload.duration_ns);
  }
  return {};
}

Status make_workloads(const RunOptions& options, Campaign& campaign) {
  for (const LoadDefinition& load : campaign.definition.loads) {
    if (load.trace.empty()) continue;
    KAIRO_TRY(auto workload,
              make_workload(trace_of(options, load), campaign.profile, campaign.out_dir,
                            fs::path("workloads") / (load.name + ".workload")));
    print_gaps(campaign, load, workload.ios, workload.duration_ns);
    campaign.workloads.emplace(load.name, std::move(workload));
  }
  return {};
}

// Programs and files that must be there before the first guest boots.
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

Status run_on(const RunOptions& options, const Definition& definition, const fs::path& profile,
              const fs::path& out_dir) {
  KAIRO_TRY(auto campaign, plan(options, definition, profile, out_dir));
  if (options.target == "hosts") {
    // Before the files are looked for: loads that replay one are left out.
    KAIRO_TRY(const auto left_out, fit_to_fleet(campaign.definition));
    for (const std::string& load : left_out) fmt::print(stderr, "left out: {}\n", load);
  }
  KAIRO_CHECK(find_parts(options, campaign));
  KAIRO_CHECK(make_workloads(options, campaign));
  KAIRO_TRY(const auto target, prepare_target(options, campaign));
  KAIRO_CHECK(run_at(target, campaign));
  return run_cost(options, target, std::move(campaign));
}

// For docs/kernel-matrix.md: that arms were compared on the lab's kernel, on the base image or on
// both, and how valid it is.
void note_experiment(const RunOptions& options, const Definition& definition,
                     const reports::Report& report, std::chrono::steady_clock::time_point begin) {
  if (options.target != "vm" || !options.kernel.empty()) return;
  const auto validity = reports::overall(report.reasons);
  std::set<std::string> named;
  for (const reports::Arm& arm : definition.arms)
    named.insert(options.one_kernel ? std::string(kPatchedKernel) : arm.kernel);
  for (const std::string& name : named) {
    const auto image = kernel::built_image(name == kPatchedKernel ? "lab" : name);
    if (!image) continue;
    const std::string suffix = name == kPatchedKernel ? "" : "-on-" + name;
    const auto noted = kernel::leave_image_step(
        {"experiment-" + report.experiment + suffix, report.command, "", "",
         validity == reports::Validity::kInvalid ? static_cast<int>(base::ErrorCode::kShort) : 0, 0,
         "", std::string(reports::validity_text(validity))},
        *image, begin);
    if (!noted) fmt::print(stderr, "kairo: warning: not noted: {}\n", noted.error().message);
  }
}

// `all` has a page that links to the reports as HTML.
bool wants_html(const RunOptions& options) {
  return std::find(options.names.begin(), options.names.end(), "all") != options.names.end();
}

Result<ExperimentVerdict> run_one_profile(const RunOptions& options, const Definition& definition,
                                          const fs::path& out) {
  const auto begin = std::chrono::steady_clock::now();
  KAIRO_CHECK(run_on(options, definition, definition.profiles.front(), out));
  const bool html = wants_html(options);
  KAIRO_TRY(const auto report, reports::compare_folders({out}, "", out, html));
  fmt::print("{}", reports::to_terminal_text(report, out, html));
  note_experiment(options, definition, report, begin);
  return reports::verdict_of(definition.name, report, out);
}

// One result folder per profile below `out`, and a summary over them.
Result<ExperimentVerdict> run_profiles(const RunOptions& options, const Definition& definition,
                                       const fs::path& out) {
  reports::Campaign campaign{definition.name, definition.question, {}};
  for (const fs::path& profile : definition.profiles)
    campaign.folders.push_back(profile.stem().string());
  KAIRO_TRY(const auto folder, base::OwnedFolder::claim(out));
  KAIRO_CHECK(folder.write("campaign.json", reports::to_json_text(campaign)));
  for (const fs::path& profile : definition.profiles) {
    const std::string name = profile.stem().string();
    fmt::print(stderr, "profile {}\n", name);
    KAIRO_CHECK(folder.claim_below(name));
    if (auto done = run_on(options, definition, profile, out / name); !done)
      return fail(done.error(), name);
  }
  const bool html = wants_html(options);
  KAIRO_TRY(const auto found, reports::compare_campaign(out, "", html));
  fmt::print("{}", reports::to_terminal_text(found, out, html));
  return reports::verdict_of(definition.name, found, out);
}

Status check_experiment(const RunOptions& options, const Definition& definition) {
  for (const fs::path& profile : definition.profiles) {
    KAIRO_TRY(const auto campaign, plan(options, definition, profile, {}));
    if (auto checked = check_workloads(options, campaign); !checked)
      return base::fail(checked.error(), campaign.profile_stem);
  }
  return {};
}

// The first that a run says: what it will take.
void print_effort(const RunOptions& options, Definition definition) {
  if (options.one_kernel) use_one_kernel(definition);
  fmt::print(stderr, "{}: {}\n", definition.name,
             effort_text(effort_of(definition), guests_of(options)));
}

Result<ExperimentVerdict> run_experiment(const RunOptions& options, const std::string& name,
                                         const fs::path& out) {
  KAIRO_TRY(const auto definition, read_definition(options, name));
  if (options.check) {
    KAIRO_CHECK(check_experiment(options, definition));
    return ExperimentVerdict{};
  }
  if (options.target != "vm" && definition.profiles.size() > 1)
    return fail(ErrorCode::kUsage,
                "{}: has several device profiles: say which one sets the rates on this drive "
                "(--profile {})",
                definition.name, definition.profiles.front().stem().string());
  if (options.fresh) KAIRO_CHECK(remove_earlier_result(out));
  // Now, not after the build and the boot.
  KAIRO_CHECK(base::OwnedFolder::check(out));
  if (options.target == "vm") print_effort(options, definition);
  auto done = definition.profiles.size() == 1 ? run_one_profile(options, definition, out)
                                              : run_profiles(options, definition, out);
  if (done || !options.fresh || done.error().code != base::kInterrupted) return done;
  // With it the same command would begin anew.
  return fail(base::kInterrupted, "{} without --fresh", done.error().message);
}

bool replays(const Definition& definition) {
  return std::any_of(definition.loads.begin(), definition.loads.end(),
                     [](const LoadDefinition& load) { return !load.trace.empty(); });
}

// A trace that nothing of what was asked for replays would be ignored.
Status check_trace_is_used(const RunOptions& options, const std::vector<std::string>& names) {
  if (options.trace.empty()) return {};
  if (options.target == "hosts")
    return base::fail(base::ErrorCode::kUsage,
                      "--trace: the hosts do not have the file, so --target hosts replays none "
                      "(run it there with --target host)");
  for (const std::string& name : names) {
    const auto definition = read_definition(options, name);
    // What is wrong with it is said when it is run.
    if (!definition || replays(*definition)) return {};
  }
  std::string others;
  for (const fs::path& directory : list_experiments(experiments_dir()))
    if (const auto known = load_definition(directory); known && replays(*known))
      others += (others.empty() ? "" : ", ") + known->name;
  return base::fail(base::ErrorCode::kUsage,
                    "--trace: no load that was chosen replays a trace (experiments with one: {})",
                    others);
}

// The folders of the experiments asked for; "all" is every one.
base::Result<std::vector<std::string>> names_of(const RunOptions& options) {
  std::vector<std::string> out;
  for (const std::string& name : options.names) {
    if (name == "all") {
      for (const fs::path& directory : list_experiments(experiments_dir()))
        out.push_back(directory.filename().string());
      continue;
    }
    KAIRO_TRY(const auto directory, find_experiment(experiments_dir(), name));
    out.push_back(directory.filename().string());
  }
  return out;
}

}  // namespace

Status run_experiments(const RunOptions& options) {
  if (options.target != "vm" && options.device.empty())
    return base::fail(base::ErrorCode::kUsage,
                      "--target {}: name the drive to overwrite (--device /dev/nvme1n1)",
                      options.target);
  if (options.target != "hosts" && !options.hosts.empty())
    return base::fail(base::ErrorCode::kUsage, "--hosts: belongs to --target hosts");
  if (options.target == "hosts" && !options.cost.empty())
    return base::fail(
        base::ErrorCode::kUsage,
        "--cost: fio runs on the hosts, out of sight (run it there with --target host)");
  KAIRO_TRY(const auto names, names_of(options));
  KAIRO_CHECK(check_trace_is_used(options, names));
  const fs::path root = options.out.empty() ? fs::path("results") : fs::path(options.out);
  if (names.size() == 1) {
    const auto verdict =
        run_experiment(options, names.front(), options.out.empty() ? root / names.front() : root);
    return verdict ? gate_status(options.gate, verdict->objection) : fail(verdict.error());
  }
  const RunsOfAll done = run_each(names, options.gate, [&](const std::string& name) {
    return run_experiment(options, name, root / name);
  });
  if (!options.check) {
    fmt::print("\n{}", reports::to_terminal_text(done.verdicts));
    if (wants_html(options)) {
      KAIRO_CHECK(reports::write_verdicts(done.verdicts, root / "all"));
      fmt::print("all verdicts: {}\n", (root / "all" / "verdicts.html").string());
    }
  }
  if (done.first) return fail(*done.first, "not every experiment passed, the first");
  return {};
}

Status collect_results(const fs::path& directory) {
  KAIRO_TRY(const auto folder, reports::read_result_folder(directory));
  const std::size_t planned = folder.runs.size() + folder.missing.size();
  fmt::print("{} of {} runs are there\n", folder.runs.size(), planned);
  KAIRO_TRY(const auto report, reports::compare_folders({directory}, "", directory));
  fmt::print("{}", reports::to_terminal_text(report, directory, false));
  if (folder.missing.empty()) return {};
  return base::fail(base::ErrorCode::kShort,
                    "{} runs are missing, first {} (the same `kairo experiment run` goes on)",
                    folder.missing.size(), folder.missing.front());
}

}  // namespace kairo::experiments
