// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/experiments/cli.h"

#include <fnmatch.h>

#include <algorithm>
#include <memory>

#include "kairo/experiments/definition.h"
#include "plan/die_bound.h"
#include "plan/effort.h"
#include "run_command.h"

namespace kairo {

namespace fs = std::filesystem;

namespace {

std::string profiles_of(const experiments::Definition& definition) {
  std::string out;
  for (const fs::path& profile : definition.profiles)
    out += (out.empty() ? "" : ", ") + profile.stem().string();
  return out;
}

bool matches(const std::string& name, const std::vector<std::string>& patterns) {
  return patterns.empty() ||
         std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
           return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0 || name.starts_with(pattern) ||
                  experiments::without_number(name).starts_with(pattern);
         });
}

int list_experiments(const std::vector<std::string>& patterns) {
  int status = 0;
  for (const fs::path& directory : experiments::list_experiments(experiments::experiments_dir())) {
    if (!matches(directory.filename().string(), patterns)) continue;
    const auto definition = experiments::load_definition(directory);
    if (!definition) {
      status = base::report_error(definition.error());
      continue;
    }
    fmt::print("{0:<24} {1}\n{2:<24} {3} arms, {4} loads, profiles {5}\n{2:<24} {6}\n",
               definition->name, definition->question, "", definition->arms.size(),
               definition->loads.size(), profiles_of(*definition),
               experiments::effort_text(experiments::effort_of(*definition),
                                        experiments::default_guests()));
  }
  return status;
}

struct BoundOptions {
  std::vector<std::string> profiles;
  double decode_share = 0.05;
  double prefetch_share = 0.05;
};

std::string microseconds(const reports::Histogram& latencies, double percent) {
  const auto ns = latencies.supported_percentile(percent);
  return ns ? fmt::format("{:.0f}", static_cast<double>(*ns) / 1e3) : "n/a";
}

int print_bounds(const BoundOptions& options) {
  fmt::print(
      "| profile | program + read µs | decode p50 µs | p99 µs | p99.9 µs | prefill MB/s |\n"
      "|---|--:|--:|--:|--:|--:|\n");
  for (const std::string& name : options.profiles) {
    const auto file = experiments::find_profile(name);
    if (!file) return base::report_error(file.error());
    const auto device = experiments::load_profile(*file);
    if (!device) return base::report_error(device.error());
    experiments::BoundLoad load;
    load.decode_per_s = device->read_rate(options.decode_share, load.decode_bytes);
    load.prefetch_per_s = device->read_rate(options.prefetch_share, load.prefetch_bytes);
    const experiments::DieBound bound = die_bound(*device, load);
    fmt::print("| {} | {} | {} | {} | {} | {:.0f} |\n", device->name,
               device->program_us + device->read_us, microseconds(bound.decode, 50),
               microseconds(bound.decode, 99), microseconds(bound.decode, 99.9),
               bound.prefill_bytes_per_s / 1e6);
  }
  return 0;
}

using experiments::RunOptions;

// On which machine and drive.
void add_target_options(CLI::App& run, RunOptions& options) {
  run.add_option("--target", options.target,
                 "vm (default): the lab's guest; host: this machine; hosts: machines with a fio\n"
                 "--server")
      ->check(CLI::IsMember({"vm", "host", "hosts"}));
  run.add_option("--device", options.device,
                 "Drive for --target host or hosts, which will be overwritten")
      ->type_name("DEV");
  run.add_option("--hosts", options.hosts,
                 "Machines of --target hosts, comma separated (port 8765 unless said)")
      ->delimiter(',')
      ->type_name("NAME[:PORT]");
  run.add_option("--engine", options.engine,
                 "kairo.so on those machines (default: where it is here)")
      ->type_name("FILE");
  run.add_option("--cost", options.cost,
                 "Afterwards a run per load and arm that is watched: stat (perf stat), calls\n"
                 "(strace -c), stacks (perf record, a flame graph); comma separated")
      ->delimiter(',')
      ->check(CLI::IsMember({"stat", "calls", "stacks"}));
  run.add_option("--overwrite", options.overwrite, "The same drive again, to confirm it")
      ->type_name("DEV");
}

// Which part of the experiment, and what of it is changed.
void add_choice_options(CLI::App& run, RunOptions& options) {
  run.add_option("--profile", options.profile,
                 "The one device profile to run on: a TOML file, or a name as qlc-3die")
      ->type_name("FILE");
  run.add_option("--arms", options.arms, "Only these arms, comma separated")->delimiter(',');
  run.add_option("--loads", options.loads, "Only these loads, comma separated")->delimiter(',');
  run.add_option("--repeats", options.repeats, "Runs per arm and load")->check(CLI::Range(1, 1000));
  run.add_option("--seconds", options.seconds, "Guest seconds of the synthetic load")
      ->check(CLI::Range(1, 3600));
  run.add_option("--set", options.sets,
                 "Change the fio job: key=value, or job.key=value (decode.kv_rate=4000)")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  run.add_option("--trace", options.trace,
                 "LLM request trace or workload file for the loads that replay one")
      ->type_name("FILE");
}

