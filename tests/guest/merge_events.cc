// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <fstream>

#include "merge_scheduler.h"
#include "metadata_probe.h"

namespace kairo::testing {
namespace {

// What of which operations is counted, in the order of BlockEvents::read().
struct Event {
  const char* name;
  const char* operations;  // as the tracepoint shows them
};
constexpr std::array<Event, BlockEvents::kCounters> kEvents = {{
    {"block_bio_backmerge", "*"},
    {"block_bio_frontmerge", "*"},
    {"block_rq_merge", "*"},
    {"block_split", "*"},
    {"block_bio_backmerge", "R*"},
    {"block_bio_frontmerge", "R*"},
    {"block_bio_backmerge", "D*"},
    {"block_bio_frontmerge", "D*"},
    {"block_bio_queue", "D*"},
    {"block_split", "D*"},
    {"block_getrq", "D*"},
}};

int open_counter(const char* event, int cpu, const std::string& filter) {
  const std::string path = fmt::format("/sys/kernel/tracing/events/block/{}/id", event);
  std::ifstream in(path);
  perf_event_attr attr = {};
  attr.type = PERF_TYPE_TRACEPOINT;
  attr.size = sizeof(attr);
  expect(static_cast<bool>(in >> attr.config), path + ": cannot be read");
  const long fd = ::syscall(SYS_perf_event_open, &attr, -1, cpu, -1, 0UL);
  expect(fd >= 0, fmt::format("perf_event_open of {}: {}", event, errno));
  expect_equal(::ioctl(static_cast<int>(fd), PERF_EVENT_IOC_SET_FILTER, filter.c_str()), 0, filter);
  return static_cast<int>(fd);
}

}  // namespace

BlockEvents::BlockEvents(const std::string& device) {
  struct stat status = {};
  expect_equal(::stat(device.c_str(), &status), 0, device);
  // as the kernel numbers devices
  const unsigned number = major(status.st_rdev) << 20 | minor(status.st_rdev);
  const long processors = ::sysconf(_SC_NPROCESSORS_ONLN);
  for (std::size_t event = 0; event < kCounters; ++event) {
    const auto& [name, operations] = kEvents[event];
    const std::string filter = fmt::format("dev == {} && rwbs ~ \"{}\"", number, operations);
    for (int cpu = 0; cpu < processors; ++cpu)
      fds_[event].push_back(open_counter(name, cpu, filter));
  }
}

BlockEvents::~BlockEvents() {
  for (const auto& fds : fds_)
    for (const int fd : fds) ::close(fd);
}

BlockEvents::Counts BlockEvents::read() const {
  std::array<std::uint64_t, kCounters> sums = {};
  for (std::size_t event = 0; event < kCounters; ++event) {
    for (const int fd : fds_[event]) {
      std::uint64_t hits = 0;
      expect(::read(fd, &hits, sizeof(hits)) == sizeof(hits), "a counter of a tracepoint");
      sums[event] += hits;
    }
  }
  const auto& [back, front, requests, splits, back_of_reads, front_of_reads, back_of_discards,
               front_of_discards, discards, parts, got_request] = sums;
  Counts counts = {back, front, requests, splits};
  counts.reads = back_of_reads + front_of_reads;
  counts.discards = discards + parts - got_request;
  counts.writes = back + front - counts.reads - back_of_discards - front_of_discards;
  return counts;
}

}  // namespace kairo::testing
