// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/trace/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "kairo/base/files.h"

namespace kairo::trace {
namespace {

// Values are one line of the header.
std::string one_line(std::string_view text) {
  std::string out(text.substr(0, 1024));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c >= 0 && c < 0x20; }, '?');
  return out;
}

}  // namespace

std::string format_workload(const engine::Workload& workload, const HeaderLines& header) {
  std::string out;
  out.reserve(workload.records.size() * 48 + 4096);
  auto to = std::back_inserter(out);
  fmt::format_to(to, "# kairo-workload 1\n# source={}\n# sample={}\n", one_line(workload.source),
                 workload.sample);
  fmt::format_to(to, "# device_bytes={}\n# duration_ns={}\n# records={}\n", workload.device_bytes,
                 workload.duration_ns, workload.records.size());
  for (const auto& [key, value] : header)
    fmt::format_to(to, "# {}={}\n", one_line(key), one_line(value));
  out += "time_ns,class,offset,length,session\n";
  for (const engine::Record& record : workload.records)
    fmt::format_to(to, "{},{},{},{},{}\n", record.time_ns, hint::name(record.cls), record.offset,
                   record.length, record.session);
  fmt::format_to(to, "# end records={}\n", workload.records.size());
  return out;
}

base::Status write_workload(const std::filesystem::path& path, const engine::Workload& workload,
                            const HeaderLines& header,
                            const std::vector<std::filesystem::path>& inputs) {
  return base::write_file(path, format_workload(workload, header), inputs);
}

}  // namespace kairo::trace
