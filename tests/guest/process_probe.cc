// SPDX-License-Identifier: GPL-2.0-only
// Contexts for all rings of a process, through the interface itself: see metadata_test.cc.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "metadata_counts.h"
#include "metadata_probe.h"

namespace kairo::testing {
namespace {

namespace counts = metadata_counts;
using hint::attribute;
using hint::Class;

std::uint16_t registered(Session& io, std::uint64_t session, std::uint16_t flags) {
  kairo_context_reg reg = context(session, KAIRO_LIFETIME_SESSION);
  reg.info.flags = flags;
  const int id = io.register_context(reg);
  expect(id > 0, "a context");
  return static_cast<std::uint16_t>(id);
}

// In a child, which has rings of its own: the exit status of `body`.
void in_another_process(const std::function<void()>& body) {
  const pid_t child = ::fork();
  expect(child >= 0, "fork");
  if (child == 0) {
    body();
    ::_exit(0);
  }
  int status = -1;
  expect(::waitpid(child, &status, 0) == child && status == 0, "the other process");
}

// Reads through the ring of the context, and through another one, by attribute and by a region.
void other_rings_use_it(const std::string& device) {
  Session owner(device, O_DIRECT), other(device, O_DIRECT);
  const std::uint16_t shared = registered(owner, 31, KAIRO_CONTEXT_PROCESS);
  const std::uint16_t own = registered(owner, 32, 0);
  const kairo_rw_attr attr = attribute(Class::kDecode, shared);
  for (unsigned i = 0; i < counts::kByItsRing; ++i)
    expect_equal(owner.one(false, attr), kBytes, "its ring");
  for (unsigned i = 0; i < counts::kByAnotherRing; ++i)
    expect_equal(other.one(false, attr), kBytes, "another ring");

  kairo_region_reg region =
      hint::region(other.fd(), 0, 1 << 20, Class::kDecode, Class::kNormal, shared);
  expect_equal(other.register_region(region), 0, "a region with it");
  for (unsigned i = 0; i < counts::kInRegion; ++i)
    expect_equal(other.at(false, 0), kBytes, "inside the region");

  expect_equal(other.one(false, attribute(Class::kDecode, own)), -ENOENT, "of one ring only");
  expect_equal(other.unregister_context(shared), -ENOENT, "unregistered through another ring");
  in_another_process([&] {
    Session foreign(device, O_DIRECT);
    expect_equal(foreign.one(false, attr), -ENOENT, "of another process");
  });

  expect_equal(owner.unregister_context(shared), 0, "unregistered");
  expect_equal(other.one(false, attr), -ENOENT, "after unregistering");
  expect_equal(other.at(false, 0), kBytes, "inside a region without context");
}

// The ring of a context goes while writes of others with it are in the device: the id is not
// given to anybody before they have ended.
void its_ring_goes_first(const std::string& device) {
  auto owner = std::make_unique<Session>(device, O_DIRECT);
  Session first(device, O_DIRECT), second(device, O_DIRECT);
  const std::uint16_t id = registered(*owner, 33, KAIRO_CONTEXT_PROCESS);
  const kairo_rw_attr attr = attribute(Class::kPrefill, id);
  for (Session* io : {&first, &second}) {
    hint::set_sqe_attribute(io->prepare(0, true), attr);
    io->submit(1);
  }
  owner.reset();
  // The kernel takes a ring down behind our back. A region asks for the context without an I/O.
  for (unsigned tries = 0;; ++tries) {
    auto region = hint::region(first.fd(), 0, 1 << 20, Class::kDecode, Class::kNormal, id);
    const int result = first.register_region(region);
    if (result == -ENOENT) break;
    expect_equal(result, 0, "a region");
    expect_equal(first.unregister_region(region.id), 0, "no region");
    expect(tries < 500, "a context outlived its ring");
    ::usleep(1000);
  }

  int result = 0;
  do {
    kairo_context_reg reg = context(34, KAIRO_LIFETIME_SHORT);
    result = second.register_context(reg);
    expect(result != id, "the id of an I/O in flight was given away");
  } while (result > 0);
  expect_equal(result, -ENOSPC, "one context too many");
  expect_equal(first.wait_for(1)[0], kBytes, "a write in flight");
  expect_equal(second.wait_for(1)[0], kBytes, "another write in flight");
  kairo_context_reg reg = context(35, KAIRO_LIFETIME_SHORT);
  expect_equal(first.register_context(reg), id, "the last free id");
}

}  // namespace

Scenarios process_scenarios() {
  return {{"process", other_rings_use_it}, {"process_in_flight", its_ring_goes_first}};
}

}  // namespace kairo::testing
