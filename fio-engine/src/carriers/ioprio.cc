// SPDX-License-Identifier: GPL-2.0-only
// Hint bits of sqe->ioprio, which a kernel without Kairo takes, too, and passes on.
#include "ioprio.h"

#include <cerrno>
#include <cstring>

#include "ask_files.h"

namespace kairo::engine {

using hint::Class;
using hint::PrioClass;

std::uint16_t class_ioprio(const PrioOptions& prio, Class cls, bool with_class) {
  hint::Ioprio value =
      prio.priorities[hint::index(cls)].value_or(hint::Ioprio{PrioClass::kBestEffort, 4, cls});
  value.cls = with_class && prio.hint ? cls : Class::kNormal;
  return hint::encode(value);
}

namespace {

base::Status probe(const Asking& asking, Answer& answer) {
  for (const Class cls : {Class::kDecode, Class::kPrefetch, Class::kPrefill}) {
    const hint::ProbeResult result =
        hint::probe_ioprio(class_ioprio(asking.prio, cls, asking.class_in_prio));
    answer = answer_of(result);
    if (result.support == hint::Support::kAccepted) continue;
    if (result.error == EPERM)
      return base::fail(base::ErrorCode::kUnavailable,
                        "kv_prio={}: no privilege for the real-time I/O class (run as root or with "
                        "CAP_SYS_NICE, or use kv_prio=be)",
                        asking.prio.text);
    return base::fail(base::ErrorCode::kUnavailable,
                      "kv_path=ioprio: this kernel refuses hints in the I/O priority: {} (they "
                      "need Linux 6.5; use kv_path=label)",
                      std::strerror(result.error));
  }
  return {};
}

void apply(Class cls, const PrioOptions& prio, ClassHint& out) {
  out.sqe_ioprio = class_ioprio(prio, cls, true);
}

}  // namespace

const CarrierInfo kIoprioCarrier = {
    .path = Path::kIoprio,
    .name = "ioprio",
    .help = "Hint bits of the I/O priority",
    .of_auto = true,
    .remark = "; any kernel accepts hints there, only one with Kairo looks at them",
    .probe = probe,
    .apply = apply};

}  // namespace kairo::engine
