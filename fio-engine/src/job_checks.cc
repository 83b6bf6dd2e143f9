// SPDX-License-Identifier: GPL-2.0-only
// Every refusal of a job for its options, before any I/O.
#include <fmt/format.h>

#include "device_guard.h"
#include "engine.h"
#include "io_kind.h"
#include "kairo/base/short_names.h"
#include "polling.h"
#include "zones.h"

namespace kairo::engine {
namespace {

using hint::Class;

// VERIFY_NONE; fio's verify.h does not compile as C++.
constexpr unsigned kVerifyNone = 0;
constexpr std::array<const char*, 3> kVerbs = {"reads", "writes", "trims"};

// The option for which the job would sync; null when none does.
const char* sync_option(const thread_data* td) {
  const thread_options& o = td->o;
  if (!does(td, kWrite) && !o.override_sync) return nullptr;
  return o.fsync_blocks       ? "fsync"
         : o.fdatasync_blocks ? "fdatasync"
         : o.sync_file_range  ? "sync_file_range"
         : o.end_fsync        ? "end_fsync"
         : o.fsync_on_close   ? "fsync_on_close"
                              : nullptr;
}

bool paced_by_fio(const thread_data* td) {
  if (td->o.thinktime) return true;
  for (std::size_t d = 0; d < kDirections; ++d) {
    if (td->o.rate[d] || td->o.rate_iops[d]) return true;
  }
  return false;
}

}  // namespace

Status Engine::check_devices() const {
  if (td_->o.allow_mounted_write || (!does(td_, kWrite) && !does(td_, kTrim))) return {};
  for (unsigned i = 0; i < td_->o.nr_files; ++i)
    KAIRO_CHECK(refuse_device_in_use(td_->files[i]->file_name));
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
  KAIRO_CHECK(check_hipri());
  KAIRO_CHECK(check_evict_op());
  KAIRO_CHECK(check_carrier());
  const bool cmdprio = options_->cmdprio.percentage[0] || options_->cmdprio.percentage[1] ||
                       options_->cmdprio.bssplit_str;
  if (cmdprio && static_cast<Path>(options_->path) != Path::kNone)
    return bad_input(
        "cmdprio_* and kv_path={} both set the priority of an I/O (leave cmdprio_* out, or set "
        "kv_path=none)",
        carrier_info(static_cast<Path>(options_->path)).name);
  if (options_->depend && !trace_job_)
    return bad_input("kv_depend is about a replay (give kv_trace, or leave kv_depend out)");
  return trace_job_ ? check_trace_job() : check_classes();
}

// A ring that polls for completions takes direct reads and writes of a drive that polls, nothing
// else. Evictions go out beside it.
Status Engine::check_hipri() const {
  if (!options_->hipri) return {};
  const thread_options& o = td_->o;
  if (options_->rate > 0 || trace_job_)
    return bad_input(
        "hipri polls without pause and cannot wait for an arrival (leave hipri or the open loop "
        "out)");
  if (const char* const sync = sync_option(td_))
    return bad_input(
        "hipri: a ring that polls for completions takes no sync, and {} asks for it (leave hipri "
        "or {} out)",
        sync, sync);
  if (!does(td_, kRead) && !does(td_, kWrite)) return {};
  if (!o.odirect)
    return bad_input(
        "hipri: there is polling for direct I/O only (set direct=1, or leave hipri "
        "out)");
  for (unsigned i = 0; i < o.nr_files; ++i) {
    if (!can_poll(td_->files[i]->file_name).value_or(true))
      return bad_input(kNothingPolls, td_->files[i]->file_name);
  }
  return {};
}

// Each direction's class is one that the direction can have.
Status Engine::check_classes() const {
  if (!sidecar_.plan.classes) return {};
  for (std::size_t d = 0; d < kDirections; ++d) {
    const Class cls = class_of_direction_[d];
    if (does(td_, d) && !hint::allowed(cls, kOps[d]))
      return bad_input(
          "kv_class={}: this job {}, and class {} does not (one job per class, a class each for "
          "read,write,trim, or leave kv_class out: decode,prefill,evict)",
          options_->classes, kVerbs[d], hint::name(cls));
  }
  return {};
}

Status Engine::check_evict_op() const {
  const EvictOp op = static_cast<EvictOp>(options_->evict_op);
  if (!does(td_, kTrim) || (op != EvictOp::kDiscard && op != EvictOp::kAuto)) return {};
  for (unsigned i = 0; i < td_->o.nr_files; ++i) {
    if (td_->files[i]->filetype == FIO_TYPE_BLOCK)
      KAIRO_CHECK(check_zones(td_->files[i]->file_name));
    if (op == EvictOp::kDiscard && td_->files[i]->filetype == FIO_TYPE_FILE)
      return bad_input(
          "kv_evict_op=discard: {} is a file, which has no discard (use kv_evict_op=punch or "
          "leave it out)",
          td_->files[i]->file_name);
  }
  return {};
}

// A workload's evictions are looked at one by one, as they are due.
Status Engine::check_zones(const char* path) const {
  const std::uint64_t zone = zone_bytes(path);
  const std::uint64_t least = td_->o.min_bs[2];
  const std::uint64_t most = td_->o.max_bs[2];
  if (zone == 0 || trace_job_ || (least % zone == 0 && most % zone == 0)) return {};
  return bad_input(
      "bs={}: trims of {}, which is zoned, are resets of whole zones of {} bytes (set the third "
      "value of bs to that, as in bs=,,{}, or use kv_evict_op=none)",
      least % zone != 0 ? least : most, path, zone, zone);
}

// What the carrier itself has to say about the job.
Status Engine::check_carrier() const {
  const CarrierInfo& info = carrier_info(static_cast<Path>(options_->path));
  if (!info.check) return {};
  const bool replays_several = trace_job_ && !sidecar_.plan.one_class();
  return info.check({.direct = td_->o.odirect != 0,
                     .mixes = sidecar_.plan.chooses() || replays_several,
                     .verifies = td_->o.verify != kVerifyNone});
}

Status Engine::check_trace_job() const {
  if (options_->depend && sidecar_.plan.one_class())
    return bad_input(
        "kv_depend: this job replays class {} only and does not see what it depends on (leave "
        "kv_class out)",
        hint::name(*sidecar_.plan.one_class()));
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
  if (sidecar_.plan.chooses() || (sidecar_.plan.classes && !sidecar_.plan.classes->one_for_all))
    return bad_input(
        "kv_trace: the workload says the class of an I/O (leave kv_split, kv_bssplit, kv_map and "
        "lists in kv_class out)");
  if (sidecar_.plan.sessions || sidecar_.plan.metadata.session)
    return bad_input(
        "kv_trace: the workload says the session of an I/O (leave kv_session_id and kv_sessions "
        "out)");
  if (sidecar_.plan.one_class() == Class::kNormal)
    return bad_input(
        "kv_class=normal: a workload has no such records (leave kv_class out or give "
        "one of decode, prefetch, prefill, evict)");
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

}  // namespace kairo::engine
