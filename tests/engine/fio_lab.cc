// SPDX-License-Identifier: GPL-2.0-only
#include "fio_lab.h"

#include <gtest/gtest.h>
#include <linux/io_uring.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "kairo/base/process.h"
#include "kairo/test_support/skip.h"

namespace kairo::engine {
namespace {

class NeedsIoUring : public testing::Environment {
 public:
  void SetUp() override {
    io_uring_params params = {};
    const long fd = syscall(SYS_io_uring_setup, 1, &params);
    if (fd >= 0) {
      close(static_cast<int>(fd));
      return;
    }
    test_support::skip_program(std::string("no io_uring on this machine: ") + std::strerror(errno));
  }
};

const testing::Environment* const kNeedsIoUring =
    testing::AddGlobalTestEnvironment(new NeedsIoUring);

base::TempDir make_dir() {
  auto dir = base::TempDir::create("kairo-engine-");
  if (!dir) {
    std::printf("%s\n", dir.error().message.c_str());
    std::abort();
  }
  return std::move(*dir);
}

}  // namespace

const nlohmann::json& FioResult::job(std::size_t index) const {
  return json.at("jobs").at(index);
}

std::uint64_t FioResult::ios(const std::string& direction) const {
  std::uint64_t sum = 0;
  for (const auto& job : json.at("jobs"))
    sum += job.at(direction).at("total_ios").get<std::uint64_t>();
  return sum;
}

std::uint64_t FioResult::total_ios() const {
  return ios("read") + ios("write") + ios("trim");
}

FioLab::FioLab() : dir_(make_dir()) {}

std::string FioLab::engine() {
  return KAIRO_ENGINE_PATH;
}

std::string FioLab::write(const std::string& name, const std::string& content) const {
  const auto written = base::write_below(dir_.path(), name, content);
  EXPECT_TRUE(written);
  return path(name).string();
}

std::vector<std::string> FioLab::argv(const std::string& engine, const std::string& file,
                                      const std::vector<std::string>& options) {
  std::vector<std::string> out = {
      "fio",     "--ioengine=external:" + engine, "--filename=" + file, "--size=64m",
      "--bs=4k", "--output-format=json+",         "--randrepeat=1",     "--norandommap=1"};
  out.insert(out.end(), options.begin(), options.end());
  return out;
}

FioResult FioLab::start(const std::vector<std::string>& argv,
                        const std::map<std::string, std::string>& environment) {
  base::Command command;
  command.argv = argv;
  command.environment = environment;
  command.timeout = std::chrono::seconds(60);
  const auto result = base::run(command);
  EXPECT_TRUE(result) << (result ? "" : result.error().message);
  if (!result) return {};
  EXPECT_FALSE(result->timed_out) << base::shell_quote(argv);
  return parse_fio_output(result->exit_code, result->out, result->err);
}

FioResult FioLab::run(const std::vector<std::string>& options) const {
  return run_on(path("data"), options);
}

FioResult FioLab::run_ok(const std::vector<std::string>& options) const {
  FioResult result = run(options);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return result;
}

FioResult FioLab::run_on(const std::string& file, const std::vector<std::string>& options) const {
  return start(argv(KAIRO_ENGINE_PATH, file, options));
}

FioResult FioLab::run_file(const std::string& job, const std::vector<std::string>& options,
                           const std::map<std::string, std::string>& environment) const {
  std::vector<std::string> all = {"fio", std::string("--ioengine=external:") + KAIRO_ENGINE_PATH,
                                  "--filename=" + path("data").string(), "--output-format=json+"};
  all.insert(all.end(), options.begin(), options.end());
  all.push_back(job);
  return start(all, environment);
}

FioResult FioLab::run_builtin(const std::vector<std::string>& options) const {
  auto all = argv(KAIRO_ENGINE_PATH, path("data"), options);
  all[1] = "--ioengine=io_uring";
  return start(all);
}

FioResult FioLab::run_mismatched(const std::vector<std::string>& options) const {
  return start(argv(KAIRO_MISMATCH_PATH, path("data"), options));
}

std::string FioLab::command(const std::vector<std::string>& options) const {
  return base::shell_quote(argv(KAIRO_ENGINE_PATH, path("data"), options));
}

nlohmann::json FioLab::sidecar(const std::string& name) const {
  const auto text = base::read_file(path(name));
  EXPECT_TRUE(text) << (text ? "" : text.error().message);
  auto json = nlohmann::json::parse(text.value_or(""), nullptr, false);
  EXPECT_FALSE(json.is_discarded()) << text.value_or("");
  return json;
}

std::string FioLab::stats_option(const std::string& name) const {
  return "--kv_stats=" + path(name).string();
}

FioResult parse_fio_output(int exit_code, const std::string& out, const std::string& err) {
  FioResult result;
  result.exit_code = exit_code;
  result.err = err;
  // fio prints notes first; its JSON begins with a brace on a line of its own.
  const std::size_t begin = out.starts_with("{\n") ? 0 : out.find("\n{\n");
  result.out = out.substr(0, begin);
  if (begin == std::string::npos) return result;
  auto json = nlohmann::json::parse(out.substr(begin), nullptr, false);
  if (!json.is_discarded()) result.json = std::move(json);
  return result;
}

std::map<std::string, std::uint64_t> prio_counts(const nlohmann::json& direction) {
  std::map<std::string, std::uint64_t> counts;
  if (!direction.contains("prios")) return counts;
  for (const auto& prio : direction.at("prios")) {
    const std::string label = std::to_string(prio.at("prioclass").get<int>()) + "/" +
                              std::to_string(prio.at("prio").get<int>());
    counts[label] = prio.at("clat_ns").at("N").get<std::uint64_t>();
  }
  return counts;
}

}  // namespace kairo::engine
