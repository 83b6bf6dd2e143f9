// SPDX-License-Identifier: GPL-2.0-only
#include "run_command.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "kairo/base/interrupt.h"
#include "kairo/base/owned_folder.h"
#include "kairo/base/short_names.h"
#include "kairo/kernel/build.h"
#include "kairo/kernel/step_log.h"
#include "kairo/reports/report.h"
#include "kairo/reports/run_data.h"
#include "kairo/reports/summary.h"
#include "kairo/reports/verdicts.h"
#include "plan/effort.h"
#include "plan/plan.h"
#include "plan/plan_text.h"
#include "run_each.h"
#include "target/fleet.h"
#include "target/target.h"

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

Status leave_out_of_fleet(const RunOptions& options, Campaign& campaign) {
  if (options.target != "hosts") return {};
  KAIRO_TRY(const auto left_out, fit_to_fleet(campaign.definition));
  for (const std::string& load : left_out) fmt::print(stderr, "left out: {}\n", load);
  return {};
}

Status run_on(const RunOptions& options, const Definition& definition, const fs::path& profile,
              const fs::path& out_dir) {
  KAIRO_TRY(auto campaign, make_plan(options, definition, profile, out_dir));
  // Before the files are looked for: loads that replay one are left out.
  KAIRO_CHECK(leave_out_of_fleet(options, campaign));
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
    const auto noted =
        kernel::leave_image_step({.name = "experiment-" + report.experiment + suffix,
                                  .command = report.command,
                                  .exit_status = validity == reports::Validity::kInvalid
                                                     ? static_cast<int>(base::ErrorCode::kShort)
                                                     : 0,
                                  .note = std::string(reports::validity_text(validity))},
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
    KAIRO_TRY(const auto campaign, make_plan(options, definition, profile, {}));
    if (auto checked = check_workloads(options, campaign); !checked)
      return base::fail(checked.error(), campaign.profile_stem);
  }
  return {};
}

Status print_plans(const RunOptions& options, const Definition& definition) {
  for (const fs::path& profile : definition.profiles) {
    KAIRO_TRY(auto campaign, make_plan(options, definition, profile, {}));
    for (LoadDefinition& load : campaign.definition.loads)
      if (load.replays()) load.trace = trace_of(options, load);
    KAIRO_CHECK(leave_out_of_fleet(options, campaign));
    fmt::print("{}", plan_text(campaign, options.target == "vm"));
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
  if (options.dry_run) {
    if (options.target == "vm") print_effort(options, definition);
    KAIRO_CHECK(print_plans(options, definition));
    return ExperimentVerdict{};
  }
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

}  // namespace

Status run_experiments(const RunOptions& options) {
  KAIRO_TRY(const auto names, check_request(options));
  const fs::path root = options.out.empty() ? fs::path("results") : fs::path(options.out);
  if (names.size() == 1) {
    const auto verdict =
        run_experiment(options, names.front(), options.out.empty() ? root / names.front() : root);
    return verdict ? gate_status(options.gate, verdict->objection) : fail(verdict.error());
  }
  const RunsOfAll done = run_each(names, options.gate, [&](const std::string& name) {
    return run_experiment(options, name, root / name);
  });
  if (!options.check && !options.dry_run) {
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
