// SPDX-License-Identifier: GPL-2.0-only
// merge_probe SCENARIO DEVICE, or merge_probe fuzz KEY=VALUE...: see merge_test.cc.
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <deque>
#include <thread>

#include "merge_fuzz.h"
#include "merge_submit.h"
#include "metadata_probe.h"

namespace kairo::testing {
namespace {

using hint::Class;
using hint::Op;

constexpr std::uint64_t kMib = 1 << 20;

// One buffer for all: nobody looks at the data.
char* one_buffer(const Io&, void* memory) {
  return static_cast<char*>(memory);
}

class Sender {
 public:
  explicit Sender(const std::string& device)
      : files_(device, false), submitter_(files_, {.hints = false}) {}
  ~Sender() { std::free(memory_); }
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  // Alone, by libaio and I/O priority. `bytes` at `offset`.
  void send(Class cls, Op op, std::uint64_t offset, unsigned bytes) {
    Io& io = ios_.emplace_back();
    io.op = op;
    io.by = cls == Class::kNormal ? By::kNone : By::kIoprio;
    io.hint = cls;
    io.first = offset / 512;
    io.blocks = bytes / 512;
    submitter_.submit({0, {&io}}, &one_buffer, memory_);
  }
  void wait() {
    submitter_.wait();
    for (const Io& io : ios_) expect_equal(io.result, static_cast<int>(io.blocks * 512), "an I/O");
    ios_.clear();
  }

