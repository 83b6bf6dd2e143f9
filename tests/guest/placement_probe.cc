// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>

#include <cerrno>

#include "metadata_probe.h"

namespace kairo::testing {
namespace {

// One I/O at a time: none is merged.
void repeat(Session& io, unsigned times, bool write, const kairo_rw_attr* attr) {
  for (unsigned i = 0; i < times; ++i) {
    io_uring_sqe& sqe = io.prepare(i % kDepth, write);
    if (attr != nullptr) hint::set_sqe_attribute(sqe, *attr);
    expect_equal(io.submit_and_wait(1)[i % kDepth], kBytes, "an I/O to place");
  }
}

kairo_rw_attr attribute_of(Session& io, hint::Class io_class, unsigned lifetime,
                           std::uint32_t group) {
  kairo_context_reg reg = context(1000 + lifetime, lifetime);
  reg.info.placement_group = group;
  const int id = io.register_context(reg);
  expect(id > 0, "a context");
  kairo_rw_attr attr = {};
  attr.size = sizeof(attr);
  attr.version = KAIRO_RW_ATTR_VERSION;
  attr.io_class = static_cast<std::uint8_t>(io_class);
  attr.context = static_cast<std::uint16_t>(id);
  return attr;
}

// A prime number of writes of each kind of context; guest_placement knows the numbers.
void every_lifetime_and_group(const std::string& device) {
  Session io(device, O_DIRECT);
  const struct {
    unsigned lifetime;
    std::uint32_t group;
    unsigned writes;
  } kinds[] = {
      {KAIRO_LIFETIME_NONE, 0, 19},       {KAIRO_LIFETIME_SHORT, 0, 23},
      {KAIRO_LIFETIME_SESSION, 0, 29},    {KAIRO_LIFETIME_MODEL, 0, 31},
      {KAIRO_LIFETIME_PERSISTENT, 0, 37}, {KAIRO_LIFETIME_NONE, 3, 41},
      {KAIRO_LIFETIME_SHORT, 3, 43},      {KAIRO_LIFETIME_PERSISTENT, 3, 47},
  };
  for (const auto& kind : kinds) {
    const kairo_rw_attr attr = attribute_of(io, hint::Class::kPrefill, kind.lifetime, kind.group);
    repeat(io, kind.writes, true, &attr);
  }
  repeat(io, 53, true, nullptr);

  // The hint of the inode stays without a context and yields to one.
  std::uint64_t rw_hint = RWH_WRITE_LIFE_EXTREME;
  expect(::fcntl(io.fd(), F_SET_RW_HINT, &rw_hint) == 0, "F_SET_RW_HINT");
  repeat(io, 61, true, nullptr);
  const kairo_rw_attr hinted = attribute_of(io, hint::Class::kPrefill, KAIRO_LIFETIME_SHORT, 0);
  repeat(io, 67, true, &hinted);

  // Last: decode reads have prefill split.
  const kairo_rw_attr read = attribute_of(io, hint::Class::kDecode, KAIRO_LIFETIME_SHORT, 0);
  repeat(io, 59, false, &read);
}

}  // namespace

Scenarios placement_scenarios() {
  return {{"placement", every_lifetime_and_group}};
}

}  // namespace kairo::testing
