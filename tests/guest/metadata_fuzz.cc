// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/uio.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <map>
#include <random>

#include "metadata_probe.h"

namespace kairo::testing {
namespace {

// What the interface may answer. Anything else, EIO say, is a find.
bool is_documented(int result) {
  constexpr std::array kErrors = {EINVAL, EFAULT, ENOENT, EOPNOTSUPP, EAGAIN,
                                  EBADF,  ENOSPC, EPERM,  ENOMEM,     EEXIST};
  if (result >= 0) return true;
  for (const int error : kErrors)
    if (result == -error) return true;
  return false;
}

class Fuzzer {
 public:
  Fuzzer(const std::string& device, std::uint64_t seed) : io_(device, O_DIRECT), random_(seed) {
    const int fd = io_.fd();
    expect_equal(io_.ring().register_with(IORING_REGISTER_FILES, &fd, 1), 0, "the file");
    buffered_ = ::open(device.c_str(), O_RDWR | O_DSYNC);
    null_ = ::open("/dev/null", O_RDWR);
    expect(buffered_ >= 0 && null_ >= 0, "the device without O_DIRECT, and none");
  }
  ~Fuzzer() {
    ::close(buffered_);
    ::close(null_);
  }
  Fuzzer(const Fuzzer&) = delete;
  Fuzzer& operator=(const Fuzzer&) = delete;

  void round() {
    change_contexts();
    change_regions();
    for (unsigned i = 0; i < 4; ++i) {
      change_file_class();
      register_junk();
      change_priority();
      call_with_flags();
    }
    const unsigned count = 1 + below(kDepth - 1);
    for (unsigned i = 0; i < count; ++i) fill(i);
    const std::vector<int> results = io_.submit_and_wait(count);
    for (unsigned i = 0; i < count; ++i) note("requests", results[i]);
  }
  void report(unsigned rounds) const {
    fmt::print("{} rounds", rounds);
    for (const auto& [what, sides] : answers_)
      fmt::print(", {} {} accepted {} refused", what, sides.accepted, sides.refused);
    fmt::print("\n");
    for (const auto& [what, sides] : answers_)
      expect(sides.accepted > rounds / 20 && sides.refused > rounds / 20,
             fmt::format("{}: the fuzzer reaches one side only", what));
    if (::geteuid() != 0) return;  // the counters are root's
    for (const char* const name : {"registered", "inside", "crossing", "outside"})
      expect(region_counter(name) > 0, fmt::format("regions: nothing {}", name));
  }

 private:
  struct Sides {
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;
  };

  // `result` is a negative errno where it is refused.
  void note(const char* what, long result) {
    expect(is_documented(static_cast<int>(result)), fmt::format("{}: result {}", what, result));
    ++(result < 0 ? answers_[what].refused : answers_[what].accepted);
  }
  static long errno_of(long result) { return result < 0 ? -errno : result; }

  std::uint64_t any() { return random_(); }
  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
  bool one_in(unsigned n) { return below(n) == 0; }
  std::uint16_t& any_id() { return ids_[below(kIds)]; }

  template <typename T>
  void flip_bit(T& value) {
    auto* const bytes = reinterpret_cast<unsigned char*>(&value);
    bytes[below(sizeof(T))] ^= static_cast<unsigned char>(1U << below(8));
  }

  void change_contexts() {
    kairo_context_reg reg = context(any(), below(KAIRO_NR_LIFETIMES));
    if (one_in(8)) flip_bit(reg);
    const int id = io_.register_context(reg);
    note("contexts", id);
    if (id > 0) any_id() = static_cast<std::uint16_t>(id);
    // Often while requests of it are in flight: those of the round are, from now on.
    if (one_in(3)) note("ends of contexts", io_.unregister_context(any_id()));
    if (one_in(50)) note("ends of contexts", io_.unregister_context(below(70000)));
  }

  void change_regions() {
    kairo_region_reg reg =
        hint::region(io_.fd(), below(kBlocks) * kBlock, (1 + below(kBlocks / 4)) * kBlock,
                     one_in(2) ? hint::Class::kDecode : hint::Class::kPrefetch,
                     one_in(2) ? hint::Class::kPrefill : hint::Class::kNormal,
                     one_in(2) ? any_id() : std::uint16_t{0});
    if (one_in(4)) {
      reg.flags = KAIRO_REGION_FIXED_FILE;
      reg.fd = static_cast<int>(below(2));  // 1 is not registered
    }
    if (one_in(8)) flip_bit(reg);
    const int result = io_.register_region(reg);
    note("regions", result);
    if (result == 0) regions_[below(kIds)] = reg.id;
    // Often while requests that met it are in flight.
    if (one_in(2)) note("ends of regions", io_.unregister_region(regions_[below(kIds)]));
    if (one_in(50)) note("ends of regions", io_.unregister_region(below(70000)));
  }

  void change_file_class() {
    const std::array fds = {io_.fd(), io_.fd(), buffered_, null_, -1};
    unsigned long classes = below(KAIRO_CLASS_PREFILL) | (KAIRO_CLASS_PREFILL + below(2)) << 8;
    if (one_in(4)) classes = any() >> below(64);
    const int command = one_in(4) ? hint::kGetFileClass : hint::kSetFileClass;
    note("file classes", errno_of(::syscall(SYS_fcntl, fds[below(fds.size())], command, classes)));
  }

