// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/experiments/runner.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "kairo/base/files.h"
#include "kairo/base/interrupt.h"
#include "kairo/base/short_names.h"
#include "kairo/base/text.h"
#include "kairo/base/units.h"
#include "kairo/kernel/build.h"
#include "kairo/kernel/guest.h"
#include "kairo/reports/result_folder.h"
#include "kairo/reports/run_data.h"
#include "plan/campaign_plan.h"
#include "plan/folder_identity.h"
#include "target/cost_probe.h"
#include "target/guest_script.h"

namespace kairo::experiments {
namespace {

constexpr std::string_view kGuestWorkloads = "/kairo/workloads";
constexpr std::string_view kGuestEngine = "/kairo/kairo.so";
constexpr std::string_view kGuestSampler = "/kairo/kairo-sampler";
constexpr std::string_view kGuestTracing = "/kairo/tracing";
constexpr std::string_view kRunMark = "kairo-run ";
constexpr unsigned kGuestMemoryMib = 1536;
constexpr std::chrono::minutes kGuestTimeout{60};

// What the guest measured of a run, by name.
Result<std::map<std::string, std::uint64_t>> read_numbers(const fs::path& file) {
  KAIRO_TRY(const auto text, base::read_file(file, 1 << 16));
  KAIRO_TRY(const auto values, reports::parse_key_values(text, file.string()));
  std::map<std::string, std::uint64_t> out;
  for (const auto& [key, value] : values) {
    const auto number = base::parse_u64(value);
    if (!number)
      return base::bad_input("{}: {}: \"{}\" is not a number", file.string(), key, value);
    out.emplace(key, *number);
  }
  return out;
}

// Moves one run from what the guest handed out to its place in the result folder. run.json comes
// last: without it the run counts as unfinished.
Status collect_run(const Campaign& campaign, const PlannedRun& planned, const fs::path& guest_out,
                   const reports::KernelId& kernel) {
  const auto& [run, repeat, order] = planned;
  const fs::path from = guest_out / run.load->name / run.arm->name;
  KAIRO_TRY(const auto guest, read_numbers(from / "guest.txt"));
  if (const auto exit = guest.find("fio_exit"); exit == guest.end() || exit->second != 0) {
    const auto log = base::read_file(from / "fio.log", 1 << 20);
    return base::fail(base::ErrorCode::kShort, "load {}, arm {}, repeat {}: fio failed:\n{}",
                      run.load->name, run.arm->name, repeat, log ? *log : "(no log)");
  }
  KAIRO_TRY(const auto begun, begin_run(campaign, {run, repeat, order}));
  const fs::path& to = begun;
  std::error_code status;
  fs::copy(from, to, fs::copy_options::recursive, status);
  if (status) return base::bad_input("{}: cannot be copied: {}", to.string(), status.message());
  fs::remove(to / "guest.txt", status);
  KAIRO_CHECK(keep_stacks(campaign.probe, to));

  reports::RunRecord record = record_of(campaign.definition, planned);
  record.kernel = kernel;
  const auto elapsed = guest.find("elapsed_ns");
  const auto idle = guest.find("idle_ns");
  const auto begin = guest.find("begin_ns");
  if (begin != guest.end()) record.begin_ns = begin->second;
  if (elapsed != guest.end() && idle != guest.end() && idle->second <= elapsed->second) {
    record.virtual_ns = elapsed->second;
    record.cpu_idle_ns = idle->second;
    record.cpu_busy_ns = elapsed->second - idle->second;
  }
  return end_run(campaign, record);
}

// What the guest says of its system.
Result<reports::TextMap> read_guest_facts(const fs::path& directory) {
  reports::TextMap facts;
  for (const auto& [key, file] :
       {std::pair{"kernel", "uname"}, {"cmdline", "cmdline"}, {"fio", "fio"}}) {
    KAIRO_TRY(auto text, base::read_file(directory / file, 1 << 16));
    while (text.ends_with('\n')) text.pop_back();
    facts.emplace(key, text);
  }
  return facts;
}

// `uname -a` begins with the name of the system, that of the machine and the release.
reports::KernelId kernel_id(const fs::path& image, std::string_view uname) {
  const std::vector<std::string_view> words = base::split_words(uname);
  reports::KernelId out{words.size() > 2 ? std::string(words[2]) : std::string(uname), {}};
  if (const auto id = kernel::image_build_id(image)) out.build = kernel::build_id_text(*id);
  return out;
}

// What the folder has not yet: whole boots, and what an interrupt has left of others.
std::vector<Boot> missing_boots(const Campaign& campaign) {
  std::vector<Boot> out;
  for (unsigned repeat = 1; repeat <= most_repeats(campaign.definition); ++repeat)
    for (Boot& boot : boots_of(campaign.definition, repeat)) {
      std::erase_if(boot.runs,
                    [&](const PlannedRun& planned) { return is_finished(campaign, planned); });
      if (!boot.runs.empty()) out.push_back(std::move(boot));
    }
  return out;
}

// The repeats of which some boot has run in part, after those that `text` has already.
std::string add_several_boots(const Campaign& campaign, std::string text) {
  for (unsigned repeat = 1; repeat <= most_repeats(campaign.definition); ++repeat)
    for (const Boot& boot : boots_of(campaign.definition, repeat)) {
      const auto finished =
          std::count_if(boot.runs.begin(), boot.runs.end(),
                        [&](const PlannedRun& planned) { return is_finished(campaign, planned); });
      const bool in_part = finished != 0 && static_cast<std::size_t>(finished) < boot.runs.size();
      const std::string number = std::to_string(repeat);
      const auto words = base::split_words(text);
      if (in_part && std::find(words.begin(), words.end(), number) == words.end())
        text += (text.empty() ? "" : " ") + number;
    }
  return text;
}

// The rest of a repeat runs in a boot of its own: said in experiment.json, since its figures are
// not to the digit those of one boot.
Status note_several_boots(const Campaign& campaign, reports::Experiment& experiment) {
  const auto known = experiment.environment.find(kSeveralBoots);
  const std::string text = add_several_boots(
      campaign, known == experiment.environment.end() ? std::string() : known->second);
  if (text.empty()) return {};
  experiment.environment[kSeveralBoots] = text;
  return write_experiment(campaign, experiment);
}

class Runner {
 public:
  Runner(const Campaign& campaign, const JobTexts& jobs, const OnProgress& on_progress)
      : campaign_(campaign), jobs_(jobs), on_progress_(on_progress) {}

