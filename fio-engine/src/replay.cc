// SPDX-License-Identifier: GPL-2.0-only
#include "replay.h"

#include <fmt/format.h>

#include <algorithm>

#include "io_kind.h"
#include "kairo/base/short_names.h"

namespace kairo::engine {
namespace {

using hint::Class;

// With nothing to start yet: how often a replay looks for what has been released, if no completion
// wakes it before.
constexpr std::uint64_t kLookNs = 1'000'000;

// Refuses a job that cannot send these records, and has fio let it send all of them.
Status fit_job(const Job& job, const std::vector<Record>& records) {
  thread_data* td = job.td;
  PerDirection<bool> needs = {};
  std::uint32_t largest = 0;
  for (const Record& record : records) {
    for (std::size_t d = 0; d < kDirections; ++d)
      needs[d] = needs[d] || hint::allowed(record.cls, kOps[d]);
    if (record.cls != Class::kEvict) largest = std::max(largest, record.length);
  }
  // Evictions are refused or allowed with the writes: fio has no rw= value for all three.
  const bool may_write = does(td, kWrite) || (does(td, kTrim) && !needs[kWrite]);
  if ((needs[kRead] && !does(td, kRead)) || ((needs[kWrite] || needs[kTrim]) && !may_write))
    return bad_input(
        "kv_trace={}: the workload {}, and the job's rw= does not allow it (set rw=rw)",
        job.options->trace,
        needs[kRead] && !does(td, kRead) ? "reads"
        : needs[kWrite]                  ? "writes"
                                         : "discards");
  if (largest > td_max_bs(td))
    return bad_input(
        "kv_trace={}: the largest record has {} bytes, the job's buffers {} (set "
        "bs={})",
        job.options->trace, largest, td_max_bs(td), largest);
  if (needs[kTrim])
    td->o.td_ddir = static_cast<td_ddir>(static_cast<unsigned>(td->o.td_ddir) |
                                         static_cast<unsigned>(TD_DDIR_TRIM));
  // The workload alone says what comes and when it ends: fio's generator, which the records
  // replace, must never run dry, nor spend time on a map of what it has covered.
  td->o.time_based = 1;
  td->o.norandommap = 1;
  // Scrambling touches every 512 bytes of a write and costs more than the rest of it.
  td->flags &= ~static_cast<unsigned>(TD_F_SCRAMBLE_BUFFERS);
  return {};
}

}  // namespace

Replay::Replay(Job& job, SessionTimes times, Workload workload)
    : job_(job),
      session_times_(std::move(times)),
      device_bytes_(workload.device_bytes),
      records_(std::move(workload.records)),
      schedule_(records_, job.options->depend != 0) {
  job.sidecar.trace_file = job.options->trace;
  job.sidecar.trace_source = workload.source;
  job.sidecar.trace_sample = workload.sample;
}

Result<std::unique_ptr<Replay>> Replay::load(Job& job) {
  auto workload = read_workload(job.options->trace);
  if (!workload) return fail(workload.error(), "kv_trace");
  std::vector<Record>& records = workload->records;
  // Of the whole workload: a job that replays one class still knows when each request came.
  SessionTimes times(records);
  if (const auto one = job.sidecar.plan.one_class()) {
    const Class only = *one;
    records.erase(std::remove_if(records.begin(), records.end(),
                                 [&](const Record& r) { return r.cls != only; }),
                  records.end());
    if (records.empty())
      return bad_input(
          "kv_trace={}: has no record of class {} (leave kv_class out or choose "
          "another)",
          job.options->trace, hint::name(only));
  }
  KAIRO_CHECK(fit_job(job, records));
  return std::unique_ptr<Replay>(new Replay(job, std::move(times), std::move(*workload)));
}

int Replay::prep(io_u* io, Slot& slot, OpenLoop& loop) {
  const std::uint64_t begin_ns = loop.begin();
  if (slot.paced && slot.record != kNoRecord)
    schedule_.put_back({slot.record, slot.due_ns - begin_ns});
  if (const auto item = schedule_.next()) {
    take(io, slot, loop, *item);
    return 0;
  }
  if (schedule_.done()) {
    slot.paced = false;
    // fio drains what is in flight and ends the job.
    fio_mark_td_terminate(job_.td);
    return ENODATA;
  }
  slot.record = kNoRecord;
  loop.hold(slot, now_ns() + kLookNs);
  return 0;
}

void Replay::take(io_u* io, Slot& slot, OpenLoop& loop, const Schedule::Item& item) {
  const Record& record = records_[item.record];
  slot.record = item.record;
  slot.cls = job_.sidecar.carrier.used == Path::kNone ? Class::kNormal : record.cls;
  loop.hold(slot, loop.begin() + item.due_ns);
  io->ddir = record.cls == Class::kEvict     ? DDIR_TRIM
             : record.cls == Class::kPrefill ? DDIR_WRITE
                                             : DDIR_READ;
  io->acct_ddir = io->ddir;
  io->offset = job_.td->files[0]->file_offset + record.offset;
  io->verify_offset = io->offset;
  io->buflen = record.length;
  io->xfer_buflen = record.length;
  if (io->ddir == DDIR_WRITE && (job_.td->flags & TD_F_REFILL_BUFFERS))
    io_u_fill_buffer(job_.td, io, record.length, record.length);
}

void Replay::completed(const Slot& slot, std::uint64_t now_ns) {
  schedule_.completed(slot.record, now_ns);
  session_times_.completed(records_[slot.record], now_ns);
}

std::uint64_t Replay::due_by(std::uint64_t now_ns) const {
  const auto end = std::upper_bound(
      records_.begin(), records_.end(), now_ns,
      [](std::uint64_t time, const Record& record) { return time < record.time_ns; });
  return static_cast<std::uint64_t>(end - records_.begin());
}

}  // namespace kairo::engine
