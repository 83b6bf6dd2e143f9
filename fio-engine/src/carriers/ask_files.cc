// SPDX-License-Identifier: GPL-2.0-only
#include "ask_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>

namespace kairo::engine {

Answer answer_of(const hint::ProbeResult& result) {
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

hint::ProbeResult answer_to(int error) {
  const bool refused = error == EINVAL || error == EOPNOTSUPP;
  return {error == 0 ? hint::Support::kAccepted
          : refused  ? hint::Support::kRefused
                     : hint::Support::kUnknown,
          error};
}

base::Status open_to_ask(Ring& ring, Answer& answer) {
  auto opened = ring.open({});
  if (!opened) answer = answer_of({hint::Support::kUnknown, 0});
  return opened;
}

base::Status ask_files(const CarrierInfo& carrier, const char* what, const Asking& asking,
                       Answer& answer, const std::function<hint::ProbeResult(int fd)>& ask) {
  const hint::ProbeResult accepted = {hint::Support::kAccepted, 0};
  hint::ProbeResult result = accepted;
  std::string file;
  for (const std::string& name : asking.files) {
    int fd = open(name.c_str(), O_RDONLY | O_CLOEXEC | (asking.direct ? O_DIRECT : 0));
    if (fd < 0 && asking.direct) fd = open(name.c_str(), O_RDONLY | O_CLOEXEC);
    result = fd < 0 ? hint::ProbeResult{hint::Support::kUnknown, errno} : ask(fd);
    if (fd >= 0) close(fd);
    file = name;
    if (result.support != hint::Support::kAccepted) break;
  }
  if (result.support == hint::Support::kAccepted) {
    answer = answer_of(accepted);
    return {};
  }
  answer = answer_of(result);
  if (result.support == hint::Support::kUnknown)
    return base::fail(base::ErrorCode::kUnavailable,
                      "kv_path={}: {}: cannot be probed: {} (let fio create the file first, or "
                      "use kv_path=ioprio)",
                      carrier.name, file, std::strerror(result.error));
  return base::fail(
      base::ErrorCode::kUnavailable,
      "kv_path={}: {}: this kernel or file system refuses {} ({}) ({}, or use kv_path=ioprio or "
      "kv_path=label)",
      carrier.name, file, what, std::strerror(result.error),
      asking.direct ? "boot a kernel with the Kairo series"
                    : "they are for direct I/O: set direct=1");
}

base::Status check_one_class(const CarrierInfo& carrier, const char* what, const JobShape& job) {
  if (!job.direct)
    return base::bad_input(
        "kv_path={}: the class of {} is for direct I/O (set direct=1, or use kv_path=ioprio)",
        carrier.name, what);
  if (job.mixes)
    return base::bad_input(
        "kv_path={}: {} has one class for its reads and one for its writes (leave kv_split, "
        "kv_bssplit and kv_map out, give a replay a kv_class, or use kv_path=attr)",
        carrier.name, what);
  if (job.verifies)
    return base::bad_input(
        "kv_path={}: reads that verify could not be told from the others (leave verify out, or "
        "use kv_path=attr)",
        carrier.name);
  return {};
}

}  // namespace kairo::engine
