// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <fmt/format.h>

#include <array>
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
    expect(buffered_ >= 0, "the device without O_DIRECT");
  }

  void round() {
    change_contexts();
    change_regions();
    const unsigned count = 1 + below(kDepth - 1);
    for (unsigned i = 0; i < count; ++i) fill(i);
    const std::vector<int> results = io_.submit_and_wait(count);
    for (unsigned i = 0; i < count; ++i) {
      expect(is_documented(results[i]), fmt::format("request {}: result {}", i, results[i]));
      accepted_ += results[i] > 0;
      refused_ += results[i] < 0;
    }
  }
  void report(unsigned rounds) const {
    fmt::print("{} rounds, {} accepted, {} refused\n", rounds, accepted_, refused_);
    expect(accepted_ > rounds && refused_ > rounds, "the fuzzer reaches one side only");
    for (const char* const name : {"registered", "inside", "crossing", "outside"})
      expect(region_counter(name) > 0, fmt::format("regions: nothing {}", name));
  }

 private:
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
    expect(is_documented(id), fmt::format("registration: {}", id));
    if (id > 0) any_id() = static_cast<std::uint16_t>(id);
    // Often while requests of it are in flight: those of the round are, from now on.
    if (one_in(3)) expect(is_documented(io_.unregister_context(any_id())), "unreg");
    if (one_in(50)) expect(is_documented(io_.unregister_context(below(70000))), "unregister");
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
    expect(is_documented(result), fmt::format("region: {}", result));
    if (result == 0) regions_[below(kIds)] = reg.id;
    // Often while requests that met it are in flight.
    if (one_in(2))
      expect(is_documented(io_.unregister_region(regions_[below(kIds)])), "unregister a region");
    if (one_in(50)) expect(is_documented(io_.unregister_region(below(70000))), "unregister");
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
  std::mt19937_64 random_;
  std::array<kairo_rw_attr, kDepth> attrs_ = {};
  std::array<std::uint16_t, kIds> ids_ = {};
  std::array<std::uint32_t, kIds> regions_ = {};
  std::uint64_t accepted_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace

void fuzz(const std::string& device, std::uint64_t seed, unsigned rounds) {
  Fuzzer fuzzer(device, seed);
  for (unsigned i = 0; i < rounds; ++i) fuzzer.round();
  fuzzer.report(rounds);
}

}  // namespace kairo::testing
