// SPDX-License-Identifier: GPL-2.0-only
#include "bpftrace_output.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "kairo/base/files.h"
#include "kairo/base/text.h"

namespace kairo::testing {
namespace {

using Json = nlohmann::json;

// A number, or the samples of a histogram.
std::uint64_t total(const Json& value) {
  if (!value.is_array()) return value.get<std::uint64_t>();
  std::uint64_t samples = 0;
  for (const Json& bucket : value) samples += bucket.at("count").get<std::uint64_t>();
  return samples;
}

}  // namespace

BpftraceMaps read_bpftrace_maps(const std::filesystem::path& file) {
  BpftraceMaps out;
  const auto text = base::read_file(file, 64 << 20);
  if (!text) {
    ADD_FAILURE() << text.error().message;
    return out;
  }
  for (const std::string_view line : base::split_lines(*text)) {
    if (line.empty()) continue;
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object()) {
      ADD_FAILURE() << file << ": not JSON: " << line;
      continue;
    }
    const Json& type = json.at("type");
    if (type != "map" && type != "hist" && type != "stats") continue;
    for (const auto& [name, values] : json.at("data").items()) {
      auto& map = out[name.substr(1)];
      if (!values.is_object()) map[""] = total(values);
      if (values.is_object())
        for (const auto& [key, value] : values.items()) map[key] = total(value);
    }
  }
  return out;
}

std::uint64_t sum_of(const BpftraceMaps& maps, const std::string& map) {
  std::uint64_t sum = 0;
  if (const auto found = maps.find(map); found != maps.end())
    for (const auto& [key, value] : found->second) sum += value;
  return sum;
}

std::uint64_t value_of(const BpftraceMaps& maps, const std::string& map, const std::string& key) {
  const auto found = maps.find(map);
  if (found == maps.end()) return 0;
  const auto value = found->second.find(key);
  return value == found->second.end() ? 0 : value->second;
}

}  // namespace kairo::testing
