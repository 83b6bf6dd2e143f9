// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/experiments/cli.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

#include "environment.h"
#include "kairo/base/files.h"
#include "kairo/base/process.h"
#include "kairo/experiments/definition.h"
#include "kairo/experiments/runner.h"
#include "kairo/kernel/build.h"
#include "kairo/reports/report.h"
#include "kairo/reports/summary.h"
#include "workload_source.h"

namespace kairo {

namespace fs = std::filesystem;
using base::Status;

namespace {

struct RunOptions {
  std::string name;
  std::string profile;
  std::vector<std::string> arms;
  std::vector<std::string> loads;
  std::vector<std::string> sets;
  std::string trace;
  std::string out;
  std::string kernel;
  unsigned repeats = 0;
  unsigned seconds = 0;
  unsigned guests = 0;
  bool fresh = false;
  bool gate = false;
};

// `run 3 of 36: trace kairo, repeat 1, about 2 min left`, on one line when a person watches.
class ProgressLine {
 public:
  void operator()(const experiments::Progress& progress) {
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
    const std::string text =
        fmt::format("run {} of {}: {}{}", progress.started, progress.total, progress.what, left);
    if (terminal_) {
      fmt::print(stderr, "\r\x1b[K{}", text);
    } else {
      fmt::print(stderr, "{}\n", text);
    }
    std::fflush(stderr);
  }
  void finish() const {
    if (terminal_) fmt::print(stderr, "\n");
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  bool terminal_ = ::isatty(STDERR_FILENO) == 1;
};

// Removes an earlier result, and only a result: a folder without experiment.json is left alone.
Status remove_earlier_result(const fs::path& directory) {
  std::error_code status;
  if (!fs::exists(directory, status) || fs::is_empty(directory, status)) return {};
  if (!fs::exists(directory / "experiment.json", status) && !reports::is_campaign(directory))
    return base::bad_input("{}: not a result folder, so --fresh does not remove it (name another)",
                           directory.string());
  fs::remove_all(directory, status);
  if (status)
    return base::bad_input("{}: cannot be removed: {}", directory.string(), status.message());
  return {};
}

// The command line that reproduces a result folder, without what only says where it goes. `profile`
// is named when the experiment has several.
std::string reproduce_command(const RunOptions& options, const experiments::Definition& definition,
                              const std::string& profile) {
  std::vector<std::string> argv = {"kairo", "experiment", "run", definition.name};
  const auto add = [&](const char* option, const std::string& value) {
    argv.emplace_back(option);
    argv.push_back(value);
  };
  if (!profile.empty()) add("--profile", profile);
  if (!options.trace.empty()) add("--trace", options.trace);
  for (const std::string& arm : options.arms) add("--arms", arm);
  for (const std::string& load : options.loads) add("--loads", load);
  for (const std::string& set : options.sets) add("--set", set);
  add("--repeats", std::to_string(definition.repeats));
  if (options.seconds != 0) add("--seconds", std::to_string(options.seconds));
  return base::shell_quote(argv);
}

base::Result<experiments::Definition> read_definition(const RunOptions& options) {
  const auto directory = experiments::find_experiment(experiments::experiments_dir(), options.name);
  if (!directory) return base::fail(directory.error());
  auto definition = experiments::load_definition(*directory);
  if (!definition) return definition;
  if (auto kept = select_arms(*definition, options.arms); !kept) return base::fail(kept.error());
  if (auto kept = select_loads(*definition, options.loads); !kept) return base::fail(kept.error());
  if (options.repeats != 0) set_repeats(*definition, options.repeats);
  if (options.seconds != 0) set_seconds(*definition, options.seconds);
  if (!options.profile.empty()) {
    if (auto kept = select_profile(*definition, options.profile); !kept)
      return base::fail(kept.error());
  }
  return definition;
}

// The experiment on one profile, with its result folder.
base::Result<experiments::Campaign> plan(const RunOptions& options,
                                         const experiments::Definition& definition,
                                         const fs::path& profile, const fs::path& out_dir) {
  experiments::Campaign out;
  const auto device = experiments::load_profile(profile);
  if (!device) return base::fail(device.error());
  out.profile = *device;
  out.profile_stem = profile.stem().string();
  for (const std::string& text : options.sets) {
    auto change = experiments::parse_override(text);
    if (!change) return base::fail(change.error());
    out.overrides.push_back(std::move(*change));
  }
  out.definition = definition;
  out.out_dir = out_dir;
  out.command = reproduce_command(
      options, definition, definition.profiles.size() > 1 ? out.profile_stem : options.profile);
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  out.parallel_guests = options.guests != 0 ? options.guests : cores;
  return out;
}

// Programs and files that must be there before the first guest boots.
Status find_parts(const RunOptions& options, experiments::Campaign& campaign) {
  if (options.kernel.empty()) {
    const auto image = kernel::built_image("lab");
    if (!image) return base::fail(image.error());
    campaign.kernel_image = *image;
  } else {
    campaign.kernel_image = options.kernel;
  }
  if (auto there = base::require_program("fio", "fio"); !there) return there;
  campaign.fio = base::find_program("fio");
  const auto engine = experiments::find_engine();
  if (!engine) return base::fail(engine.error());
  campaign.engine = *engine;
  campaign.environment = experiments::host_environment(campaign.kernel_image, campaign.engine);
  for (const experiments::LoadDefinition& load : campaign.definition.loads) {
    if (!load.samples.empty() && campaign.sampler.empty()) {
      const auto sampler = experiments::find_sampler();
      if (!sampler) return base::fail(sampler.error());
      campaign.sampler = *sampler;
    }
    if (load.trace.empty()) continue;
    const fs::path source = options.trace.empty() ? load.trace : fs::path(options.trace);
    auto workload = experiments::make_workload(
        source, campaign.profile, campaign.out_dir / "workloads" / (load.name + ".workload"));
    if (!workload) return base::fail(workload.error());
    campaign.workloads.emplace(load.name, std::move(*workload));
  }
  return {};
}

Status run_on(const RunOptions& options, const experiments::Definition& definition,
              const fs::path& profile, const fs::path& out_dir) {
  auto campaign = plan(options, definition, profile, out_dir);
  if (!campaign) return base::fail(campaign.error());
  if (auto found = find_parts(options, *campaign); !found) return found;
  ProgressLine progress;
  const auto done = run_campaign(*campaign, std::ref(progress));
  progress.finish();
  return done;
}

// What objects to the claims goes to the person always and to the exit status when asked.
Status gate(const RunOptions& options, const std::string& objection) {
  if (objection.empty()) return {};
  if (options.gate) return base::fail(base::ErrorCode::kShort, "gate: {}", objection);
  fmt::print("gate: {}\n", objection);
  return {};
}

Status run_one_profile(const RunOptions& options, const experiments::Definition& definition,
                       const fs::path& out) {
  if (auto done = run_on(options, definition, definition.profiles.front(), out); !done) return done;
  const auto report = reports::compare_folders({out}, "", out);
  if (!report) return base::fail(report.error());
  fmt::print("{}\nreport: {}\n", report->answer, (out / "report.md").string());
  return gate(options, reports::gate_objection(*report));
}

// One result folder per profile below `out`, and a summary over them.
Status run_profiles(const RunOptions& options, const experiments::Definition& definition,
                    const fs::path& out) {
  reports::Campaign campaign{definition.name, definition.question, {}};
  for (const fs::path& profile : definition.profiles)
    campaign.folders.push_back(profile.stem().string());
  if (auto written = base::write_file(out / "campaign.json", reports::to_json_text(campaign));
      !written)
    return written;
  for (const fs::path& profile : definition.profiles) {
    const std::string name = profile.stem().string();
    fmt::print(stderr, "profile {}\n", name);
    if (auto done = run_on(options, definition, profile, out / name); !done)
      return base::fail(done.error(), name);
  }
  const auto found = reports::compare_campaign(out, "");
  if (!found) return base::fail(found.error());
  for (const reports::ProfileReport& profile : *found)
    fmt::print("{}: {}\n", profile.profile, profile.report.answer);
  fmt::print("summary: {}\n", (out / "summary.md").string());
  return gate(options, reports::gate_objection(*found));
}

Status run_experiment(const RunOptions& options) {
  const auto definition = read_definition(options);
  if (!definition) return base::fail(definition.error());
  const fs::path out =
      options.out.empty() ? fs::path("results") / definition->name : fs::path(options.out);
  if (options.fresh) {
    if (auto removed = remove_earlier_result(out); !removed) return removed;
  }
  if (definition->profiles.size() == 1) return run_one_profile(options, *definition, out);
  return run_profiles(options, *definition, out);
}

int list_experiments() {
  int status = 0;
  for (const fs::path& directory : experiments::list_experiments(experiments::experiments_dir())) {
    const auto definition = experiments::load_definition(directory);
    if (!definition) {
      status = base::report_error(definition.error());
      continue;
    }
    fmt::print("{:<24} {}\n", definition->name, definition->question);
  }
  return status;
}

}  // namespace

void add_experiments_commands(CLI::App& app, int& exit_code) {
  CLI::App* const group = app.add_subcommand("experiment", "Staged A/B runs in the guest");
  group->require_subcommand(1);

  CLI::App* const list = group->add_subcommand("list", "The experiments and their questions");
  list->callback([&exit_code] { exit_code = list_experiments(); });

  CLI::App* const run = group->add_subcommand(
      "run", "Run an experiment and write its report to DIR/report.{md,json}");
  const auto options = std::make_shared<RunOptions>();
  run->add_option("name", options->name, "Its folder's name, or the start of it: 01")->required();
  run->add_option("--profile", options->profile,
                  "The one device profile to run on: a TOML file, or a name as qlc-3die")
      ->type_name("FILE");
  run->add_option("--arms", options->arms, "Only these arms, comma separated")->delimiter(',');
  run->add_option("--loads", options->loads, "Only these loads, comma separated")->delimiter(',');
  run->add_option("--repeats", options->repeats, "Runs per arm and load")
      ->check(CLI::Range(1, 1000));
  run->add_option("--seconds", options->seconds, "Guest seconds of the synthetic load")
      ->check(CLI::Range(1, 3600));
  run->add_option("--set", options->sets,
                  "Change the fio job: key=value, or job.key=value (decode.kv_rate=4000)")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  run->add_option("--trace", options->trace,
                  "LLM request trace or workload file for the loads that replay one")
      ->type_name("FILE");
  run->add_option("--out", options->out, "Result folder (default results/NAME)")->type_name("DIR");
  run->add_option("--kernel", options->kernel,
                  "Kernel image (default: what `kairo kernel build` made)")
      ->type_name("FILE");
  run->add_option("--guests", options->guests, "Guests at the same time (default: one per core)")
      ->check(CLI::Range(1, 64));
  run->add_flag("--fresh", options->fresh, "Remove an earlier result in DIR first");
  run->add_flag("--gate", options->gate,
                "Exit status 1 when the report is INVALID or a claim ([[rule]]) is not met");
  run->footer(
      "Example: kairo experiment run 01-decode-priority --arms mq-deadline,kairo --repeats 6\n"
      "Interrupted runs go on where they stopped when the same command is given again.");
  run->callback([options, &exit_code] {
    if (const auto done = run_experiment(*options); !done)
      exit_code = base::report_error(done.error());
  });
}

}  // namespace kairo