  // Boots the guests whose runs are missing. The first failure stops those not yet begun.
  Result<reports::TextMap> run_all() {
    const std::vector<Boot> missing = missing_boots(campaign_);
    for (const Boot& boot : missing) total_ += static_cast<unsigned>(boot.runs.size());
    if (!missing.empty())
      on_progress_({0, total_,
                    fmt::format("{} guests to boot, at once {}", missing.size(),
                                std::min<std::size_t>(missing.size(), campaign_.parallel_guests))});

    std::atomic<std::size_t> next{0};
    const auto work = [&] {
      for (std::size_t at = next++; at < missing.size() && !failed(); at = next++)
        if (auto done = run_boot(missing[at]); !done) set_failure(done.error());
    };
    std::vector<std::thread> threads;
    for (unsigned i = 1; i < campaign_.parallel_guests; ++i) threads.emplace_back(work);
    work();
    for (std::thread& thread : threads) thread.join();
    if (failure_ && failure_->code == base::kInterrupted) return interrupted();
    if (failure_) return base::fail(*failure_);
    return guest_facts_;
  }

  // What the guests that have ended told of their system.
  [[nodiscard]] const reports::TextMap& facts() const { return guest_facts_; }

 private:
  // How much is there, and how to go on.
  [[nodiscard]] Result<reports::TextMap> interrupted() const {
    const std::vector<PlannedRun> all = planned_runs(campaign_.definition);
    const auto there = std::count_if(all.begin(), all.end(), [&](const PlannedRun& planned) {
      return is_finished(campaign_, planned);
    });
    return base::fail(base::kInterrupted,
                      "interrupted; {} of {} runs are in {}, the same command goes on", there,
                      all.size(), campaign_.out_dir.string());
  }

