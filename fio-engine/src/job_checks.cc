// SPDX-License-Identifier: GPL-2.0-only
// Every refusal of a job for its options, before any I/O.
#include "job_checks.h"

#include <fmt/format.h>

#include "device_guard.h"
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

// A ring that polls for completions takes direct reads and writes of a drive that polls, nothing
// else. Evictions go out beside it.
Status check_hipri(const Job& job) {
  if (!job.options->hipri) return {};
  const thread_options& o = job.td->o;
  if (job.paced())
    return bad_input(
        "hipri polls without pause and cannot wait for an arrival (leave hipri or the open loop "
        "out)");
  if (const char* const sync = sync_option(job.td))
    return bad_input(
        "hipri: a ring that polls for completions takes no sync, and {} asks for it (leave hipri "
        "or {} out)",
        sync, sync);
  if (!does(job.td, kRead) && !does(job.td, kWrite)) return {};
  if (!o.odirect)
    return bad_input(
        "hipri: there is polling for direct I/O only (set direct=1, or leave hipri "
        "out)");
  for (unsigned i = 0; i < o.nr_files; ++i) {
    if (!can_poll(job.td->files[i]->file_name).value_or(true))
      return bad_input(kNothingPolls, job.td->files[i]->file_name);
  }
  return {};
}

// Each direction's class is one that the direction can have.
Status check_classes(const Job& job) {
  if (!job.sidecar.plan.classes) return {};
  for (std::size_t d = 0; d < kDirections; ++d) {
    const Class cls = job.class_of_direction[d];
    if (does(job.td, d) && !hint::allowed(cls, kOps[d]))
      return bad_input(
          "kv_class={}: this job {}, and class {} does not (one job per class, a class each for "
          "read,write,trim, or leave kv_class out: decode,prefill,evict)",
          job.options->classes, kVerbs[d], hint::name(cls));
  }
  return {};
}

// A workload's evictions are looked at one by one, as they are due.
Status check_zones(const Job& job, const char* path) {
  const std::uint64_t zone = zone_bytes(path);
  const std::uint64_t least = job.td->o.min_bs[2];
  const std::uint64_t most = job.td->o.max_bs[2];
  if (zone == 0 || job.replays() || (least % zone == 0 && most % zone == 0)) return {};
  return bad_input(
      "bs={}: trims of {}, which is zoned, are resets of whole zones of {} bytes (set the third "
      "value of bs to that, as in bs=,,{}, or use kv_evict_op=none)",
      least % zone != 0 ? least : most, path, zone, zone);
}

Status check_evict_op(const Job& job) {
  const EvictOp op = static_cast<EvictOp>(job.options->evict_op);
  if (!does(job.td, kTrim) || (op != EvictOp::kDiscard && op != EvictOp::kAuto)) return {};
  for (unsigned i = 0; i < job.td->o.nr_files; ++i) {
    if (job.td->files[i]->filetype == FIO_TYPE_BLOCK)
      KAIRO_CHECK(check_zones(job, job.td->files[i]->file_name));
    if (op == EvictOp::kDiscard && job.td->files[i]->filetype == FIO_TYPE_FILE)
      return bad_input(
          "kv_evict_op=discard: {} is a file, which has no discard (use kv_evict_op=punch or "
          "leave it out)",
          job.td->files[i]->file_name);
  }
  return {};
}

// What the carrier itself has to say about the job.
Status check_carrier(const Job& job) {
  const CarrierInfo& info = carrier_info(job.path());
  if (!info.check) return {};
  const bool replays_several = job.replays() && !job.sidecar.plan.one_class();
  return info.check({.direct = job.td->o.odirect != 0,
                     .mixes = job.sidecar.plan.chooses() || replays_several,
                     .verifies = job.td->o.verify != kVerifyNone});
}

