// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace kairo::reports {

// The classes in the order of uapi/include/linux/kairo.h; the values index arrays.
enum class IoClass { kNormal, kDecode, kPrefetch, kPrefill, kEvict };

inline constexpr std::size_t kClassCount = 5;
inline constexpr std::array<std::string_view, kClassCount> kClassNames = {
    "normal", "decode", "prefetch", "prefill", "evict"};

constexpr std::string_view class_name(IoClass io_class) {
  return kClassNames[static_cast<std::size_t>(io_class)];
}

constexpr std::optional<IoClass> parse_class(std::string_view name) {
  for (std::size_t i = 0; i < kClassCount; ++i) {
    if (kClassNames[i] == name) return static_cast<IoClass>(i);
  }
  return std::nullopt;
}

// The class behind the label that the engine gives fio's per-priority statistics (`prios[]`):
// decode 1/0, prefetch 1/1, prefill 2/7, evict 2/6, normal 0/0.
constexpr std::optional<IoClass> class_of_label(unsigned prioclass, unsigned prio) {
  if (prioclass == 1 && prio == 0) return IoClass::kDecode;
  if (prioclass == 1 && prio == 1) return IoClass::kPrefetch;
  if (prioclass == 2 && prio == 7) return IoClass::kPrefill;
  if (prioclass == 2 && prio == 6) return IoClass::kEvict;
  if (prioclass == 0 && prio == 0) return IoClass::kNormal;
  return std::nullopt;
}

}  // namespace kairo::reports
