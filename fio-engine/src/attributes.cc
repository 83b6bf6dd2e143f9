// SPDX-License-Identifier: GPL-2.0-only
#include "attributes.h"

#include <fmt/format.h>

#include <algorithm>

#include "io_kind.h"

namespace kairo::engine {

using base::Status;
using hint::Class;

namespace {

// The kernel's grain. 0 would be "not said".
std::uint32_t to_deadline_us(std::uint64_t ns) {
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(ns / 1000, 1, UINT32_MAX));
}

// The words of kv_semantics that suit the direction.
hint::Semantics semantics_of(const std::vector<std::string>& words, bool writes) {
  hint::Semantics out = hint::Semantics::kNone;
  for (const SemanticsWord& known : kSemanticsWords)
    if ((writes || !known.writes_only) &&
        std::find(words.begin(), words.end(), known.name) != words.end())
      out = out | known.flag;
  return out;
}

}  // namespace

Status Attributes::set_up(const Job& job, Ring& ring, const std::vector<Record>* records) {
  if (job.sidecar.carrier.used != Path::kAttr) return {};
  job_ = &job;
  records_ = records;
  const HintPlan& plan = job.sidecar.plan;
  mask_ = KAIRO_RW_ATTR_FLAG;
  // Not the sequence that classes are drawn from.
  const std::uint64_t seed = job.td->rand_seeds[FIO_RAND_BS_OFF] ^ 0x636f6e7465787473ULL;
  contexts_.emplace(
      MetadataSources{plan.metadata, plan.sessions, plan.map ? &*plan.map : nullptr, records},
      seed);
  KAIRO_CHECK(register_contexts(ring));
  const std::uint16_t context = contexts_->varies() ? std::uint16_t{0} : contexts_->of_job();
  for (std::size_t i = 0; i < by_class_.size(); ++i) {
    const auto cls = static_cast<Class>(i);
    const bool writes_only = !hint::allowed(cls, hint::Op::kRead) || !does(job.td, kRead);
    by_class_[i] = hint::attribute(cls, context);
    hint::set_semantics(by_class_[i], semantics_of(plan.semantics, writes_only));
  }
  // The kernel takes a deadline of a prefetch only.
  kairo_rw_attr& prefetch = by_class_[hint::index(Class::kPrefetch)];
  if (plan.deadlines && (*plan.deadlines)[hint::index(Class::kPrefetch)])
    prefetch.deadline_us = to_deadline_us((*plan.deadlines)[hint::index(Class::kPrefetch)]);
  if (contexts_->varies() || (job.paced() && prefetch.deadline_us)) own_.resize(job.td->o.iodepth);
  return {};
}

Status Attributes::register_contexts(Ring& ring) {
  const auto& wanted = contexts_->wanted();
  for (const kairo_context_info& info : wanted) {
    kairo_context_reg reg = {};
    reg.size = sizeof(reg);
    reg.version = KAIRO_CONTEXT_VERSION;
    reg.info = info;
    const int result = ring.register_with(KAIRO_REGISTER_CONTEXT, &reg, 1);
    if (result == -EPERM)
      return base::fail(base::ErrorCode::kUnavailable,
                        "lifetime {}: no privilege for a context that eviction spares (run as root "
                        "or with CAP_SYS_NICE, or use lifetime model)",
                        lifetime_name(static_cast<Lifetime>(info.lifetime)));
    if (result == -ENOSPC)
      return base::fail(base::ErrorCode::kUnavailable,
                        "kv_path=attr: the kernel gave {} of the {} contexts that the job's "
                        "metadata is (raise sysctl user.max_kairo_contexts, which all jobs of the "
                        "user share, name fewer models and sessions, or use kv_path=rwf)",
                        ids_.size(), wanted.size());
    if (result < 0)
      return base::fail(base::ErrorCode::kUnavailable,
                        "kv_path=attr: context {} of {} cannot be registered: {} (use kv_path=rwf, "
                        "or leave the metadata out)",
                        ids_.size() + 1, wanted.size(), std::strerror(-result));
    ids_.push_back(reg.id);
  }
  contexts_->set_ids(ids_);
  return {};
}

// The ring would take them with it, but some time after its close: the next job of the user would
// find them counted.
void Attributes::unregister(Ring& ring) {
  for (const std::uint16_t id : ids_) ring.register_with(KAIRO_UNREGISTER_CONTEXT, nullptr, id);
}

std::uint64_t Attributes::fill(const io_u* io, const Slot& slot, std::uint64_t now_ns) {
  kairo_rw_attr& attribute = own_[io->index];
  const std::uint16_t context = is_rest(io) ? attribute.context : context_of(io, slot);
  attribute = by_class_[hint::index(slot.cls)];
  attribute.context = context;
  if (attribute.deadline_us && slot.paced) {
    // From the intended start, as the latency that fio reports; the kernel counts from now on.
    const std::uint64_t end_ns =
        slot.due_ns + (*job_->sidecar.plan.deadlines)[hint::index(slot.cls)];
    attribute.deadline_us = to_deadline_us(end_ns - std::min(end_ns, now_ns));
  }
  return reinterpret_cast<std::uint64_t>(&attribute);
}

std::uint16_t Attributes::context_of(const io_u* io, const Slot& slot) {
  if (records_) return contexts_->of_session((*records_)[slot.record].session);
  if (job_->sidecar.plan.map)
    return contexts_->of_range(
        job_->sidecar.plan.map->find(static_cast<std::size_t>(io->file->fileno), io->offset));
  return contexts_->of_job();
}

std::optional<Sidecar::Carried> Attributes::carried() const {
  if (!contexts_) return std::nullopt;
  return Sidecar::Carried{contexts_->wanted().size(), contexts_->sessions(),
                          contexts_->ios_without_session()};
}

}  // namespace kairo::engine
