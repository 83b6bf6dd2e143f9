// SPDX-License-Identifier: GPL-2.0-only
#include "kernel_run.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "kairo/base/files.h"
#include "kairo/base/short_names.h"
#include "kairo/kernel/paths.h"
#include "kairo/kernel/series.h"
#include "kernel_image.h"
#include "outcome.h"
#include "plan.h"
#include "test_program.h"

namespace kairo::mutants {

using std::chrono::seconds;

namespace {

constexpr seconds kLongest{1200};
// A kernel that hangs takes as long as it is let: so many times what the test needs without a
// mutant, and not less than a boot on a busy host.
constexpr double kPatience = 5;
constexpr seconds kLeast{120};

class KernelRun {
 public:
  KernelRun(const KernelRequest& request, fs::path image, std::string series, Record record)
      : request_(request),
        image_(std::move(image)),
        series_(std::move(series)),
        record_(std::move(record)) {}

  Result<int> run(const std::vector<KernelMutant>& mutants) {
    for (const KernelMutant& mutant : mutants) KAIRO_CHECK(try_mutant(mutant));
    return record_.finish();
  }

 private:
  // The switch is on in the kernel that the test boots, or in the pure files that it is made of.
  Result<TestRun> try_switch(const KernelMutant& mutant, unsigned number, seconds limit) const {
    TestCommand test{.build = request_.build,
                     .program = mutant.program,
                     .filter = mutant.filter,
                     .environment = {{"KAIRO_NO_SKIP", "1"}},
                     .limit = limit};
    if (mutant.boots()) {
      test.environment["KAIRO_TEST_KERNEL"] = image_.string();
      test.environment["KAIRO_TEST_KERNEL_ARGUMENTS"] = fmt::format("kairo.mutant={}", number);
    } else {
      test.environment["KAIRO_MUTANT"] = std::to_string(number);
    }
    return run_tests(test);
  }

  // What the test takes without a mutant; it has to pass then. Once for each test.
  Result<seconds> patience(const KernelMutant& mutant) {
    const std::string test = mutant.program + " " + mutant.filter;
    const auto known = patience_.find(test);
    if (known != patience_.end()) return known->second;
    KAIRO_TRY(const auto unchanged, try_switch(mutant, 0, kLongest));
    if (!unchanged.passed)
      return bad_input("{} fails without a mutant: {}", test, unchanged.failed);
    std::printf("%-16s %s: passes without a mutant (%.0f s)\n", "", test.c_str(),
                unchanged.seconds);
    const auto limit = seconds(static_cast<seconds::rep>(unchanged.seconds * kPatience));
    return patience_[test] = std::clamp(limit, kLeast, kLongest);
  }

  Status try_mutant(const KernelMutant& mutant) {
    Outcome out;
    // The number is the change: a switch keeps its own for ever.
    out.id = fmt::format("{}-{}", mutant.number, series_);
    out.origin = mutant.drawn ? "drawn" : "chosen";
    out.where = fmt::format("{} {}", mutant.number, mutant.where);
    out.what = mutant.breaks;
    out.commit = series_;
    if (const Outcome* const old = record_.find(out.id)) return record_.keep(*old);
    KAIRO_TRY(const auto limit, patience(mutant));
    KAIRO_TRY(const auto tests, try_switch(mutant, mutant.number, limit));
    out.result = tests.passed ? "survived" : "killed";
    out.by = tests.passed ? "" : fmt::format("{}: {}", mutant.program, tests.failed);
    out.seconds = tests.seconds;
    if (!mutant.equivalent.empty()) {
      out.result = tests.passed ? "equivalent" : "broken";
      out.by = tests.passed ? mutant.equivalent : "is no equivalent: " + out.by;
    }
    return record_.add(out);
  }

  const KernelRequest& request_;
  fs::path image_;
  std::string series_;
  Record record_;
  std::map<std::string, seconds> patience_;
};

bool is_wanted(const std::string& only, unsigned number) {
  return only.empty() ||
         ("," + only + ",").find("," + std::to_string(number) + ",") != std::string::npos;
}

}  // namespace

Result<int> run_kernel_mutants(const KernelRequest& request) {
  KAIRO_TRY(auto mutants, read_kernel_plan(request.folder / "kernel" / "mutants.toml"));
  std::erase_if(mutants,
                [&](const KernelMutant& one) { return !is_wanted(request.only, one.number); });
  KAIRO_TRY(const auto series, kernel::load_series(kernel::series_dir()));
  KAIRO_TRY(auto record, Record::open(request.out, "kernel", request.resume));
  fs::path image;
  if (std::any_of(mutants.begin(), mutants.end(),
                  [](const KernelMutant& one) { return one.boots(); })) {
    KAIRO_TRY(image,
              build_switched_kernel(request.folder / "kernel" / "switches.patch", request.jobs));
    std::printf("%s\n", image.c_str());
  }
  if (request.build_only) return 0;
  return KernelRun(request, image, series.id(), std::move(record)).run(mutants);
}

}  // namespace kairo::mutants
