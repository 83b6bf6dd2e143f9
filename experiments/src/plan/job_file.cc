// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/experiments/job_file.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "kairo/base/short_names.h"
#include "kairo/base/text.h"
#include "kairo/reports/fio_options.h"

namespace kairo::experiments {

using base::split_lines;
using base::trim;

namespace {

// fio's option: what a job runs in a shell before it begins.
constexpr std::string_view kPrerun = "exec_prerun";

struct Section {
  std::string name;                // empty: the lines before the first section
  std::vector<std::string> lines;  // without the header line
};

std::vector<Section> split_sections(std::string_view text) {
  std::vector<Section> sections(1);
  for (const std::string_view line : split_lines(text)) {
    const std::string_view word = trim(line);
    if (word.starts_with('[') && word.ends_with(']')) {
      sections.push_back({std::string(word.substr(1, word.size() - 2)), {}});
    } else {
      sections.back().lines.emplace_back(line);
    }
  }
  return sections;
}

std::string join(const std::vector<Section>& sections) {
  std::string out;
  for (const Section& section : sections) {
    if (!section.name.empty()) out += fmt::format("[{}]\n", section.name);
    for (const std::string& line : section.lines) out += line + "\n";
  }
  return out;
}

std::string_view option_name(std::string_view line) {
  return trim(line.substr(0, line.find('=')));
}

// Replaces every line that sets `key`; false when there is none.
bool replace(Section& section, const JobOverride& change) {
  bool found = false;
  for (std::string& line : section.lines) {
    if (option_name(line) != change.key) continue;
    line = change.key + "=" + change.value;
    found = true;
  }
  return found;
}

bool has_key(const Section& section, std::string_view key) {
  return std::any_of(section.lines.begin(), section.lines.end(),
                     [&](const std::string& line) { return option_name(line) == key; });
}

// Adds a line after the last option of the section, before the blank lines that close it.
void add_line(Section& section, std::string line) {
  auto at = section.lines.end();
  while (at != section.lines.begin() && trim(*(at - 1)).empty()) --at;
  section.lines.insert(at, std::move(line));
}

void add(Section& section, const JobOverride& change) {
  add_line(section, change.key + "=" + change.value);
}

}  // namespace

Result<JobOverride> parse_override(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0)
    return base::fail(base::ErrorCode::kUsage,
                      "--set {}: not key=value or job.key=value (example: decode.kv_rate=4000)",
                      text);
  const std::string_view name = trim(text.substr(0, equals));
  const auto dot = name.find('.');
  JobOverride out;
  out.value = std::string(trim(text.substr(equals + 1)));
  out.section = dot == std::string_view::npos ? "" : std::string(name.substr(0, dot));
  out.key = std::string(dot == std::string_view::npos ? name : name.substr(dot + 1));
  if (out.key.empty() || text.find('\n') != std::string_view::npos)
    return base::fail(base::ErrorCode::kUsage, "--set {}: no key (example: runtime=3)", text);
  return out;
}

Result<std::string> apply_overrides(std::string_view job_file,
                                    const std::vector<JobOverride>& overrides) {
  std::vector<Section> sections = split_sections(job_file);
  for (const JobOverride& change : overrides) {
    bool known = false;
    bool replaced = false;
    for (Section& section : sections) {
      if (!change.section.empty() && section.name != change.section) continue;
      known = true;
      if (replace(section, change)) {
        replaced = true;
      } else if (!change.section.empty()) {
        add(section, change);
        replaced = true;
      }
    }
    if (!known) {
      std::vector<std::string> names;
      for (const Section& section : sections)
        if (!section.name.empty()) names.push_back(section.name);
      return base::fail(base::ErrorCode::kUsage, "--set {}.{}: no such job (jobs: {})",
                        change.section, change.key, fmt::join(names, ", "));
    }
    if (replaced) continue;
    for (Section& section : sections)
      if (section.name == "global") {
        add(section, change);
        replaced = true;
        break;
      }
    if (!replaced)
      sections.insert(sections.begin() + 1, {"global", {change.key + "=" + change.value}});
  }
  return join(sections);
}

std::vector<JobOverride> job_options(std::string_view job_file) {
  std::vector<JobOverride> out;
  for (const Section& section : split_sections(job_file)) {
    for (const std::string& line : section.lines) {
      const std::string_view name = option_name(line);
      if (name.empty() || name.front() == '#' || name.front() == ';') continue;
      const auto equals = line.find('=');
      out.push_back({section.name, std::string(name),
                     equals == std::string::npos
                         ? std::string()
                         : std::string(trim(std::string_view(line).substr(equals + 1)))});
    }
  }
  return out;
}

