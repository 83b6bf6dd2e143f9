// SPDX-License-Identifier: GPL-2.0-only
#include "carrier.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <utility>

#include "ring.h"

namespace kairo::engine {
namespace {

using hint::Class;
using hint::PrioClass;

// The files that a job reads or writes, and how.
struct Files {
  const std::vector<std::string>& names;
  bool direct;
};

// The ioprio that goes out for a class; the class itself is in it with kv_path=ioprio only.
std::uint16_t class_ioprio(const PrioOptions& prio, Class cls, Path used) {
  hint::Ioprio value =
      prio.priorities[hint::index(cls)].value_or(hint::Ioprio{PrioClass::kBestEffort, 4, cls});
  value.cls = used == Path::kIoprio && prio.hint ? cls : Class::kNormal;
  return hint::encode(value);
}

Probe::Answer answer(const hint::ProbeResult& result) {
  switch (result.support) {
    case hint::Support::kAccepted:
      return {"accepted", result.error};
    case hint::Support::kRefused:
      return {"refused", result.error};
    case hint::Support::kUnknown:
      break;
  }
  return {"failed", result.error};
}

// Opens each file as the job will and calls `ask` with the descriptor. The first file that does not
// accept ends it; its name is returned.
template <class Ask>
std::pair<hint::ProbeResult, std::string> ask_files(const Files& files, Ask ask) {
  for (const std::string& file : files.names) {
    int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC | (files.direct ? O_DIRECT : 0));
    if (fd < 0 && files.direct) fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return {{hint::Support::kUnknown, errno}, file};
    const hint::ProbeResult result = ask(fd);
    close(fd);
    if (result.support != hint::Support::kAccepted) return {result, file};
  }
  return {{hint::Support::kAccepted, 0}, {}};
}

// For both carriers that are refused file by file; `what` is what the kernel did not take.
base::Status files_answered(const char* path, const char* what, const Files& files,
                            const std::pair<hint::ProbeResult, std::string>& answered) {
  const auto& [result, file] = answered;
  if (result.support == hint::Support::kAccepted) return {};
  if (result.support == hint::Support::kUnknown)
    return base::fail(base::ErrorCode::kUnavailable,
                      "kv_path={}: {}: cannot be probed: {} (let fio create the file first, or "
                      "use kv_path=ioprio)",
                      path, file, std::strerror(result.error));
  return base::fail(
      base::ErrorCode::kUnavailable,
      "kv_path={}: {}: this kernel or file system refuses {} ({}) ({}, or use kv_path=ioprio or "
      "kv_path=label)",
      path, file, what, std::strerror(result.error),
      files.direct ? "boot a kernel with the Kairo series"
                   : "they are for direct I/O: set direct=1");
}

base::Status probe_rwf(Probe& probe, const Files& files) {
  const auto answered = ask_files(files, [](int fd) { return hint::probe_rwf(fd); });
  probe.rwf = answer(answered.first);
  return files_answered("rwf", "RWF_KV_*", files, answered);
}

// One read with the attribute past the end of the file, as hint::probe_rwf() does it.
hint::ProbeResult probe_attr_file(Ring& ring, int fd) {
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

base::Status probe_attr(Probe& probe, const Files& files) {
  Ring ring;
  if (auto ok = ring.open({}); !ok) {
    probe.attr = answer({hint::Support::kUnknown, 0});
    return ok;
  }
  if (!(ring.features() & KAIRO_FEAT_RW_ATTR)) {
    probe.attr = answer({hint::Support::kRefused, 0});
    return base::fail(base::ErrorCode::kUnavailable,
                      "kv_path=attr: this kernel's io_uring has no attribute for KV hints (boot a "
                      "kernel with the Kairo series and CONFIG_IO_URING_KV, or use kv_path=rwf, "
                      "ioprio or auto)");
  }
  const auto answered = ask_files(files, [&](int fd) { return probe_attr_file(ring, fd); });
  probe.attr = answer(answered.first);
  return files_answered("attr", "attributes", files, answered);
}

hint::ProbeResult answer_to(int error) {
  const bool refused = error == EINVAL || error == EOPNOTSUPP;
  return {error == 0 ? hint::Support::kAccepted
          : refused  ? hint::Support::kRefused
                     : hint::Support::kUnknown,
          error};
}

// The class goes with the descriptor that is probed.
base::Status probe_file(Probe& probe, const Files& files) {
  const auto answered = ask_files(files, [](int fd) {
    return answer_to(hint::set_file_class(fd, Class::kDecode, Class::kPrefill));
  });
  probe.file = answer(answered.first);
  return files_answered("file", "F_SET_KV_CLASS", files, answered);
}

// The regions go with the ring that is probed with.
base::Status probe_region(Probe& probe, const Files& files) {
  Ring ring;
  if (auto ok = ring.open({}); !ok) {
    probe.region = answer({hint::Support::kUnknown, 0});
    return ok;
  }
  const auto answered = ask_files(files, [&](int fd) {
    kairo_region_reg region = hint::region(fd, 0, 4096, Class::kDecode, Class::kPrefill);
    return answer_to(hint::register_region(ring.fd(), region));
  });
  probe.region = answer(answered.first);
  if (answered.first.error == ENOSPC)
    return base::fail(base::ErrorCode::kUnavailable,
                      "kv_path=region: the user has no region left (raise sysctl "
                      "user.max_kairo_regions, which all jobs of the user share, or use "
                      "kv_path=rwf)");
  return files_answered("region", "regions", files, answered);
}

// With kv_path=attr there is no hint in it: what is asked is whether the priorities are allowed.
base::Status probe_ioprio(Probe& probe, const PrioOptions& prio, Path used) {
  for (const Class cls : {Class::kDecode, Class::kPrefetch, Class::kPrefill}) {
    const hint::ProbeResult result = hint::probe_ioprio(class_ioprio(prio, cls, used));
    probe.ioprio = answer(result);
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

base::Status probe_carrier(Path path, Probe& probe, const PrioOptions& prio, const Files& files) {
  switch (path) {
    case Path::kAttr:
      return probe_attr(probe, files);
    case Path::kRwf:
      return probe_rwf(probe, files);
    case Path::kIoprio:
      return probe_ioprio(probe, prio, path);
    case Path::kFile:
      return probe_file(probe, files);
    case Path::kRegion:
      return probe_region(probe, files);
    case Path::kNone:
    case Path::kLabel:
    case Path::kAuto:
      break;
  }
  return {};
}

}  // namespace

std::string passed_over(const Probe& probe) {
  std::string out;
  for (const auto& [name, answer] : {std::pair{"attr", probe.attr}, std::pair{"rwf", probe.rwf}}) {
    if (answer.result == "accepted" || answer.result == Probe::Answer().result) continue;
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", name, answer.result);
    if (answer.error) out += fmt::format(" ({})", std::strerror(answer.error));
  }
  return out;
}

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
    if (used == Path::kIoprio || (used == Path::kAttr && prio.given))
      out.sqe_ioprio = class_ioprio(prio, cls, used);
    if (used == Path::kRwf) out.rw_flags = hint::rwf(cls);
  }
  return hints;
}

base::Result<Carrier> choose_carrier(Path asked, const PrioOptions& prio,
                                     const std::vector<std::string>& files, bool direct) {
  Carrier carrier;
  const Files names = {files, direct};
  const std::vector<Path> order = asked == Path::kAuto
                                      ? std::vector{Path::kAttr, Path::kRwf, Path::kIoprio}
                                      : std::vector{asked};
  base::Status ok;
  for (const Path path : order) {
    carrier.used = path;
    ok = probe_carrier(path, carrier.probe, prio, names);
    if (ok) break;
  }
  // Priorities that were asked for and are not allowed are no reason for another carrier.
  if (ok && carrier.used == Path::kAttr && prio.given)
    ok = probe_ioprio(carrier.probe, prio, carrier.used);
  if (!ok) return base::fail(ok.error());
  return carrier;
}

}  // namespace kairo::engine
