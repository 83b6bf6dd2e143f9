// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace kairo::testing {

// trace SCRIPT [ARGUMENT...]: attaches it, runs the shell function `load` and ends it, which prints
// its maps into /out/NAME.json. Its first line comes before the last probe is attached, so wait.
// One script at a time: the kernel does not run a BPF program of a tracepoint or kprobe while
// another one runs on that processor.
inline constexpr const char* kTraceShell = R"sh(
trace() {
  name=$(basename $1 .bt)
  bpftrace -B line -f json -o /out/$name.json "$@" 2> /out/$name.err &
  tracer=$!
  until grep -qs Ctrl-C /out/$name.json; do
    kill -0 $tracer || { cat /out/$name.err; fail "$1 ends"; }
    sleep 0.2
  done
  sleep 1
  load
  kill -INT $tracer || fail "$1 has ended"
  wait $tracer || fail "$1 failed"
}
)sh";

// What a bpftrace script left in its maps, as `bpftrace -f json` printed it: map name without the
// @, then key ("decode,in its turn"; "" for a map without keys), then the value. Of a histogram the
// value is the number of samples.
using BpftraceMaps = std::map<std::string, std::map<std::string, std::uint64_t>>;

// Fails the test, with the reason, when the file is not bpftrace's JSON.
BpftraceMaps read_bpftrace_maps(const std::filesystem::path& file);

// The values of a map, added up; 0 for a map that is not there: bpftrace prints no empty map.
std::uint64_t sum_of(const BpftraceMaps& maps, const std::string& map);

// One value, 0 when it is not there.
std::uint64_t value_of(const BpftraceMaps& maps, const std::string& map, const std::string& key);

}  // namespace kairo::testing
