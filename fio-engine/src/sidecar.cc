// SPDX-License-Identifier: GPL-2.0-only
#include "sidecar.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "kairo/base/file_writer.h"
#include "kairo/base/quantile.h"

namespace kairo::engine {
namespace {

using Json = nlohmann::ordered_json;

Json probe_json(const Answer& answer) {
  Json out = {{"result", answer.result}};
  out["errno"] = answer.error ? Json(answer.error) : Json(nullptr);
  return out;
}

Json class_json(const ClassCounters& counters, bool open_loop,
                std::optional<std::uint64_t> deadline_ns) {
  Json out = {{"ios", counters.ios}, {"bytes", counters.bytes}, {"errors", counters.errors}};
  // A closed loop has no intended starts: not 0 but not there.
  out["late"] = open_loop ? Json(counters.late) : Json(nullptr);
  out["max_late_ns"] = open_loop ? Json(counters.max_late_ns) : Json(nullptr);
  out["deadline_ns"] = deadline_ns ? Json(*deadline_ns) : Json(nullptr);
  out["deadline_misses"] = deadline_ns ? Json(counters.missed) : Json(nullptr);
  return out;
}

// A member that was not given is null.
Json metadata_json(const HintPlan& plan, const std::optional<Sidecar::Carried>& carried) {
  const auto id = [](std::uint32_t value) { return value ? Json(value) : Json(nullptr); };
  Json out = {{"carried", carried && carried->contexts > 0},
              {"contexts", carried ? Json(carried->contexts) : Json(nullptr)},
              {"model", id(plan.metadata.model)},
              {"session", id(plan.metadata.session)},
              {"pool", id(plan.metadata.pool)},
              {"group", id(plan.metadata.group)},
              {"lifetime", lifetime_name(plan.metadata.lifetime)},
              {"recompute_percent", plan.metadata.recompute_percent},
              {"semantics", plan.semantics}};
  out["sessions"] = plan.sessions ? Json(plan.sessions->count) : Json(nullptr);
  out["sessions_zipf_theta"] =
      plan.sessions && plan.sessions->zipf_theta ? Json(*plan.sessions->zipf_theta) : Json(nullptr);
  out["sessions_carried"] = carried ? Json(carried->sessions) : Json(nullptr);
  out["ios_without_session"] = carried ? Json(carried->ios_without_session) : Json(nullptr);
  out["map_ranges"] = plan.map ? Json(plan.map->ranges()) : Json(nullptr);
  return out;
}

// A line of the sorted values; null when there are none.
Json quantile(const std::vector<double>& sorted, double percent) {
  if (sorted.empty()) return nullptr;
  return base::quantile(sorted, percent);
}

Json sessions_json(const std::vector<SessionResult>& sessions) {
  std::vector<double> ttft;
  std::vector<double> rate;
  Json each = Json::array();
  for (const SessionResult& session : sessions) {
    ttft.push_back(static_cast<double>(session.ttft_ns));
    if (session.steps_per_s) rate.push_back(*session.steps_per_s);
    each.push_back({{"session", session.session},
                    {"ttft_ns", session.ttft_ns},
                    {"steps", session.steps},
                    {"steps_per_s", session.steps_per_s ? Json(*session.steps_per_s) : Json()}});
  }
  std::sort(ttft.begin(), ttft.end());
  std::sort(rate.begin(), rate.end());
  return {{"count", sessions.size()},
          {"ttft_ns_p50", quantile(ttft, 50)},
          {"ttft_ns_p90", quantile(ttft, 90)},
          {"ttft_ns_max", quantile(ttft, 100)},
          {"steps_per_s_p10", quantile(rate, 10)},
          {"steps_per_s_p50", quantile(rate, 50)},
          {"each", each}};
}

Json per_second(std::uint64_t ios, std::uint64_t duration_ns) {
  if (duration_ns == 0) return nullptr;
  return static_cast<double>(ios) * 1e9 / static_cast<double>(duration_ns);
}

Json directions_json(const Sidecar& sidecar) {
  constexpr const char* kNames[] = {"read", "write", "trim"};
  Json out = Json::object();
  for (std::size_t d = 0; d < kDirections; ++d) {
    Json classes = Json::array();
    for (std::size_t c = 0; c < hint::kClasses; ++c) {
      if (sidecar.counters[d][c].ios > 0) classes.push_back(std::string(hint::kClassNames[c]));
    }
    out[kNames[d]] = classes;
  }
  return out;
}

ClassCounters of_class(const Sidecar& sidecar, std::size_t cls) {
  ClassCounters sum;
  for (const auto& direction : sidecar.counters) {
    const ClassCounters& part = direction[cls];
    sum.ios += part.ios;
    sum.bytes += part.bytes;
    sum.errors += part.errors;
    sum.late += part.late;
    sum.missed += part.missed;
    sum.max_late_ns = std::max(sum.max_late_ns, part.max_late_ns);
  }
  return sum;
}

std::optional<std::uint64_t> deadline_of(const Sidecar& sidecar, std::size_t cls) {
  if (!sidecar.plan.deadlines || (*sidecar.plan.deadlines)[cls] == 0) return std::nullopt;
  return (*sidecar.plan.deadlines)[cls];
}

}  // namespace

std::uint64_t completed_ios(const Sidecar& sidecar) {
  std::uint64_t sum = 0;
  for (const auto& direction : sidecar.counters)
    for (const ClassCounters& counters : direction) sum += counters.ios + counters.errors;
  return sum;
}

std::string sidecar_json(const Sidecar& sidecar) {
  const bool open_loop = sidecar.arrivals != "closed";
  utsname system = {};
  uname(&system);
  Json out = {{"schema", "kairo-engine-stats"},  {"version", 1},
              {"engine", KAIRO_VERSION},         {"fio", KAIRO_FIO_VERSION},
              {"kernel", system.release},        {"jobname", sidecar.jobname},
              {"job_number", sidecar.job_number}};
  out["kv_path"] = {{"asked", carrier_info(sidecar.asked).name},
                    {"used", carrier_info(sidecar.carrier.used).name}};
  const bool prioritised = sidecar.carrier.used == Path::kIoprio ||
                           (sidecar.carrier.used == Path::kAttr && sidecar.plan.prio_given);
  out["kv_prio"] = prioritised ? Json(sidecar.plan.prio_text) : Json(nullptr);
  for (const CarrierInfo* info : carriers())
    if (info->probe)
      out["probe"][info->name] =
          probe_json(sidecar.carrier.answers[static_cast<std::size_t>(info->path)]);
  out["arrivals"] = sidecar.arrivals;
  out["offered_ios"] = sidecar.offered_ios ? Json(*sidecar.offered_ios) : Json(nullptr);
  out["issued_ios"] = sidecar.issued_ios;
  out["enter_calls"] = sidecar.enter_calls;
  const std::uint64_t open_ns = open_loop ? sidecar.duration_ns : 0;
  out["offered_per_s"] =
      sidecar.offered_ios ? per_second(*sidecar.offered_ios, open_ns) : Json(nullptr);
  out["achieved_per_s"] = per_second(sidecar.issued_ios, open_ns);
  out["late_threshold_ns"] = kLateNs;
  Json classes = Json::object();
  for (std::size_t i = 0; i < hint::kClasses; ++i)
    classes[std::string(hint::kClassNames[i])] =
        class_json(of_class(sidecar, i), open_loop, deadline_of(sidecar, i));
  out["classes"] = classes;
  out["directions"] = directions_json(sidecar);
  out["metadata"] = metadata_json(sidecar.plan, sidecar.carried);
  out["trims"] = sidecar.trims;
  out["ring_flags"] = sidecar.ring_flags;
  out["trace"] = nullptr;
  if (!sidecar.trace_file.empty())
    out["trace"] = {{"file", sidecar.trace_file},
                    {"source", sidecar.trace_source},
                    {"sample", sidecar.trace_sample},
                    {"depend", sidecar.depend},
                    {"sessions", sessions_json(sidecar.sessions)}};
  // Names come from job files and need not be UTF-8.
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

base::Result<std::string> expand_path(const std::string& pattern, const std::string& jobname,
                                      unsigned job_number) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      out += pattern[i];
      continue;
    }
    const char what = i + 1 < pattern.size() ? pattern[++i] : '\0';
    if (what == 'j') {
      for (const char c : jobname) out += c == '/' ? '-' : c;
    } else if (what == 'n') {
      out += std::to_string(job_number);
    } else if (what == '%') {
      out += '%';
    } else {
      return base::bad_input(
          "kv_stats={}: only %j (job name), %n (job number) and %% may follow a '%'", pattern);
    }
  }
  return out;
}