void add_result_options(CLI::App& run, RunOptions& options) {
  run.add_option("--out", options.out, "Result folder (default results/NAME)")->type_name("DIR");
  run.add_option("--kernel", options.kernel,
                 "Kernel image (default: what `kairo kernel build` made)")
      ->type_name("FILE");
  run.add_flag("--one-kernel", options.one_kernel,
               "All arms on the patched kernel, also those that name the base one");
  run.add_option("--guests", options.guests, "Guests at the same time (default: one per core)")
      ->check(CLI::Range(1, 64));
  run.add_flag("--check", options.check,
               "Only say what the trace cannot show; needs no kernel and runs nothing");
  run.add_flag("--dry-run", options.dry_run,
               "Only print what would run, in which order and on what; runs and writes nothing");
  run.add_flag("--fresh", options.fresh, "Remove what an earlier result wrote in DIR first");
  run.add_flag("--gate", options.gate,
               "Exit status 1 when the report is not VALID or a claim ([[rule]]) is not met");
}

void add_list(CLI::App& group, int& exit_code) {
  CLI::App* const list = group.add_subcommand("list", "The experiments and their questions");
  const auto patterns = std::make_shared<std::vector<std::string>>();
  list->add_option("pattern", *patterns,
                   "Only names that start so, with or without the number, or match: '0[1-4]*'");
  list->callback([patterns, &exit_code] { exit_code = list_experiments(*patterns); });
}

void add_run(CLI::App& group, int& exit_code) {
  CLI::App* const run =
      group.add_subcommand("run", "Run an experiment and write its report to DIR/report.{md,json}");
  const auto options = std::make_shared<RunOptions>();
  run->add_option(
         "name", options->names,
         "Its folder's name or the start of it, with or without the number: 01, decode-priority.\n"
         "Several, or `all`, go to a folder each; DIR/all/verdicts.{md,html}: all at a glance")
      ->required();
  add_target_options(*run, *options);
  add_choice_options(*run, *options);
  add_result_options(*run, *options);
  run->footer(
      "Example: kairo experiment run 01-decode-priority --arms mq-deadline,kairo --repeats 6\n"
      "Interrupted runs go on where they stopped when the same command is given again.");
  run->callback([options, &exit_code] {
    if (const auto done = experiments::run_experiments(*options); !done)
      exit_code = base::report_error(done.error());
  });
}

void add_bound(CLI::App& group, int& exit_code) {
  CLI::App* const bound = group.add_subcommand(
      "bound", "What the best scheduler that knows the dies would reach on a profile's drive");
  const auto limits = std::make_shared<BoundOptions>();
  bound->add_option("PROFILE", limits->profiles, "TOML files, or names as qlc-3die")->required();
  bound
      ->add_option("--decode-share", limits->decode_share,
                   "Decode reads of 64 KiB, as a part of the read capacity (0.05)")
      ->check(CLI::Range(0.0, 1.0));
  bound->add_option("--prefetch-share", limits->prefetch_share, "Prefetch reads of 128 KiB (0.05)")
      ->check(CLI::Range(0.0, 1.0));
  bound->footer(
      "Works out the schedule of a minute, with prefill that never runs out; boots nothing.\n"
      "Example: kairo experiment bound reference slc-fast --decode-share 0.1");
  bound->callback([limits, &exit_code] { exit_code = print_bounds(*limits); });
}

void add_collect(CLI::App& group, int& exit_code) {
  CLI::App* const collect = group.add_subcommand(
      "collect", "Make the report of a result folder from the runs that are there");
  const auto directory = std::make_shared<std::string>();
  collect->add_option("DIR", *directory, "Result folder")->required();
  collect->footer(
      "Exit status 1 when runs are missing.\nExample: kairo experiment collect "
      "results/01-decode-priority");
  collect->callback([directory, &exit_code] {
    if (const auto done = experiments::collect_results(*directory); !done)
      exit_code = base::report_error(done.error());
  });
}

}  // namespace

void add_experiments_commands(CLI::App& app, int& exit_code) {
  CLI::App* const group = app.add_subcommand("experiment", "Staged A/B runs in the guest");
  group->require_subcommand(1);
  add_list(*group, exit_code);
  add_run(*group, exit_code);
  add_bound(*group, exit_code);
  add_collect(*group, exit_code);
}

}  // namespace kairo
