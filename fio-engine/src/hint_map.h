// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"
#include "metadata.h"

// kv_map: the class and metadata of byte ranges of a device or file (docs/engine.md, "Maps").
namespace kairo::engine {

struct MapRange {
  std::uint64_t start = 0;
  std::uint64_t end = 0;  // the first byte after it
  hint::Class cls = hint::Class::kNormal;
  Metadata metadata;
  std::uint32_t number = 0;  // among all ranges of the map, from 0
};

class HintMap {
 public:
  // The range that holds `offset` of the job's file number `file`, or null. Ranges do not overlap.
  [[nodiscard]] const MapRange* find(std::size_t file, std::uint64_t offset) const;

  // Tells the map which files the job has, in order: sections are by name, I/O by number. An Error
  // names a section of which the job has no file.
  base::Status bind(const std::vector<std::string>& files);

  [[nodiscard]] std::size_t ranges() const;
  // Of all ranges, by MapRange::number.
  [[nodiscard]] std::vector<Metadata> metadata() const;

 private:
  friend base::Result<HintMap> parse_hint_map(std::string_view text, std::string_view name);

  struct Section {
    std::string file;              // empty: every file that has no section of its own
    std::vector<MapRange> ranges;  // by start
  };
  std::vector<Section> sections_;
  std::vector<std::size_t> section_of_file_;  // after bind(); kNone: no ranges
  std::string name_;
};

// `name` stands in messages: `<name>:<line>: <what> (<remedy>)`.
base::Result<HintMap> parse_hint_map(std::string_view text, std::string_view name);
base::Result<HintMap> read_hint_map(const std::filesystem::path& path);

}  // namespace kairo::engine
