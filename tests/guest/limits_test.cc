// SPDX-License-Identifier: GPL-2.0-only
// Drives whose blocks and limits are not those of the flash model, with requests that the scheduler
// splits; and a kernel whose timers are as coarse as its tick.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kairo/base/text.h"
#include "kairo/base/units.h"
#include "merge_guest.h"
#include "nvme_guest.h"

namespace kairo::testing {
namespace {

using ::testing::ContainsRegex;

// null_disk ATTRIBUTE=VALUE...: a null_blk disk /dev/limits under kairo that keeps its data.
// evictions KIB: the size of the largest discard; a value that the kernel does not take is fine.
constexpr const char* kFunctions = R"sh(
null_disk() {
  disk=/sys/kernel/config/nullb/limits
  mkdir $disk || fail "no null_blk"
  for pair in size=64 memory_backed=1 discard=1 irqmode=2 completion_nsec=20000 hw_queue_depth=8 \
    "$@"; do
    echo ${pair#*=} > $disk/${pair%%=*} || fail "null_blk attribute $pair"
  done
  echo 1 > $disk/power || fail "null_blk does not start: $*"
  echo kairo > /sys/block/limits/queue/scheduler || fail "no kairo scheduler"
}
evictions() { echo $2 > /sys/block/$1/queue/iosched/evict_request_kib 2> /dev/null; }
)sh";

kernel::GuestSpec limits_guest() {
  kernel::GuestSpec spec = merge_guest();
  add_built(spec, KAIRO_STACK_PROBE);
  spec.script += kFunctions;
  return spec;
}

// An NVMe drive that takes nothing but whole blocks of 4 KiB.
TEST(GuestLimits, EvictionsOfADriveWith4KiBBlocks) {
  kernel::GuestSpec spec = limits_guest();
  add_emulated_drive(spec, 256,
                     {"nvme,serial=kairo,drive=drive,logical_block_size=4096,"
                      "physical_block_size=4096"});
  boot_ok(spec, R"sh(
until [ -e /dev/nvme0n1 ]; do sleep 0.1; done
[ $(cat /sys/block/nvme0n1/queue/logical_block_size) = 4096 ] || fail "not 4 KiB"
echo kairo > /sys/block/nvme0n1/queue/scheduler || fail "no kairo scheduler"
for kib in 64 65 66 67 100 127 1001; do
  evictions nvme0n1 $kib
  echo "asked for $kib, is $(cat /sys/block/nvme0n1/queue/iosched/evict_request_kib)"
  merge_probe zeroes /dev/nvme0n1
done
)sh");
}

struct Stored {
  const char* name;
  const char* device;  // QEMU's
  const char* disk;
  unsigned physical;  // bytes of a physical block; logical ones have 512
  unsigned discards;  // in one request
};

class StoredData : public ::testing::TestWithParam<Stored> {};

// Whatever is not a whole physical block the drive reads, changes and writes. Where one request
// takes several discards they merge by other code.
TEST_P(StoredData, IsWhole) {
  const Stored drive = GetParam();
  kernel::GuestSpec spec = limits_guest();
  const auto folder = base::TempDir::create("kairo-drive-");
  ASSERT_TRUE(folder);
  add_stored_drive(spec, folder->path() / "drive", 64, {drive.device});
  spec.script += fmt::format(R"sh(
until [ -e /dev/{0} ]; do sleep 0.1; done
queue=/sys/block/{0}/queue
for pair in logical_block_size=512 physical_block_size={1} max_discard_segments={2}; do
  [ $(cat $queue/${{pair%=*}}) = ${{pair#*=}} ] || fail "$pair is $(cat $queue/${{pair%=*}})"
done
echo kairo > $queue/scheduler || fail "no kairo scheduler"
# As many tags as a round needs, so that none is sent twice.
echo 1023 > $queue/nr_requests || fail "too few tags"
for block in 512 4096; do
  evictions {0} $((64 + block / 512))
  merge_probe fuzz device=/dev/{0} seed=$block ios=1000 block=$block most_bytes=131072 \
    async_discards=0 scheduler=0 tunables=0 depth=0
done
merge_probe fuzz device=/dev/{0} seed=7 ios=1000 most_bytes=131072
)sh",
                             drive.disk, drive.physical, drive.discards);
  const std::string output = boot_ok(spec).output;
  std::printf("%s", output.c_str());
  EXPECT_THAT(output,
              ContainsRegex("(discards [1-9][0-9]*\nof these in a plug [1-9][0-9](.|\n)*){2}"));
  EXPECT_THAT(output, ContainsRegex("merged reads [1-9][0-9]* writes [1-9]"));
  EXPECT_THAT(output, ContainsRegex("splits [1-9]"));
}

INSTANTIATE_TEST_SUITE_P(
    GuestLimits, StoredData,
    ::testing::Values(Stored{"SeveralDiscardsInOne", "nvme,serial=kairo,drive=drive", "nvme0n1",
                             512, 256},
                      Stored{"Blocks512Of4096",
                             "virtio-blk-pci,drive=drive,logical_block_size=512,"
                             "physical_block_size=4096",
                             "vda", 4096, 1}),
    [](const auto& drive) { return std::string(drive.param.name); });

struct Limits {
  const char* name;
  const char* attributes;
  unsigned block;  // also the alignment of memory: null_blk copies whole blocks from any segment
};

class Data : public ::testing::TestWithParam<Limits> {};

TEST_P(Data, IsWhole) {
  const Limits limits = GetParam();
  kernel::GuestSpec spec = limits_guest();
  spec.script += fmt::format(R"sh(
null_disk {0}
for kib in 65 67 64; do
  evictions limits $kib
  merge_probe fuzz device=/dev/limits seed=$kib ios=700 block={1} memory_bytes={1} \
    most_bytes=262144 scheduler=0 tunables=0
done
merge_probe fuzz device=/dev/limits seed=7 ios=700 block={1} memory_bytes={1} most_bytes=262144
)sh",
                             limits.attributes, limits.block);
  EXPECT_THAT(boot_ok(spec).output, ContainsRegex("splits [1-9]"));
}

INSTANTIATE_TEST_SUITE_P(
    GuestLimits, Data,
    ::testing::Values(Limits{"Blocks512", "blocksize=512", 512},
                      Limits{"Blocks4096", "blocksize=4096", 4096},
                      Limits{"RequestsOf12KiB", "blocksize=512 max_sectors=24", 512},
                      Limits{"RequestsOf20KiBOf4096", "blocksize=4096 max_sectors=40", 4096},
                      Limits{"Boundary", "blocksize=4096 virt_boundary=1", 4096}),
    [](const auto& drive) { return std::string(drive.param.name); });

// Chunks of a drive on which kairo splits prefill and evictions, by sizes that do not divide a
// chunk: requests are cut at both.
TEST(GuestLimits, SplitsMeetChunks) {
  kernel::GuestSpec spec = limits_guest();
  spec.script += R"sh(
make_device size_gib=1 memory_backed=1 hw_queues=2 dies=2 page_kib=16 read_us=20 program_us=40 \
  discard_us=10 max_request_kib=512 chunk_kib=100
[ $(cat /sys/block/kssd0/queue/chunk_sectors) = 200 ] || fail "no chunks of 100 KiB"
use_scheduler kairo
tracing=/sys/kernel/tracing
echo 1 > $tracing/events/block/block_rq_issue/enable
for kib in 65 67 64; do
  evictions kssd0 $kib
  merge_probe fuzz device=/dev/kssd0 seed=$kib ios=700 most_bytes=524288 scheduler=0 tunables=0 depth=0
done
balanced
echo "split $(count prefill split) $(count evict split)"
merge_probe fuzz device=/dev/kssd0 seed=7 ios=700 most_bytes=524288 depth=0
echo 0 > $tracing/events/block/block_rq_issue/enable
# Sectors are in the words "SECTOR + LENGTH". Discards may cross chunks, on any kernel.
awk '/block_rq_issue: [0-9,]+ [^D ]* / {
  for (i = 1; i < NF; i++) if ($i == "+" && $(i + 1) > 0) {
    seen++
    if (int($(i - 1) / 200) != int(($(i - 1) + $(i + 1) - 1) / 200)) crossed++
  }
}
END { print "issued", seen + 0, "crossed", crossed + 0 }' $tracing/trace
[ "$(head -n 1 $debug/check)" = ok ] || fail "$(cat $debug/check)"
echo "split $(count prefill split) $(count evict split)"
)sh";
  EXPECT_THAT(boot_ok(spec).output, AllOf(ContainsRegex("issued [1-9][0-9][0-9][0-9]+ crossed 0"),
                                          ContainsRegex("split [1-9][0-9]* [1-9]")));
}

// A bound that no request may cross. The device has it for its zones, all but one of which take
// writes in any order.
TEST(GuestLimits, DataAcrossChunks) {
  kernel::GuestSpec spec = limits_guest();
  spec.script += R"sh(
null_disk blocksize=4096 discard=0 zoned=1 zone_size=1 zone_nr_conv=63
[ $(cat /sys/block/limits/queue/chunk_sectors) = 2048 ] || fail "no chunks of 1 MiB"
merge_probe fuzz device=/dev/limits seed=5 ios=1500 block=4096 memory_bytes=4096 \
  most_bytes=524288 discards=0
)sh";
  EXPECT_THAT(boot_ok(spec).output, ContainsRegex("splits [1-9]"));
}

