// SPDX-License-Identifier: GPL-2.0-only
// Tells the kernel what an I/O of a KV cache is. For inference runtimes and for the fio engine;
// header only, needs nothing but the kernel's own headers.
//
// Three carriers with the I/O itself:
//   ioprio  the hint field of the 16-bit I/O priority: in sqe->ioprio, aio_reqprio or the calling
//           thread. Every kernel from 6.5 on accepts it without a word, so success says nothing
//           about who will look at it; only the kairo scheduler and mq-deadline's kv_classes do.
//   rwf     RWF_KV_* in preadv2/pwritev2 or sqe->rw_flags. A kernel without them refuses the I/O
//           with EOPNOTSUPP, so probe once per file (probe_rwf) and not per I/O.
//   attr    an attribute of an io_uring SQE, with a deadline and a context beside the class. The
//           ring says whether the kernel has it (KAIRO_FEAT_RW_ATTR), the file as for rwf.
// A runtime asks once per file (choose_carrier), then marks each I/O:
//   io_uring        mark() a prepared SQE; set_sqe_attribute(), set_sqe_rwf() and set_sqe_ioprio()
//                   are what it picks from
//   preadv2         rwf() in the flags
//   read, mmap      set_thread_ioprio(), for all that the thread does
// Two more are for code that knows no hints and does direct I/O:
//   an open file    set_file_class()
//   a region        register_region(), of a ring that such code is handed, by where the I/O goes
// examples/kv_reader.cc does preadv2 and the thread. Evictions are discards, write-zeroes or
// punch-holes. Those operations take no carrier; the kernel classifies them by what they are.
//
// A class belongs to a direction: a write is never decode or prefetch, a read never prefill. mark()
// says EINVAL before the I/O goes out. The kernel says EINVAL for rwf, attr, open files and
// regions; for ioprio it says nothing and takes the I/O as normal, because a thread's priority is
// there for all of its reads and writes.
#pragma once

#include <errno.h>
#include <linux/kairo.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string_view>

