// SPDX-License-Identifier: GPL-2.0-only
// kairo-manifest.txt of an owned folder.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "kairo/base/result.h"

namespace kairo::base {

// What a manifest lists; names relative to its folder, none that leads out of it. Lines are added
// at the end and read in order: `file NAME`, `folder NAME` (with a manifest of its own), `begin
// NAME` (all in it is listed) and `end NAME` (only the files that `file` lists are).
struct Manifest {
  std::set<std::filesystem::path> files;
  std::set<std::filesystem::path> open;  // begun and not ended
  std::set<std::filesystem::path> folders;
};

bool has_manifest(const std::filesystem::path& folder);

Result<Manifest> read_manifest(const std::filesystem::path& folder);

// An empty manifest, in place of any other.
Status start_manifest(const std::filesystem::path& folder);

// Adds whole lines by one write(2), so that threads do not mix theirs.
Status add_to_manifest(const std::filesystem::path& folder, const std::string& lines);

// Whether `name` stays inside a folder and fits in a line.
bool is_inside(const std::filesystem::path& name);

// Whether `name` lies below `folder`, or is it.
bool is_below(const std::filesystem::path& name, const std::filesystem::path& folder);

}  // namespace kairo::base