  bool failed() {
    const std::lock_guard lock(mutex_);
    return failure_.has_value();
  }

  void set_failure(const base::Error& error) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = error;
  }

  void line(std::string_view text, unsigned repeat) {
    if (!text.starts_with(kRunMark)) return;
    const std::lock_guard lock(mutex_);
    on_progress_(
        {++started_, total_, fmt::format("{}, repeat {}", text.substr(kRunMark.size()), repeat)});
  }

  void tell_interrupt() {
    const std::lock_guard lock(mutex_);
    if (std::exchange(told_, true)) return;
    fmt::print(stderr, "\ninterrupted: fetching the finished runs (Ctrl-C once more drops them)\n");
  }

  // The runs that the script came to the end of before it was stopped, and what the guest told.
  Status keep_finished(const Boot& boot, const kernel::GuestSpec& spec) {
    KAIRO_TRY(const auto facts, read_guest_facts(spec.out_dir / "environment"));
    const reports::KernelId kernel = kernel_id(spec.kernel_image, facts.at("kernel"));
    std::error_code status;
    for (const PlannedRun& planned : boot.runs)
      if (fs::exists(spec.out_dir / planned.run.load->name / planned.run.arm->name / "guest.txt",
                     status))
        KAIRO_CHECK(collect_run(campaign_, planned, spec.out_dir, kernel));
    note_facts(boot, facts);
    return {};
  }

