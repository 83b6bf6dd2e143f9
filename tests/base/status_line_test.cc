// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/base/status_line.h"

#include <gtest/gtest.h>

namespace kairo::base {
namespace {

TEST(StatusLine, IsALineEachInAFile) {
  testing::internal::CaptureStderr();
  const StatusLine line;
  EXPECT_FALSE(line.watched());
  line.show("1 of 2");
  line.show("2 of 2");
  line.end();
  line.end("all 2");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "1 of 2\n2 of 2\nall 2\n");
}

}  // namespace
}  // namespace kairo::base
