// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/inspect/names.h"

namespace kairo::inspect {

// A value as the kernel shows it.
struct Reading {
  std::string source;  // Source::name
  std::string row;     // keys of a table's row: "decode", "decode device"; else empty
  std::string name;
  std::string value;  // an integer nearly always; `control` has a word
};

// What a device and the kernel below it show at one time.
struct Snapshot {
  std::string kernel;     // release
  std::string device;     // "nvme0n1"
  std::string scheduler;  // "kairo"
  std::vector<Reading> readings = {};
  // Sources that this kernel, device or scheduler does not have.
  std::vector<std::string> absent = {};
  // "source/name" of the others: in the table but not there, and there but not in the table.
  std::vector<std::string> missing = {};
  std::vector<std::string> unlisted = {};
};

// Reads everything that `device` ("nvme0n1" or "/dev/nvme0n1") shows. `root` is in front of /sys:
// "/" for this machine, a directory for a captured tree.
// Errors: kInput when there is no such block device; kUnavailable when debugfs or tracefs cannot be
// read (not root, not mounted).
base::Result<Snapshot> read_snapshot(const std::filesystem::path& root, std::string_view device);

// Counters of `after` minus those of `before`; gauges and settings as in `after`.
// Errors: kInput when they are of two devices, or a counter went back, which means that the device
// or its scheduler was made anew in between.
base::Result<Snapshot> difference(const Snapshot& before, const Snapshot& after);

// The block devices of the machine that use `scheduler`, sorted.
std::vector<std::string> devices_with(const std::filesystem::path& root,
                                      std::string_view scheduler);

// Tables for a person, and JSON (docs/inspect.md has its keys) with the way back.
std::string to_text(const Snapshot& snapshot);
std::string to_json_text(const Snapshot& snapshot);
base::Result<Snapshot> parse_snapshot(std::string_view text, const std::string& source);

}  // namespace kairo::inspect
