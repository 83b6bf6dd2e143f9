// SPDX-License-Identifier: GPL-2.0-only
// stock_probe ring|aio DEVICE: reads and writes with hints through interfaces that every kernel
// has; stock_counts.h says how many. See stock_test.cc.
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/aio_abi.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "metadata_probe.h"
#include "stock_counts.h"

namespace kairo::testing {
namespace {

namespace counts = stock_counts;
using hint::Class;
using hint::Ioprio;
using hint::PrioClass;

// Each kind of I/O: how often, and what its priority says.
struct Kind {
  const char* what;
  unsigned number;
  bool write;
  Ioprio priority;
};

// Sends each kind by `one`, which returns the bytes; `more` of each, so that what went by the ring
// is not taken for what went by aio.
void send(unsigned more, const std::function<long(const Kind&, std::uint64_t place)>& one) {
  constexpr Ioprio kNoHint = {PrioClass::kBestEffort, 4, Class::kNormal};
  constexpr Ioprio kDecode = {PrioClass::kBestEffort, 4, Class::kDecode};
  constexpr Ioprio kPrefetch = {PrioClass::kBestEffort, 4, Class::kPrefetch};
  constexpr Ioprio kPrefill = {PrioClass::kBestEffort, 4, Class::kPrefill};
  // a stock kernel replaces a priority of no class by the task's, hint and all
  constexpr Ioprio kNoClass = {PrioClass::kNone, 0, Class::kDecode};
  const Kind kinds[] = {{"no hint", counts::kNoHint, false, kNoHint},
                        {"decode", counts::kDecode, false, kDecode},
                        {"prefetch", counts::kPrefetch, false, kPrefetch},
                        {"prefill", counts::kPrefill, true, kPrefill},
                        {"decode without a class", counts::kNoClass, false, kNoClass}};
  std::uint64_t place = 0;
  for (const Kind& kind : kinds)
    for (unsigned i = 0; i < kind.number + more; ++i, place += 3 * kBytes)
      expect_equal(one(kind, place), kBytes, kind.what);
}

void by_ring(const std::string& device) {
  Session io(device, O_DIRECT);
  send(0, [&](const Kind& kind, std::uint64_t place) {
    return io.at(kind.write, place,
                 [&](io_uring_sqe& s) { s.ioprio = hint::encode(kind.priority); });
  });
}

void by_aio(const std::string& device) {
  Session files(device, O_DIRECT);  // of which the file and the memory are used
  aio_context_t context = 0;
  expect_equal(::syscall(SYS_io_setup, 1, &context), 0, "io_setup");
  send(counts::kMoreByAio, [&](const Kind& kind, std::uint64_t place) {
    iocb control = {};
    control.aio_lio_opcode = kind.write ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD;
    control.aio_fildes = static_cast<std::uint32_t>(files.fd());
    control.aio_buf = reinterpret_cast<std::uintptr_t>(files.buffer());
    control.aio_nbytes = kBytes;
    control.aio_offset = static_cast<std::int64_t>(place);
    control.aio_flags = IOCB_FLAG_IOPRIO;
    control.aio_reqprio = static_cast<std::int16_t>(hint::encode(kind.priority));
    iocb* list[] = {&control};
    expect_equal(::syscall(SYS_io_submit, context, 1, list), 1, kind.what);
    io_event event = {};
    expect_equal(::syscall(SYS_io_getevents, context, 1, 1, &event, nullptr), 1, kind.what);
    return static_cast<long>(event.res);
  });
  ::syscall(SYS_io_destroy, context);
}

}  // namespace
}  // namespace kairo::testing

int main(int argc, char** argv) {
  return kairo::testing::run_scenario(
      {{"ring", kairo::testing::by_ring}, {"aio", kairo::testing::by_aio}}, argc, argv,
      "stock_probe ring|aio DEVICE");
}
