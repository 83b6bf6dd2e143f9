// SPDX-License-Identifier: GPL-2.0-only
#include "guest_lab.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "kairo/base/text.h"
#include "kairo/base/units.h"
#include "kairo/kernel/build.h"
#include "kairo/kernel/paths.h"
#include "kairo/kernel/series.h"
#include "kairo/kernel/step_log.h"
#include "kairo/test_support/skip.h"

namespace kairo::testing {
namespace {

// The configuration of the kernel that the running test asked for; empty: it boots none.
std::string used_config;  // NOLINT(cert-err58-cpp)

// Another kernel of this series than the cache's, see guest_lab.h; empty: there is none.
std::filesystem::path other_kernel(const std::string& config) {
  const char* const image = std::getenv("KAIRO_TEST_KERNEL");
  return image != nullptr && config == "lab" ? std::filesystem::path(image)
                                             : std::filesystem::path();
}

// The label of the tests of that configuration.
std::string label_of(const std::string& config) {
  if (config == "base") return "base-kernel";
  if (config == "stock") return "kernels";
  return config == "lab" ? "guest" : config;
}

// KAIRO_TEST_KERNEL, if it is of this checkout's series: what an old kernel does says nothing.
base::Result<std::filesystem::path> checked_other(const std::filesystem::path& image) {
  KAIRO_TRY(const auto built, kernel::image_build_id(image));
  KAIRO_TRY(const auto series, kernel::load_series(kernel::series_dir()));
  if (built.series != series.id())
    return base::fail(base::ErrorCode::kUnavailable,
                      "{}: is of another series than this checkout's {}", image.string(),
                      series.id());
  return image;
}

// Notes each test's outcome for docs/kernel-matrix.md, with the kernel it ran on.
class NoteSteps : public ::testing::EmptyTestEventListener {
  void OnTestStart(const ::testing::TestInfo&) override {
    begin_ = std::chrono::steady_clock::now();
    used_config.clear();
  }
  void OnTestEnd(const ::testing::TestInfo& test) override {
    if (used_config.empty() || test.result()->Skipped()) return;
    if (!other_kernel(used_config).empty()) return;  // the table is about the series as it is
    const auto image = kernel::built_image(used_config);
    if (!image) return;
    const std::string name = fmt::format("{}.{}", test.test_suite_name(), test.name());
    static_cast<void>(kernel::leave_image_step({.name = "test-" + name,
                                                .command = "./check -L " + label_of(used_config),
                                                .exit_status = test.result()->Passed() ? 0 : 1},
                                               *image, begin_));
  }
  std::chrono::steady_clock::time_point begin_;
};

const bool kNoteSteps = [] {
  ::testing::UnitTest::GetInstance()->listeners().Append(new NoteSteps);
  return true;
}();

constexpr const char* kLabFunctions =
#include "guest_lab.sh.inc"
    ;

// With two processors in the host's time QEMU now and then does not run one of them again when the
// host is busy: seen once in forty boots, the kernel's RCU says which. Nothing of the test has
// begun then.
bool never_came_up(const kernel::GuestSpec& spec, const base::Result<kernel::GuestResult>& result) {
  return spec.accel == kernel::Accel::kTcg && !result && kernel::boot_timed_out(result.error());
}

// What the script left there; a failure of the test when that is nothing.
std::vector<std::string> saved_lines(const std::filesystem::path& file) {
  const auto text = base::read_file(file, 1 << 20);
  EXPECT_TRUE(text) << (text ? "" : text.error().message);
  std::vector<std::string> lines;
  if (!text) return lines;
  for (const std::string_view line : base::split_lines(*text))
    if (!line.empty()) lines.emplace_back(line);
  EXPECT_FALSE(lines.empty()) << file << ": is empty";
  return lines;
}

}  // namespace

std::string engine_path() {
  return "/kairo/kairo.so";
}

kernel::GuestSpec lab_guest(const std::string& config) {
  used_config = config;
  const auto other = other_kernel(config);
  const auto image = other.empty() ? kernel::current_image(config) : checked_other(other);
  if (!image) test_support::skip_program(image.error().message);
  const auto fio = base::find_program("fio");
  if (fio.empty()) test_support::skip_program("fio is not installed (apt-get install fio)");
  const std::string engine = KAIRO_ENGINE_PATH;
  if (!std::filesystem::exists(engine)) test_support::skip_program(engine + " is not built");
  kernel::GuestSpec spec;
  spec.kernel_image = *image;
  spec.programs = {fio};
  add_built(spec, engine);
  spec.timeout = std::chrono::seconds(900);
  spec.script = kLabFunctions;
  if (const char* const arguments = std::getenv("KAIRO_TEST_KERNEL_ARGUMENTS"); !other.empty())
    spec.kernel_arguments = arguments != nullptr ? arguments : "";
  return spec;
}

// As a program it brings its libraries; where it lies can be hidden in the guest.
void add_built(kernel::GuestSpec& spec, const std::filesystem::path& program) {
  spec.programs.push_back(program);
  spec.files.push_back({program, "/kairo/" + program.filename().string()});
}

base::TempDir keep_output(kernel::GuestSpec& spec) {
  auto out = base::TempDir::create("kairo-guest-");
  if (!out) throw std::runtime_error(out.error().message);
  spec.out_dir = out->path();
  return std::move(*out);
}

void use_newer_qemu(kernel::GuestSpec& spec) {
  const auto root = kernel::qemu_with_placement();
  if (!root) test_support::skip_program(root.error().message);
  spec.qemu_root = *root;
}

void add_bpftrace(kernel::GuestSpec& spec) {
  const auto bpftrace = base::find_program("bpftrace");
  if (bpftrace.empty())
    test_support::skip_program("bpftrace is not installed (apt-get install bpftrace)");
  spec.programs.push_back(bpftrace);
  spec.mem_mib = 2048;  // the libraries of its compiler are 200 MB, and each script runs one
}

kernel::GuestResult boot_ok(kernel::GuestSpec spec, std::string_view script) {
  spec.script += script;
  auto result = kernel::boot_guest(spec);
  if (never_came_up(spec, result)) {
    std::printf("booted again: %s\n", result.error().message.c_str());
    result = kernel::boot_guest(spec);
  }
  if (!result) {
    ADD_FAILURE() << result.error().message;
    return {};
  }
  EXPECT_EQ(result->exit_code, 0) << result->output;
  for (const std::string& complaint : result->kernel_complaints) ADD_FAILURE() << complaint;
  return *result;
}

base::TempDir boot_kept(kernel::GuestSpec spec, std::string_view script) {
  base::TempDir out = keep_output(spec);
  boot_ok(spec, script);
  return out;
}

reports::CounterTable saved_counters(const std::filesystem::path& out_dir,
                                     const std::string& name) {
  const auto file = out_dir / name;
  const auto text = base::read_file(file);
  auto table = text ? reports::parse_counters(*text, file.string())
                    : base::Result<reports::CounterTable>(base::fail(text.error()));
  if (table) return *table;
  ADD_FAILURE() << table.error().message;
  return {};
}

Numbers saved_numbers(const std::filesystem::path& file, unsigned header_lines) {
  Numbers numbers;
  for (const std::string& line : saved_lines(file)) {
    const auto space = line.rfind(' ');
    if (header_lines > 0) {
      --header_lines;
    } else if (space == std::string::npos) {
      ADD_FAILURE() << file << ": no name and number: " << line;
    } else if (const auto value = base::parse_u64(std::string_view(line).substr(space + 1))) {
      numbers[line.substr(0, space)] = *value;
    }
  }
  return numbers;
}

std::vector<Row> saved_rows(const std::filesystem::path& file) {
  std::vector<Row> rows;
  std::vector<std::string> columns;
  for (const std::string& line : saved_lines(file)) {
    const auto words = base::split_words(line);
    if (columns.empty()) {
      columns.assign(words.begin(), words.end());
      continue;
    }
    if (words.size() != columns.size()) {
      ADD_FAILURE() << file << ": has another number of columns: " << line;
      return {};
    }
    Row& row = rows.emplace_back();
    for (std::size_t i = 0; i < words.size(); ++i) row[columns[i]] = words[i];
  }
  return rows;
}

Row saved_latency(const std::filesystem::path& file, const std::string& cls,
                  const std::string& span) {
  for (const Row& row : saved_rows(file))
    if (row.at("class") == cls && row.at("span") == span) return row;
  ADD_FAILURE() << file << ": has no " << cls << " " << span;
  return {};
}

std::uint64_t number(const Numbers& numbers, const std::string& name) {
  const auto found = numbers.find(name);
  if (found != numbers.end()) return found->second;
  ADD_FAILURE() << "no " << name;
  return 0;
}

std::uint64_t number(const Row& row, const std::string& column) {
  const auto found = row.find(column);
  const auto value = base::parse_u64(found == row.end() ? "" : found->second);
  EXPECT_TRUE(value) << column << " is '" << (found == row.end() ? "" : found->second) << "'";
  return value.value_or(0);
}

}  // namespace kairo::testing
