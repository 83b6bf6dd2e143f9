// SPDX-License-Identifier: GPL-2.0-only
#include "ring.h"

#include <sys/ioctl.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace kairo::engine {
namespace {

// Linux 6.12, later than the headers of the distribution.
#ifndef BLOCK_URING_CMD_DISCARD
#define BLOCK_URING_CMD_DISCARD _IO(0x12, 0)
#endif

constexpr unsigned kDeferred = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;

base::Status setup_error(int error, const RingOptions& options) {
  const char* remedy = "";
  switch (error) {
    case ENOSYS:
      remedy = "this kernel has no io_uring; use a kernel with CONFIG_IO_URING";
      break;
    case EPERM:
      remedy =
          "io_uring is switched off: sysctl kernel.io_uring_disabled=0, or allow it in the "
          "container's seccomp profile";
      break;
    case ENOMEM:
      remedy = "raise the locked-memory limit, ulimit -l, or lower iodepth";
      break;
    case EMFILE:
    case ENFILE:
      remedy = "raise ulimit -n";
      break;
    case EINVAL:
      remedy = "iodepth is at most 32768; hipri and sqthread_poll_cpu must suit the machine";
      break;
    default:
      remedy = "see io_uring_setup(2)";
  }
  return base::fail(base::ErrorCode::kUnavailable, "no io_uring with iodepth={}: {} ({})",
                    options.depth, std::strerror(error), remedy);
}

}  // namespace

base::Status Ring::open(const RingOptions& options) {
  io_uring_params params = {};
  // A completion entry per request is all a job can use.
  params.flags = IORING_SETUP_CQSIZE | IORING_SETUP_COOP_TASKRUN | kDeferred;
  params.cq_entries = options.depth;
  if (options.iopoll) params.flags |= IORING_SETUP_IOPOLL;
  if (options.sqpoll) {
    params.flags |= IORING_SETUP_SQPOLL;
    if (options.sqpoll_cpu >= 0) {
      params.flags |= IORING_SETUP_SQ_AFF;
      params.sq_thread_cpu = static_cast<unsigned>(options.sqpoll_cpu);
    }
  }
  const unsigned wanted = params.flags;
  for (const unsigned dropped : {0U, kDeferred, kDeferred | IORING_SETUP_COOP_TASKRUN,
                                 kDeferred | IORING_SETUP_COOP_TASKRUN | IORING_SETUP_CQSIZE}) {
    params.flags = wanted & ~dropped;
    fd_ = static_cast<int>(syscall(__NR_io_uring_setup, options.depth, &params));
    if (fd_ >= 0) break;
    if (errno != EINVAL) return setup_error(errno, options);
  }
  if (fd_ < 0) return setup_error(EINVAL, options);
  flags_ = params.flags;
  features_ = params.features;
  if (auto ok = map(params, options); !ok) {
    close();
    return ok;
  }
  // Saves a descriptor look-up per system call where the kernel can (5.18); no loss where not.
  io_uring_rsrc_update update = {};
  update.offset = UINT32_MAX;  // any free slot
  update.data = static_cast<unsigned>(fd_);
  if (register_with(IORING_REGISTER_RING_FDS, &update, 1) == 1) {
    enter_fd_ = static_cast<int>(update.offset);
    enter_flags_ = IORING_ENTER_REGISTERED_RING;
  } else {
    enter_fd_ = fd_;
  }
  return {};
}

base::Status Ring::map(const io_uring_params& params, const RingOptions& options) {
  const std::size_t lengths[3] = {
      params.sq_off.array + params.sq_entries * sizeof(unsigned),
      params.sq_entries * sizeof(io_uring_sqe),
      params.cq_off.cqes + params.cq_entries * sizeof(io_uring_cqe),
  };
  constexpr off_t kOffsets[3] = {static_cast<off_t>(IORING_OFF_SQ_RING),
                                 static_cast<off_t>(IORING_OFF_SQES),
                                 static_cast<off_t>(IORING_OFF_CQ_RING)};
  for (std::size_t i = 0; i < 3; ++i) {
    void* address = mmap(nullptr, lengths[i], PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
                         fd_, kOffsets[i]);
    if (address == MAP_FAILED) return setup_error(errno, options);
    maps_[i] = {address, lengths[i]};
  }
  const auto at = [](const Mapping& mapping, unsigned offset) {
    return static_cast<void*>(static_cast<std::byte*>(mapping.address) + offset);
  };
  sq_ktail_ = static_cast<unsigned*>(at(maps_[0], params.sq_off.tail));
  sq_kflags_ = static_cast<unsigned*>(at(maps_[0], params.sq_off.flags));
  sq_array_ = static_cast<unsigned*>(at(maps_[0], params.sq_off.array));
  sq_mask_ = *static_cast<unsigned*>(at(maps_[0], params.sq_off.ring_mask));
  sq_tail_ = sq_taken_ = *sq_ktail_;
  sqes_ = static_cast<io_uring_sqe*>(maps_[1].address);
  std::memset(sqes_, 0, lengths[1]);
  cq_khead_ = static_cast<unsigned*>(at(maps_[2], params.cq_off.head));
  cq_ktail_ = static_cast<unsigned*>(at(maps_[2], params.cq_off.tail));
  cq_head_ = *cq_khead_;
  cq_mask_ = *static_cast<unsigned*>(at(maps_[2], params.cq_off.ring_mask));
  cqes_ = static_cast<io_uring_cqe*>(at(maps_[2], params.cq_off.cqes));
  return {};
}

