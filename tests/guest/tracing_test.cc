// SPDX-License-Identifier: GPL-2.0-only
// The bpftrace scripts on the booted patched kernel: prime numbers of I/Os, and every total is what
// the scheduler counted.
#include <gtest/gtest.h>

#include <array>
#include <memory>

#include "bpftrace_output.h"
#include "kairo/base/files.h"
#include "kairo/base/text.h"
#include "kairo/base/units.h"
#include "metadata_counts.h"
#include "probe_guest.h"
#include "region_counts.h"
#include "semantics_counts.h"

namespace kairo::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kDecode = 1009, kPrefetch = 503, kPrefill = 751, kEvict = 127, kPlain = 61;
constexpr const char* kClasses[] = {"normal", "decode", "prefetch", "prefill", "evict"};

// A job of the load. No block twice: stock tracepoints tell requests apart by where they begin.
std::string job(const std::string& cls, unsigned ios, const std::string& options) {
  return fmt::format(
      "--name={0} --ioengine=external:{1} --kv_class={0} --kv_path=ioprio --filename=/dev/kssd0 "
      "--direct=1 --thread=1 --number_ios={2} {3} ",
      cls, engine_path(), ios, options);
}

// The shell function `load`. `depths` is of decode, prefetch, prefill and evict.
std::string load(const std::array<unsigned, 4>& depths, const std::string& more) {
  return fmt::format(
      "load() {{\n  echo 2 > /sys/block/kssd0/queue/nomerges\n"
      "  fio --output=/dev/null {} {} {} {} "
      "--name=plain {} --ioengine=psync --filename=/dev/kssd0 --direct=1 --rw=randread "
      "--bs=64k --size=32m --offset=992m --number_ios={} || fail fio\n}}\n",
      job("decode", kDecode,
          fmt::format("--rw=randread --bs=64k --size=256m --iodepth={} {}", depths[0], more)),
      job("prefetch", kPrefetch,
          fmt::format("--rw=randread --bs=64k --size=256m --offset=256m --iodepth={} {}", depths[1],
                      more)),
      job("prefill", kPrefill,
          fmt::format("--rw=randwrite --bs=64k --size=256m --offset=512m --iodepth={} {}",
                      depths[2], more)),
      job("evict", kEvict,
          fmt::format("--rw=randtrim --bs=1m --size=224m --offset=768m --iodepth={} {}", depths[3],
                      more)),
      more, kPlain);
}

// The lab with the scripts, a shell function `load`, and one run of it for each of `scripts`: with
// a `device` made anew under `scheduler`. Leaves NAME.json, and NAME.counters and NAME.control
// under kairo.
std::string trace_each(const std::string& scheduler, const std::vector<std::string>& scripts,
                       const std::string& tunables, const std::string& device = "size_gib=1") {
  std::string out;
  for (const std::string& script : scripts)
    out += fmt::format(
        "make_device {3}\nuse_scheduler {0}\n{2}trace /tracing/{1}.bt\n"
        "name=$(basename {1})\n"
        "if [ -e $counters ]; then\n  cat $counters > /out/$name.counters\n"
        "  cat $debug/control > /out/$name.control\n  cat $debug/contexts > /out/$name.contexts\n"
        "  cat $debug/semantics > /out/$name.semantics\n"
        "  cat $debug/placement > /out/$name.placement\n"
        "  cat $region_counters > /out/$name.regions\nfi\nremove_device\n",
        scheduler, script, tunables, device);
  return out;
}

class Tracing : public ::testing::Test {
 protected:
  void SetUp() override {
    auto out = base::TempDir::create("kairo-guest-");
    ASSERT_TRUE(out);
    out_ = std::make_unique<base::TempDir>(std::move(*out));
    spec_ = probe_guest();
    add_bpftrace(spec_);
    spec_.out_dir = out_->path();
    spec_.files.push_back({fs::path(KAIRO_SOURCE_DIR) / "tracing", "/tracing"});
    spec_.script += kTraceShell;
  }

  [[nodiscard]] BpftraceMaps maps(const std::string& script) const {
    return read_bpftrace_maps(out_->path() / (script + ".json"));
  }
  [[nodiscard]] reports::CounterTable counters(const std::string& script) const {
    return saved_counters(out_->path(), script + ".counters");
  }

  // Each script's maps against the counters that the same run left.
  void latency_agrees() const {
    const auto latency = maps("latency");
    const auto counted = counters("latency");
    for (const std::string cls : kClasses)
      for (const char* const span : {"queue_us", "device_us", "total_us"})
        EXPECT_EQ(value_of(latency, span, cls), counted.at(cls).at("completed")) << cls << span;
    EXPECT_EQ(value_of(latency, "total_us", "decode"), kDecode);
  }

