// SPDX-License-Identifier: GPL-2.0-only
// The scheduler as a module of Debian's own kernel, which has nothing of the series: hints through
// the interfaces that every kernel has, and what an administrator does to modules and disks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "guest_lab.h"
#include "stock_counts.h"

namespace kairo::testing {
namespace {

namespace counts = stock_counts;
using ::testing::HasSubstr;

// load DEVICE SECONDS: hinted reads and writes in the background, ended by `wait`.
kernel::GuestSpec stock_guest() {
  kernel::GuestSpec spec = lab_guest("stock");
  for (const char* const program : {KAIRO_STOCK_PROBE, KAIRO_STACK_PROBE})
    spec.programs.emplace_back(program);
  spec.files.push_back({KAIRO_STOCK_PROBE, "/kairo/stock_probe"});
  spec.files.push_back({KAIRO_STACK_PROBE, "/kairo/stack_probe"});
  spec.script += fmt::format("engine=external:{}\n", engine_path());
  spec.script += R"sh(
hinted() { /kairo/stack_probe hinted "$@" || fail "hinted $*"; }
load() {
  for pair in decode=randread prefill=randwrite; do
    fio --name=${pair%=*} --ioengine=$engine --kv_path=ioprio --kv_class=${pair%=*} \
      --filename=/dev/$1 --direct=1 --thread=1 --bs=64k --rw=${pair#*=} --iodepth=16 --size=256m \
      --time_based=1 --runtime=$2 --output=/tmp/${pair%=*} &
  done
}
)sh";
  return spec;
}

TEST(GuestStock, HintsOfEveryKernelsInterfacesAreCounted) {
  kernel::GuestSpec spec = stock_guest();
  const base::TempDir out = keep_output(spec);
  boot_ok(spec, fmt::format(R"sh(
uname -r | grep -q deb || fail "not Debian's kernel: $(uname -r)"
kairo_device size_gib=1
/kairo/stock_probe ring /dev/kssd0 || fail ring
cat $counters > /out/ring
/kairo/stock_probe aio /dev/kssd0 || fail aio
cat $counters > /out/aio
hinted decode dd if=/dev/kssd0 of=/dev/null bs=64k count={} iflag=direct
cat $counters > /out/direct
# one page, one request
echo 0 > /sys/block/kssd0/queue/read_ahead_kb
hinted decode dd if=/dev/kssd0 of=/dev/null bs=4k count={}
cat $counters > /out/buffered
balanced
)sh",
                            counts::kDirectByTask, counts::kBufferedByTask));
  const auto queued = [&](const std::string& when, const std::string& cls) {
    return saved_counters(out.path(), when).at(cls).at("queued");
  };
  EXPECT_EQ(queued("ring", "decode"), counts::kDecode);
  EXPECT_EQ(queued("ring", "prefetch"), counts::kPrefetch);
  EXPECT_EQ(queued("ring", "prefill"), counts::kPrefill);
  EXPECT_EQ(queued("ring", "normal"), counts::kNoHint + counts::kNoClass);

  const unsigned more = counts::kMoreByAio;
  EXPECT_EQ(queued("aio", "decode") - queued("ring", "decode"), counts::kDecode + more);
  EXPECT_EQ(queued("aio", "prefetch") - queued("ring", "prefetch"), counts::kPrefetch + more);
  EXPECT_EQ(queued("aio", "prefill") - queued("ring", "prefill"), counts::kPrefill + more);
  EXPECT_EQ(queued("aio", "normal") - queued("ring", "normal"),
            counts::kNoHint + counts::kNoClass + 2 * more);

  EXPECT_EQ(queued("direct", "decode") - queued("aio", "decode"), counts::kDirectByTask);
  EXPECT_EQ(queued("buffered", "decode") - queued("direct", "decode"), counts::kBufferedByTask);
}

// Debian builds another kernel of the same release now and then. Its layouts may be others, so the
// module has to say no; here it is the module that is changed.
TEST(GuestStock, TheModuleOfAnotherBuildIsRefused) {
  const auto result = boot_ok(stock_guest(), R"sh(
dmesg | grep 'kairo: stock kernel: ' || fail "nothing said of what is missing"
rmmod kairo_iosched || fail "in use by nobody"
module=/kairo/modules/kairo-iosched.ko
version=$(uname -v)
other=$(echo "$version" | sed 's/Debian ./Debian 9/')
[ "$version" != "$other" ] || fail "no other version of $version"
sed "s|$version|$other|" $module > /tmp/other.ko
cmp -s $module /tmp/other.ko && fail "the module does not say its version"
insmod /tmp/other.ko && fail "loaded"
dmesg | grep "this module is for the kernel \"$other\""
insmod $module || fail "not loaded again"
kairo_device size_gib=1
)sh");
  EXPECT_THAT(result.output, HasSubstr("build it for this one"));
  EXPECT_THAT(result.output, HasSubstr("no contexts, regions"));
}

TEST(GuestStock, SchedulersChangeAndModulesGoUnderLoad) {
  boot_ok(stock_guest(), R"sh(
kairo_device size_gib=1 hw_queues=1
load kssd0 4
for round in 1 2 3; do
  for scheduler in none kairo bfq kairo kyber kairo mq-deadline kairo; do
    use_scheduler $scheduler
    sleep 0.02
    rmmod kairo_iosched 2> /dev/null && [ $scheduler = kairo ] && fail "gone while in use"
    [ -d /sys/module/kairo_iosched ] || insmod /kairo/modules/kairo-iosched.ko || fail "not back"
  done
done
# A switch starts the counters anew; from here on there is none.
use_scheduler none
use_scheduler kairo
wait
grep -q 'err= 0' /tmp/decode && grep -q 'err= 0' /tmp/prefill || fail "$(cat /tmp/decode /tmp/prefill)"
balanced
remove_device
rmmod kairo_iosched || fail "still in use"
)sh");
}

TEST(GuestStock, TheDiskGoesUnderLoad) {
  boot_ok(stock_guest(), R"sh(
for round in 1 2 3; do
  kairo_device size_gib=1
  load kssd0 2
  sleep 0.3
  remove_device
  wait
  grep -q . /tmp/decode || fail "no load"
done
[ -d /sys/block/kssd0 ] && fail "the disk is still there"
rmmod kairo_iosched || fail "still in use"
)sh");
}

}  // namespace
}  // namespace kairo::testing
