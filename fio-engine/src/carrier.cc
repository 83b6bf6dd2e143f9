// SPDX-License-Identifier: GPL-2.0-only
#include "carrier.h"

#include <cstring>

namespace kairo::engine {

using hint::Class;
using hint::PrioClass;

std::string passed_over(const Carrier& carrier) {
  std::string out;
  for (const CarrierInfo* info : carriers()) {
    const Answer& answer = carrier.answers[static_cast<std::size_t>(info->path)];
    if (!info->of_auto || answer.result == "accepted" || answer.result == Answer().result) continue;
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", info->name, answer.result);
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
    const CarrierInfo& info = carrier_info(used);
    if (cls != Class::kNormal && info.apply) info.apply(cls, prio, out);
  }
  return hints;
}

base::Result<Carrier> choose_carrier(Path asked, const PrioOptions& prio,
                                     const std::vector<std::string>& files, bool direct) {
  Carrier carrier;
  const auto ask = [&](Path path, bool class_in_prio) {
    const CarrierInfo& info = carrier_info(path);
    if (!info.probe) return base::Status();
    return info.probe({prio, files, direct, class_in_prio},
                      carrier.answers[static_cast<std::size_t>(path)]);
  };
  base::Status ok;
  for (const CarrierInfo* info : carriers()) {
    if (asked == Path::kAuto ? !info->of_auto : asked != info->path) continue;
    carrier.used = info->path;
    ok = ask(info->path, true);
    if (ok) break;
  }
  // Priorities that were asked for and are not allowed are no reason for another carrier.
  if (ok && carrier.used == Path::kAttr && prio.given) ok = ask(Path::kIoprio, false);
  if (!ok) return base::fail(ok.error());
  return carrier;
}

}  // namespace kairo::engine
