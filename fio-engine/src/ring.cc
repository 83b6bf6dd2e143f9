// SPDX-License-Identifier: GPL-2.0-only
#include "ring.h"

#include <sys/ioctl.h>

#include <cerrno>
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
    const int result = io_uring_queue_init_params(options.depth, &ring_, &params);
    if (result == 0) {
      open_ = true;
      break;
    }
    if (result != -EINVAL) return setup_error(-result, options);
  }
  if (!open_) return setup_error(EINVAL, options);
  if (io_uring_probe* probe = io_uring_get_probe_ring(&ring_)) {
    nonvectored_ = io_uring_opcode_supported(probe, IORING_OP_READ) &&
                   io_uring_opcode_supported(probe, IORING_OP_WRITE);
    io_uring_free_probe(probe);
  }
  // Saves a descriptor look-up per system call where the kernel can (5.18); no loss where not.
  io_uring_register_ring_fd(&ring_);
  return {};
}

void Ring::close() {
  if (open_) io_uring_queue_exit(&ring_);
  open_ = false;
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
    if (open_ && (ring_.flags & flag.bit)) names.emplace_back(flag.name);
  }
  return names;
}

void prep_discard(io_uring_sqe* sqe, int fd, std::uint64_t offset, std::uint64_t length) {
  std::memset(sqe, 0, sizeof(*sqe));
  sqe->opcode = IORING_OP_URING_CMD;
  sqe->fd = fd;
  sqe->cmd_op = BLOCK_URING_CMD_DISCARD;
  sqe->addr = offset;
  sqe->addr3 = length;
}

bool probe_discard(int fd) {
  io_uring ring;
  if (io_uring_queue_init(2, &ring, 0) != 0) return false;
  bool supported = false;
  io_uring_probe* probe = io_uring_get_probe_ring(&ring);
  // A discard of no bytes: refused as such (EINVAL) by a device that has the command, and with
  // EOPNOTSUPP by one that has not. A kernel without the opcode answers EINVAL to everything.
  if (probe && io_uring_opcode_supported(probe, IORING_OP_URING_CMD)) {
    io_uring_cqe* cqe = nullptr;
    if (io_uring_sqe* sqe = io_uring_get_sqe(&ring)) {
      prep_discard(sqe, fd, 0, 0);
      if (io_uring_submit(&ring) == 1 && io_uring_wait_cqe(&ring, &cqe) == 0)
        supported = cqe->res == -EINVAL;
    }
  }
  io_uring_free_probe(probe);
  io_uring_queue_exit(&ring);
  return supported;
}

}  // namespace kairo::engine