  void dispatch_agrees() const {
    const auto dispatch = maps("dispatch");
    const auto counted = counters("dispatch");
    for (const std::string cls : kClasses) {
      const auto& row = counted.at(cls);
      const auto in_turn = value_of(dispatch, "requests", cls + ",in its turn");
      const auto expired = value_of(dispatch, "requests", cls + ",in its turn, expired");
      const auto ahead = value_of(dispatch, "requests", cls + ",ahead of its turn");
      EXPECT_EQ(in_turn + expired + ahead, row.at("dispatched")) << cls;
      EXPECT_EQ(expired + ahead, row.at("expired")) << cls;
      EXPECT_EQ(ahead, row.at("escaped")) << cls;
    }
    EXPECT_EQ(value_of(dispatch, "bytes", "prefill"), kPrefill * 65536);
  }

  void held_agrees() const {
    const auto held = maps("held");
    const auto counted = counters("held");
    for (const std::string cls : kClasses) {
      const auto& row = counted.at(cls);
      EXPECT_EQ(value_of(held, "held", cls + ",its budget") +
                    value_of(held, "held", cls + ",decode reads"),
                row.at("held"))
          << cls;
      EXPECT_EQ(value_of(held, "escaped", cls), row.at("escaped")) << cls;
      EXPECT_EQ(value_of(held, "late_us", cls), row.at("escaped")) << cls;
    }
    EXPECT_GT(sum_of(held, "held"), 0U);
    EXPECT_GT(sum_of(held, "escaped"), 0U);
  }

  void late_agrees() const {
    const auto late = maps("late");
    EXPECT_EQ(sum_of(late, "completed"), kPrefetch);
    EXPECT_EQ(sum_of(late, "too_late"), counters("late").at("prefetch").at("late"));
    EXPECT_EQ(sum_of(late, "late_us"), sum_of(late, "too_late"));
    EXPECT_GT(sum_of(late, "too_late"), 0U);
  }

  void evict_agrees() const {
    const auto evict = maps("evict");
    const auto counted = counters("evict");
    EXPECT_EQ(value_of(evict, "requests", "discard"), kEvict);
    EXPECT_EQ(value_of(evict, "bytes", "discard"), kEvict << 20);
    EXPECT_EQ(sum_of(evict, "dispatched"), counted.at("evict").at("dispatched"));
    EXPECT_EQ(sum_of(evict, "wait_us"), counted.at("evict").at("dispatched"));
    EXPECT_EQ(sum_of(evict, "held"), counted.at("evict").at("held"));
  }

  void budget_agrees() const {
    const auto control = base::read_file(out_->path() / "budget.control");
    ASSERT_TRUE(control);
    const auto steps = sum_of(maps("budget"), "steps");
    EXPECT_GT(steps, 0U);
    EXPECT_TRUE(control->starts_with(fmt::format("steps {}\n", steps))) << *control;
    // decisions of the pace, by the state they led to: the one it is in is among them
    const auto decisions = maps("budget").at("decisions");
    const auto pace = control->find("\npace ");
    ASSERT_NE(pace, std::string::npos);
    const auto state = control->substr(pace + 6, control->find('\n', pace + 1) - pace - 6);
    EXPECT_TRUE(decisions.contains(state)) << *control;
  }

  std::unique_ptr<base::TempDir> out_;
  kernel::GuestSpec spec_;
};

TEST_F(Tracing, EveryScriptAgreesWithTheCounters) {
  // Waits so short that some requests escape and some are late.
  spec_.script += load({16, 32, 64, 4}, "") +
                  trace_each("kairo", {"latency", "dispatch", "held", "late", "evict", "budget"},
                             "tunables=/sys/block/kssd0/queue/iosched\n"
                             "echo 100 > $tunables/prefetch_max_wait_us\n"
                             "echo 1000 > $tunables/prefill_max_wait_us\n");
  boot_ok(spec_);

  latency_agrees();
  dispatch_agrees();
  held_agrees();
  late_agrees();
  evict_agrees();
  budget_agrees();
}

// Keys of processes and rings left out: both are not known before.
Numbers by_region(const BpftraceMaps& maps, const std::string& map) {
  Numbers out;
  for (const auto& [key, value] : maps.at(map)) {
    const auto ring = key.find(',');
    EXPECT_TRUE(key.substr(ring).starts_with(",1,")) << key << ": one ring";
    out[key.substr(ring + 3)] += value;
  }
  return out;
}

