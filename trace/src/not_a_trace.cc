// SPDX-License-Identifier: GPL-2.0-only
#include "not_a_trace.h"

#include <array>

namespace kairo::trace {
namespace {

struct Known {
  std::string_view magic;
  std::string_view what;
  std::size_t offset = 0;
};

using namespace std::string_view_literals;

// What published traces come packed in or beside, and what a failed download leaves.
constexpr std::array kKnown = {
    Known{"\x28\xb5\x2f\xfd"sv, "is packed by Zstandard (unpack it: zstd -dk FILE)"},
    Known{"\xfd"
          "7zXZ\0"sv,
          "is packed by xz (unpack it: xz -dk FILE)"},
    Known{"BZh"sv, "is packed by bzip2 (unpack it: bzip2 -dk FILE)"},
    Known{"PK\x03\x04"sv, "is a zip archive (unpack it: unzip FILE)"},
    Known{"ustar"sv, "is a tar archive (unpack it: tar -xf FILE)", 257},
    Known{"PAR1"sv,
          "is an Apache Parquet file (write it as JSON lines: pandas.read_parquet(FILE)"
          ".to_json(OUT, orient='records', lines=True))"},
    Known{"ARROW1"sv, "is an Apache Arrow file (write it as JSON lines or CSV)"},
    Known{"SQLite format 3\0"sv, "is an SQLite database (write its table as CSV)"},
    Known{"\xff\xfe"sv, "is text in UTF-16 (convert it: iconv -f UTF-16 -t UTF-8 FILE)"},
    Known{"\xfe\xff"sv, "is text in UTF-16 (convert it: iconv -f UTF-16 -t UTF-8 FILE)"},
    Known{"version https://git-lfs"sv,
          "is a pointer of Git LFS, not the trace (git lfs pull fetches it)"},
    Known{"<!DOCTYPE"sv, "is a web page (was the raw file downloaded?)"},
    Known{"<html"sv, "is a web page (was the raw file downloaded?)"},
    Known{"<?xml"sv, "is XML (was the raw file downloaded?)"},
    Known{"["sv, "is one JSON list (one record per line: jq -c '.[]' FILE)"},
    Known{"Timestamp,Operation,Object_Size_Bytes"sv,
          "is an I/O trace of MLPerf Storage: it names reads and writes, not requests (no reader)"},
    Known{"# kairo-workload"sv,
          "is a workload already, not a trace (use `kairo trace inspect`, or replay it)"},
};

}  // namespace

std::optional<std::string_view> known_other(std::string_view begin) {
  for (const Known& known : kKnown)
    if (begin.size() > known.offset && begin.substr(known.offset).starts_with(known.magic))
      return known.what;
  return std::nullopt;
}

}  // namespace kairo::trace
