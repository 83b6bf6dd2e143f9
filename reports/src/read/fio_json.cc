// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/reports/fio_json.h"

#include <algorithm>

#include "read/fio_documents.h"
#include "read/fio_latency.h"

namespace kairo::reports {
namespace {

constexpr std::size_t kMaxJobs = 4096;
constexpr std::uint64_t kNoGroup = 4294967295;
constexpr std::string_view kAllClients = "All clients";

FioLatency read_named_latency(const JsonReader& reader, const JobContext& job, std::uint64_t ios) {
  if (!reader.has("clat_ns") && reader.has("clat"))
    reader.refuse("clat", "microseconds, as fio 2 wrote; fio 3 or newer is needed");
  if (!reader.has("clat_ns") && reader.has("lat_ns"))
    reader.refuse("clat_ns", "missing: run fio with lat_percentiles=0");
  return read_latency(reader.object("clat_ns"), job, ios);
}

// Why fio wrote no bins of I/Os that there were; empty when it did.
std::string missing_latency(const FioDirection& direction, const JobContext& job) {
  if (direction.latency.histogram.count() != 0) return {};
  if (direction.latency.count != 0) return job.text("clat_percentiles");
  // Without an option that says so none of the I/Os that were issued has completed.
  if (direction.ios == 0) return {};
  for (const char* const option : {"gtod_reduce", "disable_clat"})
    if (job.on(option)) return job.text(option);
  return {};
}

FioDirection read_direction(const JsonReader& reader, const JobContext& job) {
  FioDirection out;
  out.bytes = reader.u64("io_bytes");
  out.ios = reader.u64("total_ios");
  out.runtime_ms = reader.u64("runtime");
  out.short_ios = reader.u64("short_ios");
  out.drop_ios = reader.u64("drop_ios");
  out.latency = read_named_latency(reader, job, out.ios);
  out.no_latency = missing_latency(out, job);
  if (!reader.has("prios")) return out;
  Histogram sum;
  std::uint64_t count = 0;
  for (const JsonReader& prio : reader.objects("prios")) {
    FioLabelled labelled;
    const std::uint64_t prioclass = prio.u64("prioclass");
    const std::uint64_t level = prio.u64("prio");
    if (prioclass > 7 || level > 7) prio.refuse("prio", "not an I/O priority");
    labelled.prioclass = static_cast<unsigned>(prioclass & 7);
    labelled.prio = static_cast<unsigned>(level & 7);
    labelled.latency = read_named_latency(prio, job, 0);
    sum.merge(labelled.latency.histogram);
    count += labelled.latency.count;
    out.labelled.push_back(std::move(labelled));
  }
  if (!reader.failed() && (!(sum == out.latency.histogram) || count != out.latency.count))
    reader.refuse("prios", "their bins do not add up to the direction's: edited or damaged");
  return out;
}

// Released fio counts syncs beside its array of directions (ioengines.c, total_io_u[ddir]): an
// fdatasync as a short read, a sync_file_range as a short write. They are those that are timed as
// syncs and missing in the count of them.
void take_syncs_out(const JsonReader& reader, const JobContext& context, FioJob& job) {
  if (!reader.has("sync")) return;
  const JsonReader sync = reader.object("sync");
  const std::uint64_t timed =
      sync.has("lat_ns") ? read_count(sync.object("lat_ns"), context, 0) : 0;
  const std::uint64_t counted = sync.u64("total_ios");
  for (const auto& [option, direction] :
       {std::pair{"fdatasync", Direction::kRead}, {"sync_file_range", Direction::kWrite}}) {
    if (!context.on(option) || timed < counted) continue;
    std::uint64_t& shorts = job.directions[static_cast<std::size_t>(direction)].short_ios;
    shorts -= std::min(shorts, timed - counted);
  }
}

void read_cpu(const JsonReader& reader, FioJob& job) {
  job.context_switches = reader.maybe_u64("ctx");
  if (!reader.has("usr_cpu") || !reader.has("sys_cpu") || !reader.has("job_runtime")) return;
  // Percent of the jobs' time, in milliseconds.
  const auto runtime_ns = 1e6 * static_cast<double>(reader.u64("job_runtime"));
  for (const auto& [key, time] :
       {std::pair{"usr_cpu", &job.user_ns}, {"sys_cpu", &job.system_ns}}) {
    const double percent = reader.number(key);
    if (percent < 0) reader.refuse(key, "below 0");
    *time = percent / 100 * runtime_ns;
  }
}

FioJob read_job(const JsonReader& reader, JobContext context) {
  FioJob out;
  // Where no job is to be shown fio shows an empty one.
  if (!reader.has("jobname") && reader.maybe_u64("groupid") == kNoGroup)
    reader.refuse("jobname", "missing: every job ran with stats=0", "set stats=1");
  out.name = reader.text("jobname");
  if (reader.has("hostname"))
    out.host = fmt::format("{}:{}", reader.text("hostname"), reader.u64("port"));
  out.group = reader.u64("groupid");
  out.error = reader.u64("error");
  out.options = reader.text_map("job options");
  for (const auto& [option, value] : out.options) context.options[option] = value;
  read_cpu(reader, out);
  if (reader.has("mixed") && !reader.has("read"))
    reader.refuse("mixed", "reads, writes and trims in one figure, of unified_rw_reporting",
                  "run fio with unified_rw_reporting=none");
  for (std::size_t i = 0; i < out.directions.size(); ++i)
    out.directions[i] = read_direction(reader.object(kDirectionNames[i].data()), context);
  take_syncs_out(reader, context, out);
  return out;
}

// fio's last entry of several servers: the I/Os must be those of the entries before it.
void check_sum(const JsonReader& reader, const std::vector<FioJob>& jobs) {
  for (std::size_t i = 0; i < kDirectionNames.size(); ++i) {
    std::uint64_t ios = 0;
    for (const FioJob& job : jobs) ios += job.directions[i].ios;
    const JsonReader direction = reader.object(kDirectionNames[i].data());
    if (direction.u64("total_ios") != ios)
      direction.refuse("total_ios",
                       fmt::format("the servers' add up to {}: edited or damaged", ios));
  }
}

}  // namespace

base::Result<FioOutput> parse_fio_json(std::string_view text, const std::string& source) {
  KAIRO_TRY(const auto json, parse_fio_document(text, source));
  JsonProblem problem{source, "use fio's own unchanged json+ output"};
  const JsonReader reader(json, &problem);
  FioOutput out;
  if (!reader.has("fio version")) reader.refuse("fio version", "missing: not fio's output");
  out.version = reader.text("fio version");
  if (!reader.failed() && !out.version.starts_with("fio-"))
    reader.refuse("fio version", fmt::format("'{}' is not fio's", out.version));
  if (out.version.starts_with("fio-2") || out.version.starts_with("fio-1"))
    reader.refuse("fio version",
                  fmt::format("{} counts microseconds; fio 3 or newer is needed", out.version));
  out.global_options = reader.text_map("global options");
  const char* const key = reader.has("client_stats") ? "client_stats" : "jobs";
  const std::vector<JsonReader> jobs = reader.objects(key);
  if (jobs.empty()) reader.refuse(key, "none: fio did not run any");
  if (jobs.size() > kMaxJobs) reader.refuse(key, fmt::format("more than {}", kMaxJobs));
  const JobContext context{out.global_options, reader.failed() || prints_counts(out.version)};
  for (const JsonReader& job : jobs) {
    if (reader.failed()) break;
    if (job.has("hostname") && job.text("jobname") == kAllClients)
      check_sum(job, out.jobs);
    else
      out.jobs.push_back(read_job(job, context));
  }
  if (problem.error) return base::fail(*problem.error);
  return out;
}

}  // namespace kairo::reports
