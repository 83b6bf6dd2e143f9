// SPDX-License-Identifier: GPL-2.0-only
#include "metadata.h"

#include <array>

namespace kairo::engine {
namespace {

constexpr std::array<std::string_view, 5> kLifetimes = {"none", "short", "session", "model",
                                                        "persistent"};

}  // namespace

std::string_view lifetime_name(Lifetime lifetime) {
  return kLifetimes[static_cast<std::size_t>(lifetime)];
}

std::optional<Lifetime> parse_lifetime(std::string_view text) {
  for (std::size_t i = 0; i < kLifetimes.size(); ++i) {
    if (kLifetimes[i] == text) return static_cast<Lifetime>(i);
  }
  return std::nullopt;
}

base::Status check_metadata(const Metadata& metadata, std::string_view where) {
  for (const auto& [name, value] :
       {std::pair{"model", metadata.model}, std::pair{"pool", metadata.pool},
        std::pair{"group", metadata.group}}) {
    if (value > kMaxTagId)
      return base::bad_input("{}: {} {} is more than {} (number them from 1; 0 is none)", where,
                             name, value, kMaxTagId);
  }
  if (metadata.recompute_percent > 100)
    return base::bad_input("{}: recompute {} is not a percentage (give 0 to 100)", where,
                           metadata.recompute_percent);
  return {};
}

}  // namespace kairo::engine
