// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <span>
#include <string_view>

namespace kairo::inspect {

// How a value behaves.
enum class NameKind {
  kCounter,    // only grows while the device and its scheduler stay: a difference has a meaning
  kGauge,      // goes up and down
  kSetting,    // what somebody set
  kTracepoint  // an event, no value
};
std::string_view kind_name(NameKind kind);

// What the file behind a source looks like.
enum class SourceShape {
  kTable,      // header lines, then rows; the first `keys` columns say what a row is about
  kLog,        // a header line, then what happened; only the columns are names
  kKeyValues,  // `key value` lines
  kFiles,      // a directory, one value a file
  kEvents      // a directory of tracepoints
};

// A file or directory in which the kernel part shows names.
struct Source {
  std::string_view name;   // what the command prints
  std::string_view where;  // path below /sys; DEV stands for the device
  SourceShape shape;
  unsigned keys;               // of a table, else 0
  std::string_view scheduler;  // there only under this scheduler; empty: under any
  bool complete = true;        // false: other names are there, too, and not ours
};

// A name that the kernel part has.
struct KnownName {
  std::string_view source;  // Source::name
  std::string_view name;
  NameKind kind;
  std::string_view unit;  // empty: none
  std::string_view meaning;
  bool always = true;  // false: not before the kernel knows it, or in newer series only
};

// All sources, and every name in them: the one table that `kairo counters` prints and a test
// compares with what a booted kernel has.
std::span<const Source> sources();
std::span<const KnownName> known_names();

// nullptr when the name is not in the table.
const KnownName* find_name(std::string_view source, std::string_view name);

}  // namespace kairo::inspect
