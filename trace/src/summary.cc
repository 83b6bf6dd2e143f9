// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/trace/summary.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "kairo/base/units.h"

namespace kairo::trace {
namespace {

constexpr std::uint64_t kPeakNs = 100'000'000;
constexpr double kPeaksPerSecond = 10;

double seconds(std::uint64_t ns) {
  return static_cast<double>(ns) / 1e9;
}

std::string sizes(const ClassSummary& summary) {
  if (summary.shortest == summary.longest) return base::format_bytes(summary.longest);
  return base::format_bytes(summary.shortest) + " - " + base::format_bytes(summary.longest);
}

}  // namespace

Summary summarize(const engine::Workload& workload) {
  Summary result;
  result.device_bytes = workload.device_bytes;
  result.duration_ns = workload.duration_ns;
  result.sample = workload.sample;
  result.source = workload.source;
  result.records = workload.records.size();
  if (workload.records.empty()) return result;
  result.first_ns = workload.records.front().time_ns;
  result.last_ns = workload.records.back().time_ns;
  std::set<std::uint32_t> sessions;
  std::array<std::pair<std::uint64_t, std::uint64_t>, hint::kClasses> bin{};  // records, bytes
  std::uint64_t bin_index = 0;
  const auto close_bin = [&] {
    for (std::size_t i = 0; i < hint::kClasses; ++i) {
      ClassSummary& cls = result.classes[i];
      cls.peak_records = std::max(cls.peak_records, bin[i].first);
      cls.peak_bytes = std::max(cls.peak_bytes, bin[i].second);
      bin[i] = {};
    }
  };
  for (const engine::Record& record : workload.records) {
    if (record.time_ns / kPeakNs != bin_index) {
      close_bin();
      bin_index = record.time_ns / kPeakNs;
    }
    sessions.insert(record.session);
    const std::size_t i = hint::index(record.cls);
    ClassSummary& cls = result.classes[i];
    cls.shortest = cls.records == 0 ? record.length : std::min(cls.shortest, record.length);
    cls.longest = std::max(cls.longest, record.length);
    ++cls.records;
    cls.bytes += record.length;
    ++bin[i].first;
    bin[i].second += record.length;
  }
  close_bin();
  result.sessions = sessions.size();
  return result;
}

std::string to_text(const Summary& summary) {
  std::string out = fmt::format(
      "workload    {} I/Os of {} requests in {}, device {}{}\n",
      base::format_count(summary.records), base::format_count(summary.sessions),
      base::format_duration_ns(static_cast<double>(summary.duration_ns)),
      base::format_bytes(summary.device_bytes),
      summary.sample ? "\n            SAMPLE: made from a generated trace, not a real one" : "");
  if (!summary.source.empty()) out += fmt::format("source      {}\n", summary.source);
  out += fmt::format("\n{:<10}{:>10}{:>12}{:>9}{:>9}{:>12}{:>12}  {}\n", "class", "I/Os", "bytes",
                     "I/O/s", "MB/s", "peak I/O/s", "peak MB/s", "I/O size");
  const double duration = seconds(summary.duration_ns);
  for (const hint::Class c :
       {hint::Class::kDecode, hint::Class::kPrefetch, hint::Class::kPrefill, hint::Class::kEvict}) {
    const ClassSummary& cls = summary.classes[hint::index(c)];
    const auto rate = [&](std::uint64_t amount, double unit) {
      return duration > 0 ? fmt::format("{:.0f}", static_cast<double>(amount) / duration / unit)
                          : std::string("n/a");
    };
    out += fmt::format("{:<10}{:>10}{:>12}{:>9}{:>9}{:>12.0f}{:>12.0f}  {}\n", hint::name(c),
                       base::format_count(cls.records), base::format_bytes(cls.bytes),
                       rate(cls.records, 1), rate(cls.bytes, 1e6),
                       static_cast<double>(cls.peak_records) * kPeaksPerSecond,
                       static_cast<double>(cls.peak_bytes) * kPeaksPerSecond / 1e6,
                       cls.records > 0 ? sizes(cls) : "-");
  }
  out += "peak = busiest 100 ms, as a rate\n";
  return out;
}

nlohmann::ordered_json to_json(const Summary& summary) {
  nlohmann::ordered_json out = {{"source", summary.source},
                                {"sample", summary.sample},
                                {"device_bytes", summary.device_bytes},
                                {"duration_ns", summary.duration_ns},
                                {"first_ns", summary.first_ns},
                                {"last_ns", summary.last_ns},
                                {"records", summary.records},
                                {"sessions", summary.sessions},
                                {"classes", nlohmann::ordered_json::object()}};
  const double duration = seconds(summary.duration_ns);
  for (const hint::Class c :
       {hint::Class::kDecode, hint::Class::kPrefetch, hint::Class::kPrefill, hint::Class::kEvict}) {
    const ClassSummary& cls = summary.classes[hint::index(c)];
    const auto rate = [&](std::uint64_t amount) -> nlohmann::ordered_json {
      if (duration <= 0) return nullptr;
      return static_cast<double>(amount) / duration;
    };
    out["classes"][std::string(hint::name(c))] = {
        {"records", cls.records},
        {"bytes", cls.bytes},
        {"per_s", rate(cls.records)},
        {"bytes_per_s", rate(cls.bytes)},
        {"min_length", cls.records > 0 ? nlohmann::ordered_json(cls.shortest) : nullptr},
        {"max_length", cls.records > 0 ? nlohmann::ordered_json(cls.longest) : nullptr},
        {"peak_per_s", static_cast<double>(cls.peak_records) * kPeaksPerSecond},
        {"peak_bytes_per_s", static_cast<double>(cls.peak_bytes) * kPeaksPerSecond}};
  }
  return out;
}

}  // namespace kairo::trace
