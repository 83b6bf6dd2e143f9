// SPDX-License-Identifier: GPL-2.0-only
// What the scheduler promises, on the booted patched kernel: budgets that follow the device,
// histograms that agree with fio, tracepoints that agree with the counters, waits that end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "guest_lab.h"
#include "kairo/base/files.h"
#include "kairo/base/text.h"
#include "kairo/base/units.h"
#include "kairo/reports/fio_json.h"

namespace kairo::testing {
namespace {

// A fio job line; everything else of the job is in `options`.
std::string job(const std::string& cls, const std::string& options) {
  return fmt::format(
      "--name={0} --ioengine=external:{1} --kv_class={0} --kv_path=ioprio --filename=/dev/kssd0 "
      "--size=1g --direct=1 --thread=1 --fixedbufs=1 --scramble_buffers=0 --norandommap=1 {2} ",
      cls, engine_path(), options);
}

struct Drive {
  const char* name;
  unsigned dies, read_us, program_us;
};

// What the kernel adds to the time of a read inside the drive, with nothing in its way: 3.2 us on
// an idle and 3.4 us on a busy processor. 1.2 us are between start and drive, and timer and end, as
// for prefill. The rest is that the block layer looks at the clock once per plug (v6.12:
// blk_time_get_ns()): a request that its submitter dispatches begins when it was allocated. All
// decode reads here are dispatched so; one that a worker dispatches takes 2.0 us.
constexpr double kReadPathNs = 3500;

// Decode reads of a saved latency_histogram by the end of their bucket.
std::map<std::uint64_t, std::uint64_t> decode_reads_below_ns(const base::TempDir& out,
                                                             const char* name,
                                                             const std::string& span) {
  std::map<std::uint64_t, std::uint64_t> reads;
  for (const Row& row : saved_rows(out.path() / name))
    if (row.at("class") == "decode" && row.at("span") == span)
      reads[number(row, "below_ns")] += number(row, "requests");
  return reads;
}

// From one saved latency_histogram to another one: the end of the bucket in which this part of the
// decode reads have been inside the device for less; a bucket ends a quarter above where it begins.
std::uint64_t decode_quantile_ns(const base::TempDir& out, const char* begin, const char* end,
                                 double part) {
  auto reads = decode_reads_below_ns(out, end, "device");
  for (const auto& [end_ns, n] : decode_reads_below_ns(out, begin, "device")) reads[end_ns] -= n;
  std::uint64_t sum = 0, seen = 0;
  for (const auto& [end_ns, n] : reads) sum += n;
  for (const auto& [end_ns, n] : reads) {
    seen += n;
    if (static_cast<double>(seen) >= part * static_cast<double>(sum)) return end_ns;
  }
  return 0;
}

class Controller : public ::testing::TestWithParam<Drive> {};

// A drive it knows nothing of, saturated by prefill: the budget is what keeps the dies busy, which
// is found by doubling, and an eighth more; once it is found, decode reads wait for little more
// than a program, and no throughput is lost.
TEST_P(Controller, FindsWhatKeepsTheDiesBusy) {
  const Drive drive = GetParam();
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  spec.script += fmt::format(
      "kairo_device size_gib=1 dies={} read_us={} program_us={}\n"
      "(sleep 1.5; cat $debug/latency_histogram > /out/begin; echo 0 > $stats; sleep 1.5;\n"
      " cat $stats > /out/stats; cat $debug/control > /out/control;\n"
      " cat $debug/latency_histogram > /out/end) &\n",
      drive.dies, drive.read_us, drive.program_us);
  spec.script += "fio --time_based=1 --runtime=3200ms --output=/dev/null " +
                 job("decode", "--rw=randread --bs=64k --iodepth=64 --kv_rate=2000") +
                 job("prefill", "--rw=write --bs=1m --iodepth=16") + " || fail fio\nwait\n";
  boot_ok(spec);

  const auto control = saved_numbers(out.path() / "control");
  EXPECT_EQ(number(control, "probing"), 0U);
  EXPECT_NEAR(static_cast<double>(number(control, "prefill_floor_ns")), drive.program_us * 1e3,
              drive.program_us * 1e3 * 0.02);
  const auto decode_floor_ns = static_cast<double>(number(control, "decode_floor_ns"));
  EXPECT_GE(decode_floor_ns, drive.read_us * 1e3);
  EXPECT_LE(decode_floor_ns, drive.read_us * 1e3 * 1.05 + kReadPathNs);
  const std::uint64_t dies_bytes = drive.dies * 65536ULL;
  const std::uint64_t budget = number(control, "prefill_budget_bytes");
  EXPECT_GE(budget, dies_bytes);
  EXPECT_LE(budget, dies_bytes * 4);

  const std::uint64_t decode_p99_ns = decode_quantile_ns(out, "begin", "end", 0.99);
  EXPECT_GT(decode_p99_ns, drive.read_us * 1000ULL);
  EXPECT_LE(decode_p99_ns, 3000ULL * (drive.program_us + drive.read_us));

  const auto stats = saved_numbers(out.path() / "stats");
  const double used = static_cast<double>(number(stats, "die_busy_ns")) / drive.dies;
  EXPECT_GE(used, 0.95 * static_cast<double>(number(stats, "elapsed_ns")));
}

INSTANTIATE_TEST_SUITE_P(Drives, Controller,
                         ::testing::Values(Drive{"dies3", 3, 110, 900}, Drive{"dies8", 8, 80, 300},
                                           Drive{"dies13", 13, 100, 1300}),
                         [](const auto& drive) { return std::string(drive.param.name); });

// The controller's clock stands still while nothing is in the drive: what comes now and then is not
// taken for all that the drive can do in that time.
TEST(Windows, IdleTimeIsInNone) {
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  spec.script += "kairo_device size_gib=1\nfio --output=/dev/null ";
  spec.script +=
      job("prefill", "--rw=write --bs=64k --iodepth=1 --number_ios=23 --thinktime=100ms") +
      "|| fail fio\ncat $debug/control > /out/control\n";
  boot_ok(spec);
  // A window has 16 requests, or 100 ms: with the 2.2 s in between it would be one for each
  // request.
  const auto control = saved_numbers(out.path() / "control");
  EXPECT_GE(number(control, "steps"), 1U);
  EXPECT_LE(number(control, "steps"), 5U);
  // One at a time, and not always one.
  EXPECT_LE(number(control, "prefill_load_bytes"), 65536U);
}

// Counters, histogram and fio speak of the same I/Os.
TEST(Latency, TheKernelsHistogramAgreesWithFio) {
  constexpr std::uint64_t kReads = 2003;
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  spec.script += "kairo_device size_gib=1\nfio --output-format=json+ ";
  spec.script += "--output=/out/fio.json " +
                 job("decode", fmt::format("--rw=randread --bs=64k --iodepth=8 --number_ios={} "
                                           "--io_size=100g --kv_path=ioprio",
                                           kReads)) +
                 "|| fail fio\ncat $debug/latency > /out/latency\n"
                 "cat $debug/latency_histogram > /out/histogram\ncat $counters > /out/counters\n";
  boot_ok(spec);

  const auto text = base::read_file(out.path() / "fio.json", 8 << 20);
  ASSERT_TRUE(text);
  const auto fio = reports::parse_fio_json(*text, "fio.json");
  ASSERT_TRUE(fio) << fio.error().message;
  const auto& read = fio->jobs.at(0).directions[0];
  ASSERT_EQ(read.ios, kReads);
  const auto fio_p99 = read.latency.histogram.percentile(99);
  ASSERT_TRUE(fio_p99);

  std::uint64_t counted = 0;
  for (const auto& [end_ns, n] : decode_reads_below_ns(out, "histogram", "total")) counted += n;
  EXPECT_EQ(counted, kReads);
  // One that is sent at once has waited for no time, which is what the first bucket is for: it ends
  // at 1280 ns.
  EXPECT_GT(decode_reads_below_ns(out, "histogram", "queue")[1280], 0U);
  EXPECT_EQ(saved_counters(out.path()).at("decode").at("completed"), kReads);

  const auto latency = saved_latency(out.path() / "latency", "decode", "total");
  const std::uint64_t kernel_p99 = number(latency, "p99_ns");
  // A bucket ends at most a quarter above where it begins; fio adds submission and completion.
  EXPECT_LE(static_cast<double>(kernel_p99), 1.25 * static_cast<double>(*fio_p99));
  EXPECT_GE(static_cast<double>(kernel_p99), 0.75 * static_cast<double>(*fio_p99));
}

// Every decision has an event: as many as the counters say.
TEST(Tracing, EventsAreAsManyAsTheCountersSay) {
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  spec.script +=
      "kairo_device size_gib=1\n"
      "mount -t tracefs tracefs /sys/kernel/tracing 2> /dev/null\ncd /sys/kernel/tracing\n"
      "echo 8192 > buffer_size_kb\necho 1 > events/kairo/enable || fail 'no kairo events'\n"
      "echo 10 > /sys/block/kssd0/queue/iosched/prefill_max_wait_us\n"
      "echo 2 > /sys/block/kssd0/queue/nomerges\n";
  spec.script += "fio --output=/dev/null " +
                 job("decode", "--rw=randread --bs=64k --iodepth=16 --number_ios=1009") +
                 job("prefill", "--rw=randwrite --bs=64k --iodepth=64 --number_ios=751") +
                 job("evict", "--rw=randtrim --bs=1m --iodepth=4 --number_ios=127") +
                 " || fail fio\n";
  spec.script +=
      "echo 0 > events/kairo/enable\ncat $counters > /out/counters\n"
      "for event in classify dispatch held escape late budget; do\n"
      "  echo $event $(grep -c \": kairo_$event:\" trace)\ndone > /out/events\n"
      "grep steps $debug/control >> /out/events\n"
      "echo gaps $(grep -c ': kairo_budget:.* gap_ns [1-9]' trace) >> /out/events\n";
  boot_ok(spec);

  const auto events = saved_numbers(out.path() / "events");
  std::map<std::string, std::uint64_t> sum;
  for (const auto& [cls, row] : saved_counters(out.path()))
    for (const auto& [column, value] : row) sum[column] += value;
  // A part that was split off has its own request.
  EXPECT_EQ(number(events, "classify"), 1009U + 751 + 127 + sum["split"]);
  EXPECT_EQ(number(events, "dispatch"), sum["dispatched"]);
  EXPECT_EQ(number(events, "held"), sum["held"]);
  EXPECT_EQ(number(events, "escape"), sum["escaped"]);
  EXPECT_EQ(number(events, "late"), sum["late"]);
  EXPECT_EQ(number(events, "budget"), number(events, "steps"));
  // Prefill waits for room: it takes a processor to send the next one.
  EXPECT_GT(number(events, "gaps"), 0U);
  EXPECT_GT(sum["held"], 0U);
  EXPECT_GT(sum["late"], 0U);
}

// The longest time that a request of the class waited in the scheduler, ns.
std::uint64_t longest_wait_ns(const base::TempDir& out, const std::string& cls) {
  return number(saved_latency(out.path() / "latency", cls, "queue"), "max_ns");
}

// The drive takes eight requests at a time, and prefetch always has more: a decode read is the next
// one that it gets.
TEST(Order, DecodeReadsPassABacklogOfPrefetch) {
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  spec.script +=
      "kairo_device size_gib=1 tags=8\ncd /sys/block/kssd0/queue/iosched\n"
      "echo off > control || fail control\necho 65536 > prefetch_budget_kib || fail budget\n"
      "fio --output=/dev/null ";
  spec.script +=
      job("decode", "--rw=randread --bs=64k --iodepth=1 --number_ios=211 --io_size=100g") +
      job("prefetch", "--rw=randread --bs=64k --iodepth=64 --time_based=1 --runtime=300ms") +
      " || fail fio\ncat $debug/latency > /out/latency\ncat $counters > /out/counters\n";
  boot_ok(spec);
  EXPECT_EQ(saved_counters(out.path()).at("decode").at("completed"), 211U);
  EXPECT_GT(saved_counters(out.path()).at("prefetch").at("completed"), 10'000U);
  // A read takes 80 us: within that one of the eight ends.
  EXPECT_LE(longest_wait_ns(out, "decode"), 500'000U);
}

// Reads without a hint, always more than the drive takes, go before writes, but not for ever: long
// before their deadline of five seconds it is the writes' turn.
TEST(Order, ReadsDoNotStarveWrites) {
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  const std::string read = job("normal", "--rw=randread --bs=64k --iodepth=64 --time_based=1 ");
  const std::string write = job("normal", "--rw=randwrite --bs=64k --iodepth=1 --number_ios=31 ");
  // As many as the drive takes and they would all be there at times: then writes go anyway.
  spec.script +=
      "kairo_device size_gib=1 tags=8\n"
      "echo 128 > /sys/block/kssd0/queue/nr_requests || fail nr_requests\n";
  spec.script += "fio --output=/dev/null " + read + "--runtime=600ms &\nsleep 0.1\n";
  spec.script += "fio --output=/dev/null " + write + "|| fail writes\nwait $! || fail reads\n";
  boot_ok(spec, "cat $debug/latency > /out/latency\n");
  EXPECT_LE(longest_wait_ns(out, "normal"), 50'000'000U);
}

// Decode reads that saturate a device with few tags wait above it, all the time: the others go when
// they have expired, not before and not later than a batch of decode reads after that, and each is
// counted as one that went ahead of its turn.
TEST(Waits, EveryClassMovesUnderSaturatingDecode) {
  constexpr std::uint64_t kRequests = 41, kWaitNs = 20'000'000;
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  spec.script +=
      // Slower than the processor: decode reads are always waiting.
      "kairo_device size_gib=1 tags=8 read_us=200\n"
      "echo 256 > /sys/block/kssd0/queue/nr_requests || fail nr_requests\n"
      "cd /sys/block/kssd0/queue/iosched\n"
      "for class in prefetch prefill evict; do echo 20000 > ${class}_max_wait_us; done\n"
      "echo 1 > expired_batch; echo 128 > regular_batch\n";
  // decode begins before the others and ends after them, which are one at a time
  spec.script +=
      "fio --output=/dev/null " +
      job("decode", "--rw=randread --bs=64k --iodepth=128 --time_based=1 --runtime=2500ms") +
      job("prefetch", "--rw=randread --bs=64k --iodepth=1 --number_ios=41 --startdelay=200ms") +
      job("prefill", "--rw=randwrite --bs=64k --iodepth=1 --number_ios=41 --startdelay=200ms") +
      job("evict", "--rw=randtrim --bs=1m --iodepth=1 --number_ios=41 --startdelay=200ms") +
      " || fail fio\nbalanced\ncat $debug/latency > /out/latency\ncat $counters > /out/counters\n";
  boot_ok(spec);
  auto counters = saved_counters(out.path());
  for (const std::string cls : {"prefetch", "prefill", "evict"}) {
    // Prefill may be split for a trial, once.
    const std::uint64_t split = counters[cls]["split"];
    EXPECT_LE(split, cls == "prefill" ? 4U : 0U);
    for (const char* const column : {"queued", "dispatched", "expired", "escaped"})
      EXPECT_EQ(counters[cls][column], kRequests + split) << cls << " " << column;

    const Row waits = saved_latency(out.path() / "latency", cls, "queue");
    EXPECT_EQ(number(waits, "samples"), kRequests + split) << cls;
    EXPECT_GE(number(waits, "p50_ns"), kWaitNs) << cls;
    // One of each other class and 128 reads before it: 200 us each on 8 dies, 3.2 ms; and one more
    // such batch.
    EXPECT_LE(number(waits, "max_ns"), kWaitNs + 8'000'000) << cls;
  }
}

// A latency below what costs no throughput: the budgets shrink, and reads get faster by it. Budgets
// that look too small because nothing waits inside the device must not grow back.
TEST(Target, TradesThroughputForLatency) {
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  spec.script +=
      "for target in 0 250; do\n"
      "  kairo_device size_gib=1\n"
      "  echo $target > /sys/block/kssd0/queue/iosched/decode_target_us || fail tunable\n"
      "  (sleep 1.6; cat $debug/control > /out/control$target) &\n"
      "  fio --time_based=1 --runtime=2 --output-format=json+ --output=/out/fio$target.json ";
  spec.script +=
      job("decode", "--rw=randread --bs=64k --iodepth=64 --kv_rate=5000 --ramp_time=500ms") +
      job("prefill", "--rw=write --bs=1m --iodepth=16 --runtime=2600ms") +
      " || fail fio\n  wait\n  remove_device\ndone\n";
  boot_ok(spec);

  std::uint64_t squeeze[2] = {}, p90_ns[2] = {}, p99_ns[2] = {};
  const char* const targets[2] = {"0", "250"};
  for (int i = 0; i < 2; ++i) {
    const std::string name = std::string("control") + targets[i];
    squeeze[i] = number(saved_numbers(out.path() / name), "squeeze_256ths");
    const auto text = base::read_file(out.path() / fmt::format("fio{}.json", targets[i]), 8 << 20);
    ASSERT_TRUE(text);
    const auto fio = reports::parse_fio_json(*text, "fio.json");
    ASSERT_TRUE(fio) << fio.error().message;
    const auto& histogram = fio->jobs.at(0).directions[0].latency.histogram;
    p90_ns[i] = histogram.percentile(90).value_or(0);
    p99_ns[i] = histogram.percentile(99).value_or(0);
  }
  // Of budget and rate, which are found by trial and so are others each time.
  EXPECT_EQ(squeeze[0], 256U);
  EXPECT_LT(squeeze[1], 256U);
  // A read may still meet one program, whatever the budget: less of them do.
  EXPECT_LT(static_cast<double>(p90_ns[1]), 0.75 * static_cast<double>(p90_ns[0]));
  EXPECT_LT(p99_ns[1], p99_ns[0]);
  EXPECT_GT(p99_ns[1], 80'000U);
}

// Reads of 4 KiB in sequence, one submission each, wait for each other when asked to, and join; at
// random places they never do. No read is lost or longer than the queue's limits allow.
TEST(Merging, SmallReadsInSequenceJoin) {
  kernel::GuestSpec spec = lab_guest();
  spec.script +=
      "for kib in 0 32; do for rw in read randread; do\n"
      "  kairo_device size_gib=1 max_request_kib=16\n"
      "  echo $kib > /sys/block/kssd0/queue/iosched/decode_merge_kib || fail tunable\n"
      "  fio --output=/dev/null --rw=$rw ";
  spec.script += job("decode", "--bs=4k --iodepth=32 --number_ios=2003 --io_size=100g") +
                 " || fail fio\n"
                 "  balanced\n"
                 "  [ $(count decode dispatched) -lt 1000 ] && how=joined || how=apart\n"
                 "  echo $kib $rw $(count decode queued) $how\n"
                 "  larger=0\n"
                 "  for size in 32k 64k 128k 256k 512k larger; do\n"
                 "    larger=$((larger + $(cell $debug/sizes $size decode)))\n"
                 "  done\n"
                 "  echo larger: $larger\n"
                 "  remove_device\ndone; done\n";
  EXPECT_EQ(boot_ok(spec).output,
            "0 read 2003 apart\nlarger: 0\n0 randread 2003 apart\nlarger: 0\n"
            "32 read 2003 joined\nlarger: 0\n32 randread 2003 apart\nlarger: 0\n");
}

// 1 GiB of discards goes in pieces of 64 MiB; nothing else is split on a drive that gains nothing.
// Where a write takes two programs, because its pages are more than the dies, prefill is split.
TEST(Split, DiscardsAndWhatTheDriveDoesInParts) {
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  spec.script += "kairo_device size_gib=1\nfio --output=/dev/null " +
                 job("evict", "--rw=trim --bs=1g --iodepth=1 --number_ios=1") +
                 " || fail fio\nbalanced\n"
                 "echo evict $(count evict queued) split $(count evict split)\nremove_device\n";
  spec.script +=
      "for geometry in 'dies=8 page_kib=64' 'dies=4 page_kib=16'; do\n"
      "  make_device size_gib=1 max_request_kib=128 read_us=15 program_us=40 $geometry\n"
      "  use_scheduler kairo\n"
      "  fio --time_based=1 --runtime=1s --output=/dev/null ";
  spec.script += job("decode", "--rw=randread --bs=64k --iodepth=64 --kv_rate=2000") +
                 job("prefill", "--rw=write --bs=1m --iodepth=16") +
                 " || fail fio\n"
                 "  grep prefill_request_bytes $debug/control || echo whole\n"
                 "  grep '^prefill ' $debug/sizes\n  remove_device\ndone\n";
  const auto result = boot_ok(spec);
  EXPECT_THAT(result.output, ::testing::HasSubstr("evict 16 split 15\n"));
  // All parts begin and end at multiples of their size: none is smaller than the trial's 32 KiB.
  EXPECT_THAT(result.output,
              ::testing::ContainsRegex("whole\nprefill .*\n"
                                       "prefill_request_bytes 65536\nprefill 0 0 0 "));
}

// Prefill of any size, with nothing to protect from it, is not held back: it once was, one request
// at a time, when its requests were too small to be split.
TEST(Split, SmallRequestsAreNotSentOneByOne) {
  kernel::GuestSpec spec = lab_guest();
  spec.script +=
      "for kib in 4 8 16 32; do\n"
      "  kairo_device size_gib=1 dies=64 page_kib=4 program_us=50\n"
      "  fio --output=/dev/null --bs=${kib}k ";
  spec.script += job("prefill", "--rw=randwrite --iodepth=64 --number_ios=20011 --io_size=100g") +
                 " || fail fio\n"
                 "  balanced\n"
                 "  [ $(count prefill held) -lt 2001 ] && how=free || how=held\n"
                 "  echo $kib $(count prefill queued) $how\n  remove_device\ndone\n";
  EXPECT_EQ(boot_ok(spec).output, "4 20011 free\n8 20011 free\n16 20011 free\n32 20011 free\n");
}

// Prefill may have half of the tags, of the number that there are now: blk-mq tells a scheduler of
// a new number before the queue has it.
TEST(Tags, ShareFollowsTheirNumber) {
  kernel::GuestSpec spec = lab_guest();
  spec.script +=
      "kairo_device size_gib=1 tags=64 program_us=4000\n"
      "fio --output=/dev/null --time_based=1 --runtime=3s ";
  spec.script += job("prefill", "--rw=randwrite --bs=4k --iodepth=1024") +
                 "&\nbusy() { awk -F= '$1 == \"busy\" { print $2 }' "
                 "/sys/kernel/debug/block/kssd0/hctx0/sched_tags; }\n"
                 "until [ $(busy) -gt 0 ]; do sleep 0.01; done\n"
                 "for number in 128 32 8 512 64; do\n"
                 "  echo $number > /sys/block/kssd0/queue/nr_requests || fail $number\n"
                 "  most=0\n"
                 "  for sample in $(seq 20); do\n"
                 "    sleep 0.01\n"
                 "    now=$(busy)\n"
                 "    [ $sample -lt 5 ] || [ $now -le $most ] || most=$now\n"
                 "  done\n"
                 "  echo $number $most $(awk -F= '$1 == \"min_shallow_depth\" { print $2 }' "
                 "/sys/kernel/debug/block/kssd0/hctx0/sched_tags)\n"
                 "done\nwait $! || fail fio\n";
  // The third number is half of the less of the old and the new one: sbitmap wakes by it, and a
  // larger one than the share makes it wait for more than can ever end.
  EXPECT_EQ(boot_ok(spec).output, "128 64 64\n32 16 16\n8 4 4\n512 256 4\n64 32 32\n");
}

// What waits for a budget goes when the budget grows, and not when the next program ends: that
// takes a second here.
TEST(Modes, ALargerBudgetIsUsedAtOnce) {
  kernel::GuestSpec spec = lab_guest();
  spec.script +=
      "kairo_device size_gib=1 program_us=1000000\n"
      "tunables=/sys/block/kssd0/queue/iosched\necho off > $tunables/control || fail control\n"
      "echo 64 > $tunables/prefill_budget_kib && echo 10000 > $tunables/decode_idle_ms || fail\n"
      "flight() { awk '$1 == \"prefill\" { print $2; exit }' $debug/in_flight; }\n"
      "fio --output=/dev/null " +
      job("decode", "--rw=randread --bs=64k --number_ios=3") +
      "|| fail decode\nfio --output=/dev/null " +
      job("prefill", "--rw=randwrite --bs=64k --iodepth=8 --number_ios=8 --io_size=100g") +
      "&\nuntil [ $(count prefill queued) = 8 ]; do sleep 0.01; done\n"
      "echo before $(flight)\necho 512 > $tunables/prefill_budget_kib || fail budget\n"
      "sleep 0.1\necho after $(flight)\nwait $! || fail prefill\n";
  EXPECT_EQ(boot_ok(spec).output, "before 1\nafter 8\n");
}

// Off and observe leave the budgets alone; a mode nobody knows is refused.
TEST(Modes, OnlyAdaptiveSetsTheBudgets) {
  kernel::GuestSpec spec = lab_guest();
  spec.script +=
      "kairo_device size_gib=1\ntunables=/sys/block/kssd0/queue/iosched\n"
      "echo never > $tunables/control 2> /dev/null && fail 'takes any mode'\n"
      "echo 512 > $tunables/prefill_budget_kib\n"
      "for mode in off observe adaptive; do\n"
      "  echo $mode > $tunables/control || fail $mode\n"
      "  [ \"$(cat $tunables/control)\" = $mode ] || fail \"$mode is not shown\"\n"
      "  fio --output=/dev/null --time_based=1 --runtime=400ms ";
  spec.script +=
      job("decode", "--rw=randread --bs=64k --iodepth=4") +
      job("prefill", "--rw=write --bs=1m --iodepth=8") +
      " || fail fio\n"
      "  echo $mode $(grep '^prefill ' $debug/in_flight | tail -1) $(grep steps $debug/control)\n"
      "done\n";
  const auto result = boot_ok(spec);
  // off: no steps; both: 512 KiB
  EXPECT_THAT(result.output, ::testing::ContainsRegex("off prefill 0 524288 0 steps 0"));
  EXPECT_THAT(result.output, ::testing::ContainsRegex("observe prefill 0 524288 0 steps [1-9]"));
  EXPECT_THAT(result.output,
              ::testing::Not(::testing::ContainsRegex("adaptive prefill 0 524288 0")));
}

}  // namespace
}  // namespace kairo::testing
