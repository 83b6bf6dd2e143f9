// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <cstdio>
#include <cstring>

#include "metadata_probe.h"

namespace kairo::testing {

void die(const std::string& what) {
  fmt::print("FAILED: {}\n", what);
  std::fflush(stdout);
  std::_Exit(1);
}

void expect(bool good, const std::string& what) {
  if (!good) die(what);
}

void expect_equal(long got, long wanted, const std::string& what) {
  if (got != wanted) die(fmt::format("{}: {} instead of {}", what, got, wanted));
}

Session::Session(const std::string& device, int more_flags) {
  fd_ = ::open(device.c_str(), O_RDWR | more_flags);
  expect(fd_ >= 0, device + ": " + std::strerror(errno));
  void* const memory = ::mmap(nullptr, std::size_t{kDepth} * kBytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  expect(memory != MAP_FAILED, "no memory");
  buffer_ = static_cast<char*>(memory);
  const auto opened = ring_.open({.depth = kDepth});
  if (!opened) die(opened.error().message);
}

Session::~Session() {
  ring_.close();
  ::munmap(buffer_, std::size_t{kDepth} * kBytes);
  close_file();
}

void Session::close_file() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

io_uring_sqe& Session::prepare(unsigned index, bool write) {
  io_uring_sqe& sqe = ring_.sqe(index);
  sqe = {};
  sqe.opcode = write ? IORING_OP_WRITE : IORING_OP_READ;
  sqe.fd = fd_;
  sqe.addr = reinterpret_cast<std::uintptr_t>(buffer_ + std::size_t{index} * kBytes);
  sqe.len = kBytes;
  // Every second block, so that no two requests can merge.
  sqe.off = std::uint64_t{index} * 2 * kBytes;
  sqe.user_data = index;
  ring_.push(index);
  return sqe;
}

void Session::submit(unsigned count) {
  // The kernel stops behind a request that it refuses.
  while (count > 0) {
    const int submitted = ring_.enter(count, 0, 0);
    expect(submitted > 0, fmt::format("io_uring_enter: {}", submitted));
    count -= static_cast<unsigned>(submitted);
  }
}

std::vector<int> Session::wait_for(unsigned count) {
  std::vector<int> results(kDepth);
  while (count > 0) {
    if (ring_.cq_ready() == 0) {
      const int entered = ring_.enter(0, 1, IORING_ENTER_GETEVENTS);
      expect(entered >= 0, "waiting for completions");
    }
    const unsigned ready = ring_.cq_ready();
    for (unsigned i = 0; i < ready; ++i) {
      const io_uring_cqe& cqe = ring_.cqe(ring_.cq_head() + i);
      results[cqe.user_data % kDepth] = cqe.res;
    }
    ring_.cq_advance(ready);
    count -= std::min(count, ready);
  }
  return results;
}

std::vector<int> Session::submit_and_wait(unsigned count) {
  submit(count);
  return wait_for(count);
}

int Session::one(bool write, const kairo_rw_attr& attr) {
  hint::set_sqe_attribute(prepare(0, write), attr);
  return submit_and_wait(1)[0];
}

int Session::at(bool write, std::uint64_t offset, const Change& change) {
  io_uring_sqe& sqe = prepare(0, write);
  sqe.off = offset;
  if (change) change(sqe);
  return submit_and_wait(1)[0];
}

int Session::register_region(kairo_region_reg& reg) {
  return -hint::register_region(ring_.fd(), reg);
}

int Session::unregister_region(std::uint32_t id) {
  return -hint::unregister_region(ring_.fd(), id);
}

int Session::register_context(kairo_context_reg& reg) {
  const int result = ring_.register_with(KAIRO_REGISTER_CONTEXT, &reg, 1);
  return result < 0 ? result : reg.id;
}

int Session::unregister_context(unsigned id) {
  return ring_.register_with(KAIRO_UNREGISTER_CONTEXT, nullptr, id);
}

kairo_context_reg context(std::uint64_t session, unsigned lifetime) {
  kairo_context_reg reg = {};
  reg.size = sizeof(reg);
  reg.version = KAIRO_CONTEXT_VERSION;
  reg.info.model = 7;
  reg.info.session = session;
  reg.info.lifetime = static_cast<std::uint8_t>(lifetime);
  return reg;
}

int run_scenario(const Scenarios& scenarios, int argc, char** argv, const char* usage) {
  const auto scenario = scenarios.find(argc > 1 ? argv[1] : "");
  if (argc != 3 || scenario == scenarios.end()) {
    fmt::print(stderr, "{}\n", usage);
    return 2;
  }
  scenario->second(argv[2]);
  return 0;
}

}  // namespace kairo::testing
