// SPDX-License-Identifier: GPL-2.0-only
#include "formats.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "kairo/base/suggest.h"

namespace kairo::trace {
namespace {

// Bailian before Mooncake, which takes every JSON object.
constexpr std::array<const FormatInfo*, 4> kFormats = {&kBailian, &kMooncake, &kAzure, &kBurstGpt};

}  // namespace

std::span<const FormatInfo* const> formats() {
  return kFormats;
}

std::string format_names() {
  std::vector<std::string_view> names;
  for (const FormatInfo* format : kFormats) names.push_back(format->name);
  return fmt::format("{}", fmt::join(names, ", "));
}

base::Result<const FormatInfo*> find_format(std::string_view name) {
  if (name == "auto") return nullptr;
  const auto found = std::find_if(kFormats.begin(), kFormats.end(),
                                  [&](const FormatInfo* format) { return format->name == name; });
  if (found != kFormats.end()) return *found;
  std::vector<std::string> known = {"auto"};
  for (const FormatInfo* format : kFormats) known.emplace_back(format->name);
  return base::fail(base::ErrorCode::kUsage, "--format: \"{}\" is not known{} (there are: {})",
                    name, base::did_you_mean(name, known), fmt::join(known, ", "));
}

}  // namespace kairo::trace
