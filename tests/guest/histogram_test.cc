// SPDX-License-Identifier: GPL-2.0-only
// The scheduler's histograms and what its controller counts, request by request: bpftrace writes
// down the spans of each, and another rule puts them into buckets.
#include <gtest/gtest.h>

#include <algorithm>

#include "bpftrace_output.h"
#include "guest_lab.h"
#include "kairo/base/files.h"
#include "kairo/base/text.h"
#include "kairo/base/units.h"

namespace kairo::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kTargetUs = 300;
constexpr std::uint64_t kDecode = 2003, kPrefetch = 503, kPrefill = 751, kEvict = 127, kPlain = 61;

std::string job(const std::string& cls, std::uint64_t ios, const std::string& options) {
  return fmt::format(
      "--name={0} --ioengine=external:{1} --kv_class={0} --kv_path=ioprio --filename=/dev/kssd0 "
      "--size=1g --direct=1 --thread=1 --norandommap=1 --number_ios={2} --io_size=100g {3} ",
      cls, engine_path(), ios, options);
}

// Runs the load under spans.bt. Leaves spans.json, histogram, counters and the events of the
// controller's steps.
base::TempDir run_load() {
  kernel::GuestSpec spec = lab_guest();
  base::TempDir out = keep_output(spec);
  add_bpftrace(spec);
  spec.files.push_back({fs::path(KAIRO_SOURCE_DIR) / "tests/guest/spans.bt", "/spans.bt"});
  spec.script += kTraceShell;
  spec.script += "load() {\n  fio --output=/dev/null ";
  spec.script += job("decode", kDecode, "--rw=randread --bs=64k --iodepth=8") +
                 job("prefetch", kPrefetch, "--rw=randread --bs=128k --iodepth=16") +
                 job("prefill", kPrefill, "--rw=randwrite --bs=64k --iodepth=16") +
                 job("evict", kEvict, "--rw=randtrim --bs=1m --iodepth=4") +
                 fmt::format(
                     "--name=plain --ioengine=psync --filename=/dev/kssd0 --direct=1 "
                     "--rw=randread --bs=64k --size=32m --number_ios={}",
                     kPlain) +
                 " || fail fio\n  sleep 2\n}\n";  // the last step
  spec.script += fmt::format(
      "make_device size_gib=1\nuse_scheduler kairo\n"
      "echo 2 > /sys/block/kssd0/queue/nomerges\n"
      "echo {} > /sys/block/kssd0/queue/iosched/decode_target_us\n"
      "mount -t tracefs tracefs /sys/kernel/tracing 2> /dev/null\n"
      "echo 1 > /sys/kernel/tracing/events/kairo/kairo_budget/enable || fail 'no event'\n"
      "export BPFTRACE_MAP_KEYS_MAX=65536\ntrace /spans.bt\n"
      "cat $counters > /out/counters\ncat $debug/latency_histogram > /out/histogram\n"
      "grep kairo_budget: /sys/kernel/tracing/trace > /out/steps\n",
      kTargetUs);
  boot_ok(spec);
  return out;
}

// Requests by "class,below_ns": four buckets for each power of two, the first from 0.
Numbers buckets_of(const std::map<std::string, std::uint64_t>& spans) {
  std::vector<std::uint64_t> ends;
  for (std::uint64_t power = 1024; power < 1ULL << 34; power *= 2)
    for (const unsigned quarters : {5U, 6U, 7U, 8U}) ends.push_back(power / 4 * quarters);
  Numbers out;
  for (const auto& [key, requests] : spans) {
    const std::size_t comma = key.find(',');
    const auto ns = base::parse_u64(key.substr(comma + 1)).value_or(0);
    const auto end = std::upper_bound(ends.begin(), ends.end(), ns);
    out[fmt::format("{},{}", key.substr(0, comma), *end)] += requests;
  }
  return out;
}

// The same from the kernel.
Numbers kernels_buckets(const base::TempDir& out, const std::string& span) {
  Numbers found;
  for (const Row& row : saved_rows(out.path() / "histogram"))
    if (row.at("span") == span)
      found[fmt::format("{},{}", row.at("class"), row.at("below_ns"))] = number(row, "requests");
  return found;
}

// "... decodes 16 late 2 ...": what all steps of the controller say behind `word`.
std::uint64_t sum_of_steps(const base::TempDir& out, const std::string& word) {
  const auto text = base::read_file(out.path() / "steps");
  EXPECT_TRUE(text);
  std::uint64_t sum = 0;
  for (const std::string_view line : base::split_lines(text.value_or(""))) {
    const auto words = base::split_words(line);
    const auto found = std::find(words.begin(), words.end(), word);
    if (found != words.end()) sum += base::parse_u64(*(found + 1)).value_or(0);
  }
  return sum;
}

TEST(Histogram, EveryBucketIsWhatTheRequestsSay) {
  const base::TempDir out = run_load();
  const BpftraceMaps seen = read_bpftrace_maps(out.path() / "spans.json");
  const auto counted = saved_counters(out.path());
  for (const std::string span : {"queue", "device", "total"}) {
    const Numbers kernels = kernels_buckets(out, span);
    EXPECT_EQ(kernels, buckets_of(seen.at(span + "_ns"))) << span;
    // every request that ended is there: none was left out for want of a time stamp
    Numbers samples;
    for (const auto& [key, requests] : kernels) samples[key.substr(0, key.find(','))] += requests;
    for (const auto& [cls, row] : counted)
      EXPECT_EQ(samples[cls], row.at("completed")) << cls << ' ' << span;
  }
  EXPECT_EQ(sum_of(seen, "without_time"), 0U);
  for (const auto& [cls, ios] : {std::pair{"decode", kDecode},
                                 {"prefetch", kPrefetch},
                                 {"evict", kEvict},
                                 {"normal", kPlain}})
    EXPECT_EQ(counted.at(cls).at("completed"), ios) << cls;

  // decode reads, and those beyond the target, as the controller's steps have counted them
  std::uint64_t late = 0;
  for (const auto& [key, requests] : seen.at("total_ns"))
    if (key.starts_with("decode,") && *base::parse_u64(key.substr(7)) > kTargetUs * 1000)
      late += requests;
  EXPECT_GT(late, 100U);
  EXPECT_LT(late, kDecode / 2);
  EXPECT_EQ(sum_of_steps(out, "decodes"), kDecode);
  EXPECT_EQ(sum_of_steps(out, "late"), late);
}

}  // namespace
}  // namespace kairo::testing