 private:
  Files files_;
  Submitter submitter_;
  std::deque<Io> ios_;
  void* memory_ = std::aligned_alloc(4096, kMib);
};

// More than the budget of the class, so that most of them wait; then what ends where one of them
// begins, from the last to the first. Then others, which meet what that left behind.
void merge_at_the_front(Sender& sender, Class cls, Op op) {
  constexpr unsigned kCount = 100;
  sender.send(Class::kDecode, Op::kRead, 0, 4096);  // budgets hold after a decode read
  for (unsigned i = 0; i < kCount; ++i) sender.send(cls, op, i * kMib + 65536, 65536);
  for (unsigned i = kCount; i-- > 0;) sender.send(cls, op, i * kMib + 65536 - 4096, 4096);
  sender.wait();
  for (unsigned i = 0; i < 200; ++i)
    sender.send(Class::kNormal, Op::kRead, (i * 37 % 200) * kMib + 8192, 4096);
  sender.wait();
}

// With the budget of the class full, a request that waits and those that end where it begins, one
// after the other: the block layer finds it as the last one that merged, without asking the
// scheduler. Its lists and trees are looked at while it waits.
void merge_downwards(Sender& sender, const std::string& device, Class cls, Op op) {
  constexpr unsigned kCount = 8, kRounds = 3;
  const Scheduler scheduler(device.substr(device.rfind('/') + 1));
  expect(scheduler.has_check(), "the scheduler has no sched/check");
  const BlockEvents events(device);
  for (unsigned round = 0; round < kRounds; ++round) {
    const std::uint64_t place = (300 + round) * kMib;
    sender.send(Class::kDecode, Op::kRead, 0, 4096);  // budgets hold after a decode read
    // All evictions wait for the decode read.
    if (cls != Class::kEvict) sender.send(cls, op, place + kMib / 2, 65536);
    for (unsigned i = kCount; i-- > 0;) sender.send(cls, op, place + i * 4096, 4096);
    const std::string wrong = scheduler.check();
    expect(wrong.empty(), fmt::format("{}: {}", hint::name(cls), wrong));
    sender.wait();
  }
  fmt::print("{} {} front merges {}\n", hint::name(cls), op == Op::kRead ? "reads" : "writes",
             events.read().front);
}

void every_class_merges_downwards(const std::string& device) {
  Sender sender(device);
  merge_downwards(sender, device, Class::kNormal, Op::kRead);
  merge_downwards(sender, device, Class::kNormal, Op::kWrite);
  merge_downwards(sender, device, Class::kPrefetch, Op::kRead);
  merge_downwards(sender, device, Class::kPrefill, Op::kWrite);
  merge_downwards(sender, device, Class::kEvict, Op::kWrite);
}

void a_user_merges_at_the_front(const std::string& device) {
  Sender sender(device);
  expect(::setgid(65534) == 0 && ::setuid(65534) == 0, "setuid");
  merge_at_the_front(sender, Class::kPrefetch, Op::kRead);
}

void every_class_merges_at_the_front(const std::string& device) {
  Sender sender(device);
  merge_at_the_front(sender, Class::kNormal, Op::kRead);
  merge_at_the_front(sender, Class::kNormal, Op::kWrite);
  merge_at_the_front(sender, Class::kDecode, Op::kRead);
  merge_at_the_front(sender, Class::kPrefetch, Op::kRead);
  merge_at_the_front(sender, Class::kPrefill, Op::kWrite);
  merge_at_the_front(sender, Class::kEvict, Op::kWrite);
}

// decode_merge_kib changes while decode reads in sequence run and prefetch keeps the device busy.
void merging_of_decode_changes(const std::string& device) {
  const Scheduler scheduler(device.substr(device.rfind('/') + 1));
  std::atomic<bool> stop = false;
  std::atomic<unsigned> changes = 0;
  // A processor each: on the same one each read waits until the other thread's time is over.
  const auto stay_on = [](unsigned cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    expect_equal(::sched_setaffinity(0, sizeof set, &set), 0, "two processors");
  };
  stay_on(0);
  std::thread changer([&] {
    stay_on(1);
    for (; !stop; changes += 2) {
      expect(scheduler.set("iosched/decode_merge_kib", "0"), "decode_merge_kib");
      expect(scheduler.set("iosched/decode_merge_kib", "1024"), "decode_merge_kib");
    }
  });
  {
    Sender sender(device);
    std::uint64_t place = 0;
    for (unsigned round = 0; round < 400; ++round) {
      for (unsigned i = 0; i < 32; ++i)
        sender.send(Class::kPrefetch, Op::kRead, (i * 7919 + round) % 900 * kMib, 65536);
      for (unsigned i = 0; i < 64; ++i, place += 4096)
        sender.send(Class::kDecode, Op::kRead, place % (900 * kMib), 4096);
      sender.wait();
    }
  }
  stop = true;
  changer.join();
  fmt::print("changes {}\n", changes.load());
}

// What a drive of any logical block size must take, however evict_request_kib splits it.
void zeroes(const std::string& device) {
  const int fd = ::open(device.c_str(), O_RDWR | O_EXCL);
  expect(fd >= 0, device + ": " + std::strerror(errno));
  std::uint64_t range[2] = {0, kMib};
  expect(::ioctl(fd, BLKZEROOUT, range) == 0, fmt::format("BLKZEROOUT: {}", std::strerror(errno)));
  expect(::ioctl(fd, BLKDISCARD, range) == 0 || errno == EOPNOTSUPP,
         fmt::format("BLKDISCARD: {}", std::strerror(errno)));
  for (const int mode : {FALLOC_FL_ZERO_RANGE, FALLOC_FL_PUNCH_HOLE})
    expect(::fallocate(fd, mode | FALLOC_FL_KEEP_SIZE, 0, kMib) == 0,
           fmt::format("fallocate mode {}: {}", mode, std::strerror(errno)));
  ::close(fd);
}

// io_uring_register(2) of opcodes that nobody has: EINVAL, whatever the ring.
void unknown_opcodes(const std::string&) {
  constexpr unsigned kFirstUnknown = 31, kEnd = 160;
  const auto call = [](int fd, unsigned opcode, const void* argument, unsigned count) {
    return ::syscall(SYS_io_uring_register, fd, opcode, argument, count) < 0 ? errno : 0;
  };
  const auto known = [](unsigned opcode) {
    return opcode >= KAIRO_REGISTER_CONTEXT && opcode <= KAIRO_UNREGISTER_REGION;
  };
  for (unsigned opcode = kFirstUnknown; opcode < kEnd; ++opcode)
    expect_equal(call(-1, opcode, nullptr, 0), known(opcode) ? EBADF : EINVAL,
                 fmt::format("opcode {} on no ring", opcode));

  io_uring_params params = {};
  params.flags = IORING_SETUP_R_DISABLED;
  const auto ring = static_cast<int>(::syscall(SYS_io_uring_setup, 4, &params));
  expect(ring >= 0, "a ring");
  for (unsigned opcode = kFirstUnknown; opcode < kEnd; ++opcode) {
    if (known(opcode)) continue;
    io_uring_restriction restriction = {};
    restriction.opcode = IORING_RESTRICTION_REGISTER_OP;
    restriction.register_op = static_cast<std::uint8_t>(opcode);
    expect_equal(call(ring, IORING_REGISTER_RESTRICTIONS, &restriction, 1), EINVAL,
                 fmt::format("a restriction to opcode {}", opcode));
  }
  io_uring_restriction enable = {};
  enable.opcode = IORING_RESTRICTION_REGISTER_OP;
  enable.register_op = IORING_REGISTER_ENABLE_RINGS;
  expect_equal(call(ring, IORING_REGISTER_RESTRICTIONS, &enable, 1), 0, "a restriction");
  expect_equal(call(ring, IORING_REGISTER_ENABLE_RINGS, nullptr, 0), 0, "enabling the ring");
  for (unsigned opcode = kFirstUnknown; opcode < kEnd; ++opcode)
    expect_equal(call(ring, opcode, nullptr, 0), known(opcode) ? EACCES : EINVAL,
                 fmt::format("opcode {} on a restricted ring", opcode));
  ::close(ring);
}

int run(int argc, char** argv) {
  const Scenarios scenarios = {
      {"front_of_prefetch", a_user_merges_at_the_front},
      {"front_of_every_class", every_class_merges_at_the_front},
      {"downwards", every_class_merges_downwards},
      {"decode_merge_changes", merging_of_decode_changes},
      {"zeroes", zeroes},
      {"unknown_opcodes", unknown_opcodes},
  };
  const std::string name = argc > 1 ? argv[1] : "";
  if (name == "fuzz") {
    merge_fuzz(parse_fuzz_options({argv + 2, argv + argc}));
    return 0;
  }
  return run_scenario(scenarios, argc, argv, "merge_probe: SCENARIO DEVICE, or fuzz KEY=VALUE...");
}

}  // namespace
}  // namespace kairo::testing

int main(int argc, char** argv) {
  return kairo::testing::run(argc, argv);
}
