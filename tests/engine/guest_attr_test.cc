// SPDX-License-Identifier: GPL-2.0-only
// kv_path=attr and kv_path=region on the patched kernel: what the engine puts into attributes,
// contexts and regions is what the kernel counts and traces, I/O for I/O.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "guest_lab.h"
#include "kairo/base/files.h"

namespace kairo::testing {
namespace {

using ::testing::HasSubstr;

// A device under kairo, and in the shell:
//   kv NAME OPTIONS...               a job that must succeed; its sidecar is NAME.json
//   refused NAME 'WORDS' OPTIONS...  one that must fail before any I/O and say so in one line
kernel::GuestSpec attr_guest(const std::string& device = "size_gib=1") {
  kernel::GuestSpec spec = lab_guest();
  spec.script += fmt::format(R"sh(
kairo_device {}
chmod 666 /dev/kssd0
events=/sys/kernel/tracing/events/kairo
job() {{
  name=$1; shift
  fio --name=$name --ioengine=external:{} --filename=/dev/kssd0 --direct=1 --thread=1 --bs=64k \
    --iodepth=8 --size=512m --kv_path=attr "$@" >/out/$name.log 2>&1
}}
kv() {{
  job "$@" --kv_stats=/out/$1.json || {{ cat /out/$1.log; fail "$*"; }}
}}
refused() {{
  name=$1; words=$2; shift 2
  before=$(cat $counters)
  job $name "$@" && fail "$name was not refused"
  grep -q "kairo: .*$words" /out/$name.log || {{ cat /out/$name.log; fail "$name: not '$words'"; }}
  [ "$(grep -c 'kairo: ' /out/$name.log)" = 1 ] || {{ cat /out/$name.log; fail "$name"; }}
  [ "$before" = "$(cat $counters)" ] || fail "$name did I/O"
}}
)sh",
                             device, engine_path());
  return spec;
}

nlohmann::json sidecar(const base::TempDir& out, const std::string& job) {
  const auto text = base::read_file(out.path() / (job + ".json"));
  EXPECT_TRUE(text) << job;
  return nlohmann::json::parse(text.value_or("{}"), nullptr, false);
}

Numbers saved_contexts(const base::TempDir& out) {
  return saved_numbers(out.path() / "contexts", 1);
}

std::uint64_t ios_of(const nlohmann::json& sidecar, const char* cls) {
  return sidecar.at("classes").at(cls).at("ios").get<std::uint64_t>();
}

// 101 reads of session 11 and 53 of session 22 in one job, by place; 251 writes of one context; 127
// evictions, which carry nothing; 61 reads whose metadata says nothing.
TEST(GuestAttr, EachIoHasItsClassAndItsContext) {
  kernel::GuestSpec spec = attr_guest();
  const base::TempDir out = keep_output(spec);
  const auto result = boot_ok(spec, R"sh(
echo 4096 > /sys/kernel/tracing/buffer_size_kb
echo 1 > $events/kairo_context/enable || fail "no tracepoint kairo_context"
cat > /tmp/map <<END
0,6464k,decode,7,11,3,session,100
6464k,9856k,prefetch,7,22,3,session
END
kv places --rw=randread --size=9856k --iodepth=1 --kv_map=/tmp/map
kv prefill --rw=randwrite --number_ios=251 --kv_model_id=9 --kv_group_id=5 --kv_lifetime=model
kv evict --rw=randtrim --number_ios=127 --kv_model_id=9
kv silent --rw=randread --number_ios=61
echo 0 > $events/kairo_context/enable
cat $counters > /out/counters
cat $debug/contexts > /out/contexts
trace() { grep kairo_context: /sys/kernel/tracing/trace | grep -c "$1"; }
echo "first $(trace 'decode .* model 7 session 11 pool 3 group 0 lifetime session weight 100 recomputable 1')"
echo "second $(trace 'prefetch .* model 7 session 22 pool 3 group 0 lifetime session weight 100 recomputable 0')"
echo "third $(trace 'prefill .* model 9 session 0 pool 0 group 5 lifetime model')"
echo "all $(trace .)"
)sh");
  EXPECT_THAT(result.output, HasSubstr("first 101\nsecond 53\nthird 251\nall 405\n"));
  const auto counters = saved_counters(out.path());
  for (const auto& [cls, ios] : {std::pair{"decode", 101U + 61U},
                                 {"prefetch", 53U},
                                 {"prefill", 251U},
                                 {"evict", 127U},
                                 {"normal", 0U}})
    EXPECT_EQ(counters.at(cls).at("queued"), ios) << cls;
  const Numbers wanted = {{"lifetime_none", 0},       {"lifetime_short", 0},
                          {"lifetime_session", 154},  {"lifetime_model", 251},
                          {"lifetime_persistent", 0}, {"recomputable", 101}};
  EXPECT_EQ(saved_contexts(out), wanted);
  const auto metadata = sidecar(out, "places").at("metadata");
  EXPECT_EQ(metadata.at("carried"), true);
  EXPECT_EQ(metadata.at("contexts"), 2);
  EXPECT_EQ(sidecar(out, "silent").at("metadata").at("carried"), false);
  EXPECT_EQ(sidecar(out, "silent").at("metadata").at("contexts"), 0);
  EXPECT_EQ(sidecar(out, "prefill").at("probe").at("attr").at("result"), "accepted");
}

// Writes that wait in the scheduler become parts of others' requests; their contexts count all the
// same.
TEST(GuestAttr, MergedIosAreCountedToo) {
  const base::TempDir out = boot_kept(attr_guest(), R"sh(
cd /sys/block/kssd0/queue/iosched
echo off > control || fail control
echo 64 > prefill_budget_kib || fail budget
# The budgets hold only while there are decode reads.
echo 10000 > decode_idle_ms || fail decode_idle_ms
kv reads --rw=randread --number_ios=1 --kv_class=decode
kv merged --rw=write --bs=4k --iodepth=64 --number_ios=503 --kv_model_id=9 --kv_lifetime=model
cat $counters > /out/counters
cat $debug/contexts > /out/contexts
)sh");
  const auto counters = saved_counters(out.path());
  EXPECT_EQ(counters.at("prefill").at("queued"), 503U);
  EXPECT_GT(counters.at("prefill").at("merged"), 50U);
  EXPECT_EQ(saved_contexts(out).at("lifetime_model"), 503U);
}

// Drawn sessions, a drawn share that can be computed again, sessions of a workload.
TEST(GuestAttr, SessionsOfOneJobAreSeenApart) {
  kernel::GuestSpec spec = attr_guest();
  const base::TempDir out = keep_output(spec);
  const auto files = base::TempDir::create("kairo-workload-");
  ASSERT_TRUE(files);
  std::string workload =
      "# kairo-workload 1\n# device_bytes=67108864\n# records=160\n# duration_ns=160000000\n"
      "# source=t\n# sample=true\ntime_ns,class,offset,length,session\n";
  for (unsigned i = 0; i < 160; ++i)
    workload += fmt::format("{},{},{},65536,{}\n", i * 1'000'000,
                            i < 97    ? "decode"
                            : i < 140 ? "prefetch"
                                      : "prefill",
                            i % 64 * 2 * 65536 % 8'388'608,
                            i < 97    ? 0
                            : i < 140 ? 4
                                      : 9);
  workload += "# end records=160\n";
  ASSERT_TRUE(base::write_file(files->path() / "w", workload));
  spec.files.push_back({files->path() / "w", "/w"});
  const auto result = boot_ok(spec, R"sh(
echo 4096 > /sys/kernel/tracing/buffer_size_kb
echo 1 > $events/kairo_context/enable || fail "no tracepoint kairo_context"
trace() { grep kairo_context: /sys/kernel/tracing/trace | grep -c "$1"; }
kv drawn --rw=randread --number_ios=1009 --kv_sessions=2 --kv_model_id=7 --kv_recompute=30
first=$(trace 'decode .* model 7 session 1 ')
second=$(trace 'decode .* model 7 session 2 ')
again=$(trace 'model 7 .* recomputable 1 ')
echo "drawn $((first + second)) $((first > 400 && second > 400)) $((again > 230 && again < 375))"
kv replay --rw=rw --iodepth=64 --kv_trace=/w --kv_lifetime=short
echo "replay $(trace 'decode .* session 0 .* lifetime short') \
$(trace 'prefetch .* session 4 .* lifetime short') $(trace 'prefill .* session 9 .* lifetime short')"
)sh");
  EXPECT_THAT(result.output, HasSubstr("drawn 1009 1 1\n"));
  EXPECT_THAT(result.output, HasSubstr("replay 97 43 20\n"));
  EXPECT_EQ(sidecar(out, "drawn").at("metadata").at("contexts"), 4);
  EXPECT_EQ(sidecar(out, "drawn").at("metadata").at("sessions_carried"), 2);
  const auto metadata = sidecar(out, "replay").at("metadata");
  EXPECT_EQ(metadata.at("contexts"), 3);
  EXPECT_EQ(metadata.at("sessions_carried"), 3);
  EXPECT_EQ(metadata.at("ios_without_session"), 0);
}

// A read takes 1 ms. The deadline of an open loop counts from the intended start.
TEST(GuestAttr, PrefetchDeadlinesReachTheScheduler) {
  kernel::GuestSpec spec = attr_guest("size_gib=1 read_us=1000");
  const base::TempDir out = keep_output(spec);
  const auto result = boot_ok(spec, R"sh(
due_and_late() { echo $(count prefetch due) $(count prefetch late); }
prefetch() { name=$1; shift; kv $name --rw=randread --iodepth=1 --kv_class=prefetch "$@"; }
prefetch in_time --number_ios=101 --kv_deadline=prefetch/50ms:decode/1s
echo "in time $(due_and_late)"
prefetch too_late --number_ios=53 --kv_deadline=prefetch/500us
echo "too late $(due_and_late)"
prefetch unsaid --number_ios=29
echo "unsaid $(due_and_late)"
# 25 at once, one after the other: the last ones start 20 ms and more after their time.
prefetch open --number_ios=25 --kv_rate=100000 --kv_deadline=prefetch/20ms
echo "open $(due_and_late)"
)sh");
  EXPECT_THAT(result.output, HasSubstr("in time 101 0\n"));
  EXPECT_THAT(result.output, HasSubstr("too late 154 53\n"));
  EXPECT_THAT(result.output, HasSubstr("unsaid 154 53\n"));
  EXPECT_EQ(sidecar(out, "in_time").at("classes").at("prefetch").at("deadline_misses"), 0);
  EXPECT_EQ(sidecar(out, "too_late").at("classes").at("prefetch").at("deadline_misses"), 53);
  const auto misses =
      sidecar(out, "open").at("classes").at("prefetch").at("deadline_misses").get<unsigned>();
  EXPECT_GE(misses, 4U);
  EXPECT_LE(misses, 8U);
  // The kernel's deadline is up to a fifth earlier: of 20 ms, those that start in the last 4 too.
  const std::string open = result.output.substr(result.output.find("open 179 "));
  const unsigned late = static_cast<unsigned>(std::stoul(open.substr(9))) - 53;
  EXPECT_GE(late, misses);
  EXPECT_LE(late, misses + 5);
}

// What the kernel does not give is said before the first I/O, and what was given comes back.
TEST(GuestAttr, LimitsAndPrivileges) {
  const base::TempDir out = boot_kept(attr_guest(), R"sh(
limit=/proc/sys/user/max_kairo_contexts
echo 3 > $limit || fail sysctl
refused many 'the kernel gave 3 of the 8 contexts .* (raise sysctl user.max_kairo_contexts' \
  --rw=randread --number_ios=5 --kv_sessions=8
echo 1001 > $limit
# The ring of the refused job goes a little later.
sleep 1
for i in 1 2 3 4; do
  kv full$i --rw=randread --number_ios=101 --kv_model_id=1 --kv_sessions=2000
done
refused persistent 'lifetime persistent: no privilege .* (run as root or with CAP_SYS_NICE' \
  --rw=randread --number_ios=5 --kv_lifetime=persistent --uid=65534
refused realtime 'kv_prio=rt: no privilege for the real-time I/O class' \
  --rw=randread --number_ios=5 --kv_prio=rt --uid=65534
refused buffered 'kv_path=attr: /dev/kssd0: .*they are for direct I/O: set direct=1' \
  --rw=randread --number_ios=5 --direct=0
kv persistent_root --rw=randread --number_ios=13 --kv_lifetime=persistent
cat $debug/contexts > /out/contexts
)sh");
  EXPECT_EQ(saved_contexts(out).at("lifetime_persistent"), 13U);
  const auto metadata = sidecar(out, "full4").at("metadata");
  EXPECT_EQ(metadata.at("contexts"), 1001);
  EXPECT_EQ(metadata.at("sessions_carried"), 1000);
  const auto left = metadata.at("ios_without_session").get<unsigned>();
  EXPECT_GT(left, 25U);
  EXPECT_LT(left, 76U);
}

// kv_prio goes beside the attribute, and only if it is given; auto takes the attribute.
TEST(GuestAttr, PrioritiesAndTheChoice) {
  kernel::GuestSpec spec = attr_guest();
  const base::TempDir out = keep_output(spec);
  const auto result = boot_ok(spec, R"sh(
echo 1 > /sys/kernel/tracing/events/block/block_rq_insert/enable || fail "no block_rq_insert"
priorities() { grep -c "block_rq_insert: .* $1 " /sys/kernel/tracing/trace; }
kv given --rw=randread --number_ios=37 --kv_prio=rt
kv own --rw=randread --number_ios=17 --prioclass=2 --prio=6
echo "rt $(priorities rt,8,0) be $(priorities be,8,6)"
kv chosen --rw=randread --number_ios=41 --kv_path=auto
grep 'kairo: ' /out/chosen.log
kv polled --rw=randrw --number_ios=23 --fixedbufs --registerfiles --kv_model_id=4
kv thread --rw=randread --number_ios=19 --sqthread_poll --kv_sessions=3
kv verified --rw=randwrite --number_ios=43 --kv_model_id=4 --verify=crc32c --do_verify=0
cat $counters > /out/counters
)sh");
  EXPECT_THAT(result.output, HasSubstr("rt 37 be 17\n"));
  EXPECT_THAT(result.output, HasSubstr("kairo: kv_path=auto uses attr\n"));
  EXPECT_EQ(sidecar(out, "given").at("kv_prio"), "rt");
  EXPECT_TRUE(sidecar(out, "own").at("kv_prio").is_null());
  EXPECT_EQ(sidecar(out, "chosen").at("kv_path").at("used"), "attr");
  const auto counters = saved_counters(out.path());
  const auto mixed = sidecar(out, "polled").at("classes");
  EXPECT_EQ(counters.at("decode").at("queued"),
            37U + 17U + 41U + 19U + mixed.at("decode").at("ios").get<unsigned>());
  EXPECT_EQ(counters.at("prefill").at("queued"),
            43U + mixed.at("prefill").at("ios").get<unsigned>());
  EXPECT_EQ(counters.at("normal").at("queued"), 0U);
}

// Flags of writes go with writes alone; trims and jobs without flags carry none.
TEST(GuestAttr, SemanticsFlagsAreThoseOfTheJob) {
  kernel::GuestSpec spec = attr_guest();
  const base::TempDir out = keep_output(spec);
  const auto result = boot_ok(spec, R"sh(
# Adaptive, it would split prefill where that is faster.
echo off > /sys/block/kssd0/queue/iosched/control || fail control
echo 4096 > /sys/kernel/tracing/buffer_size_kb
echo 1 > $events/kairo_semantics/enable || fail "no tracepoint kairo_semantics"
all=ephemeral:nodurability:avoidcache
kv one --rw=randwrite --number_ios=101 --kv_semantics=ephemeral
kv three --rw=randwrite --number_ios=53 --kv_semantics=$all --kv_model_id=9
kv reads --rw=randread --number_ios=29 --kv_semantics=$all
kv mixed --rw=randrw --number_ios=211 --kv_semantics=$all
kv none --rw=randwrite --number_ios=17
kv trims --rw=randtrim --number_ios=13 --kv_semantics=ephemeral
cat $debug/semantics > /out/semantics
trace() { grep kairo_semantics: /sys/kernel/tracing/trace | grep -c "$1"; }
echo "ephemeral $(trace 'prefill .* flags ephemeral context 0')"
echo "all $(trace 'prefill .* flags ephemeral|no_durability|avoid_pagecache context [1-9]')"

# What a file opened with O_SYNC asks for is taken off one write at a time, if at all.
echo 1 > $events/../block/block_rq_issue/enable || fail "no tracepoint block_rq_issue"
kv durable --rw=randwrite --number_ios=31 --sync=1
kv lasting --rw=randwrite --number_ios=37 --sync=1 --kv_semantics=nodurability
kv ephemeral --rw=randwrite --number_ios=41 --sync=1 --kv_semantics=ephemeral
issued() { grep block_rq_issue: /sys/kernel/tracing/trace | grep -c " $1 "; }
echo "durable $(issued WFS) written $(issued WS)"
refused semantics "kv_semantics=lasting: 'lasting' is not one of" \
  --rw=randread --number_ios=5 --kv_semantics=lasting
)sh");
  EXPECT_THAT(result.output, HasSubstr("ephemeral 101\nall 53\n"));
  EXPECT_THAT(result.output, HasSubstr("durable 72 written 37\n"));
  const auto mixed = sidecar(out, "mixed");
  const std::uint64_t reads = ios_of(mixed, "decode"), writes = ios_of(mixed, "prefill");
  EXPECT_EQ(reads + writes, 211U);
  EXPECT_GT(reads, 50U);
  EXPECT_GT(writes, 50U);
  const Numbers wanted = {{"ephemeral", 101 + 53 + writes},
                          {"recomputable", 0},
                          {"evict_cleanup", 0},
                          {"no_durability", 53 + writes},
                          {"avoid_pagecache", 53 + 29 + writes + reads}};
  EXPECT_EQ(saved_numbers(out.path() / "semantics", 1), wanted);
}

// The I/O itself says nothing: all of it is inside the region that its file is, in every way
// through the ring, and the kernel counts it there and in its class.
TEST(GuestRegionPath, EveryFileIsARegionOfTheRing) {
  kernel::GuestSpec spec = attr_guest("size_gib=1 memory_backed=1");
  const base::TempDir out = keep_output(spec);
  spec.programs.emplace_back("/usr/sbin/mkfs.ext4");
  const auto result = boot_ok(spec, R"sh(
echo off > /sys/block/kssd0/queue/iosched/control || fail control
echo 2 > /sys/block/kssd0/queue/nomerges
region() { kv "$@" --kv_path=region; }
region reads --rw=randread --number_ios=101
region writes --rw=randwrite --number_ios=53
region mixed --rw=randrw --number_ios=211
region prefetch --rw=randread --number_ios=29 --kv_class=prefetch,prefill,evict
region trims --rw=randtrim --number_ios=13
region fixed --rw=randread --number_ios=17 --fixedbufs --registerfiles
region thread --rw=randread --number_ios=19 --sqthread_poll
region worker --rw=randread --number_ios=23 --force_async=1
kv without --rw=randread --number_ios=7 --kv_path=none
cat $counters > /out/counters
cat /sys/kernel/debug/io_uring_kv/regions > /out/regions

mkfs.ext4 -q -F /dev/kssd0 64m > /dev/null || fail mkfs
mkdir /tmp/m && mount /dev/kssd0 /tmp/m || fail mount
value() { awk -v key=$1 '$1 == key { print $2 }' /sys/kernel/debug/io_uring_kv/regions; }
inside=$(value inside)
region files --filename=/tmp/m/a:/tmp/m/b:/tmp/m/c --size=6m --rw=randread --number_ios=61
echo "files inside $(($(value inside) - inside)) outside $(value outside)"
umount /tmp/m || fail "the file system is busy"

echo 0 > /proc/sys/user/max_kairo_regions || fail sysctl
refused limit 'no region left (raise sysctl user.max_kairo_regions' \
  --rw=randread --number_ios=5 --kv_path=region
echo 1 > /proc/sys/user/max_kairo_regions
refused split 'a region has one class for its reads' \
  --rw=randread --number_ios=5 --kv_path=region --kv_split=decode/50:prefetch/50
refused buffered 'the class of a region is for direct I/O (set direct=1' \
  --rw=randread --number_ios=5 --kv_path=region --direct=0
dd if=/dev/zero of=/tmp/file bs=1M count=1 2> /dev/null || fail dd
refused tmpfs 'kernel or file system refuses regions' \
  --rw=randread --number_ios=5 --kv_path=region --filename=/tmp/file --size=1m
)sh");
  const auto mixed = sidecar(out, "mixed");
  const std::uint64_t reads = ios_of(mixed, "decode"), writes = ios_of(mixed, "prefill");
  EXPECT_EQ(reads + writes, 211U);
  const auto counters = saved_counters(out.path());
  EXPECT_EQ(counters.at("decode").at("queued"), 101 + reads + 17 + 19 + 23);
  EXPECT_EQ(counters.at("prefill").at("queued"), 53 + writes);
  EXPECT_EQ(counters.at("prefetch").at("queued"), 29U);
  EXPECT_EQ(counters.at("evict").at("queued"), 13U);
  EXPECT_EQ(counters.at("normal").at("queued"), 7U);
  const auto regions = saved_numbers(out.path() / "regions");
  EXPECT_EQ(regions.at("inside"), 101U + 53 + 211 + 29 + 17 + 19 + 23);
  EXPECT_EQ(regions.at("crossing"), 0U);
  EXPECT_EQ(regions.at("outside"), 0U);
  EXPECT_THAT(result.output, HasSubstr("files inside 61 outside 0\n"));
  EXPECT_EQ(sidecar(out, "reads").at("kv_path").at("used"), "region");
  EXPECT_EQ(sidecar(out, "reads").at("probe").at("region").at("result"), "accepted");
}

}  // namespace
}  // namespace kairo::testing
