// SPDX-License-Identifier: GPL-2.0-only
#include "merge_guest.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "kairo/base/units.h"

namespace kairo::testing {
namespace {

std::uint64_t from_environment(const char* name, std::uint64_t usual) {
  const char* const text = std::getenv(name);
  if (text == nullptr) return usual;
  const auto value = base::parse_u64(text);
  EXPECT_TRUE(value) << name << "=" << text << " is not a number";
  return value.value_or(usual);
}

}  // namespace

kernel::GuestSpec merge_guest(const std::string& config) {
  kernel::GuestSpec spec = lab_guest(config);
  spec.smp = 2;
  if (config == "debug") spec.mem_mib = 1536;
  add_built(spec, KAIRO_MERGE_PROBE);
  spec.script += R"sh(
merge_probe() { /kairo/merge_probe "$@" || fail "merge_probe $*"; }
)sh";
  return spec;
}

std::string fuzz_merges(const FuzzRun& run) {
  kernel::GuestSpec spec = merge_guest(run.config);
  const std::uint64_t seed = from_environment("KAIRO_FUZZ_SEED", run.seed);
  const std::uint64_t ios = from_environment("KAIRO_FUZZ_IOS", run.ios);
  if (const char* const name = std::getenv("KAIRO_FUZZ_ACCEL")) {
    const auto accel = kernel::parse_accel(name);
    EXPECT_TRUE(accel) << accel.error().message;
    if (accel) spec.accel = *accel;
    spec.timeout = std::chrono::hours(2);
  }
  const auto result = boot_ok(spec, fmt::format(R"sh(
kairo_device size_gib=1 memory_backed=1 {}
merge_probe fuzz device=/dev/kssd0 seed={} ios={} {}
)sh",
                                                run.device, seed, ios, run.options));
  std::printf("%s", result.output.c_str());
  return result.output;
}

}  // namespace kairo::testing
