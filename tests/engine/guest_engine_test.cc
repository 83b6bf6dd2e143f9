// SPDX-License-Identifier: GPL-2.0-only
// The engine on the patched kernel: job files against the scheduler's counters, integrity on a
// device that keeps data, a device that stands still, zones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "fio_output.h"
#include "guest_lab.h"
#include "job_text.h"
#include "kairo/base/files.h"

namespace kairo::testing {
namespace {

namespace fs = std::filesystem;
using Classes = std::set<std::string>;

std::string job_text(const std::string& name) {
  const fs::path job = fs::path(KAIRO_SOURCE_DIR) / "fio-engine/jobs" / name;
  return engine::job_with(job, {{"size=1g", "size=128m"},
                                {"=512m", "=64m"},
                                {"=120m", "=12m"},
                                {"=960m", "=96m"},
                                {"=128m", "=16m"},
                                {"runtime=10", "runtime=300ms"}});
}

std::string fio(const std::string& arguments) {
  return fmt::format(
      "fio --ioengine=external:{} --filename=/dev/kssd0 {} > /out/log 2>&1 || {{ cat "
      "/out/log; fail '{}'; }}\n",
      engine_path(), arguments, arguments);
}

nlohmann::json read_json(const fs::path& path) {
  const std::string text = base::read_file(path).value_or("");
  auto json = engine::json_of_fio(text);
  EXPECT_FALSE(json.is_discarded()) << path << text;
  return json;
}

// What the page cache reads and writes back goes out with the thread's priority, not the I/O's: a
// hint on a buffered I/O does not reach the drive.
Classes reach_the_drive(const engine::JobFile& job) {
  return std::string(job.name) == "buffered.fio" ? Classes() : job.classes;
}

TEST(GuestEngine, JobFilesMoveTheCountersTheyAreFor) {
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  const auto jobs = base::TempDir::create("kairo-jobs-");
  ASSERT_TRUE(jobs);
  for (const engine::JobFile& job : engine::job_files()) {
    const fs::path file = jobs->path() / job.name;
    ASSERT_TRUE(base::write_file(file, job_text(job.name)));
    spec.files.push_back({file, std::string("/jobs/") + job.name});
    spec.script += "kairo_device size_gib=1 memory_backed=1\n";
    spec.script += fio(fmt::format("/jobs/{}", job.name));
    spec.script += fmt::format("cat $counters > /out/{}.counters\nremove_device\n", job.name);
  }
  boot_ok(spec);
  for (const engine::JobFile& job : engine::job_files()) {
    const auto text = base::read_file(out.path() / (std::string(job.name) + ".counters"));
    ASSERT_TRUE(text) << text.error().message;
    const auto counters = reports::parse_counters(*text, job.name);
    ASSERT_TRUE(counters) << *text;
    Classes moved;
    for (const char* const cls : {"decode", "prefetch", "prefill", "evict"})
      if (counters->at(cls).at("queued") > 0) moved.insert(cls);
    EXPECT_EQ(moved, reach_the_drive(job)) << job.name << "\n" << *text;
  }
}

// One die and a program of 200 ms: the reads behind it stand still. An open loop charges each of
// them, a closed loop has one that was in flight.
TEST(GuestEngine, AStalledDeviceInflatesTheLatencyOfAllThatArrive) {
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  spec.script += "make_device size_gib=1 dies=1 read_us=80 program_us=200000\nuse_scheduler none\n";
  for (const auto& [name, option] : {std::pair{"open", "--kv_rate=1000"}, {"closed", ""}})
    spec.script += fio(fmt::format(
        "--output=/out/{}.json --output-format=json+ --direct=1 --thread=1 --bs=64k --size=64m "
        "--norandommap=1 --name=read --rw=randread --iodepth={} --runtime=1 --time_based {} "
        "--kv_path=label --name=stall --rw=write --startdelay=300ms --number_ios=1",
        name, *option ? 512 : 1, option));
  boot_ok(spec);
  std::map<std::string, std::uint64_t> slow;
  for (const std::string name : {"open", "closed"}) {
    const auto json = read_json(out.path() / (name + ".json"));
    ASSERT_TRUE(json.is_object());
    for (const auto& [ns, count] :
         json.at("jobs").at(0).at("read").at("clat_ns").at("bins").items())
      if (std::stoull(ns) > 50'000'000) slow[name] += count.get<std::uint64_t>();
  }
  // 1000 a second for the 150 ms from which on more than 50 ms of the stall are left.
  EXPECT_GT(slow["open"], 100U);
  EXPECT_LE(slow["closed"], 1U);
}

// A zoned device takes writes at the write pointer only: the same job through both engines.
TEST(GuestEngine, ZonesAreWrittenInOrder) {
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  spec.script +=
      "cd /sys/kernel/config/nullb && mkdir nullz || fail null_blk\n"
      "echo 1 > nullz/zoned; echo 4 > nullz/zone_size; echo 64 > nullz/size\n"
      "echo 1 > nullz/memory_backed; echo 1 > nullz/power || fail 'zoned null_blk'\n";
  for (const auto& [name, engine] : {std::pair<std::string, std::string>{"fio", "io_uring"},
                                     {"kairo", "external:" + engine_path()}}) {
    spec.script += fmt::format(
        "fio --ioengine={} --filename=/dev/nullz --output=/out/{}.json --output-format=json "
        "--direct=1 --zonemode=zbd --bs=64k --iodepth=8 --thread=1 --name=z --rw=randwrite "
        "--io_size=16m --verify=crc32c || fail 'zones {}'\n",
        engine, name, name);
  }
  boot_ok(spec);
  const auto written = read_json(out.path() / "kairo.json").at("jobs").at(0).at("write");
  EXPECT_EQ(written.at("io_bytes"), 16 << 20);
  for (const char* const key : {"total_ios", "io_bytes"})
    EXPECT_EQ(read_json(out.path() / "fio.json").at("jobs").at(0).at("write").at(key),
              written.at(key));
}

// A ring that polls: reads and writes as fio's engine does them, and what the ring refuses beside
// it: trims, and the sync that fio makes before it verifies.
TEST(GuestEngine, PolledIo) {
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  spec.script +=
      "cd /sys/kernel/config/nullb && mkdir nullp || fail null_blk\n"
      "echo 1 > nullp/poll_queues || fail 'no poll queues'\n"
      "echo 1 > nullp/discard; echo 1 > nullp/memory_backed; echo 64 > nullp/size\n"
      "echo 1 > nullp/power || fail 'polled null_blk'\n";
  const std::string kairo = "external:" + engine_path();
  for (const auto& [name, engine, job] :
       {std::tuple<std::string, std::string, std::string>{"fio", "io_uring",
                                                          "--rw=randrw --number_ios=997"},
        {"kairo", kairo, "--rw=randrw --number_ios=997 --kv_stats=/out/stats.json"},
        {"trim", kairo, "--rw=randtrim --number_ios=997"},
        {"verify", kairo, "--rw=randwrite --size=4m --verify=crc32c --verify_state_save=0"}}) {
    spec.script += fmt::format(
        "fio --ioengine={} --hipri --filename=/dev/nullp --output=/out/{}.json "
        "--output-format=json --direct=1 --bs=4k --iodepth=8 --thread=1 --name=p {} || "
        "fail 'polled {}'\n",
        engine, name, job, name);
  }
  boot_ok(spec);
  const auto ios = [&](const std::string& name, const char* direction) {
    return read_json(out.path() / (name + ".json"))
        .at("jobs")
        .at(0)
        .at(direction)
        .at("total_ios")
        .get<std::uint64_t>();
  };
  EXPECT_EQ(ios("kairo", "read") + ios("kairo", "write"), 997U);
  for (const char* const direction : {"read", "write"})
    EXPECT_EQ(ios("fio", direction), ios("kairo", direction));
  EXPECT_THAT(read_json(out.path() / "stats.json").at("ring_flags").dump(),
              ::testing::HasSubstr("IOPOLL"));
  EXPECT_EQ(ios("trim", "trim"), 997U);
  EXPECT_EQ(ios("verify", "write"), 1024U);
  EXPECT_EQ(ios("verify", "read"), 1024U);
}

}  // namespace
}  // namespace kairo::testing
