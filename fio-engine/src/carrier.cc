// SPDX-License-Identifier: GPL-2.0-only
#include "carrier.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>

namespace kairo::engine {
namespace {

using hint::Class;
using hint::PrioClass;

// The ioprio that goes out for a class.
std::uint16_t class_ioprio(const PrioOptions& prio, Class cls) {
  hint::Ioprio value =
      prio.priorities[hint::index(cls)].value_or(hint::Ioprio{PrioClass::kBestEffort, 4, cls});
  value.cls = prio.hint ? cls : Class::kNormal;
  return hint::encode(value);
}

const char* support_name(hint::Support support) {
  switch (support) {
    case hint::Support::kAccepted:
      return "accepted";
    case hint::Support::kRefused:
      return "refused";
    case hint::Support::kUnknown:
      break;
  }
  return "failed";
}

hint::ProbeResult probe_rwf_file(const std::string& path, bool direct) {
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | (direct ? O_DIRECT : 0));
  if (fd < 0 && direct) fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {hint::Support::kUnknown, errno};
  const hint::ProbeResult result = hint::probe_rwf(fd);
  close(fd);
  return result;
}

base::Status probe_rwf_files(Probe& probe, const std::vector<std::string>& files, bool direct) {
  for (const std::string& file : files) {
    const hint::ProbeResult result = probe_rwf_file(file, direct);
    probe.rwf = support_name(result.support);
    probe.rwf_error = result.error;
    if (result.support == hint::Support::kAccepted) continue;
    if (result.support == hint::Support::kRefused)
      return base::fail(base::ErrorCode::kUnavailable,
                        "kv_path=rwf: {}: this kernel or file system refuses RWF_KV_* ({}) (boot a "
                        "kernel with the Kairo series, or use kv_path=ioprio or kv_path=label)",
                        file, std::strerror(result.error));
    return base::fail(base::ErrorCode::kUnavailable,
                      "kv_path=rwf: {}: cannot be probed: {} (let fio create the file first, or "
                      "use kv_path=ioprio)",
                      file, std::strerror(result.error));
  }
  return {};
}

base::Status probe_ioprio(Probe& probe, const PrioOptions& prio) {
  for (const Class cls : {Class::kDecode, Class::kPrefetch, Class::kPrefill}) {
    const hint::ProbeResult result = hint::probe_ioprio(class_ioprio(prio, cls));
    probe.ioprio = support_name(result.support);
    probe.ioprio_error = result.error;
    if (result.support == hint::Support::kAccepted) continue;
    if (result.error == EPERM)
      return base::fail(base::ErrorCode::kUnavailable,
                        "kv_prio={}: no privilege for the real-time I/O class (run as root or with "
                        "CAP_SYS_NICE, or use kv_prio=be)",
                        prio.text);
    return base::fail(base::ErrorCode::kUnavailable,
                      "kv_path=ioprio: this kernel refuses hints in the I/O priority: {} (they "
                      "need Linux 6.5; use kv_path=label)",
                      std::strerror(result.error));
  }
  return {};
}

// The UAPI header has no attribute for KV hints, so there is nothing that a kernel could accept.
base::Status probe_attr(Probe& probe) {
  probe.attr = support_name(hint::Support::kRefused);
  return base::fail(base::ErrorCode::kUnavailable,
                    "kv_path=attr: no kernel takes KV hints as an I/O attribute yet (use "
                    "kv_path=rwf, ioprio or auto)");
}

}  // namespace

std::uint16_t class_label(Class cls) {
  switch (cls) {
    case Class::kDecode:
      return hint::encode({PrioClass::kRealTime, 0, Class::kNormal});
    case Class::kPrefetch:
      return hint::encode({PrioClass::kRealTime, 1, Class::kNormal});
    case Class::kPrefill:
      return hint::encode({PrioClass::kBestEffort, 7, Class::kNormal});
    case Class::kEvict:
      return hint::encode({PrioClass::kBestEffort, 6, Class::kNormal});
    case Class::kNormal:
      break;
  }
  return 0;
}

ClassHints class_hints(Path used, const PrioOptions& prio, std::uint16_t job_ioprio) {
  ClassHints hints;
  for (std::size_t i = 0; i < hints.size(); ++i) {
    const Class cls = static_cast<Class>(i);
    ClassHint& out = hints[i];
    out.sqe_ioprio = job_ioprio;
    out.label = class_label(cls);
    // Decode, prefill and evict are the first after normal in their direction.
    out.slot = cls == Class::kNormal ? 0 : cls == Class::kPrefetch ? 2 : 1;
    if (cls == Class::kNormal) continue;
    if (used == Path::kIoprio) out.sqe_ioprio = class_ioprio(prio, cls);
    if (used == Path::kRwf) out.rw_flags = hint::rwf(cls);
  }
  return hints;
}

base::Result<Carrier> choose_carrier(Path asked, const PrioOptions& prio,
                                     const std::vector<std::string>& files, bool direct) {
  Carrier carrier;
  carrier.used = asked;
  switch (asked) {
    case Path::kNone:
    case Path::kLabel:
      break;
    case Path::kRwf:
      if (auto ok = probe_rwf_files(carrier.probe, files, direct); !ok)
        return base::fail(ok.error());
      break;
    case Path::kIoprio:
      if (auto ok = probe_ioprio(carrier.probe, prio); !ok) return base::fail(ok.error());
      break;
    case Path::kAttr:
      if (auto ok = probe_attr(carrier.probe); !ok) return base::fail(ok.error());
      break;
    case Path::kAuto:
      carrier.used = Path::kAttr;
      if (probe_attr(carrier.probe)) break;
      carrier.used = Path::kRwf;
      if (probe_rwf_files(carrier.probe, files, direct)) break;
      carrier.used = Path::kIoprio;
      if (auto ok = probe_ioprio(carrier.probe, prio); !ok) return base::fail(ok.error());
      break;
  }
  return carrier;
}

}  // namespace kairo::engine