Status check_trace_job(const Job& job) {
  if (job.options->depend && job.sidecar.plan.one_class())
    return bad_input(
        "kv_depend: this job replays class {} only and does not see what it depends on (leave "
        "kv_class out)",
        hint::name(*job.sidecar.plan.one_class()));
  const thread_options& o = job.td->o;
  if (o.nr_files != 1)
    return bad_input(
        "kv_trace: the job has {} files, a workload is for one device (give one "
        "filename)",
        o.nr_files);
  // The clones that numjobs makes have a numjobs of 1.
  if (o.numjobs != 1 || job.td->subjob_number != 0)
    return bad_input(
        "kv_trace: numjobs would replay the workload several times (set numjobs=1; several jobs "
        "may each take a class with kv_class)");
  if (o.verify != kVerifyNone)
    return bad_input("kv_trace: verify={} cannot follow a replay (leave verify out)", o.verify);
  if (o.read_iolog_file || o.zone_mode == ZONE_MODE_ZBD)
    return bad_input("kv_trace cannot be used with read_iolog or zonemode=zbd (leave them out)");
  if (job.sidecar.plan.chooses() ||
      (job.sidecar.plan.classes && !job.sidecar.plan.classes->one_for_all))
    return bad_input(
        "kv_trace: the workload says the class of an I/O (leave kv_split, kv_bssplit, kv_map and "
        "lists in kv_class out)");
  if (job.sidecar.plan.sessions || job.sidecar.plan.metadata.session)
    return bad_input(
        "kv_trace: the workload says the session of an I/O (leave kv_session_id and kv_sessions "
        "out)");
  if (job.sidecar.plan.one_class() == Class::kNormal)
    return bad_input(
        "kv_class=normal: a workload has no such records (leave kv_class out or give "
        "one of decode, prefetch, prefill, evict)");
  return {};
}

}  // namespace

Status check_job(const Job& job) {
  const thread_options& o = job.td->o;
  if (job.options->registerfiles && o.nr_files != o.open_files)
    return bad_input(
        "registerfiles needs nrfiles ({}) and openfiles ({}) to be equal (leave "
        "openfiles out)",
        o.nr_files, o.open_files);
  if (job.options->rate > kMaxRate)
    return bad_input("kv_rate is outside 0 .. {} arrivals per second", kMaxRate);
  if (job.options->rate > 0 && job.replays())
    return bad_input("kv_rate and kv_trace both say when I/O starts (leave one out)");
  if (job.paced() && paced_by_fio(job.td))
    return bad_input(
        "{} says when I/O starts, and so do fio's rate and thinktime (leave those "
        "out)",
        job.replays() ? "kv_trace" : "kv_rate");
  KAIRO_CHECK(check_hipri(job));
  KAIRO_CHECK(check_evict_op(job));
  KAIRO_CHECK(check_carrier(job));
  const bool cmdprio = job.options->cmdprio.percentage[0] || job.options->cmdprio.percentage[1] ||
                       job.options->cmdprio.bssplit_str;
  if (cmdprio && job.path() != Path::kNone)
    return bad_input(
        "cmdprio_* and kv_path={} both set the priority of an I/O (leave cmdprio_* out, or set "
        "kv_path=none)",
        carrier_info(job.path()).name);
  if (job.options->depend && !job.replays())
    return bad_input("kv_depend is about a replay (give kv_trace, or leave kv_depend out)");
  return job.replays() ? check_trace_job(job) : check_classes(job);
}

Status check_devices(const Job& job) {
  if (job.td->o.allow_mounted_write || (!does(job.td, kWrite) && !does(job.td, kTrim))) return {};
  for (unsigned i = 0; i < job.td->o.nr_files; ++i)
    KAIRO_CHECK(refuse_device_in_use(job.td->files[i]->file_name));
  return {};
}

Status check_device_size(const Job& job, std::uint64_t device_bytes) {
  if (!job.replays()) return {};
  const fio_file* file = job.td->files[0];
  if (file->io_size == 0)
    return bad_input("kv_trace: the size of {} is not known yet (leave create_serialize=0 out)",
                     file->file_name);
  if (file->io_size < device_bytes)
    return bad_input(
        "kv_trace={}: is for a device of {} bytes, {} offers {} (use a larger device "
        "or size=, or import the trace for a smaller device)",
        job.options->trace, device_bytes, file->file_name, file->io_size);
  return {};
}

}  // namespace kairo::engine
