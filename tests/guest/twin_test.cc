// SPDX-License-Identifier: GPL-2.0-only
// The simulator's drive is the kernel's: what reached one, sent to the other again, takes as long.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "guest_lab.h"
#include "kairo/base/files.h"
#include "kairo/base/text.h"
#include "kairo/base/units.h"
#include "kairo/hint.hpp"
#include "replay.h"

namespace kairo::testing {
namespace {

using simulator::Arrival;
using simulator::Drive;

struct Twin {
  const char* name;
  Drive drive;
  const char* attributes;  // the same, for the kernel
};

// One of each kind of queue: on arrival, with a buffer, by its own order, with chance.
std::vector<Twin> twins() {
  Drive plain;
  Drive buffered = plain;
  buffered.buffer_kib = 8192;
  Drive first = plain;
  first.read_first = true;
  first.suspend_us = 20;
  Drive noisy = plain;
  noisy.dies = 5;
  noisy.page_kib = 16;
  noisy.spread_percent = 25;
  noisy.outlier_ppm = 2000;
  noisy.outlier_factor = 8;
  return {
      {"plain", plain, ""},
      {"buffered", buffered, "write_buffer_kib=8192 buffer_ack_us=10"},
      {"read_first", first, "read_first=1 suspend_us=20"},
      {"noisy", noisy, "dies=5 page_kib=16 spread_percent=25 outlier_ppm=2000 outlier_factor=8"}};
}

struct Log {
  std::vector<Arrival> arrivals;
  std::uint64_t begin = 0;           // of the first, ns
  std::vector<std::size_t> decodes;  // their places
};

// `ns op hint sector bytes`, below a header.
Log read_log(const std::filesystem::path& file) {
  Log log;
  const auto text = base::read_file(file, 64 << 20);
  EXPECT_TRUE(text);
  if (!text) return log;
  for (const std::string_view line : base::split_lines(*text)) {
    const auto words = base::split_words(line);
    const auto ns = words.size() == 5 ? base::parse_u64(words[0]) : std::nullopt;
    if (!ns) continue;
    if (log.arrivals.empty()) log.begin = *ns;
    if (base::parse_u64(words[2]) == hint::kIoprioHintDecode)
      log.decodes.push_back(log.arrivals.size());
    log.arrivals.push_back({*ns - log.begin, words[1] == "write",
                            base::parse_u64(words[3]).value_or(0),
                            static_cast<std::uint32_t>(base::parse_u64(words[4]).value_or(0))});
  }
  return log;
}

// When each read ended, by its sector: "... SECONDS: block_rq_complete: DEV R () SECTOR + LENGTH".
std::multimap<std::uint64_t, std::uint64_t> read_ends(const std::filesystem::path& file) {
  std::multimap<std::uint64_t, std::uint64_t> ends;
  const auto text = base::read_file(file, 64 << 20);
  EXPECT_TRUE(text);
  if (!text) return ends;
  for (const std::string_view line : base::split_lines(*text)) {
    const auto words = base::split_words(line);
    const auto event = std::find(words.begin(), words.end(), "block_rq_complete:");
    const auto plus = std::find(event, words.end(), "+");
    if (event == words.begin() || event == words.end() || plus == words.end()) continue;
    const auto seconds = base::parse_double(event[-1].substr(0, event[-1].size() - 1));
    ends.emplace(base::parse_u64(plus[-1]).value_or(0),
                 static_cast<std::uint64_t>(seconds.value_or(0) * 1e9));
  }
  return ends;
}

// Of the decode reads of a log, in its order, microseconds.
std::vector<double> decode_us(const Log& log, std::multimap<std::uint64_t, std::uint64_t> ends) {
  std::vector<double> us;
  for (const std::size_t i : log.decodes) {
    const std::uint64_t from = log.begin + log.arrivals[i].ns;
    auto [end, last] = ends.equal_range(log.arrivals[i].sector);
    // those of one sector are in the order of their times; the clock of the trace has microseconds
    while (end != last && end->second + 1000 < from) ++end;
    if (end == last) continue;
    us.push_back(static_cast<double>(end->second - from) / 1e3);
    ends.erase(end);
  }
  return us;
}

double quantile(std::vector<double> us, double q) {
  std::sort(us.begin(), us.end());
  return us.empty() ? 0 : us.at(static_cast<std::size_t>(q * static_cast<double>(us.size())));
}

TEST(Twin, TakesAsLongInUserSpace) {
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  const auto job = [](const char* name, const char* options) {
    return fmt::format(
        "--name={0} --ioengine=external:{1} --kv_class={0} --kv_path=ioprio --filename=/dev/kssd0 "
        "--direct=1 --thread=1 --time_based=1 --runtime=700ms {2} ",
        name, engine_path(), options);
  };
  spec.script +=
      "tracing=/sys/kernel/tracing\necho mono > $tracing/trace_clock || fail clock\n"
      "echo 8192 > $tracing/buffer_size_kb\n"
      "echo 'rwbs ~ \"*R*\"' > $tracing/events/block/block_rq_complete/filter || fail filter\n";
  for (const Twin& twin : twins())
    spec.script += fmt::format(
        "kairo_device size_gib=16 order_log=100000 {1}\n"
        "echo > $tracing/trace\necho 1 > $tracing/events/block/block_rq_complete/enable\n"
        "fio --output=/dev/null {2}{3} || fail fio\n"
        "echo 0 > $tracing/events/block/block_rq_complete/enable\n"
        "cat $tracing/trace > /out/{0}.trace\ncat $stats > /out/{0}.stats\n"
        "cat /sys/kernel/debug/kairo_ssd/kssd0/order_log > /out/{0}.log\nremove_device\n",
        twin.name, twin.attributes,
        job("decode", "--rw=randread --bs=64k --offset=8g --size=8g --iodepth=64 --kv_rate=3000"),
        job("prefill", "--rw=write --bs=128k --size=8g --iodepth=64"));
  boot_ok(spec);

  for (const Twin& twin : twins()) {
    const std::filesystem::path at = out.path() / twin.name;
    const Log log = read_log(at.string() + ".log");
    auto stats = saved_numbers(at.string() + ".stats");
    ASSERT_GE(log.decodes.size(), 1500U) << twin.name;
    ASSERT_EQ(log.arrivals.size(), stats["reads"] + stats["writes"]) << twin.name;
    const simulator::Replayed again = simulator::replay(twin.drive, log.arrivals);
    std::vector<double> decodes;
    for (const std::size_t i : log.decodes) decodes.push_back(again.us[i]);
    const std::vector<double> seen = decode_us(log, read_ends(at.string() + ".trace"));
    ASSERT_EQ(seen.size(), decodes.size()) << twin.name;

    EXPECT_EQ(again.programmed_bytes, stats["write_bytes"]) << twin.name;
    EXPECT_NEAR(static_cast<double>(again.busy_ns), static_cast<double>(stats["die_busy_ns"]),
                0.01 * static_cast<double>(stats["die_busy_ns"]))
        << twin.name;
    for (const double q : {0.1, 0.5, 0.9, 0.99})
      EXPECT_NEAR(quantile(decodes, q), quantile(seen, q), 0.05 * quantile(seen, q))
          << twin.name << " " << q;
  }
}

}  // namespace
}  // namespace kairo::testing
