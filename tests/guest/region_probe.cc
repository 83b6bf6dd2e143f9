// SPDX-License-Identifier: GPL-2.0-only
// Regions through the interface itself: see region_test.cc.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include <cstring>
#include <fstream>
#include <sstream>

#include "metadata_probe.h"
#include "region_counts.h"

namespace kairo::testing {
namespace {

namespace counts = region_counts;
using hint::attribute;
using hint::Class;
using hint::region;

constexpr std::uint64_t kMiB = 1U << 20;

std::uint32_t added(Session& io, kairo_region_reg reg) {
  expect_equal(io.register_region(reg), 0, fmt::format("a region at {}", reg.offset));
  expect(reg.id > 0, "its number");
  return reg.id;
}

// Number `i` of the blocks of 4 MiB, the first and the last among them.
std::uint64_t block(unsigned i) {
  return std::uint64_t{i % 64} * kBytes;
}

// I/O of every kind, with the regions of two_regions_side_by_side().
void send_every_kind(Session& io, std::uint16_t other_context) {
  iovec vec = {io.buffer(), kBytes};
  const int fds[] = {io.fd()};
  expect_equal(io.ring().register_with(IORING_REGISTER_BUFFERS, &vec, 1), 0, "the buffer");
  expect_equal(io.ring().register_with(IORING_REGISTER_FILES, fds, 1), 0, "the file");
  const kairo_rw_attr other = attribute(Class::kDecode, other_context);
  const kairo_rw_attr nothing = attribute(Class::kNormal);
  const auto fixed = [](int opcode) {
    return [=](io_uring_sqe& sqe) {
      sqe.opcode = static_cast<std::uint8_t>(opcode);
      sqe.flags = IOSQE_FIXED_FILE;
      sqe.fd = 0;
    };
  };

  const struct {
    const char* what;
    unsigned number;
    bool write;
    std::uint64_t from;
    bool walk;  // through the blocks of a region
    Session::Change change;
  } kinds[] = {
      {"decode", counts::kDecode, false, 1 * kMiB, true, {}},
      {"prefill", counts::kPrefill, true, 1 * kMiB, true, {}},
      {"prefetch", counts::kPrefetch, false, 5 * kMiB, true, {}},
      {"a write without a class", counts::kNoClass, true, 5 * kMiB, true, {}},
      {"outside", counts::kOutside, false, 9 * kMiB, true, {}},
      {"into a region", counts::kInto, false, 1 * kMiB - 4096, false, {}},
      {"from one to the next", counts::kBetween, false, 5 * kMiB - kBytes / 2, false, {}},
      {"out of a region", counts::kOutOf, true, 9 * kMiB - kBytes + 4096, false, {}},
      {"a flag wins", counts::kFlag, false, 1 * kMiB, true,
       [](io_uring_sqe& sqe) { hint::set_sqe_rwf(sqe, Class::kPrefetch); }},
      {"a priority wins", counts::kPriority, false, 1 * kMiB, true,
       [](io_uring_sqe& sqe) { hint::set_sqe_ioprio(sqe, Class::kPrefetch); }},
      {"an attribute wins", counts::kAttribute, false, 1 * kMiB, true,
       [&](io_uring_sqe& sqe) { hint::set_sqe_attribute(sqe, other); }},
      {"an attribute that says nothing", counts::kAttributeOfNothing, false, 1 * kMiB, true,
       [&](io_uring_sqe& sqe) { hint::set_sqe_attribute(sqe, nothing); }},
      {"fixed read", counts::kFixedRead, false, 1 * kMiB, true, fixed(IORING_OP_READ_FIXED)},
      {"fixed write", counts::kFixedWrite, true, 1 * kMiB, true, fixed(IORING_OP_WRITE_FIXED)},
      {"by a worker", counts::kByWorker, false, 1 * kMiB, true,
       [](io_uring_sqe& sqe) { sqe.flags = IOSQE_ASYNC; }},
      {"vectored", counts::kVectored, false, 1 * kMiB, true,
       [&](io_uring_sqe& sqe) {
         sqe.opcode = IORING_OP_READV;
         sqe.addr = reinterpret_cast<std::uintptr_t>(&vec);
         sqe.len = 1;
       }},
      {"the last page", counts::kLastPage, false, 5 * kMiB - 4096, false,
       [](io_uring_sqe& sqe) { sqe.len = 4096; }},
  };
  for (const auto& kind : kinds)
    for (unsigned i = 0; i < kind.number; ++i)
      expect(io.at(kind.write, kind.from + (kind.walk ? block(i) : 0), kind.change) > 0, kind.what);
}

// [1, 5) MiB is decode, prefill and of session 11; [5, 9) MiB is prefetch. One I/O at a time, so
// that none merges.
void two_regions_side_by_side(const std::string& device) {
  Session io(device, O_DIRECT);
  kairo_context_reg first = context(11, KAIRO_LIFETIME_SESSION);
  kairo_context_reg second = context(22, KAIRO_LIFETIME_MODEL);
  const int a = io.register_context(first), b = io.register_context(second);
  expect(a > 0 && b > 0, "two contexts");
  const auto id = static_cast<std::uint16_t>(a);
  const std::uint32_t left =
      added(io, region(io.fd(), 1 * kMiB, 4 * kMiB, Class::kDecode, Class::kPrefill, id));
  added(io, region(io.fd(), 5 * kMiB, 4 * kMiB, Class::kPrefetch));
  send_every_kind(io, static_cast<std::uint16_t>(b));

  expect_equal(io.unregister_context(id), 0, "unregister the context");
  for (unsigned i = 0; i < counts::kContextGone; ++i)
    expect_equal(io.at(false, kMiB + block(i)), kBytes, "a read whose context is gone");
  expect_equal(io.unregister_region(left), 0, "unregister the region");
  for (unsigned i = 0; i < counts::kRegionGone; ++i)
    expect_equal(io.at(false, kMiB + block(i)), kBytes, "a read whose region is gone");
  expect_equal(io.unregister_region(left), -ENOENT, "unregister twice");
}

// The region's context goes, and its id comes back as somebody else's.
void an_id_that_came_back_is_not_inherited(const std::string& device) {
  Session io(device, O_DIRECT);
  kairo_context_reg reg = context(1, KAIRO_LIFETIME_SHORT);
  const int id = io.register_context(reg);
  expect(id > 0, "a context");
  added(io,
        region(io.fd(), 0, kMiB, Class::kDecode, Class::kNormal, static_cast<std::uint16_t>(id)));
  expect_equal(io.at(false, 0), kBytes, "a read with the context");
  expect_equal(io.unregister_context(static_cast<unsigned>(id)), 0, "unregister the context");
  for (;;) {
    reg = context(2, KAIRO_LIFETIME_MODEL);
    const int next = io.register_context(reg);
    expect(next > 0, "the next context");
    if (next == id) break;
    expect_equal(io.unregister_context(static_cast<unsigned>(next)), 0, "unregister the next");
  }
  for (unsigned i = 0; i < 7; ++i) expect_equal(io.at(false, 0), kBytes, "a read without");
}

// Calls that are wrong whatever they register.
void calls_are_refused(Session& io, const kairo_region_reg& good) {
  kairo_region_reg reg = good;
  expect_equal(io.ring().register_with(KAIRO_REGISTER_REGION, &reg, 2), -EINVAL, "two at a time");
  expect_equal(io.ring().register_with(KAIRO_REGISTER_REGION, nullptr, 1), -EINVAL, "no argument");
  expect_equal(io.ring().register_with(KAIRO_REGISTER_REGION, reinterpret_cast<void*>(8), 1),
               -EFAULT, "an argument at address 8");
  expect_equal(io.ring().register_with(KAIRO_UNREGISTER_REGION, &reg, 1), -EINVAL, "an argument");
  for (const std::uint32_t id : {0U, 1U, ~0U})
    expect_equal(io.unregister_region(id), -ENOENT, "unregistering what is not there");

  // Memory that the number cannot be written to: the region is not left behind.
  void* const page =
      ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  expect(page != MAP_FAILED, "a page");
  std::memcpy(page, &reg, sizeof(reg));
  expect(::mprotect(page, 4096, PROT_READ) == 0, "read-only");
  expect_equal(io.ring().register_with(KAIRO_REGISTER_REGION, page, 1), -EFAULT, "read-only");
  added(io, good);
  added(io, region(io.fd(), 2 * kMiB, (1ULL << 63) - 2 * kMiB, Class::kDecode));
  ::munmap(page, 4096);
}

void registration_refuses_nonsense(const std::string& device) {
  Session io(device, O_DIRECT);
  const auto good = [&] { return region(io.fd(), kMiB, kMiB, Class::kDecode, Class::kPrefill); };
  const int path_only = ::open(device.c_str(), O_PATH), null = ::open("/dev/null", O_RDWR);
  const int no_file = -1;
  expect_equal(io.ring().register_with(IORING_REGISTER_FILES, &no_file, 1), 0, "an empty slot");
  const auto index = [](int number) {
    return [=](kairo_region_reg& r) {
      r.flags = KAIRO_REGION_FIXED_FILE;
      r.fd = number;
    };
  };
  const struct {
    const char* what;
    int error;
    std::function<void(kairo_region_reg&)> change;
  } cases[] = {
      {"size", EINVAL, [](auto& r) { r.size -= 4; }},
      {"version", EINVAL, [](auto& r) { r.version = 2; }},
      {"flags", EINVAL, [](auto& r) { r.flags = 2; }},
      {"id", EINVAL, [](auto& r) { r.id = 1; }},
      {"first reserved", EINVAL, [](auto& r) { r.resv[0] = 1; }},
      {"last reserved", EINVAL, [](auto& r) { r.resv[4] = 1U << 31; }},
      {"no length", EINVAL, [](auto& r) { r.length = 0; }},
      {"offset", EINVAL, [](auto& r) { r.offset = 1ULL << 63; }},
      {"end", EINVAL, [](auto& r) { r.length = (1ULL << 63) - kMiB + 1; }},
      {"wrap", EINVAL, [](auto& r) { r.length = ~0ULL; }},
      {"nothing said", EINVAL, [](auto& r) { r.read_class = r.write_class = 0; }},
      {"a write class for reads", EINVAL, [](auto& r) { r.read_class = KAIRO_CLASS_PREFILL; }},
      {"a read class for writes", EINVAL, [](auto& r) { r.write_class = KAIRO_CLASS_DECODE; }},
      {"no class", EINVAL, [](auto& r) { r.read_class = KAIRO_NR_CLASSES; }},
      {"no descriptor", EBADF, [](auto& r) { r.fd = -1; }},
      {"a closed descriptor", EBADF, [](auto& r) { r.fd = 1000; }},
      {"a path", EBADF, [&](auto& r) { r.fd = path_only; }},
      {"an empty slot", EBADF, index(0)},
      {"a slot that is not there", EBADF, index(1)},
      {"no slot", EBADF, index(-1)},
      {"/dev/null", EOPNOTSUPP, [&](auto& r) { r.fd = null; }},
      {"the ring itself", EOPNOTSUPP, [&](auto& r) { r.fd = io.ring().fd(); }},
      {"a context that is not there", ENOENT, [](auto& r) { r.context = 1; }},
  };
  for (const auto& bad : cases) {
    kairo_region_reg reg = good();
    bad.change(reg);
    expect_equal(io.register_region(reg), -bad.error, bad.what);
  }
  calls_are_refused(io, good());
  ::close(path_only);
  ::close(null);
}

void regions_do_not_overlap(const std::string& device) {
  Session io(device, O_DIRECT), other(device, O_DIRECT);
  const auto result = [&](Session& session, int fd, std::uint64_t from, std::uint64_t to) {
    kairo_region_reg reg = region(fd, from, to - from, Class::kDecode);
    return session.register_region(reg);
  };
  const std::uint32_t middle = added(io, region(io.fd(), kMiB, kMiB, Class::kDecode));
  const struct {
    std::uint64_t from, to;
    int result;
  } cases[] = {
      {kMiB, 2 * kMiB, -EEXIST},              // the same
      {kMiB + 1, 2 * kMiB - 1, -EEXIST},      // inside
      {kMiB - 1, 2 * kMiB + 1, -EEXIST},      // around
      {0, kMiB + 1, -EEXIST},                 // its first byte
      {2 * kMiB - 1, 3 * kMiB, -EEXIST},      // its last byte
      {kMiB + 4096, kMiB + 4097, -EEXIST},    // one byte
      {kMiB - 1, kMiB, 0},                    // the byte before
      {2 * kMiB, 2 * kMiB + 1, 0},            // the byte after
      {0, 4 * kMiB, -EEXIST},                 // all three
      {2 * kMiB - 1, 2 * kMiB + 1, -EEXIST},  // the last two
      {2 * kMiB + 1, 4 * kMiB, 0},            // after that
      {0, kMiB - 1, 0},                       // before that
      {4 * kMiB - 1, 4 * kMiB, -EEXIST},      // the very last byte
      {0, 1, -EEXIST},                        // the very first
  };
  for (const auto& test : cases)
    expect_equal(result(io, io.fd(), test.from, test.to), test.result,
                 fmt::format("[{}, {})", test.from, test.to));
  expect_equal(result(io, other.fd(), kMiB, 2 * kMiB), -EEXIST, "another descriptor");
  expect_equal(result(other, other.fd(), kMiB, 2 * kMiB), 0, "another ring");
  expect_equal(io.unregister_region(middle), 0, "unregister");
  expect_equal(result(io, io.fd(), kMiB + 1, 2 * kMiB - 1), 0, "in its place");
  expect_equal(result(io, io.fd(), kMiB, 2 * kMiB), -EEXIST, "the whole place");
  // The number is not given away again so soon.
  expect_equal(io.unregister_region(middle), -ENOENT, "the old number");
}

void buffered_io_does_not_inherit(const std::string& device) {
  Session io(device, O_DIRECT), buffered(device);
  kairo_context_reg reg = context(1, KAIRO_LIFETIME_SHORT);
  const int id = io.register_context(reg);
  added(io,
        region(io.fd(), 0, kMiB, Class::kDecode, Class::kPrefill, static_cast<std::uint16_t>(id)));
  const long inside = region_counter("inside");
  for (unsigned i = 0; i < 5; ++i)
    for (const bool write : {false, true})
      expect_equal(io.at(write, 0, [&](io_uring_sqe& sqe) { sqe.fd = buffered.fd(); }), kBytes,
                   "buffered");
  expect_equal(region_counter("inside"), inside, "inside");
}

// Waits until as many regions have ended as were registered; fput and rings take their time.
void expect_all_ended(const char* what) {
  for (unsigned tries = 0; region_counter("ended") != region_counter("registered"); ++tries) {
    expect(tries < 5000, fmt::format("{}: {} of {} regions ended", what, region_counter("ended"),
                                     region_counter("registered")));
    ::usleep(1000);
  }
}

// `path` is to be made on a file system with direct I/O; the user may have 2 regions.
void a_region_goes_with_its_inode(const std::string& path) {
  const auto make = [](const std::string& name) {
    const int fd = ::open(name.c_str(), O_RDWR | O_CREAT, 0600);
    expect(fd >= 0 && ::posix_fallocate(fd, 0, 4 * kMiB) == 0, "a file");
    ::close(fd);
  };
  make(path);
  const long ended = region_counter("ended");
  Session io(path, O_DIRECT);
  const std::uint32_t id = added(io, region(io.fd(), 0, 8 * kMiB, Class::kDecode, Class::kPrefill));
  const auto inside = [&](bool write, std::uint64_t offset, unsigned met, const char* what,
                          const Session::Change& change = {}) {
    const long before = region_counter("inside");
    expect_equal(io.at(write, offset, change), kBytes, what);
    expect_equal(region_counter("inside") - before, met, what);
  };
  inside(true, 0, 1, "a write");
  inside(true, 0, 0, "an append", [](io_uring_sqe& sqe) { sqe.rw_flags = RWF_APPEND; });
  expect(::lseek(io.fd(), kBytes, SEEK_SET) == kBytes, "lseek");
  inside(false, ~0ULL, 1, "a read at the position of the file");
  expect_equal(::unlink(path.c_str()), 0, "unlink");
  inside(false, kBytes, 1, "a read of a deleted file");
  // Another file has the same offsets, and they are no overlap. It may take this user's last one.
  make(path + ".2");
  const int second = ::open((path + ".2").c_str(), O_RDWR | O_DIRECT);
  const std::uint32_t id2 = added(io, region(second, 0, 8 * kMiB, Class::kDecode));
  kairo_region_reg third = region(second, 8 * kMiB, 1, Class::kDecode);
  expect_equal(io.register_region(third), -ENOSPC, "a third region");

  io.close_file();
  for (unsigned tries = 0; region_counter("ended") == ended; ++tries) {
    expect(tries < 5000, "the region of a deleted file is still there");
    ::usleep(1000);
  }
  expect_equal(io.unregister_region(id), -ENOENT, "the region of the deleted file");
  added(io, third);
  expect_equal(region_counter("ended"), ended + 1, "ended");

  // Not deleted: the inode stays in the cache until it is clean and memory is wanted.
  ::close(second);
  ::sync();
  std::ofstream("/proc/sys/vm/drop_caches") << "3\n" << std::flush;
  expect_all_ended("dropped caches");
  expect_equal(io.unregister_region(id2), -ENOENT, "the region of the closed file");
}

// The ring stays, the device goes.
void a_region_goes_with_its_device(const std::string& device) {
  Session io(device, O_DIRECT);
  const std::uint32_t id = added(io, region(io.fd(), 0, kMiB, Class::kDecode));
  io.close_file();
  while (::access(device.c_str(), F_OK) == 0) ::usleep(1000);
  expect_all_ended("the device is gone");
  expect_equal(io.unregister_region(id), -ENOENT, "the region of the device");
}

// A user without privileges may have 1009. They are gone with their ring, a little later.
void a_user_has_a_limit(const std::string& device) {
  Session foreign(device, O_DIRECT);
  kairo_context_reg theirs = context(1, KAIRO_LIFETIME_NONE);
  const int id = foreign.register_context(theirs);
  expect(id > 0, "a context");
  const int fd = ::open(device.c_str(), O_RDWR | O_DIRECT);
  expect(::setgid(65534) == 0 && ::setuid(65534) == 0, "setuid");
  expect(::open("/proc/sys/user/max_kairo_regions", O_WRONLY) < 0, "the limit can be changed");

  for (unsigned round = 0; round < 3; ++round) {
    Session io("/dev/null"), other("/dev/null");
    unsigned registered = 0, refused = 0;
    const auto add = [&](Session& session) {
      kairo_region_reg reg = region(fd, registered * kMiB, kMiB, Class::kDecode);
      return session.register_region(reg);
    };
    kairo_region_reg first = region(fd, 0, kMiB, Class::kDecode);
    if (io.register_region(first) == 0) {
      // What is refused takes nothing.
      for (unsigned i = 0; i < 1500; ++i) {
        kairo_region_reg same = first;
        same.id = 0;
        expect_equal(io.register_region(same), -EEXIST, "the same place");
      }
      expect_equal(io.unregister_region(first.id), 0, "unregister");
    }
    while (registered < 1009) {
      const int result = add(registered % 2 != 0 ? io : other);
      registered += result == 0;
      if (result == 0) continue;
      expect_equal(result, -ENOSPC, "a region");
      expect(++refused < 5000, fmt::format("only {} regions after 5 s", registered));
      ::usleep(1000);
    }
    expect_equal(add(io), -ENOSPC, "one too many");
    expect_equal(add(other), -ENOSPC, "one too many in the other ring");
    kairo_region_reg reg =
        region(fd, 1 << 30, kMiB, Class::kDecode, Class::kNormal, static_cast<std::uint16_t>(id));
    expect_equal(io.register_region(reg), -ENOENT, "a context of another ring");
  }
}

}  // namespace

long region_counter(const std::string& name) {
  std::ifstream in("/sys/kernel/debug/io_uring_kv/regions");
  std::string word;
  long number = 0;
  while (in >> word >> number)
    if (word == name) return number;
  die("no counter " + name);
}

Scenarios region_scenarios() {
  return {
      {"regions", two_regions_side_by_side},
      {"region_context", an_id_that_came_back_is_not_inherited},
      {"region_refusals", registration_refuses_nonsense},
      {"region_overlaps", regions_do_not_overlap},
      {"region_buffered", buffered_io_does_not_inherit},
      {"region_inode", a_region_goes_with_its_inode},
      {"region_device", a_region_goes_with_its_device},
      {"region_limit", a_user_has_a_limit},
  };
}

}  // namespace kairo::testing
