// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "kairo/base/files.h"
#include "kairo/reports/report.h"
#include "kairo/reports/run_data.h"

namespace kairo::reports::testing {

inline const std::filesystem::path kFixtures =
    std::filesystem::path(KAIRO_SOURCE_DIR) / "tests/fixtures/reports";

// A private copy of a fixture folder that a test may damage.
class FolderCopy {
 public:
  explicit FolderCopy(const std::string& fixture)
      : directory_(*base::TempDir::create("kairo-reports-")), path_(directory_.path() / fixture) {
    std::filesystem::copy(kFixtures / fixture, path_, std::filesystem::copy_options::recursive);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::string read(const std::string& name) const {
    return base::read_file(path_ / name).value_or("");
  }
  void write(const std::string& name, const std::string& text) const {
    static_cast<void>(base::write_below(path_, name, text));
  }
  // Replaces the first `from` in a file; a test that replaces nothing is broken.
  [[nodiscard]] bool replace(const std::string& name, const std::string& from,
                             const std::string& to) const {
    std::string text = read(name);
    const auto at = text.find(from);
    if (at == std::string::npos) return false;
    write(name, text.replace(at, from.size(), to));
    return true;
  }

 private:
  base::TempDir directory_;
  std::filesystem::path path_;
};

inline bool have_gnuplot() {
  return !base::find_program("gnuplot").empty();
}

// A run whose decode I/Os all take about `decode_ns`; `samples` of them.
inline Run make_run(const std::string& load, const std::string& arm, unsigned repeat,
                    std::uint64_t decode_ns, std::uint64_t samples = 20000) {
  Run run;
  run.record = {load, arm, repeat, repeat, repeat, 0, 2000000000, 500000000, 1500000000, {}};
  run.fio_version = "fio-3.33";
  ClassResult decode;
  decode.latency.add(decode_ns, samples);
  decode.min_ns = decode.max_ns = decode_ns;
  decode.mean_ns = static_cast<double>(decode_ns);
  decode.bytes = samples * 65536;
  decode.runtime_ms = 2000;
  run.classes[static_cast<std::size_t>(IoClass::kDecode)] = decode;
  run.ios = samples;
  run.device = {{"elapsed_ns", "1000"}, {"die_busy_ns", "4000"}};
  run.dies = 8;
  return run;
}

// A complete experiment of two arms: `test` takes `factor` times as long as `base`.
inline ResultFolder make_folder(unsigned repeats, double factor, std::uint64_t samples = 20000) {
  ResultFolder out;
  out.root = "made";
  out.experiment.name = "made";
  out.experiment.question = "Is test faster?";
  out.experiment.arms = {{"base", "none", {}}, {"test", "kairo", {}}};
  out.experiment.base_arm = "base";
  out.experiment.device_name = "model";
  out.experiment.device = {{"dies", "8"}};
  out.experiment.loads = {{"mix", "synthetic", "", "[job]\n", "abc", {}, false}};
  out.experiment.repeats = repeats;
  out.experiment.metrics = {{"decode.p99_ns", Better::kLower, 0.02},
                            {"utilisation", Better::kHigher, 0.02}};
  out.experiment.command = "make";
  out.experiment.complete = true;
  for (const char* arm : {"base", "test"}) {
    for (unsigned repeat = 1; repeat <= repeats; ++repeat) {
      const double ns = 1e6 * (1 + 0.02 * repeat) * (std::string(arm) == "test" ? factor : 1);
      out.runs.push_back(make_run("mix", arm, repeat, static_cast<std::uint64_t>(ns), samples));
    }
  }
  return out;
}

inline Report must_build(const ResultFolder& folder) {
  auto report = build_report(folder, "");
  EXPECT_TRUE(report) << report.error().message;
  return std::move(*report);
}

}  // namespace kairo::reports::testing
