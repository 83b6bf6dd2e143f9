// SPDX-License-Identifier: GPL-2.0-only
// Off is the base: what the series does when it is not asked for is compared with a kernel that
// does not have it (`kairo kernel build --base`), not with what the series takes for it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "order_guest.h"

namespace kairo::testing {
namespace {

TEST(BaseKernel, OffOrdersAsItsMqDeadline) {
  kernel::GuestSpec pristine = order_guest("base");
  kernel::GuestSpec patched = order_guest();
  const base::TempDir patched_out = keep_output(patched);
  patched.script += "record deadline mq-deadline\nrecord off kairo 0\nrecord on kairo 1\n";
  boot_ok(patched);

  const base::TempDir base_out = keep_output(pristine);
  pristine.script +=
      "grep -q kairo /sys/block/*/queue/scheduler && fail 'this kernel has the series'\n"
      "record deadline mq-deadline\n";
  boot_ok(pristine);

  const std::string base_deadline = recorded_order(base_out, "deadline");
  EXPECT_GE(std::count(base_deadline.begin(), base_deadline.end(), '\n'), kOrderRequests - 8);
  EXPECT_EQ(recorded_order(patched_out, "deadline"), base_deadline);
  EXPECT_EQ(recorded_order(patched_out, "off"), base_deadline);
  EXPECT_NE(recorded_order(patched_out, "on"), base_deadline);
}

}  // namespace
}  // namespace kairo::testing