namespace kairo::hint {

enum class Class : std::uint8_t {
  kNormal = KAIRO_CLASS_NORMAL,
  kDecode = KAIRO_CLASS_DECODE,
  kPrefetch = KAIRO_CLASS_PREFETCH,
  kPrefill = KAIRO_CLASS_PREFILL,
  kEvict = KAIRO_CLASS_EVICT,
};

inline constexpr std::size_t kClasses = KAIRO_NR_CLASSES;

// Names as sysfs, debugfs, JSON and workload files spell them, indexed by class number.
inline constexpr std::array<std::string_view, kClasses> kClassNames = {
    "normal", "decode", "prefetch", "prefill", "evict"};

constexpr std::size_t index(Class cls) {
  return static_cast<std::size_t>(cls);
}

constexpr std::string_view name(Class cls) {
  return kClassNames[index(cls)];
}

constexpr std::optional<Class> parse_class(std::string_view text) {
  for (std::size_t i = 0; i < kClasses; ++i) {
    if (kClassNames[i] == text) return static_cast<Class>(i);
  }
  return std::nullopt;
}

// What a class may be: reads are decode or prefetch, writes prefill, discards evict.
enum class Op : std::uint8_t { kRead, kWrite, kDiscard };

constexpr bool allowed(Class cls, Op op) {
  switch (cls) {
    case Class::kNormal:
      return true;
    case Class::kDecode:
    case Class::kPrefetch:
      return op == Op::kRead;
    case Class::kPrefill:
      return op == Op::kWrite;
    case Class::kEvict:
      return op == Op::kDiscard;
  }
  return false;
}

// --- ioprio: class (3 bits) | hint (10 bits) | level (3 bits) ---

enum class PrioClass : std::uint8_t { kNone = 0, kRealTime = 1, kBestEffort = 2, kIdle = 3 };

inline constexpr unsigned kPrioClassShift = 13;
inline constexpr unsigned kHintShift = 3;
inline constexpr unsigned kHintMask = 0x3ff;
inline constexpr unsigned kLevelMask = 0x7;

// IOPRIO_HINT_KV_*: above the command duration limits (1 to 7) that the kernel already has.
inline constexpr unsigned kIoprioHintDecode = 8;
inline constexpr unsigned kIoprioHintEvict = 11;

// IOPRIO_HINT_KV_PREFETCH_BY: a prefetch with a deadline, one of 64 from 64 us to 3.67 s.
inline constexpr unsigned kIoprioHintPrefetchBy = 64;
inline constexpr unsigned kDeadlines = 64;

// After which time data is used that was prefetched with deadline `number` < kDeadlines.
constexpr std::uint32_t deadline_us(unsigned number) {
  return (4U + number % 4) << (number / 4) << 4;
}

// The hint for data that is used `us` after the submission. Its deadline is at most a fifth
// earlier, within what there is: 64 us for less than that.
constexpr unsigned prefetch_hint(std::uint32_t us) {
  unsigned number = kDeadlines - 1;
  while (number > 0 && deadline_us(number) > us) --number;
  return kIoprioHintPrefetchBy + number;
}

struct Ioprio {
  PrioClass prio_class = PrioClass::kNone;
  unsigned level = 0;  // 0 (first) to 7
  Class cls = Class::kNormal;
};

constexpr std::uint16_t encode(Ioprio prio) {
  const unsigned hint =
      prio.cls == Class::kNormal ? 0 : kIoprioHintDecode + static_cast<unsigned>(prio.cls) - 1;
  return static_cast<std::uint16_t>(static_cast<unsigned>(prio.prio_class) << kPrioClassShift |
                                    hint << kHintShift | (prio.level & kLevelMask));
}

// Any 16-bit value; a hint that is not a KV hint (a command duration limit, say) gives kNormal.
constexpr Class class_of_ioprio(std::uint16_t ioprio) {
  const unsigned hint = (ioprio >> kHintShift) & kHintMask;
  if (hint - kIoprioHintPrefetchBy < kDeadlines) return Class::kPrefetch;
  if (hint < kIoprioHintDecode || hint > kIoprioHintEvict) return Class::kNormal;
  return static_cast<Class>(hint - kIoprioHintDecode + 1);
}

// --- RWF_KV_*: preadv2, pwritev2 and sqe->rw_flags ---

inline constexpr std::uint32_t kRwfDecode = 0x2000;
inline constexpr std::uint32_t kRwfPrefetch = 0x4000;
inline constexpr std::uint32_t kRwfPrefill = 0x8000;
inline constexpr std::uint32_t kRwfMask = 0xE000;

// 0 for kNormal and kEvict: neither has a flag.
constexpr std::uint32_t rwf(Class cls) {
  switch (cls) {
    case Class::kDecode:
      return kRwfDecode;
    case Class::kPrefetch:
      return kRwfPrefetch;
    case Class::kPrefill:
      return kRwfPrefill;
    case Class::kNormal:
    case Class::kEvict:
      break;
  }
  return 0;
}

// nullopt when more than one flag is set: the kernel answers EINVAL to that.
constexpr std::optional<Class> class_of_rwf(std::uint32_t rw_flags) {
  switch (rw_flags & kRwfMask) {
    case 0:
      return Class::kNormal;
    case kRwfDecode:
      return Class::kDecode;
    case kRwfPrefetch:
      return Class::kPrefetch;
    case kRwfPrefill:
      return Class::kPrefill;
    default:
      return std::nullopt;
  }
}

// --- io_uring ---

// An Sqe is the io_uring_sqe of <linux/io_uring.h> or of <liburing.h>, whichever the caller
// includes. This header includes neither: linux/fs.h comes with them, and BLOCK_SIZE with that.
//
// What is set here is set behind io_uring_prep_*(): those clear it, and a hint that was there is
// lost without a word from anybody.

// IORING_OP_* of reads and of writes: READV, READ_FIXED, READ and READV_FIXED (6.15), and so on.
inline constexpr std::array<unsigned, 4> kReadOpcodes = {1, 4, 22, 60};
inline constexpr std::array<unsigned, 4> kWriteOpcodes = {2, 5, 23, 61};

// The direction of a prepared read or write. nullopt for another operation, and for an entry that
// is fresh; what an entry was before it is prepared again cannot be told from what it will be.
template <class Sqe>
constexpr std::optional<Op> op_of(const Sqe& sqe) {
  for (const unsigned opcode : kReadOpcodes)
    if (sqe.opcode == opcode) return Op::kRead;
  for (const unsigned opcode : kWriteOpcodes)
    if (sqe.opcode == opcode) return Op::kWrite;
  return std::nullopt;
}

// Puts the hint into the priority of a prepared read or write. Keeps the priority class and level
// that are there; gives best effort, level 4 (the default of a thread) when there is none, because
// io_uring drops the thread's priority for a nonzero value. Returns 0, or EINVAL and leaves the
// entry as it is where the kernel would take the I/O as normal: a class of the other direction (a
// write may be kEvict, the clean-up behind an eviction), or not a read or write.
template <class Sqe>
int set_sqe_ioprio(Sqe& sqe, Class cls) {
  const std::optional<Op> op = op_of(sqe);
  const bool clean_up = cls == Class::kEvict && op == Op::kWrite;
  if (!op || !(allowed(cls, *op) || clean_up)) return EINVAL;
  auto prio_class = static_cast<PrioClass>(sqe.ioprio >> kPrioClassShift);
  unsigned level = sqe.ioprio & kLevelMask;
  if (prio_class == PrioClass::kNone) {
    prio_class = PrioClass::kBestEffort;
    level = 4;
  }
  sqe.ioprio = encode({prio_class, level, cls});
  return 0;
}

// The same by flag; only after probe_rwf() said kAccepted for the file. The kernel answers EINVAL
// to a flag of the other direction.
template <class Sqe>
void set_sqe_rwf(Sqe& sqe, Class cls) {
  // The member is signed in some versions of the header and unsigned in others.
  sqe.rw_flags = static_cast<decltype(sqe.rw_flags)>(
      (static_cast<std::uint32_t>(sqe.rw_flags) & ~kRwfMask) | rwf(cls));
}

// --- The io_uring attribute: class, deadline and context of one I/O ---

// `context` is what KAIRO_REGISTER_CONTEXT returned in `id`; `deadline_us` is for kPrefetch alone.
inline kairo_rw_attr attribute(Class cls, std::uint16_t context = 0,
                               std::uint32_t deadline_us = 0) {
  kairo_rw_attr attr = {};
  attr.size = sizeof(attr);
  attr.version = KAIRO_RW_ATTR_VERSION;
  attr.io_class = static_cast<std::uint8_t>(cls);
  attr.context = context;
  attr.deadline_us = deadline_us;
  return attr;
}

// What the data of one I/O is worth: a set of these, with |. The kernel answers EINVAL to those of
// writes on a read, and EOPNOTSUPP to all of them for I/O that does not reach the block layer as it
// is: nothing of this survives the page cache.
enum class Semantics : std::uint16_t {
  kNone = 0,
  kEphemeral = KAIRO_RW_EPHEMERAL,             // a write: nobody wants it after a crash
  kRecomputable = KAIRO_RW_RECOMPUTABLE,       // can be computed again
  kEvictCleanup = KAIRO_RW_EVICT_CLEANUP,      // a write of Class::kEvict: behind an eviction
  kNoDurability = KAIRO_RW_NO_DURABILITY,      // a write: without O_DSYNC; fsync makes it durable
  kAvoidPageCache = KAIRO_RW_AVOID_PAGECACHE,  // direct, on a file opened without O_DIRECT too
};

constexpr Semantics operator|(Semantics a, Semantics b) {
  return static_cast<Semantics>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}

// Replaces what the attribute says of it.
inline void set_semantics(kairo_rw_attr& attr, Semantics semantics) {
  attr.flags = static_cast<std::uint16_t>(semantics);
}

// Attaches it to a prepared read or write.
//
// The attribute must stay as it is until the kernel has consumed its SQE. io_uring_enter(2) has
// consumed those that it counts when it returns; with IORING_SETUP_SQPOLL a kernel thread does so
// later: wait until the head of the submission queue has passed the SQE, or for the completion of
// the I/O.
//
// (liburing: io_uring_submit() returns as io_uring_enter() does; io_uring_sq_ready() of 0 says that
// the head has passed all.) An attribute for each request that can be in flight, or one that never
// changes as those of class_attribute(), needs no thought about it.
//
// By the names that these bytes have in headers before 6.14: attr_ptr and attr_type_mask.
template <class Sqe>
void set_sqe_attribute(Sqe& sqe, const kairo_rw_attr& attr) {
  sqe.addr3 = reinterpret_cast<std::uintptr_t>(&attr);
  sqe.__pad2[0] = KAIRO_RW_ATTR_FLAG;
}

// The attribute that says the class and nothing else. It lives as long as the program.
inline const kairo_rw_attr& class_attribute(Class cls) {
  static const std::array<kairo_rw_attr, kClasses> attributes = {
      attribute(Class::kNormal), attribute(Class::kDecode), attribute(Class::kPrefetch),
      attribute(Class::kPrefill), attribute(Class::kEvict)};
  return attributes[index(cls)];
}

// --- Regions: what the I/O of a ring is by where it goes ---

// `length` bytes from `offset` of the file open as `fd`. Direct I/O wholly inside is of class
// `reads` or `writes` unless it has a hint, and of `context` (what KAIRO_REGISTER_CONTEXT returned
// in `id`; 0: none); with an attribute it is what that says. At least one of the three must say
// something. For a file registered with the ring set `flags` to KAIRO_REGION_FIXED_FILE: `fd` is
// its index then.
inline kairo_region_reg region(int fd, std::uint64_t offset, std::uint64_t length, Class reads,
                               Class writes = Class::kNormal, std::uint16_t context = 0) {
  kairo_region_reg reg = {};
  reg.size = sizeof(reg);
  reg.version = KAIRO_REGION_VERSION;
  reg.fd = fd;
  reg.offset = offset;
  reg.length = length;
  reg.read_class = static_cast<std::uint8_t>(reads);
  reg.write_class = static_cast<std::uint8_t>(writes);
  reg.context = context;
  return reg;
}

// Returns 0, with the number of the region in `reg.id`, or an errno: EEXIST when it overlaps one of
// the ring, ENOSPC when the user has too many, EINVAL also for a kernel without regions; the others
// are in linux/kairo.h. The region stays until it is unregistered, the ring is closed, or nobody
// has the file open any more.
inline int register_region(int ring_fd, kairo_region_reg& reg) {
  return syscall(SYS_io_uring_register, ring_fd, KAIRO_REGISTER_REGION, &reg, 1) == 0 ? 0 : errno;
}

// Returns 0 or an errno: ENOENT when the ring has no such region. I/O submitted before keeps what
// it got.
inline int unregister_region(int ring_fd, std::uint32_t id) {
  return syscall(SYS_io_uring_register, ring_fd, KAIRO_UNREGISTER_REGION, nullptr, id) == 0 ? 0
                                                                                            : errno;
}

// --- An open file ---

inline constexpr int kGetFileClass = 1024 + 128;  // F_GET_KV_CLASS
inline constexpr int kSetFileClass = 1024 + 129;  // F_SET_KV_CLASS

// What direct I/O through `fd` is when it has no hint; kNormal clears. Returns 0 or an errno:
// EINVAL for a kernel without it, EOPNOTSUPP for a file whose I/O does not reach the block layer as
// it is.
inline int set_file_class(int fd, Class reads, Class writes) {
  const auto classes = static_cast<long>(index(reads) | index(writes) << 8);
  return syscall(SYS_fcntl, fd, kSetFileClass, classes) == 0 ? 0 : errno;
}

// --- The calling thread ---

// Every I/O that the calling thread does itself from now on. Returns 0 or an errno: EPERM for real
// time without CAP_SYS_ADMIN or CAP_SYS_NICE, EINVAL for a kernel before 6.5 (it has no hints).
inline int set_thread_ioprio(Ioprio prio) {
  constexpr int kWhoProcess = 1;  // IOPRIO_WHO_PROCESS; 0 below is the calling thread
  return syscall(SYS_ioprio_set, kWhoProcess, 0, encode(prio)) == 0 ? 0 : errno;
}

// The class the calling thread's priority carries; nullopt when the kernel has no such call.
inline std::optional<Class> thread_class() {
  const long prio = syscall(SYS_ioprio_get, 1, 0);
  if (prio < 0) return std::nullopt;
  return class_of_ioprio(static_cast<std::uint16_t>(prio));
}

// --- Probes ---

enum class Support : std::uint8_t {
  kAccepted,  // the kernel took the hint
  kRefused,   // it answered that it does not know it, for this file
  kUnknown,   // the probe itself failed; `error` says why
};

struct ProbeResult {
  Support support = Support::kUnknown;
  int error = 0;  // errno of the probe; 0 when accepted
};

// Gives the calling thread this priority and takes it back; no I/O. Accepted means that the kernel
// has hints (6.5) and that the thread may use the class, not that a scheduler looks at the hint.
inline ProbeResult probe_ioprio(std::uint16_t ioprio) {
  constexpr int kWhoProcess = 1;
  const long before = syscall(SYS_ioprio_get, kWhoProcess, 0);
  if (before < 0) return {Support::kUnknown, errno};
  if (syscall(SYS_ioprio_set, kWhoProcess, 0, ioprio) != 0) return {Support::kRefused, errno};
  if (syscall(SYS_ioprio_set, kWhoProcess, 0, before) != 0) return {Support::kUnknown, errno};
  return {Support::kAccepted, 0};
}

// One read with RWF_KV_DECODE of `length` bytes beyond the end of the file: the flags are checked,
// no I/O is made. With O_DIRECT `length` must suit the file's logical block (4096 does nearly
// always). Reading is what a write-only descriptor cannot do: kUnknown with EBADF, probe a second
// descriptor of the file then.
inline ProbeResult probe_rwf(int fd, std::size_t length = 4096) {
  const std::unique_ptr<void, decltype(&std::free)> buffer(
      std::aligned_alloc(4096, (length + 4095) / 4096 * 4096), &std::free);
  if (!buffer) return {Support::kUnknown, ENOMEM};
  iovec vec = {buffer.get(), length};
  // Past the end of any file: the flags are checked, nothing is read, no counter moves. Straight to
  // the system call: the two halves of the offset are explicit here.
  constexpr long kPastEnd = 1L << 62;
  const long got = syscall(SYS_preadv2, fd, &vec, 1, kPastEnd, 0L, static_cast<int>(kRwfDecode));
  if (got >= 0) return {Support::kAccepted, 0};
  const int error = errno;
  // EINVAL too: an old kernel, or a file whose operations check the flags themselves.
  if (error == EOPNOTSUPP || error == EINVAL) return {Support::kRefused, error};
  return {Support::kUnknown, error};
}

// --- The choice ---

enum class Carrier : std::uint8_t {
  kAttr,    // the kernel has Kairo and its io_uring the attribute
  kRwf,     // the kernel has Kairo: each I/O by its flag
  kIoprio,  // the kernel has hints: by the priority; who looks at it is the scheduler's affair
  kNone,    // neither: the I/O goes out as it is
};

// What to use for `fd`, open for reading and as its I/O will be, with O_DIRECT or without.
// `ring_features` is io_uring_params.features of the ring that the I/O goes through, 0 for I/O
// without a ring. Makes no I/O and leaves the thread's priority as it was.
inline Carrier choose_carrier(int fd, std::uint32_t ring_features = 0) {
  // A file takes the attribute when it takes the flag.
  if (probe_rwf(fd).support == Support::kAccepted)
    return ring_features & KAIRO_FEAT_RW_ATTR ? Carrier::kAttr : Carrier::kRwf;
  const Ioprio decode = {PrioClass::kBestEffort, 4, Class::kDecode};
  if (probe_ioprio(encode(decode)).support == Support::kAccepted) return Carrier::kIoprio;
  return Carrier::kNone;
}

// Marks a prepared read or write by the carrier of its file; kNone leaves it alone. Behind
// io_uring_prep_*(), see above. Returns 0, or EINVAL and leaves the entry as it is, alike with each
// carrier: when a read or write was not prepared, or its direction is not one of the class.
template <class Sqe>
[[nodiscard]] int mark(Sqe& sqe, Class cls, Carrier carrier) {
  const std::optional<Op> op = op_of(sqe);
  if (!op || !allowed(cls, *op)) return EINVAL;
  if (carrier == Carrier::kAttr) set_sqe_attribute(sqe, class_attribute(cls));
  if (carrier == Carrier::kRwf) set_sqe_rwf(sqe, cls);
  return carrier == Carrier::kIoprio ? set_sqe_ioprio(sqe, cls) : 0;
}

}  // namespace kairo::hint
