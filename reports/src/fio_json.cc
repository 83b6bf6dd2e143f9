// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/reports/fio_json.h"

#include "json_reader.h"
#include "kairo/base/units.h"

namespace kairo::reports {
namespace {

constexpr std::size_t kMaxJobs = 4096;
constexpr std::string_view kAllClients = "All clients";

// From the first line that is `{` to the last line that is `}`, as fio's own tests do.
std::string_view slice_document(std::string_view text) {
  std::size_t begin = std::string_view::npos;
  std::size_t end = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t newline = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, newline - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line == "{" && begin == std::string_view::npos) begin = at;
    if (line == "}") end = newline;
    at = newline + 1;
  }
  if (begin == std::string_view::npos || end <= begin) return text;
  return text.substr(begin, end - begin);
}

Histogram read_bins(const JsonReader& latency) {
  Histogram out;
  const JsonReader bins = latency.object("bins");
  for (const auto& [key, value] : bins.json().items()) {
    const auto ns = base::parse_u64(key);
    if (!ns || Histogram::midpoint(Histogram::bucket_of(*ns)) != *ns) {
      bins.refuse(key.c_str(), "not the midpoint of one of fio's buckets: another unit or edited");
      break;
    }
    if (!value.is_number_unsigned()) {
      bins.refuse(key.c_str(), "not a count");
      break;
    }
    const auto count = value.get<std::uint64_t>();
    // A sum that wraps around would add up again.
    if (count > UINT64_MAX / 4 - out.count()) {
      bins.refuse(key.c_str(), "too many samples");
      break;
    }
    out.add(*ns, count);
  }
  return out;
}

void check_percentiles(const JsonReader& latency, const Histogram& histogram) {
  if (!latency.has("percentile")) return;
  const JsonReader percentiles = latency.object("percentile");
  for (const auto& [key, value] : percentiles.json().items()) {
    const auto percent = base::parse_double(key);
    if (!percent || !(*percent > 0) || *percent > 100 || !value.is_number_unsigned()) {
      percentiles.refuse(key.c_str(), "not a percentile");
      return;
    }
    if (!histogram.percentile_is(*percent, value.get<std::uint64_t>())) {
      percentiles.refuse(
          key.c_str(),
          fmt::format("{} ns, but the bins say {} ns: edited or damaged",
                      value.get<std::uint64_t>(), histogram.percentile(*percent).value_or(0)));
      return;
    }
  }
}

FioLatency read_latency(const JsonReader& reader) {
  FioLatency out;
  const std::uint64_t count = reader.u64("N");
  if (count == 0) return out;
  if (!reader.has("bins")) {
    reader.refuse("bins", "missing: fio ran without --output-format=json+");
    return out;
  }
  out.histogram = read_bins(reader);
  out.min_ns = reader.u64("min");
  out.max_ns = reader.u64("max");
  out.mean_ns = reader.number("mean");
  if (reader.failed()) return out;
  if (out.histogram.count() != count) {
    reader.refuse("bins", fmt::format("hold {} samples where N is {}: edited or damaged",
                                      out.histogram.count(), count));
    return out;
  }
  check_percentiles(reader, out.histogram);
  if (Histogram::bucket_of(out.min_ns) != out.histogram.first_bucket())
    reader.refuse("min", "not in the first bin: edited or damaged");
  if (Histogram::bucket_of(out.max_ns) != out.histogram.last_bucket())
    reader.refuse("max", "not in the last bin: edited or damaged");
  return out;
}

FioLatency read_named_latency(const JsonReader& reader) {
  if (!reader.has("clat_ns") && reader.has("clat"))
    reader.refuse("clat", "microseconds, as fio 2 wrote; fio 3 or newer is needed");
  if (!reader.has("clat_ns") && reader.has("lat_ns"))
    reader.refuse("clat_ns", "missing: run fio with lat_percentiles=0");
  return read_latency(reader.object("clat_ns"));
}

FioDirection read_direction(const JsonReader& reader) {
  FioDirection out;
  out.bytes = reader.u64("io_bytes");
  out.ios = reader.u64("total_ios");
  out.runtime_ms = reader.u64("runtime");
  out.short_ios = reader.u64("short_ios");
  out.drop_ios = reader.u64("drop_ios");
  out.latency = read_named_latency(reader);
  if (!reader.has("prios")) return out;
  Histogram sum;
  for (const JsonReader& prio : reader.objects("prios")) {
    FioLabelled labelled;
    const std::uint64_t prioclass = prio.u64("prioclass");
    const std::uint64_t level = prio.u64("prio");
    if (prioclass > 7 || level > 7) prio.refuse("prio", "not an I/O priority");
    labelled.prioclass = static_cast<unsigned>(prioclass & 7);
    labelled.prio = static_cast<unsigned>(level & 7);
    labelled.latency = read_named_latency(prio);
    sum.merge(labelled.latency.histogram);
    out.labelled.push_back(std::move(labelled));
  }
  if (!reader.failed() && !(sum == out.latency.histogram))
    reader.refuse("prios", "their bins do not add up to the direction's: edited or damaged");
  return out;
}

FioJob read_job(const JsonReader& reader) {
  FioJob out;
  out.name = reader.text("jobname");
  if (reader.has("hostname"))
    out.host = fmt::format("{}:{}", reader.text("hostname"), reader.u64("port"));
  out.group = reader.u64("groupid");
  out.error = reader.u64("error");
  out.context_switches = reader.maybe_u64("ctx");
  // Percent of the jobs' time, in milliseconds.
  if (reader.has("usr_cpu") && reader.has("sys_cpu") && reader.has("job_runtime")) {
    const auto runtime_ns = 1e6 * static_cast<double>(reader.u64("job_runtime"));
    for (const auto& [key, time] :
         {std::pair{"usr_cpu", &out.user_ns}, {"sys_cpu", &out.system_ns}}) {
      const double percent = reader.number(key);
      if (percent < 0) reader.refuse(key, "below 0");
      *time = percent / 100 * runtime_ns;
    }
  }
  for (std::size_t i = 0; i < out.directions.size(); ++i)
    out.directions[i] = read_direction(reader.object(kDirectionNames[i].data()));
  out.options = reader.text_map("job options");
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
  const auto json = parse_json(slice_document(text), source);
  if (!json) return base::fail(json.error());
  JsonProblem problem{source, "use fio's own unchanged json+ output"};
  const JsonReader reader(*json, &problem);
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
  for (const JsonReader& job : jobs) {
    if (reader.failed()) break;
    if (job.has("hostname") && job.text("jobname") == kAllClients)
      check_sum(job, out.jobs);
    else
      out.jobs.push_back(read_job(job));
  }
  if (problem.error) return base::fail(*problem.error);
  return out;
}

}  // namespace kairo::reports
