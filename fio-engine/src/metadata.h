// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "kairo/base/result.h"
#include "kairo/hint.hpp"

// What a runtime knows of a KV block beside its class. With kv_path=attr contexts carry it to the
// kernel; else it is recorded in the sidecar.
namespace kairo::engine {

enum class Lifetime : std::uint8_t {
  kNone = KAIRO_LIFETIME_NONE,
  kShort = KAIRO_LIFETIME_SHORT,
  kSession = KAIRO_LIFETIME_SESSION,
  kModel = KAIRO_LIFETIME_MODEL,
  kPersistent = KAIRO_LIFETIME_PERSISTENT,
};

struct Metadata {
  std::uint32_t model = 0;  // 0: none, for these four
  std::uint32_t session = 0;
  std::uint32_t pool = 0;
  std::uint32_t group = 0;
  Lifetime lifetime = Lifetime::kNone;
  std::uint32_t recompute_percent = 0;  // of the I/O, that can be made again from its prompt
  bool operator==(const Metadata&) const = default;
};

// Of model, pool and group: enough for any, and a number out of range is a typing error.
inline constexpr std::uint32_t kMaxTagId = 65535;

// "none", "short", "session", "model", "persistent".
std::string_view lifetime_name(Lifetime lifetime);
std::optional<Lifetime> parse_lifetime(std::string_view text);

// The ranges of every field; `where` stands in front of the message.
base::Status check_metadata(const Metadata& metadata, std::string_view where);

}  // namespace kairo::engine