void Ring::unmap() {
  for (Mapping& mapping : maps_) {
    if (mapping.address) munmap(mapping.address, mapping.length);
    mapping = {};
  }
}

void Ring::close() {
  if (fd_ < 0) return;
  if (enter_flags_) {
    io_uring_rsrc_update update = {};
    update.offset = static_cast<unsigned>(enter_fd_);
    register_with(IORING_UNREGISTER_RING_FDS, &update, 1);
    enter_flags_ = 0;
  }
  unmap();
  ::close(fd_);
  fd_ = -1;
}

void Ring::abandon() {
  unmap();
  fd_ = -1;
}

int Ring::register_with(unsigned opcode, const void* argument, unsigned count) const {
  const long result = syscall(__NR_io_uring_register, fd_, opcode, argument, count);
  return result < 0 ? -errno : static_cast<int>(result);
}

bool Ring::supports(unsigned opcode) const {
  // The kernel's structure ends in an array of operations.
  constexpr unsigned kOperations = 256;
  alignas(io_uring_probe)
      std::array<std::byte, sizeof(io_uring_probe) + kOperations * sizeof(io_uring_probe_op)>
          answer = {};
  if (register_with(IORING_REGISTER_PROBE, answer.data(), kOperations) < 0) return false;
  io_uring_probe head;
  std::memcpy(&head, answer.data(), sizeof(head));
  if (opcode > head.last_op) return false;
  io_uring_probe_op operation;
  std::memcpy(&operation, answer.data() + sizeof(head) + opcode * sizeof(operation),
              sizeof(operation));
  return (operation.flags & IO_URING_OP_SUPPORTED) != 0;
}

std::vector<std::string> Ring::flag_names() const {
  struct Flag {
    unsigned bit;
    const char* name;
  };
  constexpr Flag kFlags[] = {{IORING_SETUP_IOPOLL, "IOPOLL"},
                             {IORING_SETUP_SQPOLL, "SQPOLL"},
                             {IORING_SETUP_SQ_AFF, "SQ_AFF"},
                             {IORING_SETUP_CQSIZE, "CQSIZE"},
                             {IORING_SETUP_COOP_TASKRUN, "COOP_TASKRUN"},
                             {IORING_SETUP_SINGLE_ISSUER, "SINGLE_ISSUER"},
                             {IORING_SETUP_DEFER_TASKRUN, "DEFER_TASKRUN"}};
  std::vector<std::string> names;
  for (const Flag& flag : kFlags) {
    if (is_open() && (flags_ & flag.bit)) names.emplace_back(flag.name);
  }
  return names;
}

int Ring::enter_timeout(unsigned submit, unsigned wait, std::uint64_t timeout_ns) {
  ++enter_calls_;
  constexpr std::uint64_t kSecond = 1'000'000'000;
  __kernel_timespec timeout = {};
  timeout.tv_sec = static_cast<std::int64_t>(timeout_ns / kSecond);
  timeout.tv_nsec = static_cast<long long>(timeout_ns % kSecond);
  io_uring_getevents_arg argument = {};
  argument.ts = reinterpret_cast<std::uint64_t>(&timeout);
  return static_cast<int>(enter_kernel(enter_fd_, submit, wait,
                                       IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG | enter_flags_,
                                       &argument, sizeof(argument)));
}

int Ring::run(unsigned index) {
  push(index);
  for (int result = enter(1, 1, IORING_ENTER_GETEVENTS); cq_ready() == 0;
       result = enter(0, 1, IORING_ENTER_GETEVENTS)) {
    if (result < 0 && result != -EINTR) return result;
  }
  take(1);
  const int result = cqe(cq_head()).res;
  cq_advance(1);
  return result;
}

void prep_discard(io_uring_sqe& sqe, std::uint64_t offset, std::uint64_t length) {
  sqe.opcode = IORING_OP_URING_CMD;
  sqe.cmd_op = BLOCK_URING_CMD_DISCARD;
  sqe.addr = offset;
  sqe.addr3 = length;
}

bool probe_discard(int fd) {
  Ring ring;
  // A discard of no bytes: refused as such (EINVAL) by a device that has the command, and with
  // EOPNOTSUPP by one that has not. A kernel without the opcode answers EINVAL to everything.
  if (!ring.open({}) || !ring.supports(IORING_OP_URING_CMD)) return false;
  io_uring_sqe& sqe = ring.sqe(0);
  prep_discard(sqe, 0, 0);
  sqe.fd = fd;
  return ring.run(0) == -EINVAL;
}

}  // namespace kairo::engine
