// SPDX-License-Identifier: GPL-2.0-only
// What happens between a job's options and its first I/O.
#include <fmt/format.h>

#include <algorithm>

#include "engine.h"
#include "io_kind.h"
#include "job_checks.h"
#include "kairo/base/short_names.h"
#include "notice.h"

namespace kairo::engine {
namespace {

using hint::Class;

// RWF_DONTCACHE and, before it was merged, fio's RWF_UNCACHED: the name fio 3.33 knows.
constexpr std::uint32_t kRwfDontCache = 0x80;

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

Job job_of(thread_data* td) {
  Job job;
  job.td = td;
  job.options = static_cast<Options*>(td->eo);
  job.mode = job.options->trace      ? Mode::kReplay
             : job.options->rate > 0 ? Mode::kOpen
                                     : Mode::kClosed;
  job.sidecar.jobname = td->o.name ? td->o.name : "";
  job.sidecar.job_number = td->thread_number;
  job.sidecar.asked = job.path();
  return job;
}

}  // namespace

Engine::Engine(thread_data* td) : job_(job_of(td)), flight_(td), files_(job_, flight_.ring()) {}

Result<std::unique_ptr<Engine>> Engine::create(thread_data* td) {
  std::unique_ptr<Engine> engine(new Engine(td));
  Options* options = engine->job_.options;
  // As in fio's engine: the polling thread needs registered files.
  if (options->sqthread_poll_cpu >= 0) options->sqthread_poll = 1;
  if (options->sqthread_poll) options->registerfiles = 1;
  KAIRO_TRY(engine->job_.sidecar.plan, plan_hints(*options));
  KAIRO_CHECK(engine->set_up_classes());
  KAIRO_CHECK(check_job(engine->job_));
  KAIRO_CHECK(engine->open_sidecar());
  if (engine->job_.replays()) {
    KAIRO_TRY(engine->replay_, Replay::load(engine->job_));
  }
  KAIRO_CHECK(check_devices(engine->job_));
  if (engine->job_.paced())
    engine->open_loop_ = std::make_unique<OpenLoop>(engine->job_, engine->flight_);
  // The polling thread takes an I/O when it likes: there is no time of submission to report.
  if (options->sqthread_poll) td->o.disable_slat = 1;
  KAIRO_CHECK(engine->set_up_labels());
  if (engine->job_.path() == Path::kNone &&
      fio_cmdprio_init(td, &engine->cmdprio_, &options->cmdprio))
    return bad_input("cmdprio_*: refused by fio (see its message above)");
  engine->flight_.set_depth(td->o.iodepth);
  return engine;
}

Status Engine::open_sidecar() {
  if (!job_.options->stats) return {};
  KAIRO_TRY(const auto path,
            expand_path(job_.options->stats, job_.sidecar.jobname, job_.sidecar.job_number));
  std::vector<std::filesystem::path> inputs;
  for (const char* const file : {job_.options->trace, job_.options->map})
    if (file) inputs.emplace_back(file);
  for (unsigned i = 0; i < job_.td->o.nr_files; ++i)
    inputs.emplace_back(job_.td->files[i]->file_name);
  return sidecar_file_.open(path, inputs);
}

// Where the class of an I/O comes from.
Status Engine::set_up_classes() {
  HintPlan& plan = job_.sidecar.plan;
  job_.class_of_direction = plan.directions;
  if (plan.deadlines) closed_loop_ = ClosedLoop(Flight::Source::kRingMore);
  std::vector<std::string> names;
  for (unsigned i = 0; i < job_.td->o.nr_files; ++i)
    names.emplace_back(job_.td->files[i]->file_name);
  if (plan.map) KAIRO_CHECK(plan.map->bind(names));
  if (job_.path() == Path::kNone) return {};
  // Not the sequence that fio draws its blocks from.
  const std::uint64_t seed = job_.td->rand_seeds[FIO_RAND_BS_OFF] ^ 0x6b61697264ULL;
  if (plan.split) chooser_.emplace(*plan.split, plan.directions, seed);
  if (plan.sizes) chooser_.emplace(*plan.sizes, plan.directions, seed);
  if (plan.map) chooser_.emplace(*plan.map, plan.directions);
  return {};
}

// The class of all the job's I/O, when it has but one.
std::optional<Class> Engine::only_class() const {
  std::optional<Class> only;
  for (std::size_t d = 0; d < kDirections; ++d) {
    if (!does(job_.td, d)) continue;
    if (only && *only != job_.class_of_direction[d]) return std::nullopt;
    if (chooser_ && chooser_->mixes(d)) return std::nullopt;
    only = job_.class_of_direction[d];
  }
  // Reads that verify are of class normal, and a replay mixes unless it was told not to.
  if (job_.td->o.verify != 0) return std::nullopt;
  if (job_.replays() && !job_.sidecar.plan.one_class()) return std::nullopt;
  return only;
}

// fio's own per-priority latency carries the classes. A job of one class needs no table of them:
// its label becomes the priority that fio files all of the job's I/O under, which costs nothing per
// I/O. What the kernel gets is set_up_carrier()'s.
Status Engine::set_up_labels() {
  job_ioprio_ = static_cast<std::uint16_t>(job_.td->ioprio);
  if (job_.path() == Path::kNone) return {};
  if (const auto only = only_class()) {
    job_.td->ioprio = job_.td->ts.ioprio = class_label(*only);
    return {};
  }
  labels_ = true;
  for (std::size_t d = 0; d < kDirections; ++d) {
    if (!does(job_.td, d)) continue;
    if (alloc_clat_prio_stat_ddir(&job_.td->ts, static_cast<fio_ddir>(d), kSlotCount[d]))
      return bad_input("no memory for the latency of each class (raise fio's --alloc-size)");
    for (int slot = 0; slot < kSlotCount[d]; ++slot)
      job_.td->ts.clat_prio[d][slot].ioprio =
          class_label(kSlots[d][static_cast<std::size_t>(slot)]);
  }
  return {};
}

Status Engine::post_init() {
  RingOptions wanted;
  wanted.depth = job_.td->o.iodepth;
  wanted.iopoll = job_.options->hipri != 0;
  wanted.sqpoll = job_.options->sqthread_poll != 0;
  wanted.sqpoll_cpu = job_.options->sqthread_poll_cpu;
  KAIRO_CHECK(flight_.open(wanted));
  if (open_loop_ && !(flight_.ring().features() & IORING_FEAT_EXT_ARG))
    return fail(base::ErrorCode::kUnavailable,
                "an open loop needs waits with a time-out, which this kernel's io_uring has not "
                "(use Linux 5.11 or later, or a closed loop)");
  if (replay_) KAIRO_CHECK(check_device_size(job_, replay_->device_bytes()));
  KAIRO_CHECK(set_up_carrier());
  KAIRO_CHECK(attributes_.set_up(job_, flight_.ring(), replay_ ? &replay_->records() : nullptr));
  KAIRO_CHECK(set_up_entries());
  trims_.emplace(job_);
  if (job_.options->registerfiles) KAIRO_CHECK(files_.register_all());
  ready_ = true;
  return {};
}

Status Engine::set_up_carrier() {
  std::vector<std::string> names;
  for (unsigned i = 0; i < job_.td->o.nr_files; ++i)
    names.emplace_back(job_.td->files[i]->file_name);
  const HintPlan& plan = job_.sidecar.plan;
  const PrioOptions prio = {plan.prio_text, plan.priorities, plan.prio_hint, plan.prio_given};
  KAIRO_TRY(auto carrier, choose_carrier(job_.sidecar.asked, prio, names, job_.td->o.odirect != 0));
  job_.sidecar.carrier = carrier;
  if (job_.sidecar.asked == Path::kAuto && first_to_say(job_.td)) {
    const CarrierInfo& info = carrier_info(carrier.used);
    const std::string others = passed_over(carrier);
    notice(fmt::format("kv_path=auto uses {}{}{}{}", info.name, others.empty() ? "" : ": ", others,
                       info.remark));
  }
  hints_ = class_hints(carrier.used, prio, job_ioprio_);
  if (carrier.used == Path::kNone) job_.class_of_direction.fill(Class::kNormal);
  return {};
}

// What stays the same in the ring's entries from one I/O to the next.
Status Engine::set_up_entries() {
  const bool vectored =
      job_.options->nonvectored == 0 ||
      (job_.options->nonvectored < 0 &&
       !(flight_.ring().supports(IORING_OP_READ) && flight_.ring().supports(IORING_OP_WRITE)));
  if (vectored && !job_.options->fixedbufs) vectors_.resize(flight_.depth());
  std::uint32_t flags = job_.options->nowait ? RWF_NOWAIT : 0;
  if (job_.options->uncached && !job_.td->o.odirect) flags |= kRwfDontCache;
  constexpr std::uint8_t kOpcodes[3][2] = {{IORING_OP_READ, IORING_OP_WRITE},
                                           {IORING_OP_READV, IORING_OP_WRITEV},
                                           {IORING_OP_READ_FIXED, IORING_OP_WRITE_FIXED}};
  const std::size_t kind = job_.options->fixedbufs ? 2 : vectors_.empty() ? 0 : 1;
  for (std::size_t d = 0; d < heads_.size(); ++d) {
    for (std::size_t c = 0; c < hint::kClasses; ++c) {
      EntryHead& head = heads_[d][c];
      if (attributes_.mask()) head.attribute = attributes_.address(c);
      head.opcode = kOpcodes[kind][d];
      head.flags = job_.options->registerfiles ? std::uint8_t{IOSQE_FIXED_FILE} : std::uint8_t{0};
      // Always set, as fio's engine does: the polling thread does not have this thread's priority.
      head.ioprio = hints_[c].sqe_ioprio;
      head.rw_flags = flags | hints_[c].rw_flags;
    }
  }
  std::vector<iovec> buffers;
  for (unsigned i = 0; i < flight_.depth(); ++i) {
    restore_entry(i);
    buffers.push_back({flight_.slot(i).io->buf, static_cast<std::size_t>(td_max_bs(job_.td))});
  }
  // A job that only trims has no buffers.
  if (!job_.options->fixedbufs || !(td_read(job_.td) || td_write(job_.td))) return {};
  const int result = flight_.ring().register_with(IORING_REGISTER_BUFFERS, buffers.data(),
                                                  static_cast<unsigned>(buffers.size()));
  if (result < 0)
    return bad_input(
        "fixedbufs: {} buffers of {} bytes cannot be registered: {} (raise ulimit -l, or lower "
        "iodepth or bs)",
        buffers.size(), td_max_bs(job_.td), std::strerror(-result));
  return {};
}

// Arrivals that were due; nothing of a closed loop.
std::optional<std::uint64_t> Engine::offered() {
  if (!open_loop_) return std::nullopt;
  if (!open_loop_->begun()) return 0;
  return replay_ ? replay_->due_by(open_loop_->length_ns()) : open_loop_->offered();
}

void Engine::fill_sidecar() {
  Sidecar& sidecar = job_.sidecar;
  sidecar.ring_flags = flight_.ring().flag_names();
  sidecar.enter_calls = flight_.ring().enter_calls();
  sidecar.offered_ios = offered();
  // A closed loop does not count at the start: all of it has come back by now.
  if (!open_loop_) sidecar.issued_ios = completed_ios(sidecar);
  if (replay_) sidecar.sessions = replay_->sessions();
  sidecar.depend = job_.options->depend != 0;
  sidecar.carried = attributes_.carried();
  if (open_loop_) sidecar.duration_ns = open_loop_->length_ns();
}

void Engine::finish(bool forked_child) {
  fio_cmdprio_cleanup(&cmdprio_);
  if (forked_child) {
    flight_.ring().abandon();
    return;
  }
  // A job that was refused leaves its sidecar empty.
  if (sidecar_file_.is_open() && ready_) {
    fill_sidecar();
    if (auto ok = sidecar_file_.write(sidecar_json(job_.sidecar)); !ok) notice(ok.error().message);
  }
  attributes_.unregister(flight_.ring());
  files_.close_registered();
  flight_.ring().close();
}

}  // namespace kairo::engine
