// SPDX-License-Identifier: GPL-2.0-only
// What happens between a job's options and its first I/O.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>

#include "engine.h"
#include "io_kind.h"
#include "kairo/base/short_names.h"
#include "notice.h"
#include "zones.h"

namespace kairo::engine {
namespace {

using hint::Class;

// RWF_DONTCACHE and, before it was merged, fio's RWF_UNCACHED: the name fio 3.33 knows.
constexpr std::uint32_t kRwfDontCache = 0x80;

void add_direction(thread_data* td, unsigned bit) {
  td->o.td_ddir = static_cast<td_ddir>(static_cast<unsigned>(td->o.td_ddir) | bit);
}

// Of several jobs with kv_path=auto on the same file one says what was chosen.
bool first_to_say(const thread_data* td) {
  for (unsigned i = 0; i < thread_number; ++i) {
    const thread_data* other = tnumber_to_td(i);
    if (other == td) return true;
    if (!other->eo || std::strcmp(other->o.ioengine, td->o.ioengine) != 0) continue;
    const auto* theirs = static_cast<const Options*>(other->eo);
    if (theirs->path == static_cast<unsigned>(Path::kAuto) && other->files_index > 0 &&
        std::strcmp(other->files[0]->file_name, td->files[0]->file_name) == 0)
      return false;
  }
  return true;
}

}  // namespace

Engine::Engine(thread_data* td) : td_(td), options_(static_cast<Options*>(td->eo)) {
  sidecar_.jobname = td->o.name ? td->o.name : "";
  sidecar_.job_number = td->thread_number;
  sidecar_.asked = static_cast<Path>(options_->path);
  trace_job_ = options_->trace != nullptr;
}

Result<std::unique_ptr<Engine>> Engine::create(thread_data* td) {
  std::unique_ptr<Engine> engine(new Engine(td));
  Options* options = engine->options_;
  // As in fio's engine: the polling thread needs registered files.
  if (options->sqthread_poll_cpu >= 0) options->sqthread_poll = 1;
  if (options->sqthread_poll) options->registerfiles = 1;
  KAIRO_TRY(engine->sidecar_.plan, plan_hints(*options));
  KAIRO_CHECK(engine->set_up_classes());
  KAIRO_CHECK(engine->check_options());
  KAIRO_CHECK(engine->open_sidecar());
  if (engine->trace_job_) {
    KAIRO_CHECK(engine->load_trace());
    engine->sidecar_.arrivals = "trace";
  }
  KAIRO_CHECK(engine->check_devices());
  if (options->rate > 0) {
    engine->poisson_.emplace(static_cast<double>(options->rate),
                             td->rand_seeds[FIO_RAND_POISSON_OFF]);
    engine->sidecar_.arrivals = "poisson";
  }
  engine->paced_ = options->rate > 0 || engine->trace_job_;
  if (engine->paced_) {
    // The default slack of 50 us would be in every latency.
    prctl(PR_SET_TIMERSLACK, 1);
    // Both would make fio wait for more completions than one while an arrival is due.
    td->o.iodepth_low = td->o.iodepth;
    td->o.iodepth_batch_complete_min = 1;
  }
  // The polling thread takes an I/O when it likes: there is no time of submission to report.
  if (options->sqthread_poll) td->o.disable_slat = 1;
  KAIRO_CHECK(engine->set_up_labels());
  if (static_cast<Path>(options->path) == Path::kNone &&
      fio_cmdprio_init(td, &engine->cmdprio_, &options->cmdprio))
    return bad_input("cmdprio_*: refused by fio (see its message above)");
  engine->slots_.resize(td->o.iodepth);
  engine->stash_.reserve(2 * static_cast<std::size_t>(td->o.iodepth));
  return engine;
}

Status Engine::open_sidecar() {
  if (!options_->stats) return {};
  KAIRO_TRY(const auto path, expand_path(options_->stats, sidecar_.jobname, sidecar_.job_number));
  std::vector<std::filesystem::path> inputs;
  for (const char* const file : {options_->trace, options_->map})
    if (file) inputs.emplace_back(file);
  for (unsigned i = 0; i < td_->o.nr_files; ++i) inputs.emplace_back(td_->files[i]->file_name);
  return sidecar_file_.open(path, inputs);
}

Status Engine::load_trace() {
  auto workload = read_workload(options_->trace);
  if (!workload) return fail(workload.error(), "kv_trace");
  records_ = std::move(workload->records);
  // Of the whole workload: a job that replays one class still knows when each request came.
  session_times_.emplace(records_);
  if (const auto one = sidecar_.plan.one_class()) {
    const Class only = *one;
    records_.erase(std::remove_if(records_.begin(), records_.end(),
                                  [&](const Record& r) { return r.cls != only; }),
                   records_.end());
    if (records_.empty())
      return bad_input(
          "kv_trace={}: has no record of class {} (leave kv_class out or choose "
          "another)",
          options_->trace, hint::name(only));
  }
  PerDirection<bool> needs = {};
  std::uint32_t largest = 0;
  for (const Record& record : records_) {
    for (std::size_t d = 0; d < kDirections; ++d)
      needs[d] = needs[d] || hint::allowed(record.cls, kOps[d]);
    if (record.cls != Class::kEvict) largest = std::max(largest, record.length);
  }
  // Evictions are refused or allowed with the writes: fio has no rw= value for all three.
  const bool may_write = does(td_, kWrite) || (does(td_, kTrim) && !needs[kWrite]);
  if ((needs[kRead] && !does(td_, kRead)) || ((needs[kWrite] || needs[kTrim]) && !may_write))
    return bad_input(
        "kv_trace={}: the workload {}, and the job's rw= does not allow it (set rw=rw)",
        options_->trace,
        needs[kRead] && !does(td_, kRead) ? "reads"
        : needs[kWrite]                   ? "writes"
                                          : "discards");
  if (largest > td_max_bs(td_))
    return bad_input(
        "kv_trace={}: the largest record has {} bytes, the job's buffers {} (set "
        "bs={})",
        options_->trace, largest, td_max_bs(td_), largest);
  trace_device_bytes_ = workload->device_bytes;
  schedule_.emplace(records_, options_->depend != 0);
  sidecar_.trace_file = options_->trace;
  sidecar_.trace_source = workload->source;
  sidecar_.trace_sample = workload->sample;
  if (needs[kTrim]) add_direction(td_, TD_DDIR_TRIM);
  // The workload alone says what comes and when it ends: fio's generator, which the records
  // replace, must never run dry, nor spend time on a map of what it has covered.
  td_->o.time_based = 1;
  td_->o.norandommap = 1;
  // Scrambling touches every 512 bytes of a write and costs more than the rest of it.
  td_->flags &= ~static_cast<unsigned>(TD_F_SCRAMBLE_BUFFERS);
  return {};
}

// Where the class of an I/O comes from.
Status Engine::set_up_classes() {
  HintPlan& plan = sidecar_.plan;
  class_of_direction_ = plan.directions;
  if (plan.deadlines || trace_job_) ring_events_ = Events::kRingMore;
  std::vector<std::string> names;
  for (unsigned i = 0; i < td_->o.nr_files; ++i) names.emplace_back(td_->files[i]->file_name);
  if (plan.map) KAIRO_CHECK(plan.map->bind(names));
  if (static_cast<Path>(options_->path) == Path::kNone) return {};
  // Not the sequence that fio draws its blocks from.
  const std::uint64_t seed = td_->rand_seeds[FIO_RAND_BS_OFF] ^ 0x6b61697264ULL;
  if (plan.split) chooser_.emplace(*plan.split, plan.directions, seed);
  if (plan.sizes) chooser_.emplace(*plan.sizes, plan.directions, seed);
  if (plan.map) chooser_.emplace(*plan.map, plan.directions);
  return {};
}

// The class of all the job's I/O, when it has but one.
std::optional<Class> Engine::only_class() const {
  std::optional<Class> only;
  for (std::size_t d = 0; d < kDirections; ++d) {
    if (!does(td_, d)) continue;
    if (only && *only != class_of_direction_[d]) return std::nullopt;
    if (chooser_ && chooser_->mixes(d)) return std::nullopt;
    only = class_of_direction_[d];
  }
  // Reads that verify are of class normal, and a replay mixes unless it was told not to.
  if (td_->o.verify != 0) return std::nullopt;
  if (trace_job_ && !sidecar_.plan.one_class()) return std::nullopt;
  return only;
}

// fio's own per-priority latency carries the classes. A job of one class needs no table of them:
// its label becomes the priority that fio files all of the job's I/O under, which costs nothing per
// I/O. What the kernel gets is set_up_carrier()'s.
Status Engine::set_up_labels() {
  job_ioprio_ = static_cast<std::uint16_t>(td_->ioprio);
  if (static_cast<Path>(options_->path) == Path::kNone) return {};
  if (const auto only = only_class()) {
    td_->ioprio = td_->ts.ioprio = class_label(*only);
    return {};
  }
  labels_ = true;
  for (std::size_t d = 0; d < kDirections; ++d) {
    if (!does(td_, d)) continue;
    if (alloc_clat_prio_stat_ddir(&td_->ts, static_cast<fio_ddir>(d), kSlotCount[d]))
      return bad_input("no memory for the latency of each class (raise fio's --alloc-size)");
    for (int slot = 0; slot < kSlotCount[d]; ++slot)
      td_->ts.clat_prio[d][slot].ioprio = class_label(kSlots[d][static_cast<std::size_t>(slot)]);
  }
  return {};
}

Status Engine::post_init() {
  RingOptions wanted;
  wanted.depth = td_->o.iodepth;
  wanted.iopoll = options_->hipri != 0;
  wanted.sqpoll = options_->sqthread_poll != 0;
  wanted.sqpoll_cpu = options_->sqthread_poll_cpu;
  KAIRO_CHECK(ring_.open(wanted));
  if (paced() && !(ring_.features() & IORING_FEAT_EXT_ARG))
    return fail(base::ErrorCode::kUnavailable,
                "an open loop needs waits with a time-out, which this kernel's io_uring has not "
                "(use Linux 5.11 or later, or a closed loop)");
  KAIRO_CHECK(check_device_size());
  KAIRO_CHECK(set_up_carrier());
  KAIRO_CHECK(set_up_attributes());
  KAIRO_CHECK(set_up_entries());
  issue_times_ = fio_fill_issue_time(td_) != 0;
  trims_.resize(td_->o.nr_files, Trim::kUnknown);
  if (options_->registerfiles) KAIRO_CHECK(register_files());
  ready_ = true;
  return {};
}

Status Engine::set_up_carrier() {
  std::vector<std::string> names;
  for (unsigned i = 0; i < td_->o.nr_files; ++i) names.emplace_back(td_->files[i]->file_name);
  const HintPlan& plan = sidecar_.plan;
  const PrioOptions prio = {plan.prio_text, plan.priorities, plan.prio_hint, plan.prio_given};
  KAIRO_TRY(auto carrier, choose_carrier(sidecar_.asked, prio, names, td_->o.odirect != 0));
  sidecar_.carrier = carrier;
  if (sidecar_.asked == Path::kAuto && first_to_say(td_)) {
    const CarrierInfo& info = carrier_info(carrier.used);
    const std::string others = passed_over(carrier);
    notice(fmt::format("kv_path=auto uses {}{}{}{}", info.name, others.empty() ? "" : ": ", others,
                       info.remark));
  }
  hints_ = class_hints(carrier.used, prio, job_ioprio_);
  if (carrier.used == Path::kNone) class_of_direction_.fill(Class::kNormal);
  return {};
}

// What stays the same in the ring's entries from one I/O to the next.
Status Engine::set_up_entries() {
  const bool vectored = options_->nonvectored == 0 ||
                        (options_->nonvectored < 0 &&
                         !(ring_.supports(IORING_OP_READ) && ring_.supports(IORING_OP_WRITE)));
  if (vectored && !options_->fixedbufs) vectors_.resize(slots_.size());
  std::uint32_t flags = options_->nowait ? RWF_NOWAIT : 0;
  if (options_->uncached && !td_->o.odirect) flags |= kRwfDontCache;
  constexpr std::uint8_t kOpcodes[3][2] = {{IORING_OP_READ, IORING_OP_WRITE},
                                           {IORING_OP_READV, IORING_OP_WRITEV},
                                           {IORING_OP_READ_FIXED, IORING_OP_WRITE_FIXED}};
  const std::size_t kind = options_->fixedbufs ? 2 : vectors_.empty() ? 0 : 1;
  for (std::size_t d = 0; d < heads_.size(); ++d) {
    for (std::size_t c = 0; c < hint::kClasses; ++c) {
      EntryHead& head = heads_[d][c];
      if (attribute_mask_) head.attribute = reinterpret_cast<std::uint64_t>(&attributes_[c]);
      head.opcode = kOpcodes[kind][d];
      head.flags = options_->registerfiles ? std::uint8_t{IOSQE_FIXED_FILE} : std::uint8_t{0};
      // Always set, as fio's engine does: the polling thread does not have this thread's priority.
      head.ioprio = hints_[c].sqe_ioprio;
      head.rw_flags = flags | hints_[c].rw_flags;
    }
  }
  std::vector<iovec> buffers;
  for (unsigned i = 0; i < slots_.size(); ++i) {
    restore_entry(i);
    buffers.push_back({slots_[i].io->buf, static_cast<std::size_t>(td_max_bs(td_))});
  }
  // A job that only trims has no buffers.
  if (!options_->fixedbufs || !(td_read(td_) || td_write(td_))) return {};
  const int result = ring_.register_with(IORING_REGISTER_BUFFERS, buffers.data(),
                                         static_cast<unsigned>(buffers.size()));
  if (result < 0)
    return bad_input(
        "fixedbufs: {} buffers of {} bytes cannot be registered: {} (raise ulimit -l, or lower "
        "iodepth or bs)",
        buffers.size(), td_max_bs(td_), std::strerror(-result));
  return {};
}

void Engine::finish(bool forked_child) {
  fio_cmdprio_cleanup(&cmdprio_);
  if (forked_child) {
    ring_.abandon();
    return;
  }
  sidecar_.ring_flags = ring_.flag_names();
  sidecar_.enter_calls = ring_.enter_calls();
  // A job that was refused leaves its sidecar empty.
  if (sidecar_file_.is_open() && ready_) {
    sidecar_.offered_ios = offered();
    // A closed loop does not count at the start: all of it has come back by now.
    if (!paced_) sidecar_.issued_ios = completed_ios(sidecar_);
    if (session_times_) sidecar_.sessions = session_times_->results();
    sidecar_.depend = options_->depend != 0;
    if (contexts_)
      sidecar_.carried = Sidecar::Carried{contexts_->wanted().size(), contexts_->sessions(),
                                          contexts_->ios_without_session()};
    if (start_ns_ > 0) sidecar_.duration_ns = last_ns_ - start_ns_;
    if (auto ok = sidecar_file_.write(sidecar_json(sidecar_)); !ok) notice(ok.error().message);
  }
  unregister_contexts();
  for (const int fd : fds_) ::close(fd);
  ring_.close();
}

}  // namespace kairo::engine
