// SPDX-License-Identifier: GPL-2.0-only
// RWF_KV_* in sqe->rw_flags.
#include "ask_files.h"

namespace kairo::engine {
namespace {

base::Status probe(const Asking& asking, Answer& answer) {
  return ask_files(kRwfCarrier, "RWF_KV_*", asking, answer,
                   [](int fd) { return hint::probe_rwf(fd); });
}

void apply(hint::Class cls, const PrioOptions&, ClassHint& out) {
  out.rw_flags = hint::rwf(cls);
}

}  // namespace

const CarrierInfo kRwfCarrier = {.path = Path::kRwf,
                                 .name = "rwf",
                                 .help = "RWF_KV_* flags, needs a kernel with Kairo",
                                 .of_auto = true,
                                 .probe = probe,
                                 .apply = apply};

}  // namespace kairo::engine
