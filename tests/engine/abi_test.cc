// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "abi.h"

// What the loading fio would bring. The table here is only the default of the second overload,
// which needs a running fio; the tests bring their own.
extern "C" {
const char fio_version_string[] = "fio-test";
struct fio_option fio_options[FIO_MAX_OPTS] = {};
}

namespace kairo::engine {
namespace {

using testing::HasSubstr;

fio_option entry(const char* name, std::size_t offset) {
  fio_option option = {};
  option.name = name;
  option.off1 = static_cast<unsigned>(offset);
  return option;
}

// The fields that the check compares, where this build has them.
std::vector<fio_option> matching_table() {
  return {entry("description", offsetof(thread_options, description)),
          entry("iodepth", offsetof(thread_options, iodepth)),
          entry("iodepth_batch", offsetof(thread_options, iodepth_batch)),
          entry("size", offsetof(thread_options, size)),
          entry("bs", offsetof(thread_options, bs)),
          entry("direct", offsetof(thread_options, odirect)),
          entry("norandommap", offsetof(thread_options, norandommap)),
          entry("runtime", offsetof(thread_options, timeout)),
          entry("time_based", offsetof(thread_options, time_based)),
          entry("thread", offsetof(thread_options, use_thread)),
          entry("rate_iops", offsetof(thread_options, rate_iops)),
          entry("verify_interval", offsetof(thread_options, verify_interval)),
          entry("thinktime", offsetof(thread_options, thinktime)),
          entry("write_hint", offsetof(thread_options, write_hint)),
          entry("read_iolog", offsetof(thread_options, read_iolog_file)),
          entry("log_max_value", offsetof(thread_options, log_max)),
          entry("log_prio", offsetof(thread_options, log_prio))};
}

std::string check(const char* running, const std::vector<fio_option>& table) {
  return abi_mismatch("fio-3.33", running, table.data(), table.size());
}

TEST(Abi, TheSameFioIsAccepted) {
  EXPECT_EQ(check("fio-3.33", matching_table()), "");
}

TEST(Abi, AnotherVersionIsRefusedByName) {
  const std::string message = check("fio-3.34", matching_table());
  EXPECT_THAT(message, HasSubstr("built for fio-3.33, and this is fio-3.34"));
  EXPECT_THAT(message, HasSubstr("rebuild"));
  EXPECT_EQ(message.find('\n'), std::string::npos);
}

// The same version number with another layout: every one of the fields must give it away.
TEST(Abi, AnyMovedFieldIsRefused) {
  const auto good = matching_table();
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto table = good;
    table[i].off1 += 8;
    EXPECT_THAT(check("fio-3.33", table), HasSubstr(good[i].name));
    table = good;
    table[i].name = "renamed";
    EXPECT_THAT(check("fio-3.33", table), HasSubstr(good[i].name));
  }
}

}  // namespace
}  // namespace kairo::engine
