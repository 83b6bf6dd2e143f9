// SPDX-License-Identifier: GPL-2.0-only
#include "test_program.h"

#include <cctype>
#include <set>

#include "kairo/base/process.h"
#include "kairo/base/short_names.h"
#include "kairo/base/text.h"

namespace kairo::mutants {
namespace {

constexpr std::string_view kMemory = "--as=6442450944";  // bytes of address space
constexpr int kSkipped = 77;

fs::path find_test(const fs::path& build, const std::string& program) {
  std::error_code status;
  for (const auto& folder : fs::directory_iterator(build / "tests", status)) {
    const fs::path file = folder.path() / program;
    if (fs::is_regular_file(file, status)) return file;
  }
  return {};
}

// "[  FAILED  ] Suite.Name (3 ms)", each once.
std::string failed_tests(std::string_view output) {
  constexpr std::string_view kMark = "[  FAILED  ] ";
  std::set<std::string> names;
  for (const std::string_view line : base::split_lines(output)) {
    if (!line.starts_with(kMark)) continue;
    const std::string_view name =
        line.substr(kMark.size(), line.find_first_of(" ,", kMark.size()) - kMark.size());
    if (!name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0)
      names.emplace(name);
  }
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

}  // namespace

Result<TestRun> run_tests(const TestCommand& command) {
  const fs::path program = find_test(command.build, command.program);
  if (program.empty())
    return fail(ErrorCode::kUnavailable, "{}/tests/*/{}: not built (cmake --build {} --target {})",
                command.build.string(), command.program, command.build.string(), command.program);
  base::Command run{.argv = {program.string(), "--gtest_brief=1"},
                    .directory = program.parent_path(),
                    .environment = command.environment,
                    .timeout = command.limit,
                    .merge_stderr = true};
  // QEMU reserves more than it uses, and the guest's memory has its own limit.
  if (command.environment.empty())
    run.argv.insert(run.argv.begin(), {"prlimit", std::string(kMemory)});
  if (!command.filter.empty()) run.argv.push_back("--gtest_filter=" + command.filter);
  const auto begin = std::chrono::steady_clock::now();
  KAIRO_TRY(const auto result, base::run(run));
  TestRun out;
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  out.timed_out = result.timed_out;
  out.passed = result.exit_code == 0 && !result.timed_out;
  if (result.exit_code == kSkipped || result.out.find(" 0 tests ran") != std::string::npos ||
      result.out.find("from 0 test suites") != std::string::npos)
    return fail(ErrorCode::kUnavailable, "{} {}: no test ran:\n{}", command.program, command.filter,
                result.out);
  out.failed = failed_tests(result.out);
  if (out.timed_out) out.failed = fmt::format("time-out after {} s", command.limit.count());
  if (!out.passed && out.failed.empty())
    out.failed = fmt::format("{}: exit status {}", command.program, result.exit_code);
  return out;
}

}  // namespace kairo::mutants