  // Any bytes, and in half of the cases a good registration with a word that may be another.
  void register_junk() {
    const unsigned opcode = KAIRO_REGISTER_CONTEXT - 1 + below(6);
    std::array<std::uint64_t, 16> junk = {};
    for (std::uint64_t& word : junk) word = one_in(2) ? 0 : any() >> below(64);
    if (one_in(2)) {
      const kairo_context_reg good_context = context(any(), below(KAIRO_NR_LIFETIMES));
      const kairo_region_reg good_region =
          hint::region(io_.fd(), (kBlocks + below(kBlocks)) * kBlock, kBlock, hint::Class::kDecode);
      if (opcode < KAIRO_REGISTER_REGION)
        std::memcpy(junk.data(), &good_context, sizeof(good_context));
      else
        std::memcpy(junk.data(), &good_region, sizeof(good_region));
      if (one_in(2)) junk[below(8)] ^= any() >> below(64);
    }
    void* argument = junk.data();
    if (one_in(4)) argument = nullptr;
    if (one_in(8)) argument = reinterpret_cast<void*>(any() >> below(64));
    const unsigned number = one_in(4) ? static_cast<unsigned>(any()) : 1;
    note("junk",
         errno_of(::syscall(SYS_io_uring_register, io_.ring().fd(), opcode, argument, number)));
  }

  void change_priority() {
    constexpr int kWhoProcess = 1;
    const auto priority = one_in(2) ? any() & 0xffff : hint::kIoprioHintDecode << 3 | 2U << 13;
    note("priorities", errno_of(::syscall(SYS_ioprio_set, kWhoProcess, 0, priority)));
  }

  // What preadv2 and pwritev2 take, by the direction or by chance.
  void call_with_flags() {
    const bool write = one_in(2);
    const int fd = one_in(4) ? buffered_ : io_.fd();
    std::uint32_t flags = write       ? hint::kRwfPrefill
                          : one_in(2) ? hint::kRwfDecode
                                      : hint::kRwfPrefetch;
    if (one_in(4)) flags = static_cast<std::uint32_t>(any());
    if (one_in(4)) flags = 1U << below(32);
    const iovec vec = {io_.buffer(), (1 + below(4)) * kBlock};
    const long offset = static_cast<long>(below(kBlocks) * (one_in(16) ? 1 : kBlock));
    note("calls with flags",
         errno_of(::syscall(write ? SYS_pwritev2 : SYS_preadv2, fd, &vec, 1, offset, 0L, flags)));
  }

  void fill(unsigned index) {
    const bool write = one_in(2);
    io_uring_sqe& sqe = io_.prepare(index, write);
    kairo_rw_attr& attr = attrs_[index];
    const auto cls = write ? hint::Class::kPrefill : hint::Class::kDecode;
    attr = hint::attribute(cls, one_in(2) ? any_id() : std::uint16_t{0});
    if (!write && one_in(2)) {
      attr.io_class = KAIRO_CLASS_PREFETCH;
      attr.deadline_us = static_cast<std::uint32_t>(any() >> below(64));
    }
    if (one_in(4)) attr.flags = static_cast<std::uint16_t>(below(1U << (KAIRO_NR_RW_FLAGS + 1)));
    if (write && one_in(8)) attr.io_class = KAIRO_CLASS_EVICT;
    if (one_in(8)) flip_bit(attr);
    if (!one_in(4)) hint::set_sqe_attribute(sqe, attr);
    if (one_in(16)) sqe.__pad2[0] = any();
    if (one_in(16)) sqe.addr3 = any();
    if (one_in(8)) sqe.ioprio = static_cast<std::uint16_t>(any());
    // Not NOWAIT alone: every flag, most of them refused.
    if (one_in(8)) sqe.rw_flags = static_cast<decltype(sqe.rw_flags)>(1U << below(32));
    // Linked and forced to a worker: the other ways through the ring.
    if (one_in(8) && index % 2 == 0) sqe.flags |= IOSQE_ASYNC;
    if (one_in(16)) sqe.len = below(3 * kBytes) & ~511U;
    if (one_in(2)) sqe.off = below(kBlocks) * kBlock;
    // Opened without O_DIRECT: only KAIRO_RW_AVOID_PAGECACHE takes the attribute there.
    if (one_in(8)) sqe.fd = buffered_;
  }

  static constexpr unsigned kIds = 16;
  // Where regions are, and half of the I/O.
  static constexpr unsigned kBlocks = 256;
  static constexpr std::uint64_t kBlock = 4096;

  Session io_;
  int buffered_ = -1;
  int null_ = -1;
  std::mt19937_64 random_;
  std::array<kairo_rw_attr, kDepth> attrs_ = {};
  std::array<std::uint16_t, kIds> ids_ = {};
  std::array<std::uint32_t, kIds> regions_ = {};
  std::map<std::string, Sides> answers_;
};

}  // namespace

void fuzz(const std::string& device, std::uint64_t seed, unsigned rounds) {
  // Before anything that may not come back.
  fmt::print("seed {}\n", seed);
  std::fflush(stdout);
  Fuzzer fuzzer(device, seed);
  for (unsigned i = 0; i < rounds; ++i) fuzzer.round();
  fuzzer.report(rounds);
}

}  // namespace kairo::testing