// What metadata_probe sends in its scenarios `contexts`, `semantics` and `regions`: the tests of
// each have the same numbers from the counters and tracepoints.
TEST_F(Tracing, SessionsAndRegionsAreWhatWasSent) {
  const auto scenario = [](const std::string& name) {
    return fmt::format("load() {{ probe {} /dev/kssd0 > /out/{}.said; }}\n", name, name);
  };
  const std::string as_sent = "echo off > /sys/block/kssd0/queue/iosched/control\n";
  spec_.script += scenario("contexts") + trace_each("kairo", {"session"}, as_sent) +
                  scenario("semantics") + trace_each("kairo", {"semantics"}, as_sent) +
                  scenario("regions") + trace_each("kairo", {"region"}, as_sent);
  boot_ok(spec_);

  const auto session = maps("session");
  const Numbers requests = {{"7,11,decode", metadata_counts::kFirstDecode},
                            {"7,11,prefill", metadata_counts::kFirstPrefill},
                            {"7,22,prefetch", metadata_counts::kSecondPrefetch}};
  EXPECT_EQ(session.at("requests"), requests);
  for (const auto& [key, number] : requests)
    EXPECT_EQ(value_of(session, "bytes", key), number * 65536) << key;
  const unsigned first = metadata_counts::kFirstDecode + metadata_counts::kFirstPrefill;
  const Numbers latencies = {{"7,11", first}, {"7,22", metadata_counts::kSecondPrefetch}};
  EXPECT_EQ(session.at("latency_us"), latencies);
  const auto contexts = saved_numbers(out_->path() / "session.contexts", 1);
  EXPECT_EQ(contexts.at("lifetime_session") + contexts.at("lifetime_model"),
            first + metadata_counts::kSecondPrefetch);

  const auto semantics = maps("semantics");
  const unsigned both = semantics_counts::kRecomputableAndNotDurable;
  const Numbers worth = {{"prefill,ephemeral", semantics_counts::kEphemeral},
                         {"decode,recomputable", semantics_counts::kRecomputable},
                         {"normal,recomputable", both},
                         {"normal,no_durability", both},
                         {"evict,evict_cleanup", semantics_counts::kEvictCleanup},
                         {"prefetch,avoid_pagecache", semantics_counts::kAvoidPageCache}};
  EXPECT_EQ(semantics.at("requests"), worth);
  for (const auto& [key, number] : worth)
    EXPECT_EQ(value_of(semantics, "bytes", key), number * 65536) << key;
  EXPECT_EQ(sum_of(semantics, "flagged"), semantics_counts::kFlagged);
  Numbers by_flag;
  for (const auto& [key, number] : worth) by_flag[key.substr(key.find(',') + 1)] += number;
  EXPECT_EQ(by_flag, saved_numbers(out_->path() / "semantics.semantics", 1));

  const auto region = maps("region");
  auto inside = by_region(region, "inside");
  const Numbers as = {{"1,decode", region_counts::kFirstDecode + region_counts::kContextGone},
                      {"1,prefill", region_counts::kFirstPrefill},
                      {"1,prefetch", region_counts::kFirstPrefetch},
                      {"2,prefetch", region_counts::kPrefetch},
                      {"2,normal", region_counts::kNoClass}};
  EXPECT_EQ(inside, as);
  EXPECT_EQ(by_region(region, "bytes").at("1,prefill"), region_counts::kFirstPrefill * 65536U);
  const Numbers with = {{"1", region_counts::kFirstContext}};
  EXPECT_EQ(by_region(region, "with_context"), with);
  const auto counted = saved_numbers(out_->path() / "region.regions");
  EXPECT_EQ(sum_of(region, "inside"), counted.at("inside"));
  EXPECT_EQ(sum_of(region, "crossing"), counted.at("crossing"));
  EXPECT_EQ(sum_of(region, "crossing"), region_counts::kCrossing);
}

