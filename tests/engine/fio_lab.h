// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "kairo/base/files.h"

// Runs the installed fio with the engine that was just built, on files in a temporary directory.
// The test program ends with 77 and the reason when this machine has no io_uring.
namespace kairo::engine {

struct FioResult {
  int exit_code = 0;
  std::string err;      // messages, the engine's included
  std::string out;      // what stood before fio's JSON
  nlohmann::json json;  // fio's JSON; null when there is none

  // These throw, which fails the test, when there is no JSON.
  // A job of the run.
  [[nodiscard]] const nlohmann::json& job(std::size_t index = 0) const;
  // Completed I/O of a direction over all jobs.
  [[nodiscard]] std::uint64_t ios(const std::string& direction) const;
  // All I/O that fio says it issued.
  [[nodiscard]] std::uint64_t total_ios() const;
};

class FioLab {
 public:
  FioLab();

  [[nodiscard]] std::filesystem::path path(const std::string& name) const {
    return dir_.path() / name;
  }
  // Where the engine lies.
  [[nodiscard]] static std::string engine();
  // Writes a file into the directory and gives its path.
  std::string write(const std::string& name, const std::string& content) const;

  // fio on `data` (64 MiB, 4 KiB blocks) with the engine; `options` as "--name=a" and so on.
  [[nodiscard]] FioResult run(const std::vector<std::string>& options) const;
  // The same; a failure of the test, with fio's words, unless it succeeds.
  [[nodiscard]] FioResult run_ok(const std::vector<std::string>& options) const;
  // The same on another file than `data`.
  [[nodiscard]] FioResult run_on(const std::string& file,
                                 const std::vector<std::string>& options) const;
  // A job file on `data`, with options of [global] before it and `environment` around it.
  [[nodiscard]] FioResult run_file(
      const std::string& job, const std::vector<std::string>& options,
      const std::map<std::string, std::string>& environment = {}) const;
  // The same as run() with fio's own io_uring engine.
  [[nodiscard]] FioResult run_builtin(const std::vector<std::string>& options) const;
  // The same with the engine that was built for another fio.
  [[nodiscard]] FioResult run_mismatched(const std::vector<std::string>& options) const;
  // The command line of run(), for a shell.
  [[nodiscard]] std::string command(const std::vector<std::string>& options) const;

  // The sidecar `name` in the directory.
  [[nodiscard]] nlohmann::json sidecar(const std::string& name = "stats.json") const;
  // "--kv_stats=..." for it.
  [[nodiscard]] std::string stats_option(const std::string& name = "stats.json") const;

 private:
  [[nodiscard]] static std::vector<std::string> argv(const std::string& engine,
                                                     const std::string& file,
                                                     const std::vector<std::string>& options);
  [[nodiscard]] static FioResult start(const std::vector<std::string>& argv,
                                       const std::map<std::string, std::string>& environment = {});

  base::TempDir dir_;
};

// Cuts fio's standard output into what stands before the JSON and the JSON.
FioResult parse_fio_output(int exit_code, const std::string& out, const std::string& err);

// The number of samples per "prioclass/prio" in a direction.
std::map<std::string, std::uint64_t> prio_counts(const nlohmann::json& direction);

}  // namespace kairo::engine
