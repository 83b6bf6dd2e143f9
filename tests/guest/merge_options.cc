// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <functional>
#include <map>

#include "merge_fuzz.h"
#include "merge_submit.h"
#include "metadata_probe.h"

namespace kairo::testing {

FuzzOptions parse_fuzz_options(const std::vector<std::string>& words) {
  FuzzOptions options;
  Geometry& geometry = options.geometry;
  Changes::Kinds& changes = options.changes;
  const auto into = [](auto& value) {
    return [&value](const std::string& text) {
      value = static_cast<std::decay_t<decltype(value)>>(std::stoull(text, nullptr, 0));
    };
  };
  const std::map<std::string, std::function<void(const std::string&)>> keys = {
      {"device", [&](const std::string& text) { options.device = text; }},
      {"seed", into(options.seed)},
      {"ios", into(options.ios)},
      {"round", into(options.round)},
      {"area_mib", into(options.area_mib)},
      {"kairo", into(options.kairo)},
      {"block", into(geometry.block_bytes)},
      {"most_bytes", into(geometry.most_bytes)},
      {"memory_bytes", into(geometry.memory_bytes)},
      {"threads", into(geometry.threads)},
      {"discards", into(geometry.discards)},
      {"async_discards", into(geometry.async_discards)},
      {"hints", into(geometry.hints)},
      {"tunables", into(changes.tunables)},
      {"depth", into(changes.depth)},
      {"scheduler", into(changes.scheduler)},
  };
  for (const std::string& word : words) {
    const auto equals = word.find('=');
    const auto key = keys.find(word.substr(0, equals));
    if (equals == std::string::npos || key == keys.end()) die(word + ": not an option");
    key->second(word.substr(equals + 1));
  }
  expect(!options.device.empty(), "device= is missing");
  expect(options.round <= Submitter::kDepth, fmt::format("round: at most {}", Submitter::kDepth));
  geometry.blocks = (std::uint64_t{options.area_mib} << 20) / geometry.block_bytes;
  return options;
}

}  // namespace kairo::testing