base::Status check_job_options(std::string_view where, const std::vector<JobOverride>& options) {
  for (const JobOverride& option : options) {
    const std::string objection = reports::fio_option_objection(option.key, option.value);
    if (objection.empty()) continue;
    return base::fail(base::ErrorCode::kUsage, "{} {}{}{}={}: no report could be made: {}", where,
                      option.section, option.section.empty() ? "" : ".", option.key, option.value,
                      objection);
  }
  return {};
}

std::string set_variables(std::string_view job_file,
                          const std::map<std::string, std::string>& values) {
  std::string out;
  while (!job_file.empty()) {
    const auto open = std::min(job_file.find("${"), job_file.size());
    out += job_file.substr(0, open);
    job_file.remove_prefix(open);
    const auto close = job_file.find('}');
    if (job_file.empty() || close == std::string_view::npos) break;
    const auto value = values.find(std::string(job_file.substr(2, close - 2)));
    out += value == values.end() ? job_file.substr(0, close + 1) : std::string_view(value->second);
    job_file.remove_prefix(close + 1);
  }
  return out + std::string(job_file);
}

std::string remove_option(std::string_view job_file, std::string_view key) {
  std::vector<Section> sections = split_sections(job_file);
  for (Section& section : sections)
    std::erase_if(section.lines, [&](const std::string& line) { return option_name(line) == key; });
  return join(sections);
}

std::map<std::string, std::map<std::string, std::string>> job_classes(std::string_view job_file) {
  static constexpr const char* kDirections[] = {"read", "write", "trim"};
  const std::vector<Section> sections = split_sections(job_file);
  std::map<std::string, std::map<std::string, std::string>> out;
  std::map<std::string, std::string, std::less<>> global;
  for (const Section& section : sections) {
    auto options = global;
    for (const std::string& line : section.lines) {
      const auto equals = line.find('=');
      if (equals != std::string::npos)
        options[std::string(option_name(line))] = trim(std::string_view(line).substr(equals + 1));
    }
    if (section.name.empty() || section.name == "global") {
      global = std::move(options);
      continue;
    }
    const auto path = options.find("kv_path");
    if (path == options.end() || path->second == "none") continue;
    if (std::any_of(options.begin(), options.end(), [](const auto& option) {
          return option.first == "kv_split" || option.first == "kv_bssplit" ||
                 option.first == "kv_map" || option.first == "kv_trace";
        }))
      continue;
    const auto given = options.find("kv_class");
    std::string classes = given == options.end() ? "auto" : given->second;
    if (classes == "auto") classes = "decode,prefill,evict";
    for (const char* const direction : kDirections) {
      const auto comma = classes.find(',');
      out[section.name][direction] = std::string(trim(classes.substr(0, comma)));
      if (comma != std::string::npos) classes.erase(0, comma + 1);
    }
  }
  return out;
}

std::string remove_jobs_of(std::string_view job_file, const std::vector<std::string>& classes) {
  std::vector<Section> sections = split_sections(job_file);
  std::string global;
  std::erase_if(sections, [&](const Section& section) {
    std::string own = global;
    for (const std::string& line : section.lines)
      if (option_name(line) == "kv_class")
        own = trim(std::string_view(line).substr(line.find('=') + 1));
    if (section.name.empty() || section.name == "global") {
      global = std::move(own);
      return false;
    }
    return std::find(classes.begin(), classes.end(), own) != classes.end();
  });
  return join(sections);
}

std::string run_before_first_job(std::string_view job_file, std::string_view command) {
  std::vector<Section> sections = split_sections(job_file);
  for (Section& section : sections) {
    if (section.name.empty() || section.name == "global" || has_key(section, "startdelay") ||
        has_key(section, "start_delay"))
      continue;
    for (std::string& line : section.lines) {
      if (option_name(line) != kPrerun) continue;
      line = fmt::format("{}={} && {}", kPrerun, command, trim(line.substr(line.find('=') + 1)));
      return join(sections);
    }
    add(section, {"", std::string(kPrerun), std::string(command)});
    break;
  }
  return join(sections);
}

std::string add_to_global(std::string_view job_file, const std::vector<std::string>& options) {
  std::vector<Section> sections = split_sections(job_file);
  auto global = std::find_if(sections.begin(), sections.end(),
                             [](const Section& section) { return section.name == "global"; });
  if (global == sections.end())
    global = sections.insert(sections.begin() + 1, Section{"global", {}});
  for (const std::string& option : options) add_line(*global, option);
  return join(sections);
}

}  // namespace kairo::experiments