SidecarFile::~SidecarFile() {
  if (fd_ >= 0) close(fd_);
}

base::Status SidecarFile::open(const std::string& path,
                               const std::vector<std::filesystem::path>& inputs) {
  path_ = path;
  if (auto ok = base::check_output(path, inputs); !ok)
    return base::fail(ok.error().code, "kv_stats={}", ok.error().message);
  fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd_ < 0)
    return base::bad_input(
        "kv_stats={}: cannot be written: {} (give a file in a directory that exists and is "
        "writable)",
        path, std::strerror(errno));
  if (flock(fd_, LOCK_EX | LOCK_NB) != 0)
    return base::bad_input(
        "kv_stats={}: another job is writing it (put %j, the job's name, or %n, its number, into "
        "the name: kv_stats=stats-%j.json)",
        path);
  struct stat now = {};
  if (fstat(fd_, &now) != 0 || !S_ISREG(now.st_mode)) return {};
  regular_ = true;
  // /dev/stdout of a run whose output goes to a file has other lines, which stay.
  if (!base::is_own_output(fd_) && ftruncate(fd_, 0) != 0)
    return base::bad_input("kv_stats={}: cannot be emptied: {}", path, std::strerror(errno));
  return {};
}

base::Status SidecarFile::write(const std::string& text) {
  if (regular_) {
    const auto written = base::write_file(path_, text);
    return written ? written
                   : base::fail(written.error().code, "kv_stats={}", written.error().message);
  }
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = ::write(fd_, text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0)
      return base::bad_input("kv_stats={}: cannot be written: {}", path_, std::strerror(errno));
    done += static_cast<std::size_t>(count);
  }
  return {};
}

}  // namespace kairo::engine
