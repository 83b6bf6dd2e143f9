// SPDX-License-Identifier: GPL-2.0-only
#include "merge_submit.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "metadata_probe.h"

namespace kairo::testing {
namespace {

using hint::Class;
using hint::Op;

std::uint16_t ioprio_of(const Io& io) {
  if (io.deadline_us == 0) return hint::encode({hint::PrioClass::kBestEffort, io.level, io.hint});
  return static_cast<std::uint16_t>(hint::encode({hint::PrioClass::kBestEffort, io.level}) |
                                    hint::prefetch_hint(io.deadline_us) << hint::kHintShift);
}

}  // namespace

Files::Files(const std::string& device, bool classes) {
  for (unsigned file = 0; file < kFiles; ++file) {
    fds_[file] = ::open(device.c_str(), O_RDWR | O_DIRECT);
    expect(fds_[file] >= 0, device + ": " + std::strerror(errno));
    const auto& [read, write] = kFileClasses[file];
    if (file > 0 && classes)
      expect_equal(hint::set_file_class(fds_[file], read, write), 0, "the class of a file");
  }
}

Files::~Files() {
  for (const int fd : fds_) ::close(fd);
}

Submitter::Submitter(const Files& files, const Geometry& geometry)
    : files_(files), block_bytes_(geometry.block_bytes), async_discards_(geometry.async_discards) {
  const auto opened = ring_.open({.depth = kDepth});
  if (!opened) die(opened.error().message);
  expect_equal(::syscall(SYS_io_setup, kDepth, &aio_), 0, "io_setup");
  if (!geometry.hints) return;
  for (const Part& part : geometry.parts()) {
    kairo_region_reg reg =
        hint::region(files[0], part.first * block_bytes_, part.count * block_bytes_,
                     part.classes.read, part.classes.write, 0);
    expect_equal(hint::register_region(ring_.fd(), reg), 0, "a region");
  }
}

Submitter::~Submitter() {
  ::syscall(SYS_io_destroy, aio_);
}

void Submitter::submit(const Batch& batch, Data data, void* context) {
  // Neighbours of one path go with one call.
  for (auto begin = batch.ios.begin(); begin != batch.ios.end();) {
    const Path path = (*begin)->path;
    const auto end = std::find_if(begin, batch.ios.end(), [&](Io* io) { return io->path != path; });
    const std::vector<Io*> ios(begin, end);
    if (path == Path::kAio)
      submit_aio(ios, data, context);
    else
      submit_ring(ios, data, context);
    begin = end;
  }
}

iocb& Submitter::prepare_aio(Io& io, char* data) {
  iocb& control = iocbs_[used_aio_];
  control = {};
  control.aio_data = used_aio_;
  control.aio_lio_opcode = io.op == Op::kRead ? IOCB_CMD_PREAD : IOCB_CMD_PWRITE;
  control.aio_fildes = static_cast<std::uint32_t>(files_[io.file]);
  control.aio_buf = reinterpret_cast<std::uintptr_t>(data);
  control.aio_nbytes = std::uint64_t{io.blocks} * block_bytes_;
  control.aio_offset = static_cast<std::int64_t>(io.first * block_bytes_);
  if (io.dsync) control.aio_rw_flags = RWF_DSYNC;
  if (io.by == By::kRwf)
    control.aio_rw_flags |= static_cast<decltype(control.aio_rw_flags)>(hint::rwf(io.hint));
  if (io.by == By::kIoprio) {
    control.aio_flags = IOCB_FLAG_IOPRIO;
    control.aio_reqprio = static_cast<std::int16_t>(ioprio_of(io));
  }
  aio_ios_[used_aio_++] = &io;
  return control;
}

void Submitter::submit_aio(const std::vector<Io*>& ios, Data data, void* context) {
  std::vector<iocb*> controls;
  for (Io* const io : ios) controls.push_back(&prepare_aio(*io, data(*io, context)));
  for (std::size_t done = 0; done < controls.size();) {
    const long taken =
        ::syscall(SYS_io_submit, aio_, controls.size() - done, controls.data() + done);
    expect(taken > 0, fmt::format("io_submit: {}", std::strerror(errno)));
    done += static_cast<std::size_t>(taken);
  }
  in_aio_ += static_cast<unsigned>(ios.size());
}

void Submitter::prepare_ring(Io& io, char* data) {
  const unsigned index = used_ring_++;
  io_uring_sqe& sqe = ring_.sqe(index);
  sqe = {};
  sqe.fd = files_[io.file];
  sqe.user_data = index;
  ring_ios_[index] = &io;
  if (io.op == Op::kDiscard) {
    // A discard that may not wait is sent again as a whole when a part of it finds no tag.
    if (async_discards_) sqe.flags = IOSQE_ASYNC;
    engine::prep_discard(sqe, io.first * block_bytes_, std::uint64_t{io.blocks} * block_bytes_);
    ring_.push(index);
    return;
  }
  sqe.opcode = io.op == Op::kRead ? IORING_OP_READ : IORING_OP_WRITE;
  sqe.addr = reinterpret_cast<std::uintptr_t>(data);
  sqe.len = io.blocks * block_bytes_;
  sqe.off = io.first * block_bytes_;
  if (io.dsync) sqe.rw_flags = RWF_DSYNC;
  if (io.by == By::kRwf) sqe.rw_flags |= static_cast<decltype(sqe.rw_flags)>(hint::rwf(io.hint));
  if (io.by == By::kIoprio) sqe.ioprio = ioprio_of(io);
  if (io.by == By::kAttr) {
    attrs_[index] = hint::attribute(io.hint, 0, io.deadline_us);
    hint::set_sqe_attribute(sqe, attrs_[index]);
  }
  ring_.push(index);
}

void Submitter::submit_ring(const std::vector<Io*>& ios, Data data, void* context) {
  for (Io* const io : ios) prepare_ring(*io, data(*io, context));
  // The kernel stops behind a request that it refuses.
  for (auto left = static_cast<unsigned>(ios.size()); left > 0;) {
    const int taken = ring_.enter(left, 0, 0);
    expect(taken > 0, fmt::format("io_uring_enter: {}", taken));
    ring_.take(static_cast<unsigned>(taken));
    left -= static_cast<unsigned>(taken);
  }
  in_ring_ += static_cast<unsigned>(ios.size());
}

void Submitter::reap_aio() {
  std::array<io_event, 64> events = {};
  const long got = ::syscall(SYS_io_getevents, aio_, 1L, events.size(), events.data(), nullptr);
  // Work that the ring has for this thread interrupts it.
  if (got < 0 && errno == EINTR) return;
  expect(got > 0, fmt::format("io_getevents: {}", std::strerror(errno)));
  for (long i = 0; i < got; ++i) {
    const io_event& event = events[static_cast<std::size_t>(i)];
    aio_ios_[event.data]->result = static_cast<int>(event.res);
  }
  in_aio_ -= static_cast<unsigned>(got);
}

void Submitter::reap_ring() {
  if (ring_.cq_ready() == 0) {
    const int entered = ring_.enter(0, 1, IORING_ENTER_GETEVENTS);
    expect(entered >= 0 || entered == -EINTR, fmt::format("io_uring_enter: {}", entered));
  }
  const unsigned ready = ring_.cq_ready();
  for (unsigned i = 0; i < ready; ++i) {
    const io_uring_cqe& cqe = ring_.cqe(ring_.cq_head() + i);
    ring_ios_[cqe.user_data]->result = cqe.res;
  }
  ring_.cq_advance(ready);
  in_ring_ -= ready;
}

void Submitter::wait() {
  while (in_aio_ > 0) reap_aio();
  while (in_ring_ > 0) reap_ring();
  used_aio_ = used_ring_ = 0;
}

}  // namespace kairo::testing