struct Mapping {
  const char* name;
  const char* table;    // of a device of `sectors` on /dev/kssd0
  unsigned sectors;     // a multiple of what the table asks for
  const char* limit;    // of the queue, by which the table shows
  unsigned bytes;       // its value
  const char* options;  // of the fuzzer
};

class Mapped : public ::testing::TestWithParam<Mapping> {};

// Device mapper gives its devices limits of their own, and cuts what it is sent where the drive
// would not.
TEST_P(Mapped, DataIsWhole) {
  const Mapping mapping = GetParam();
  kernel::GuestSpec spec = limits_guest();
  spec.script +=
      fmt::format(R"sh(
make_device size_gib=1 memory_backed=1 hw_queues=2 dies=2 read_us=20 program_us=40 \
  discard_us=10 max_request_kib=20
use_scheduler kairo
# For a part of an I/O that finds no tag all of it ends with EAGAIN, which io_uring(7) does not
# send again from an interrupt.
echo 1023 > /sys/block/kssd0/queue/nr_requests || fail nr_requests
device=$(/kairo/stack_probe mapped m {} {}) || fail "no mapping"
[ $(cat /sys/block/${{device#/dev/}}/queue/{}) = {} ] || fail "limits of another mapping"
merge_probe fuzz device=$device seed=13 ios=1500 round=32 kairo=0 scheduler=0 tunables=0 depth=0 {}
balanced
[ "$(head -n 1 $debug/check)" = ok ] || fail "$(cat $debug/check)"
echo "normal $(count normal queued) decode $(count decode queued) prefill $(count prefill queued)"
)sh",
                  mapping.sectors, mapping.table, mapping.limit, mapping.bytes, mapping.options);
  EXPECT_THAT(boot_ok(spec).output,
              ContainsRegex("normal [1-9][0-9]+ decode [1-9][0-9]+ prefill [1-9][0-9]+"));
}

INSTANTIATE_TEST_SUITE_P(
    GuestLimits, Mapped,
    ::testing::Values(
        // chunks of 12 KiB: no power of two, and less than the drive takes
        Mapping{"Stripes", "striped '2 24 /dev/kssd0 0 /dev/kssd0 1048576'", 262080,
                "minimum_io_size", 12288, "most_bytes=131072"},
        // what is discarded is not zeroes when it is decrypted
        Mapping{"EncryptedBlocksOf4096",
                "crypt 'capi:xts(aes)-plain64 "
                "00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef 0 /dev/kssd0 0 "
                "2 sector_size:4096 iv_large_sectors'",
                262144, "logical_block_size", 4096,
                "block=4096 memory_bytes=4096 most_bytes=131072 discards=0"}),
    [](const auto& mapping) { return std::string(mapping.param.name); });

// The loop device has the scheduler, too, and blocks that the drive below has not.
TEST(GuestLimits, DataOfALoopDeviceWith4KiBBlocks) {
  boot_ok(limits_guest(), R"sh(
kairo_device size_gib=1 memory_backed=1 tags=8 read_us=20 program_us=40 max_request_kib=12
device=$(/kairo/stack_probe loop /dev/kssd0 4096) || fail "loop"
echo kairo > /sys/block/${device#/dev/}/queue/scheduler || fail "no kairo scheduler"
evictions kssd0 67
merge_probe fuzz device=$device seed=11 ios=1500 block=4096 most_bytes=131072 scheduler=0
balanced
)sh");
}

// Completions come with the tick, all at once: the pool is empty when the controller looks at it,
// which is no reason to forget what it has seen.
TEST(GuestLimits, PrefillDoesNotStallWithCoarseTimers) {
  kernel::GuestSpec spec = limits_guest();
  spec.smp = 1;
  spec.kernel_arguments += " highres=off";
  spec.script += fmt::format(R"sh(
grep -q '^ *.resolution: *1 nsecs' /proc/timer_list && fail "timers are fine"
kairo_device size_gib=1
echo 0 > $stats
fio --output=/dev/null --name=prefill --ioengine=external:{} --kv_class=prefill --kv_path=ioprio \
  --filename=/dev/kssd0 --size=1g --direct=1 --thread=1 --rw=write --bs=1m --iodepth=16 \
  --time_based=1 --runtime=3 || fail fio
cat $debug/control
awk '$1 == "write_bytes" {{ print "mib_per_s", $2 / 3 / 1048576 }}' $stats
)sh",
                             engine_path());
  const std::string output = boot_ok(spec).output;
  std::map<std::string, double> values;
  for (const std::string_view line : base::split_lines(output)) {
    const auto words = base::split_words(line);
    if (words.size() == 2) values[std::string(words[0])] = std::atof(std::string(words[1]).c_str());
  }
  // A window is 10 ms, or a few of them when little completes.
  EXPECT_GE(values["steps"], 30) << output;
  EXPECT_GE(values["mib_per_s"], 100) << output;
}

}  // namespace
}  // namespace kairo::testing
