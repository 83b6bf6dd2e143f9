// SPDX-License-Identifier: GPL-2.0-only
// What happens before the first I/O: every refusal of a job is in this file.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>

#include <algorithm>

#include "device_guard.h"
#include "engine.h"

namespace kairo::engine {
namespace {

using base::bad_input;
using base::fail;
using base::Result;
using base::Status;
using hint::Class;
using hint::Op;

// VERIFY_NONE; fio's verify.h does not compile as C++.
constexpr unsigned kVerifyNone = 0;
constexpr std::array<const char*, 3> kVerbs = {"reads", "writes", "trims"};
constexpr std::array<Op, 3> kOps = {Op::kRead, Op::kWrite, Op::kDiscard};

bool does(const thread_data* td, std::size_t direction) {
  constexpr std::array<unsigned, 3> kBits = {TD_DDIR_READ, TD_DDIR_WRITE, TD_DDIR_TRIM};
  return (static_cast<unsigned>(td->o.td_ddir) & kBits[direction]) != 0;
}

void add_direction(thread_data* td, unsigned bit) {
  td->o.td_ddir = static_cast<td_ddir>(static_cast<unsigned>(td->o.td_ddir) | bit);
}

bool paced_by_fio(const thread_data* td) {
  if (td->o.thinktime) return true;
  for (std::size_t d = 0; d < 3; ++d) {
    if (td->o.rate[d] || td->o.rate_iops[d]) return true;
  }
  return false;
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
  sidecar_.prio = static_cast<Prio>(options_->prio);
  class_of_direction_ = {Class::kDecode, Class::kPrefill, Class::kEvict};
  if (options_->cls != kClassByDirection)
    class_of_direction_.fill(static_cast<Class>(options_->cls));
  trace_job_ = options_->trace != nullptr;
}

Result<std::unique_ptr<Engine>> Engine::create(thread_data* td) {
  std::unique_ptr<Engine> engine(new Engine(td));
  Options* options = engine->options_;
  // As in fio's engine: the polling thread needs registered files.
  if (options->sqthread_poll_cpu >= 0) options->sqthread_poll = 1;
  if (options->sqthread_poll) options->registerfiles = 1;
  if (auto ok = engine->check_options(); !ok) return fail(ok.error());
  if (auto ok = engine->open_sidecar(); !ok) return fail(ok.error());
  if (engine->trace_job_) {
    if (auto ok = engine->load_trace(); !ok) return fail(ok.error());
    engine->sidecar_.arrivals = "trace";
  }
  if (auto ok = engine->check_devices(); !ok) return fail(ok.error());
  if (options->rate > 0) {
    engine->poisson_.emplace(options->rate, td->rand_seeds[FIO_RAND_POISSON_OFF]);
    engine->sidecar_.arrivals = "poisson";
  }
  if (engine->paced()) {
    // The default slack of 50 us would be in every latency.
    prctl(PR_SET_TIMERSLACK, 1);
    // Both would make fio wait for more completions than one while an arrival is due.
    td->o.iodepth_low = td->o.iodepth;
    td->o.iodepth_batch_complete_min = 1;
  }
  if (auto ok = engine->allocate_slots_in_fio(); !ok) return fail(ok.error());
  engine->slots_.resize(td->o.iodepth);
  engine->pending_.reserve(td->o.iodepth);
  engine->events_.reserve(2 * static_cast<std::size_t>(td->o.iodepth));
  return engine;
}

Status Engine::check_devices() const {
  if (td_->o.allow_mounted_write || (!does(td_, 1) && !does(td_, 2))) return {};
  for (unsigned i = 0; i < td_->o.nr_files; ++i)
    if (auto ok = refuse_device_in_use(td_->files[i]->file_name); !ok) return ok;
  return {};
}

Status Engine::check_options() const {
  const thread_options& o = td_->o;
  if (options_->registerfiles && o.nr_files != o.open_files)
    return bad_input(
        "registerfiles needs nrfiles ({}) and openfiles ({}) to be equal (leave "
        "openfiles out)",
        o.nr_files, o.open_files);
  if (options_->rate > kMaxRate)
    return bad_input("kv_rate is outside 0 .. {} arrivals per second", kMaxRate);
  if (options_->rate > 0 && trace_job_)
    return bad_input("kv_rate and kv_trace both say when I/O starts (leave one out)");
  if ((options_->rate > 0 || trace_job_) && paced_by_fio(td_))
    return bad_input(
        "{} says when I/O starts, and so do fio's rate and thinktime (leave those "
        "out)",
        trace_job_ ? "kv_trace" : "kv_rate");
  if (trace_job_) return check_trace_job();
  if (options_->cls == kClassByDirection) return {};
  const Class cls = static_cast<Class>(options_->cls);
  for (std::size_t d = 0; d < 3; ++d) {
    if (does(td_, d) && !hint::allowed(cls, kOps[d]))
      return bad_input(
          "kv_class={}: this job {}, and class {} does not (one job per class, or "
          "leave kv_class out: read=decode, write=prefill, trim=evict)",
          hint::name(cls), kVerbs[d], hint::name(cls));
  }
  return {};
}

Status Engine::check_trace_job() const {
  const thread_options& o = td_->o;
  if (o.nr_files != 1)
    return bad_input(
        "kv_trace: the job has {} files, a workload is for one device (give one "
        "filename)",
        o.nr_files);
  // The clones that numjobs makes have a numjobs of 1.
  if (o.numjobs != 1 || td_->subjob_number != 0)
    return bad_input(
        "kv_trace: numjobs would replay the workload several times (set numjobs=1; several jobs "
        "may each take a class with kv_class)");
  if (o.verify != kVerifyNone)
    return bad_input("kv_trace: verify={} cannot follow a replay (leave verify out)", o.verify);
  if (o.read_iolog_file || o.zone_mode == ZONE_MODE_ZBD)
    return bad_input("kv_trace cannot be used with read_iolog or zonemode=zbd (leave them out)");
  if (options_->cls == KAIRO_CLASS_NORMAL)
    return bad_input(
        "kv_class=normal: a workload has no such records (leave kv_class out or give "
        "one of decode, prefetch, prefill, evict)");
  return {};
}

Status Engine::open_sidecar() {
  if (!options_->stats) return {};
  const auto path = expand_path(options_->stats, sidecar_.jobname, sidecar_.job_number);
  if (!path) return fail(path.error());
  return sidecar_file_.open(*path);
}

Status Engine::load_trace() {
  auto workload = read_workload(options_->trace);
  if (!workload) return fail(workload.error(), "kv_trace");
  records_ = std::move(workload->records);
  if (options_->cls != kClassByDirection) {
    const Class only = static_cast<Class>(options_->cls);
    records_.erase(std::remove_if(records_.begin(), records_.end(),
                                  [&](const Record& r) { return r.cls != only; }),
                   records_.end());
    if (records_.empty())
      return bad_input(
          "kv_trace={}: has no record of class {} (leave kv_class out or choose "
          "another)",
          options_->trace, hint::name(only));
  }
  std::array<bool, 3> needs = {};
  std::uint32_t largest = 0;
  for (const Record& record : records_) {
    for (std::size_t d = 0; d < 3; ++d) needs[d] = needs[d] || hint::allowed(record.cls, kOps[d]);
    if (record.cls != Class::kEvict) largest = std::max(largest, record.length);
  }
  // Evictions are refused or allowed with the writes: fio has no rw= value for all three.
  const bool may_write = does(td_, 1) || (does(td_, 2) && !needs[1]);
  if ((needs[0] && !does(td_, 0)) || ((needs[1] || needs[2]) && !may_write))
    return bad_input(
        "kv_trace={}: the workload {}, and the job's rw= does not allow it (set rw=rw)",
        options_->trace,
        needs[0] && !does(td_, 0) ? "reads"
        : needs[1]                ? "writes"
                                  : "discards");
  if (largest > td_max_bs(td_))
    return bad_input(
        "kv_trace={}: the largest record has {} bytes, the job's buffers {} (set "
        "bs={})",
        options_->trace, largest, td_max_bs(td_), largest);
  trace_device_bytes_ = workload->device_bytes;
  sidecar_.trace_file = options_->trace;
  sidecar_.trace_source = workload->source;
  sidecar_.trace_sample = workload->sample;
  if (needs[2]) add_direction(td_, TD_DDIR_TRIM);
  // The workload alone says what comes and when it ends: fio's generator, which the records
  // replace, must never run dry, nor spend time on a map of what it has covered.
  td_->o.time_based = 1;
  td_->o.norandommap = 1;
  // Scrambling touches every 512 bytes of a write and costs more than the rest of it.
  td_->flags &= ~static_cast<unsigned>(TD_F_SCRAMBLE_BUFFERS);
  return {};
}

Status Engine::allocate_slots_in_fio() {
  if (static_cast<Path>(options_->path) == Path::kNone) return {};
  for (std::size_t d = 0; d < 3; ++d) {
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
  if (auto ok = ring_.open(wanted); !ok) return ok;
  nonvectored_ = options_->nonvectored < 0 ? ring_.has_nonvectored() : options_->nonvectored != 0;
  if (paced() && !(ring_.features() & IORING_FEAT_EXT_ARG))
    return fail(base::ErrorCode::kUnavailable,
                "an open loop needs waits with a time-out, which this kernel's io_uring has not "
                "(use Linux 5.11 or later, or a closed loop)");
  if (paced() && options_->hipri)
    return bad_input(
        "hipri polls without pause and cannot wait for an arrival (leave hipri or the "
        "open loop out)");
  if (auto ok = check_device_size(); !ok) return ok;

  std::vector<std::string> names;
  for (unsigned i = 0; i < td_->o.nr_files; ++i) names.emplace_back(td_->files[i]->file_name);
  auto carrier = choose_carrier(sidecar_.asked, sidecar_.prio, names, td_->o.odirect != 0);
  if (!carrier) return fail(carrier.error());
  sidecar_.carrier = *carrier;
  if (sidecar_.asked == Path::kAuto && first_to_say(td_))
    log_err("kairo: kv_path=auto uses %s%s\n", path_name(carrier->used),
            carrier->used == Path::kIoprio
                ? ": any kernel accepts hints there, only one with Kairo looks at them"
                : "");
  hints_ = class_hints(carrier->used, sidecar_.prio, static_cast<std::uint16_t>(td_->ioprio));
  if (carrier->used == Path::kNone) class_of_direction_.fill(Class::kNormal);

  if (options_->fixedbufs) {
    std::vector<iovec> buffers;
    for (const Slot& slot : slots_)
      buffers.push_back({slot.io->buf, static_cast<std::size_t>(td_max_bs(td_))});
    const int result = io_uring_register_buffers(ring_.get(), buffers.data(),
                                                 static_cast<unsigned>(buffers.size()));
    if (result < 0)
      return bad_input(
          "fixedbufs: {} buffers of {} bytes cannot be registered: {} (raise ulimit "
          "-l, or lower iodepth or bs)",
          buffers.size(), td_max_bs(td_), std::strerror(-result));
  }
  trims_.resize(td_->o.nr_files, Trim::kUnknown);
  if (options_->registerfiles) {
    if (auto ok = register_files(); !ok) return ok;
  }
  ready_ = true;
  return {};
}

Status Engine::check_device_size() const {
  if (!trace_job_) return {};
  const fio_file* file = td_->files[0];
  if (file->io_size == 0)
    return bad_input("kv_trace: the size of {} is not known yet (leave create_serialize=0 out)",
                     file->file_name);
  if (file->io_size < trace_device_bytes_)
    return bad_input(
        "kv_trace={}: is for a device of {} bytes, {} offers {} (use a larger device "
        "or size=, or import the trace for a smaller device)",
        options_->trace, trace_device_bytes_, file->file_name, file->io_size);
  return {};
}

Status Engine::register_files() {
  for (unsigned i = 0; i < td_->o.nr_files; ++i) {
    fio_file* file = td_->files[i];
    if (open_for_io(file)) return bad_input("{}: cannot be opened", file->file_name);
    fds_.push_back(file->fd);
    file->engine_pos = i;
    // fio opens and closes files as it goes; it must not see these as open yet.
    file->fd = -1;
  }
  const int result =
      io_uring_register_files(ring_.get(), fds_.data(), static_cast<unsigned>(fds_.size()));
  if (result < 0)
    return bad_input("registerfiles: {} files cannot be registered: {} (raise ulimit -n)",
                     fds_.size(), std::strerror(-result));
  return {};
}

int Engine::open_for_io(fio_file* file) {
  // fio opens a job that trims without O_DIRECT; a trace that also reads and writes needs it, and
  // O_RDWR is what a discard or a punched hole needs.
  const td_ddir directions = td_->o.td_ddir;
  if (does(td_, 2)) {
    const unsigned rest = static_cast<unsigned>(directions) & ~static_cast<unsigned>(TD_DDIR_TRIM);
    td_->o.td_ddir = static_cast<td_ddir>(rest | TD_DDIR_WRITE);
  }
  const int result = generic_open_file(td_, file);
  td_->o.td_ddir = directions;
  return result;
}

int Engine::open_file(fio_file* file) {
  if (fds_.empty()) return open_for_io(file);
  file->fd = fds_[file->engine_pos];
  return 0;
}

int Engine::close_file(fio_file* file) {
  if (fds_.empty()) return generic_close_file(td_, file);
  file->fd = -1;
  return 0;
}

Engine::Trim Engine::trim_of(fio_file* file) {
  Trim& trim = trims_[static_cast<std::size_t>(file->fileno)];
  if (trim == Trim::kUnknown) {
    if (file->filetype == FIO_TYPE_FILE) {
      trim = Trim::kPunchHole;
      sidecar_.trims = "punch hole";
    } else if (probe_discard(file->fd)) {
      trim = Trim::kDiscard;
      sidecar_.trims = "discard";
    } else {
      trim = Trim::kSync;
      sidecar_.trims = "synchronous discard";
    }
  }
  return trim;
}

void Engine::finish(bool forked_child) {
  if (forked_child) {
    ring_.abandon();
    return;
  }
  sidecar_.ring_flags = ring_.flag_names();
  // A job that was refused leaves its sidecar empty.
  if (sidecar_file_.is_open() && ready_) {
    sidecar_.offered_ios = offered();
    if (auto ok = sidecar_file_.write(sidecar_json(sidecar_)); !ok)
      log_err("kairo: %s\n", ok.error().message.c_str());
  }
  for (const int fd : fds_) ::close(fd);
  ring_.close();
}

std::optional<std::uint64_t> Engine::offered() {
  if (!paced()) return std::nullopt;
  if (start_ns_ == 0) return 0;
  const std::uint64_t length = last_ns_ - start_ns_;
  if (trace_job_) {
    const auto end = std::upper_bound(
        records_.begin(), records_.end(), length,
        [](std::uint64_t time, const Record& record) { return time < record.time_ns; });
    return static_cast<std::uint64_t>(end - records_.begin());
  }
  std::uint64_t total = sidecar_.issued_ios;
  if (held_due_ns_) {
    if (*held_due_ns_ > last_ns_) return total;
    ++total;
  }
  // What nobody drew because the queue was full; a bound against a rate no device could take.
  constexpr std::uint64_t kMostDraws = 20'000'000;
  for (std::uint64_t i = 0; i < kMostDraws; ++i) {
    if (poisson_->next() > length) return total;
    ++total;
  }
  return std::nullopt;
}

}  // namespace kairo::engine
