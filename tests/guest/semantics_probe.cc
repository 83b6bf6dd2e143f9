// SPDX-License-Identifier: GPL-2.0-only
// The flags of the attribute: see semantics_test.cc.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <array>

#include "metadata_probe.h"
#include "semantics_counts.h"

namespace kairo::testing {
namespace {

namespace counts = semantics_counts;
using hint::attribute;
using hint::Class;
using hint::Semantics;

kairo_rw_attr with(Class cls, Semantics semantics, std::uint16_t context = 0) {
  kairo_rw_attr attr = attribute(cls, context);
  hint::set_semantics(attr, semantics);
  return attr;
}

// Prime numbers of each, one at a time, and one that a context comes along with.
void flags_are_counted(const std::string& device) {
  Session io(device, O_DIRECT);
  kairo_context_reg reg = context(11, KAIRO_LIFETIME_SESSION);
  const auto id = static_cast<std::uint16_t>(io.register_context(reg));
  const struct {
    unsigned number;
    bool write;
    kairo_rw_attr attr;
  } kinds[] = {
      {counts::kEphemeral, true, with(Class::kPrefill, Semantics::kEphemeral)},
      {counts::kRecomputable, false, with(Class::kDecode, Semantics::kRecomputable)},
      {counts::kRecomputableAndNotDurable, true,
       with(Class::kNormal, Semantics::kRecomputable | Semantics::kNoDurability)},
      {counts::kEvictCleanup, true, with(Class::kEvict, Semantics::kEvictCleanup)},
      {counts::kAvoidPageCache, false, with(Class::kPrefetch, Semantics::kAvoidPageCache, id)},
      {counts::kOfContext, true, with(Class::kPrefill, Semantics::kNone, id)},
      {counts::kPlain, false, with(Class::kDecode, Semantics::kNone)},
  };
  for (const auto& kind : kinds)
    for (unsigned i = 0; i < kind.number; ++i)
      expect_equal(io.one(kind.write, kind.attr), kBytes, fmt::format("flags {}", kind.attr.flags));
}

void contradictions_are_refused(const std::string& device) {
  Session io(device, O_DIRECT);
  for (unsigned bit = KAIRO_NR_RW_FLAGS; bit < 16; ++bit) {
    kairo_rw_attr attr = attribute(Class::kNormal);
    attr.flags = static_cast<std::uint16_t>(1U << bit);
    expect_equal(io.one(true, attr), -EINVAL, fmt::format("flag {}", bit));
  }
  const auto refused = [&](const char* what, bool write, Class cls, Semantics semantics,
                           int rwf = 0) {
    const kairo_rw_attr attr = with(cls, semantics);
    const int result = io.at(write, 0, [&](io_uring_sqe& sqe) {
      hint::set_sqe_attribute(sqe, attr);
      sqe.rw_flags = static_cast<decltype(sqe.rw_flags)>(rwf);
    });
    expect_equal(result, -EINVAL, what);
  };
  refused("an ephemeral read", false, Class::kDecode, Semantics::kEphemeral);
  refused("a read without durability", false, Class::kNormal, Semantics::kNoDurability);
  refused("a read that cleans up", false, Class::kNormal, Semantics::kEvictCleanup);
  refused("cleaning up by prefill", true, Class::kPrefill, Semantics::kEvictCleanup);
  refused("cleaning up without a class", true, Class::kNormal, Semantics::kEvictCleanup);
  for (const int rwf : {RWF_DSYNC, RWF_DSYNC | RWF_SYNC}) {
    refused("ephemeral and durable", true, Class::kPrefill, Semantics::kEphemeral, rwf);
    refused("durable and not", true, Class::kPrefill, Semantics::kNoDurability, rwf);
  }
  Session buffered(device);
  expect_equal(buffered.one(true, with(Class::kPrefill, Semantics::kEphemeral)), -EOPNOTSUPP,
               "a flag that the page cache would lose");
}

// Writes that are durable by the O_DSYNC of the descriptor, some that are not, and an fsync.
void fsync_still_flushes(const std::string& device) {
  Session io(device, O_DIRECT | O_DSYNC);
  const auto write = [&](unsigned number, Semantics semantics) {
    for (unsigned i = 0; i < number; ++i)
      expect_equal(io.one(true, with(Class::kPrefill, semantics)), kBytes, "a write");
  };
  write(counts::kDurable, Semantics::kNone);
  write(counts::kDurableEphemeral, Semantics::kEphemeral);
  write(counts::kNotDurable, Semantics::kNoDurability);
  expect_equal(::fsync(io.fd()), 0, "fsync");
  write(counts::kDurableLast, Semantics::kNone);
}

unsigned resident_pages(int fd) {
  constexpr std::size_t kPages = kBytes / 4096;
  void* const map = ::mmap(nullptr, kBytes, PROT_READ, MAP_SHARED, fd, 0);
  expect(map != MAP_FAILED, "mmap");
  std::array<unsigned char, kPages> vec = {};
  expect_equal(::mincore(map, kBytes, vec.data()), 0, "mincore");
  ::munmap(map, kBytes);
  unsigned pages = 0;
  for (const unsigned char page : vec) pages += page & 1U;
  return pages;
}

// `path` is a file, or a block device, of which nothing is in the page cache.
void no_pages_are_left(const std::string& path) {
  Session io(path);  // without O_DIRECT
  const kairo_rw_attr read = with(Class::kDecode, Semantics::kAvoidPageCache);
  const kairo_rw_attr write = with(Class::kPrefill, Semantics::kAvoidPageCache);
  expect_equal(resident_pages(io.fd()), 0, "pages at the start");
  expect_equal(io.one(true, write), kBytes, "a write");
  expect_equal(resident_pages(io.fd()), 0, "pages after a write with the flag");
  expect_equal(io.one(false, read), kBytes, "a read");
  expect_equal(resident_pages(io.fd()), 0, "pages after a read with the flag");
  // RWF_KV_* is for direct I/O, which the flag makes this.
  const kairo_rw_attr direct = with(Class::kNormal, Semantics::kAvoidPageCache);
  const auto by_rwf = [&](io_uring_sqe& sqe) {
    hint::set_sqe_attribute(sqe, direct);
    hint::set_sqe_rwf(sqe, Class::kDecode);
  };
  expect_equal(io.at(false, 0, by_rwf), kBytes, "a read of a class by RWF_KV_DECODE");
  expect_equal(resident_pages(io.fd()), 0, "pages after it");
  expect_equal(io.at(false, 0), kBytes, "a read without");
  expect_equal(resident_pages(io.fd()), kBytes / 4096, "pages after a read without the flag");
  // What others have read stays for a read, a write drops it.
  expect_equal(io.one(false, read), kBytes, "a read of what is cached");
  expect_equal(resident_pages(io.fd()), kBytes / 4096, "pages of others after a read");
  expect_equal(io.one(true, write), kBytes, "a write over what is cached");
  expect_equal(resident_pages(io.fd()), 0, "pages of others after a write");
  expect_equal(io.at(false, 100, [&](io_uring_sqe& sqe) { hint::set_sqe_attribute(sqe, read); }),
               -EINVAL, "a read that is not aligned");
}

// tmpfs has no direct I/O that reaches a device.
void a_file_that_cannot(const std::string& path) {
  Session io(path);
  expect_equal(io.one(false, with(Class::kDecode, Semantics::kAvoidPageCache)), -EOPNOTSUPP,
               "a file without a device");
}

}  // namespace

Scenarios semantics_scenarios() {
  return {
      {"semantics", flags_are_counted},     {"contradictions", contradictions_are_refused},
      {"durability", fsync_still_flushes},  {"page_cache", no_pages_are_left},
      {"no_direct_io", a_file_that_cannot},
  };
}

}  // namespace kairo::testing
