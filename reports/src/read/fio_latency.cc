// SPDX-License-Identifier: GPL-2.0-only
#include "read/fio_latency.h"

#include "kairo/base/units.h"

namespace kairo::reports {
namespace {

// What is wrong with a bin, where `sum` are in those before it; nullptr: nothing.
const char* fault_of_bin(const std::optional<std::uint64_t>& ns, const Json& count,
                         std::uint64_t sum) {
  if (!ns || Histogram::midpoint(Histogram::bucket_of(*ns)) != *ns)
    return "not the midpoint of one of fio's buckets: another unit or edited";
  if (!count.is_number_unsigned()) return "not a count";
  // A sum that wraps around would add up again.
  return count.get<std::uint64_t>() > UINT64_MAX / 4 - sum ? "too many samples" : nullptr;
}

Histogram read_bins(const JsonReader& latency) {
  Histogram out;
  const JsonReader bins = latency.object("bins");
  for (const auto& [key, value] : bins.json().items()) {
    const auto ns = base::parse_u64(key);
    if (const char* const fault = fault_of_bin(ns, value, out.count())) {
      bins.refuse(key.c_str(), fault);
      break;
    }
    out.add(*ns, value.get<std::uint64_t>());
  }
  return out;
}

void check_percentiles(const JsonReader& latency, const Histogram& histogram) {
  if (!latency.has("percentile")) return;
  const JsonReader percentiles = latency.object("percentile");
  for (const auto& [key, value] : percentiles.json().items()) {
    if (key == "0.00" && value == 0) continue;  // fio before 3.5 fills its list up
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

// Latencies without bins: with clat_percentiles=0 the rest is good, anything else is refused.
void accept_no_bins(const JsonReader& reader, const JobContext& job) {
  if (job.off("clat_percentiles") && !reader.has("percentile")) return;
  if (job.on("lat_percentiles"))
    reader.refuse("bins", "missing: " + job.text("lat_percentiles"), "set lat_percentiles=0");
  else
    reader.refuse("bins", "missing: fio ran without --output-format=json+");
}

}  // namespace

bool JobContext::on(const char* option) const {
  const auto found = options.find(option);
  return found != options.end() && found->second != "0";
}

bool JobContext::off(const char* option) const {
  const auto found = options.find(option);
  return found != options.end() && found->second == "0";
}

std::string JobContext::text(const char* option) const {
  const auto found = options.find(option);
  const bool bare = found == options.end() || found->second.empty();
  return fmt::format("fio ran with {}={}", option, bare ? "1" : found->second);
}

bool prints_counts(const std::string& version) {
  const std::string_view number = std::string_view(version).substr(4);
  const auto dot = number.find('.');
  if (!number.starts_with("3.") || dot == std::string_view::npos) return true;
  std::string_view minor = number.substr(dot + 1);
  minor = minor.substr(0, minor.find_first_not_of("0123456789"));
  return base::parse_u64(minor).value_or(18) >= 18;
}

std::uint64_t read_count(const JsonReader& reader, const JobContext& job, std::uint64_t ios) {
  if (job.prints_counts || reader.has("N")) return reader.u64("N");
  if (reader.has("bins")) return read_bins(reader).count();
  return reader.u64("max") == 0 ? 0 : ios;
}

FioLatency read_latency(const JsonReader& reader, const JobContext& job, std::uint64_t ios) {
  FioLatency out;
  out.count = read_count(reader, job, ios);
  if (out.count == 0) return out;
  out.min_ns = reader.u64("min");
  out.max_ns = reader.u64("max");
  out.mean_ns = reader.number("mean");
  if (!reader.has("bins")) {
    accept_no_bins(reader, job);
    return out;
  }
  out.histogram = read_bins(reader);
  if (reader.failed()) return out;
  if (out.histogram.count() != out.count) {
    reader.refuse("bins", fmt::format("hold {} samples where N is {}: edited or damaged",
                                      out.histogram.count(), out.count));
    return out;
  }
  check_percentiles(reader, out.histogram);
  if (Histogram::bucket_of(out.min_ns) != out.histogram.first_bucket())
    reader.refuse("min", "not in the first bin: edited or damaged");
  if (Histogram::bucket_of(out.max_ns) != out.histogram.last_bucket())
    reader.refuse("max", "not in the last bin: edited or damaged");
  return out;
}

}  // namespace kairo::reports
