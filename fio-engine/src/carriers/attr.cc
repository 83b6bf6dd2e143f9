// SPDX-License-Identifier: GPL-2.0-only
// An attribute of the SQE. What it says beside the class, and the contexts behind it, is in
// ../attributes.cc.
#include <cerrno>
#include <memory>

#include "ask_files.h"
#include "ioprio.h"

namespace kairo::engine {
namespace {

using hint::Class;

// One read with the attribute past the end of the file, as hint::probe_rwf() does it.
hint::ProbeResult probe_file(Ring& ring, int fd) {
  constexpr std::size_t kBytes = 4096;
  const std::unique_ptr<void, decltype(&std::free)> buffer(std::aligned_alloc(kBytes, kBytes),
                                                           &std::free);
  if (!buffer) return {hint::Support::kUnknown, ENOMEM};
  io_uring_sqe& sqe = ring.sqe(0);
  sqe = {};
  sqe.opcode = IORING_OP_READ;
  sqe.fd = fd;
  sqe.addr = reinterpret_cast<std::uint64_t>(buffer.get());
  sqe.len = kBytes;
  sqe.off = 1ULL << 62;
  hint::set_sqe_attribute(sqe, hint::class_attribute(Class::kDecode));
  const int result = ring.run(0);
  if (result >= 0) return {hint::Support::kAccepted, 0};
  const bool refused = result == -EOPNOTSUPP || result == -EINVAL;
  return {refused ? hint::Support::kRefused : hint::Support::kUnknown, -result};
}

base::Status probe(const Asking& asking, Answer& answer) {
  Ring ring;
  KAIRO_CHECK(open_to_ask(ring, answer));
  if (!(ring.features() & KAIRO_FEAT_RW_ATTR)) {
    answer = answer_of({hint::Support::kRefused, 0});
    return base::fail(base::ErrorCode::kUnavailable,
                      "kv_path=attr: this kernel's io_uring has no attribute for KV hints (boot a "
                      "kernel with the Kairo series and CONFIG_IO_URING_KV, or use kv_path=rwf, "
                      "ioprio or auto)");
  }
  return ask_files(kAttrCarrier, "attributes", asking, answer,
                   [&](int fd) { return probe_file(ring, fd); });
}

// A hint in the priority would be replaced by the attribute's.
void apply(Class cls, const PrioOptions& prio, ClassHint& out) {
  if (prio.given) out.sqe_ioprio = class_ioprio(prio, cls, false);
}

}  // namespace

const CarrierInfo kAttrCarrier = {.path = Path::kAttr,
                                  .name = "attr",
                                  .help = "Attribute of the I/O, needs a kernel with Kairo",
                                  .of_auto = true,
                                  .probe = probe,
                                  .apply = apply};

}  // namespace kairo::engine
