// SPDX-License-Identifier: GPL-2.0-only
// The parts of the check that work on text alone.
#include <algorithm>
#include <set>

#include "kairo/base/short_names.h"
#include "kairo/base/text.h"
#include "kairo/base/units.h"
#include "kairo/kernel/check.h"
#include "kairo/kernel/series.h"

namespace kairo::kernel {
namespace {

std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(" \t"));
  line.remove_prefix(word.size());
  return word;
}

}  // namespace

Result<std::vector<CheckpatchException>> parse_exceptions(std::string_view text,
                                                          std::string_view name) {
  std::vector<CheckpatchException> exceptions;
  std::size_t number = 0;
  for (std::string_view line : base::split_lines(text)) {
    ++number;
    const std::string_view type = next_word(line);
    if (type.empty() || type.starts_with('#')) continue;
    const std::string_view patch = next_word(line);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (patch.empty() || line.empty())
      return bad_input("{}:{}: must be `TYPE patch-part reason`", name, number);
    exceptions.push_back({std::string(type), std::string(patch), std::string(line)});
  }
  return exceptions;
}

std::vector<std::string> unexcused(std::string_view terse_output, std::string_view patch_name,
                                   const std::vector<CheckpatchException>& exceptions) {
  std::vector<std::string> lines;
  for (const std::string_view line : base::split_lines(terse_output)) {
    // "0001-x.patch:12: WARNING:LONG_LINE: line length of 101 exceeds 100 columns"
    std::size_t at = std::string_view::npos;
    for (const std::string_view level : {": ERROR:", ": WARNING:", ": CHECK:"})
      at = std::min(at, line.find(level));
    if (at == std::string_view::npos) continue;
    std::string_view type = line.substr(line.find(':', at + 2) + 1);
    type = type.substr(0, type.find(':'));
    const bool excused =
        std::any_of(exceptions.begin(), exceptions.end(), [&](const CheckpatchException& known) {
          return known.type == type &&
                 (known.patch == "*" || patch_name.find(known.patch) != std::string_view::npos);
        });
    if (!excused) lines.emplace_back(line.substr(at + 2));
  }
  return lines;
}

std::map<std::string, unsigned> parse_pahole_sizes(std::string_view text) {
  std::map<std::string, unsigned> sizes;
  std::string name;
  for (const std::string_view line : base::split_lines(text)) {
    if (line.starts_with("struct ") && line.ends_with(" {"))
      name = std::string(line.substr(7, line.size() - 9));
    constexpr std::string_view kSize = "/* size: ";
    const auto at = line.find(kSize);
    if (at == std::string_view::npos || name.empty()) continue;
    const std::string_view number = line.substr(at + kSize.size());
    if (const auto size = base::parse_u64(number.substr(0, number.find_first_not_of("0123456789"))))
      sizes[name] = static_cast<unsigned>(*size);
    name.clear();
  }
  return sizes;
}

std::vector<std::string> build_targets(std::string_view patch) {
  std::set<std::string> folders;
  for (const std::string& path : touched_paths(patch)) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos || path.starts_with("Documentation/") ||
        path.starts_with("tools/") || path.starts_with("include/") ||
        path.find("/include/") != std::string::npos)
      continue;
    folders.insert(path.substr(0, slash + 1));
  }
  std::vector<std::string> targets;
  for (const std::string& folder : folders) {
    // Sorted, so a parent comes before what is inside it.
    if (std::none_of(targets.begin(), targets.end(),
                     [&](const std::string& parent) { return folder.starts_with(parent); }))
      targets.push_back(folder);
  }
  return targets;
}

}  // namespace kairo::kernel