  void note_facts(const Boot& boot, const reports::TextMap& facts) {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, value] : facts)
      guest_facts_[key == "kernel" && boot.kernel != kPatchedKernel ? "kernel_" + boot.kernel
                                                                    : key] = value;
  }

  // What every guest of the campaign has.
  [[nodiscard]] kernel::GuestSpec guest_of(const Boot& boot) const {
    kernel::GuestSpec spec;
    spec.kernel_image = campaign_.kernel_images.at(boot.kernel);
    // The engine as a program brings its libraries. It is loaded from a place of its own: where it
    // lies on the host can be hidden in the guest, /tmp for one.
    spec.programs = {campaign_.fio, campaign_.engine};
    const std::string probe = probe_program(campaign_.probe);
    if (!probe.empty()) spec.programs.push_back(base::find_program(probe));
    spec.files = {{campaign_.engine, std::string(kGuestEngine)}};
    if (!campaign_.sampler.empty())
      spec.files.push_back({campaign_.sampler, std::string(kGuestSampler)});
    spec.mem_mib = kGuestMemoryMib;
    if (!campaign_.bpftrace.empty()) {
      spec.programs.push_back(campaign_.bpftrace);
      spec.files.push_back({tracing_dir(), std::string(kGuestTracing)});
    }
    spec.timeout = kGuestTimeout;
    spec.seed = seed_of(campaign_.definition, boot.repeat);
    return spec;
  }

  [[nodiscard]] GuestPaths guest_paths() const {
    GuestPaths paths;
    paths.fio = campaign_.fio.string();
    paths.engine = kGuestEngine;
    paths.sampler = kGuestSampler;
    paths.probe = campaign_.probe;
    paths.bpftrace = campaign_.bpftrace.string();
    paths.tracing_directory = kGuestTracing;
    paths.workload_directory = kGuestWorkloads;
    return paths;
  }

  // The jobs, written below `scratch`, and the workloads.
  Status add_inputs(kernel::GuestSpec& spec, const GuestPaths& paths,
                    const fs::path& scratch) const {
    for (const auto& [run, text] : jobs_.by_run) {
      const std::string name = fmt::format("{}/{}.fio", run.first, run.second);
      if (auto written =
              base::write_below(scratch, name, run_before_first_job(text, kBeginCommand));
          !written)
        return written;
      spec.files.push_back({scratch / name, fmt::format("{}/{}", paths.job_directory, name)});
    }
    for (const auto& [name, workload] : campaign_.workloads)
      spec.files.push_back({workload.file, fmt::format("{}/{}", kGuestWorkloads, name)});
    return {};
  }

  Status run_boot(const Boot& boot) {
    std::vector<GuestRun> runs;
    for (const PlannedRun& planned : boot.runs) runs.push_back(planned.run);
    KAIRO_TRY(auto scratch, base::TempDir::create("kairo-run-"));

    kernel::GuestSpec spec = guest_of(boot);
    spec.out_dir = scratch.path() / "out";
    spec.on_line = [&](std::string_view text) { line(text, boot.repeat); };
    bool fetched = false;
    spec.on_interrupt = [&](bool all) {
      fetched = all;
      if (!all) tell_interrupt();
    };
    const GuestPaths paths = guest_paths();
    KAIRO_CHECK(add_inputs(spec, paths, scratch.path()));
    spec.script = guest_script(campaign_.definition, campaign_.profile, paths, runs, spec.seed);

    const auto result = kernel::boot_guest(spec);
    if (!result && result.error().code == base::kInterrupted) {
      if (fetched) KAIRO_CHECK(keep_finished(boot, spec));
      return base::fail(result.error());
    }
    if (!result) return base::fail(result.error(), fmt::format("repeat {}", boot.repeat));
    return keep_all(boot, spec, *result);
  }

  Status keep_all(const Boot& boot, const kernel::GuestSpec& spec,
                  const kernel::GuestResult& result) {
    if (!result.kernel_complaints.empty())
      return base::fail(base::ErrorCode::kShort, "repeat {}: the guest's kernel complains:\n{}",
                        boot.repeat, result.kernel_complaints.front());
    if (result.exit_code != 0)
      return base::fail(base::ErrorCode::kShort, "repeat {}: the guest's script failed:\n{}",
                        boot.repeat, result.output);
    KAIRO_TRY(const auto facts, read_guest_facts(spec.out_dir / "environment"));
    const reports::KernelId kernel = kernel_id(spec.kernel_image, facts.at("kernel"));
    for (const PlannedRun& planned : boot.runs)
      KAIRO_CHECK(collect_run(campaign_, planned, spec.out_dir, kernel));
    note_facts(boot, facts);
    return {};
  }

  const Campaign& campaign_;
  const JobTexts& jobs_;
  const OnProgress& on_progress_;
  unsigned total_ = 0;
  std::mutex mutex_;  // covers what follows
  unsigned started_ = 0;
  bool told_ = false;
  std::optional<base::Error> failure_;
  reports::TextMap guest_facts_;
};

}  // namespace

Status run_campaign(const Campaign& campaign, const OnProgress& on_progress) {
  KAIRO_TRY(const auto jobs, prepare_jobs(campaign));
  KAIRO_TRY(auto experiment, begin_folder(campaign, describe(campaign, jobs)));
  KAIRO_CHECK(note_several_boots(campaign, experiment));
  const base::InterruptGuard guard;
  Runner runner(campaign, jobs, on_progress);
  const auto guest_facts = runner.run_all();
  if (!guest_facts) {
    // There may be no further boot to tell them.
    for (const auto& [key, value] : runner.facts()) experiment.environment[key] = value;
    KAIRO_CHECK(write_experiment(campaign, experiment));
    return base::fail(guest_facts.error());
  }
  return end_folder(campaign, std::move(experiment), *guest_facts);
}

}  // namespace kairo::experiments