// What metadata_probe sends in its scenario `placement`, to a drive with ten streams and to one
// without: placement_test.cc has the same numbers from the tracepoint, the scheduler and the drive.
TEST_F(Tracing, PlacementIsWhatTheSchedulerCounted) {
  const std::string as_sent = "echo off > /sys/block/kssd0/queue/iosched/control\n";
  spec_.script += "load() { probe placement /dev/kssd0; }\n" +
                  trace_each("kairo", {"placement"}, as_sent,
                             "size_gib=1 gc=1 block_pages=16 spare_percent=25 streams=10") +
                  "cp /tracing/placement.bt /tmp/fallback.bt\n" +
                  trace_each("kairo", {"../tmp/fallback"}, as_sent);
  boot_ok(spec_);

  const Numbers placed = {{"2,short,0", 23 + 67}, {"3,session,0", 29}, {"4,model,0", 31},
                          {"5,persistent,0", 37}, {"6,none,3", 41},    {"7,short,3", 43},
                          {"10,persistent,3", 47}};
  const auto placement = maps("placement");
  EXPECT_EQ(placement.at("requests"), placed);
  EXPECT_EQ(sum_of(placement, "fallbacks"), 0U);
  const auto counted = saved_numbers(out_->path() / "placement.placement", 1);
  for (const auto& [key, number] : placed) {
    EXPECT_EQ(value_of(placement, "bytes", key), number * 65536) << key;
    EXPECT_EQ(counted.at("stream_" + key.substr(0, key.find(','))), number) << key;
  }
  EXPECT_EQ(counted.at("attempts"), sum_of(placement, "requests"));

  const Numbers nowhere = {{"short,0", 23 + 67}, {"session,0", 29}, {"model,0", 31},
                           {"persistent,0", 37}, {"none,3", 41},    {"short,3", 43},
                           {"persistent,3", 47}};
  const auto fallback = maps("fallback");
  EXPECT_EQ(fallback.at("fallbacks"), nowhere);
  EXPECT_EQ(sum_of(fallback, "fallback_bytes"), 318U * 65536);
  EXPECT_EQ(sum_of(fallback, "requests"), 0U);
  EXPECT_EQ(saved_numbers(out_->path() / "fallback.placement", 1).at("fallbacks"), 318U);
}

// The tracepoints that the stock kernel has, too, under a stock scheduler: nothing of ours is used
// but the flash model. One request at a time, so that no completion interrupts a script's program.
TEST_F(Tracing, StockScriptsCountWhatWasSent) {
  spec_.script += load({1, 1, 1, 1}, "--stonewall") +
                  trace_each("mq-deadline",
                             {"stock/latency", "stock/dispatch", "stock/late", "stock/evict"}, "");
  boot_ok(spec_);

  const std::map<std::string, std::uint64_t> sent = {{"normal", kPlain},
                                                     {"decode", kDecode},
                                                     {"prefetch", kPrefetch},
                                                     {"prefill", kPrefill},
                                                     {"evict", kEvict}};
  const auto latency = maps("latency");
  const auto dispatch = maps("dispatch");
  std::map<std::string, std::uint64_t> dispatched;
  for (const auto& [key, requests] : dispatch.at("requests"))
    dispatched[key.substr(0, key.find(','))] += requests;
  for (const auto& [cls, ios] : sent) {
    EXPECT_EQ(dispatched[cls], ios) << cls;
    for (const char* const span : {"queue_us", "device_us", "total_us"})
      EXPECT_EQ(value_of(latency, span, cls), ios) << cls << ' ' << span;
  }
  EXPECT_EQ(value_of(dispatch, "bytes", "evict"), kEvict << 20);
  EXPECT_EQ(sum_of(maps("late"), "completed"), kPrefetch);
  const auto evict = maps("evict");
  EXPECT_EQ(sum_of(evict, "requests"), kEvict);
  EXPECT_EQ(sum_of(evict, "wait_us"), kEvict);
}

// Without the line that numbers the event: that depends on what else is built in.
std::string without_id(std::string_view format) {
  std::string out;
  for (const std::string_view line : base::split_lines(format))
    if (!line.starts_with("ID:")) out += fmt::format("{}\n", line);
  return out;
}

// What the scripts are checked against without a kernel is what the kernel has.
TEST(Formats, CapturedFormatsAreTheKernels) {
  const fs::path fixtures = fs::path(KAIRO_SOURCE_DIR) / "tests/fixtures/tracing/events";
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  spec.script =
      "cd /sys/kernel/tracing\nfor file in events/kairo/*/format events/block/*/format "
      "events/io_uring/*/format; do\n"
      "  mkdir -p /out/$(dirname $file); cat $file > /out/$file\ndone\n";
  boot_ok(spec);
  std::size_t compared = 0;
  for (const auto& entry : fs::recursive_directory_iterator(fixtures)) {
    if (!entry.is_regular_file()) continue;
    const fs::path name = entry.path().lexically_relative(fixtures);
    const auto captured = base::read_file(entry.path());
    const auto now = base::read_file(out.path() / "events" / name);
    ASSERT_TRUE(captured);
    ASSERT_TRUE(now) << now.error().message;
    EXPECT_EQ(without_id(*captured), without_id(*now)) << name;
    ++compared;
  }
  EXPECT_GE(compared, 12U);
  for (const auto& entry : fs::directory_iterator(out.path() / "events/kairo"))
    EXPECT_TRUE(fs::exists(fixtures / "kairo" / entry.path().filename())) << entry.path();
}

}  // namespace
}  // namespace kairo::testing
